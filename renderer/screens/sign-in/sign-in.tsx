import { LockKeyhole, LockKeyholeOpen } from 'lucide-react';
import { useState } from 'react';
import type { SiteView } from '../../../contract/site.ts';
import { Button } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { ROLE_WORDS } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';
import { Welcome } from './welcome.tsx';

/** Who is here. The passphrase opens the vault as well. */
export function SignIn(props: { readonly site: SiteView }) {
  const { session } = useApplication();
  const { persons, vault, site } = props.site;
  const [person, setPerson] = useState(persons[0]?.name ?? '');
  const [passphrase, setPassphrase] = useState('');
  const signIn = useAction(() => session.getState().signIn(person, passphrase));
  const Icon = vault === 'unlocked' ? LockKeyholeOpen : LockKeyhole;
  return (
    <Welcome marking={site?.marking ?? null} title={site?.name ?? ''} lead="Say who you are to go on.">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn.run().then((person_) => {
            if (person_ === null) setPassphrase('');
          });
        }}
      >
        <SelectField
          label="Who"
          value={person}
          onChange={setPerson}
          choices={persons.map(({ name, roles }) => ({
            value: name,
            label: name,
            hint: roles.map((role) => ROLE_WORDS[role].word).join(', '),
          }))}
        />
        <TextField
          label="Passphrase"
          type="password"
          value={passphrase}
          onChange={setPassphrase}
          autoFocus
          required
          autoComplete="current-password"
        />
        <p className="vault-line">
          <Icon aria-hidden size={15} />
          {vault === 'unlocked'
            ? 'The vault is open: runs go on while nobody is signed in.'
            : 'The vault is locked. Signing in opens it, and runs that waited for it go on.'}
        </p>
        {signIn.failure !== null && <FailureNote failure={signIn.failure} what="You are not signed in" />}
        <div className="form-foot">
          <Button kind="primary" type="submit" disabled={passphrase === ''} busy={signIn.busy}>
            Sign in
          </Button>
        </div>
      </form>
    </Welcome>
  );
}
