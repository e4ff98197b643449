import { useState } from 'react';
import type { Person } from '../../../contract/site.ts';
import type { Role } from '../../../contract/vocabulary.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';
import { Roles } from './roles-field.tsx';

/** Other roles for a person, or the end of their access; both need a reason, for the history. */
export function ChangePerson(props: { readonly person: Person; readonly onDone: () => void }) {
  const { records } = useApplication();
  const { name } = props.person;
  const [roles, setRoles] = useState<readonly Role[]>(props.person.roles);
  const [reason, setReason] = useState('');
  const [ending, setEnding] = useState(false);
  const said = reason.trim();
  const change = useAction(() =>
    records.getState().setRoles({ person: name, roles: [...roles], reason: said }),
  );
  const end = useAction(() => records.getState().endAccess({ person: name, reason: said }));
  const close = (done: Person | null): void => {
    if (done !== null) props.onDone();
  };
  return (
    <>
      <form
        className="form card"
        onSubmit={(event) => {
          event.preventDefault();
          if (said.length >= 3 && roles.length > 0) void change.run().then(close);
        }}
      >
        <h2>{`Change ${name}`}</h2>
        <Roles roles={roles} onChange={setRoles} />
        <TextField label="Reason, for the history" value={reason} onChange={setReason} required />
        {change.failure !== null && (
          <FailureNote failure={change.failure} what="The roles stay as they were" />
        )}
        <div className="form-foot">
          <Button kind="danger" disabled={said.length < 3} onPress={() => setEnding(true)}>
            End their access
          </Button>
          <Button onPress={props.onDone}>Cancel</Button>
          <Button
            kind="primary"
            type="submit"
            disabled={said.length < 3 || roles.length === 0}
            busy={change.busy}
          >
            Keep these roles
          </Button>
        </div>
      </form>
      {/* Beside the form: what is sent in the dialog would be sent in a form around it as well. */}
      {ending && (
        <ConfirmDialog
          title={`End the access of ${name}`}
          name={name}
          nameLabel="Name of the person"
          actionLabel="End it"
          busy={end.busy}
          failure={end.failure}
          onConfirm={() => void end.run().then(close)}
          onClose={() => setEnding(false)}
        >
          <p>
            They lose every role and their passphrase. What they did stays. It cannot be given back under this
            name.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
