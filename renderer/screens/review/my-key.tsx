import { KeyRound, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { MyKeyView, OwnKeyView } from '../../../contract/packs.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { Digest, Facts } from '../../components/facts.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { isGoodPassphrase, NewPassphraseFields, NO_PASSPHRASE } from '../../components/new-passphrase.tsx';
import { CopyButton, Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { useApplication } from '../../stores/context.tsx';

/** The key that this customer signs with, and those that it replaced. */
export function MyKeyScreen() {
  const { desk, navigation } = useApplication();
  const key = useStore(desk, (state) => state.key);
  const making = useStore(navigation, (state) => state.section['my-key'] === 'make');
  const { openSection } = navigation.getState();
  if (key.value === null) {
    return key.failure === null ? <Loading what="your key" /> : <FailureNote failure={key.failure} />;
  }
  const { current, retired } = key.value;
  const close = (): void => openSection('my-key', 'show');
  const begin = (
    <Button
      kind={current === null ? 'primary' : 'plain'}
      icon={current === null ? KeyRound : RotateCw}
      onPress={() => openSection('my-key', 'make')}
    >
      {current === null ? 'Make my key' : 'Replace my key'}
    </Button>
  );
  return (
    <div className="master">
      <ScreenHead
        title="My key"
        summary="It signs your decisions. The site enrols it once, after comparing its fingerprint with you"
        actions={current !== null && !making && begin}
      />
      <div className="scroll settings">
        {making && <MakeKey before={current} onClose={close} />}
        {current !== null ? (
          <CurrentKey current={current} />
        ) : (
          !making && (
            <Empty icon={KeyRound} title="You have no key yet" action={begin}>
              <p>It is made on this machine and never leaves it. Your passphrase seals it.</p>
            </Empty>
          )
        )}
        {retired.length > 0 && <Retired keys={retired} />}
      </div>
    </div>
  );
}

function CurrentKey({ current }: { readonly current: OwnKeyView }) {
  return (
    <section className="form">
      <h2>{current.name}</h2>
      <p>
        Give the public key to the site. Read the fingerprint out to them by telephone, or send its words in a
        letter: never on the same medium as the key.
      </p>
      <Facts
        stacked
        facts={[
          { label: 'Made', value: formatInstant(current.madeAt) },
          {
            label: 'Public key',
            value: (
              <>
                <code>{current.publicKey}</code> <CopyButton text={current.publicKey} />
              </>
            ),
          },
          {
            label: 'Fingerprint',
            value: <Digest digest={current.fingerprint} label="Fingerprint of my key" />,
          },
        ]}
      />
      <h3>Fingerprint in words</h3>
      <ol className="card-words">
        {current.words.map((word, index) => (
          <li key={index}>{word}</li>
        ))}
      </ol>
    </section>
  );
}

function Retired(props: { readonly keys: MyKeyView['retired'] }) {
  return (
    <section>
      <h2>Replaced keys</h2>
      <p className="soft">
        They sign nothing any more. Have the site revoke each of them if it may have been seen by others.
      </p>
      <table className="plain-table">
        <thead>
          <tr>
            <th>Key</th>
            <th>Made</th>
            <th>Replaced</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {props.keys.map((key) => (
            <tr key={key.fingerprint}>
              <td className="mono">{key.fingerprint.slice(0, 16)}</td>
              <td>{formatInstant(key.madeAt)}</td>
              <td>{key.retiredAt === null ? '' : formatInstant(key.retiredAt)}</td>
              <td>{key.retiredBecause}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function MakeKey(props: { readonly before: OwnKeyView | null; readonly onClose: () => void }) {
  const { desk } = useApplication();
  const { before } = props;
  const [name, setName] = useState(before?.name ?? '');
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState(NO_PASSPHRASE);
  const make = useAction(() => {
    const wish = { name: name.trim(), passphrase: typed.passphrase };
    return before === null
      ? desk.getState().createKey(wish)
      : desk.getState().rotateKey({ ...wish, reason: reason.trim() });
  });
  const ready =
    name.trim() !== '' && isGoodPassphrase(typed) && (before === null || reason.trim().length >= 3);
  return (
    <form
      className="form card"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void make.run().then((made) => {
          if (made !== null) props.onClose();
        });
      }}
    >
      <h2>{before === null ? 'Make my key' : 'Replace my key'}</h2>
      {before !== null && (
        <>
          <p>
            The new key signs from now on, and counts once the site has enrolled it. What you signed before
            stays valid until the site revokes the old key.
          </p>
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
      <div className="form-foot">
        <Button onPress={props.onClose}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={make.busy}>
          {before === null ? 'Make the key' : 'Replace the key'}
        </Button>
      </div>
    </form>
  );
}
