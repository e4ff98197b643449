import { useState } from 'react';
import { useStore } from 'zustand';
import type { OwnKeyView } from '../../../contract/packs.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { isGoodPassphrase, NewPassphraseFields, NO_PASSPHRASE } from '../../components/new-passphrase.tsx';
import { CopyButton, FailureNote, Note } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatWhenInside } from '../../format/dates.ts';
import { groupDigest } from '../../format/figures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';

/** A first key, a new one in the place of another, or the way out when the passphrase is lost. */
export function MakeKey(props: {
  readonly before: OwnKeyView | null;
  readonly lost: boolean;
  readonly onClose: () => void;
}) {
  const { desk } = useApplication();
  // The key as it was when this was begun: afterwards the new one is there.
  const [before] = useState(props.before);
  const [name, setName] = useState(before?.name ?? '');
  const [reason, setReason] = useState(props.lost ? 'Passphrase lost' : '');
  const [typed, setTyped] = useState(NO_PASSPHRASE);
  const [made, setMade] = useState(false);
  const make = useAction(() => {
    const wish = { name: name.trim(), passphrase: typed.passphrase };
    return before === null
      ? desk.getState().createKey(wish)
      : desk.getState().rotateKey({ ...wish, reason: reason.trim() });
  });
  const ready =
    name.trim() !== '' && isGoodPassphrase(typed) && (before === null || reason.trim().length >= 3);
  if (made && before !== null) {
    return <TellTheSite before={before} reason={reason.trim()} onClose={props.onClose} />;
  }
  const title =
    before === null ? 'Make my key' : props.lost ? 'When the passphrase is lost' : 'Replace my key';
  return (
    <form
      className="form card no-print"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void make.run().then((view) => {
          if (view === null) return;
          setTyped(NO_PASSPHRASE);
          if (before === null) props.onClose();
          else setMade(true);
        });
      }}
    >
      <h2>{title}</h2>
      {props.lost && <LostWords />}
      {before !== null && (
        <>
          <WhatHappens />
          <TextField
            label="Why it is replaced"
            hint="For example: passphrase lost, or yearly change."
            value={reason}
            onChange={setReason}
            required
          />
        </>
      )}
      <TextField label="Your name" value={name} onChange={setName} required autoComplete="name" />
      <NewPassphraseFields label="Passphrase" value={typed} onChange={setTyped} />
      <p className="field-hint">Nobody can bring it back. Whoever loses it makes a new key.</p>
      {make.failure !== null && <FailureNote failure={make.failure} what="No key was made" />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onClose}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={make.busy}>
          {before === null ? 'Make the key' : 'Replace the key'}
        </Button>
      </div>
    </form>
  );
}

function LostWords() {
  const { navigation } = useApplication();
  return (
    <Note
      tone="warn"
      title="There is no way back to the key"
      action={
        <Button onPress={() => navigation.getState().openSection('my-key', 'import')}>
          Try a backup copy
        </Button>
      }
    >
      <p>
        Neither the site nor whoever made Sallyport can open it. A backup copy opens with the passphrase that
        it was made under: if you changed the passphrase since, the older one opens the copy. Otherwise make a
        new key here.
      </p>
    </Note>
  );
}

/** Said before anything is done, with the packs that it is about. */
function WhatHappens() {
  const { desk } = useApplication();
  const now = useNow(60_000);
  const packs = useStore(desk, (state) => state.packs.value);
  const waiting = (packs ?? []).filter(({ state }) => state === 'open');
  return (
    <>
      <h3>What happens</h3>
      <ul className="said-list">
        <li>
          The new key signs from now on, and counts once the site has enrolled it. The old key signs nothing
          any more.
        </li>
        <li>
          {waiting.length === 0
            ? 'No pack waits for your signature.'
            : `Packs that wait keep everything you decided. Sign them with the new key, and have it enrolled before the cut-off: ${waiting
                .map((pack) => `${pack.siteName}, ${formatWhenInside(pack.cutOffAt, now)}`)
                .join('; ')}.`}
        </li>
        <li>
          What you signed with the old key stays valid until the site revokes that key. If it has not been
          brought in by then, or its run has not begun, the site gives you a new pack.
        </li>
      </ul>
    </>
  );
}

/** What a customer says at the telephone once the key is another. */
function TellTheSite(props: {
  readonly before: OwnKeyView;
  readonly reason: string;
  readonly onClose: () => void;
}) {
  const { navigation } = useApplication();
  const old = groupDigest(props.before.fingerprint).slice(0, 2).join(' ');
  const text = `Please revoke the key ${old} of ${props.before.name}, because: ${props.reason}. Then enrol my new key, whose sheet I bring, send or read out.`;
  return (
    <section className="card no-print" aria-label="Tell the site">
      <Note tone="good" title="The new key is made">
        <p>It counts once the site has enrolled it. Tell each site that knew the old key:</p>
        <p>
          <strong>{text}</strong>
        </p>
      </Note>
      <div className="form-foot form-foot-start">
        <Button onPress={props.onClose}>Close</Button>
        <CopyButton text={text}>Copy what to say</CopyButton>
        <Button kind="primary" onPress={() => navigation.getState().openSection('my-key', 'save')}>
          Save for the site
        </Button>
      </div>
    </section>
  );
}
