import { useState } from 'react';
import type { SiteView } from '../../../contract/site.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { isGoodPassphrase, NewPassphraseFields, NO_PASSPHRASE } from '../../components/new-passphrase.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';
import { Welcome } from './welcome.tsx';

/** Whoever was added knows a passphrase that somebody else knows too: nothing goes on before they have their own. */
export function ChoosePassphrase(props: { readonly site: SiteView }) {
  const { session } = useApplication();
  const { site, signedIn } = props.site;
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState(NO_PASSPHRASE);
  const change = useAction(() => session.getState().changePassphrase(current, next.passphrase));
  const leave = useAction(() => session.getState().signOut());
  const ready = current !== '' && isGoodPassphrase(next);
  const adder = signedIn?.addedBy ?? null;
  return (
    <Welcome
      marking={site?.marking ?? null}
      title={`Welcome, ${signedIn?.name ?? ''}`}
      lead="Choose a passphrase of your own to go on."
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void change.run();
        }}
      >
        <p className="field-hint">
          {adder === null
            ? 'It is not on record who chose the one that you signed in with.'
            : `${adder} added you and knows the one that you signed in with.`}{' '}
          Your own opens the vault and signs your decisions. Let nobody see it, and nobody type it for you.
        </p>
        <TextField
          label="Passphrase that you were given"
          type="password"
          value={current}
          onChange={setCurrent}
          autoFocus
          required
          autoComplete="current-password"
        />
        <NewPassphraseFields label="Your own passphrase" value={next} onChange={setNext} />
        {change.failure !== null && (
          <FailureNote failure={change.failure} what="The passphrase was not changed" />
        )}
        <div className="form-foot">
          <Button onPress={() => void leave.run()}>Sign out</Button>
          <Button kind="primary" type="submit" disabled={!ready} busy={change.busy}>
            Choose
          </Button>
        </div>
      </form>
    </Welcome>
  );
}
