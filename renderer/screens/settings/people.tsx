import { Pencil, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { InputOf } from '../../../contract/channels.ts';
import type { Person } from '../../../contract/site.ts';
import type { Role } from '../../../contract/vocabulary.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatDay } from '../../format/dates.ts';
import { groupDigest } from '../../format/figures.ts';
import { ROLE_WORDS } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { ChangePerson } from './change-person.tsx';
import { Roles } from './roles-field.tsx';

export function People() {
  const { records, session } = useApplication();
  const persons = useStore(records, (state) => state.persons);
  const mayAdd = useStore(session, (state) => holdsRole(state, 'service-manager', 'engineer'));
  const mayChange = useStore(session, (state) => holdsRole(state, 'service-manager'));
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<Person | null>(null);
  return (
    <div className="scroll settings">
      {persons.failure !== null && (
        <FailureNote failure={persons.failure} what="The people could not be read" />
      )}
      <table className="plain-table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Roles</th>
            <th>Key</th>
            <th>Since</th>
            {mayChange && <th>Change</th>}
          </tr>
        </thead>
        <tbody>
          {(persons.value ?? []).map((person) => (
            <tr key={person.id}>
              <td>
                <strong>{person.name}</strong>
              </td>
              <td>
                {person.roles.length === 0
                  ? 'Access ended'
                  : person.roles.map((role) => ROLE_WORDS[role].word).join(', ')}
                {person.addedBy !== null && (
                  <p className="small">
                    Added by {person.addedBy}
                    {person.mustChoosePassphrase && '; has not chosen their own passphrase yet'}
                  </p>
                )}
              </td>
              <td>
                <code title={person.keyFingerprint}>
                  {groupDigest(person.keyFingerprint).slice(0, 2).join(' ')}
                </code>
              </td>
              <td>{formatDay(person.createdAt)}</td>
              {mayChange && (
                <td>
                  {person.roles.length > 0 && (
                    <IconButton
                      icon={Pencil}
                      label={`Change ${person.name}`}
                      onPress={() => setChanging(person)}
                    />
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {changing !== null && (
        <ChangePerson key={changing.id} person={changing} onDone={() => setChanging(null)} />
      )}
      {mayAdd &&
        (adding ? (
          <AddPerson onDone={() => setAdding(false)} />
        ) : (
          <div>
            <Button icon={UserPlus} onPress={() => setAdding(true)}>
              Add a person
            </Button>
          </div>
        ))}
    </div>
  );
}

function AddPerson(props: { readonly onDone: () => void }) {
  const { records } = useApplication();
  const [name, setName] = useState('');
  const [roles, setRoles] = useState<readonly Role[]>(['approver']);
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const add = useAction((input: InputOf<'persons.add'>) => records.getState().addPerson(input));
  const ready = name.trim() !== '' && roles.length > 0 && passphrase !== '' && passphrase === again;
  return (
    <form
      className="form card"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void add.run({ name: name.trim(), roles: [...roles], passphrase }).then((person) => {
          if (person !== null) props.onDone();
        });
      }}
    >
      <h2>Add a person</h2>
      <TextField label="Name" value={name} onChange={setName} required autoFocus />
      <Roles roles={roles} onChange={setRoles} />
      <p className="field-hint">
        For their first sign-in only: they choose their own then, before anything else. At least twelve
        characters.
      </p>
      <div className="form-row">
        <TextField
          label="First passphrase"
          type="password"
          value={passphrase}
          onChange={setPassphrase}
          required
          autoComplete="new-password"
        />
        <TextField
          label="The same again"
          type="password"
          value={again}
          onChange={setAgain}
          required
          autoComplete="new-password"
          error={again !== '' && again !== passphrase ? 'The two differ.' : null}
        />
      </div>
      {add.failure !== null && <FailureNote failure={add.failure} what="Nobody was added" />}
      <div className="form-foot">
        <Button onPress={props.onDone}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={add.busy}>
          Add
        </Button>
      </div>
    </form>
  );
}
