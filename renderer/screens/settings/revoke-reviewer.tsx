import { useState } from 'react';
import type { ReviewKeyView } from '../../../contract/reviewers.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';

/** Takes a key's word away, also that of decisions it signed before; for good, and with a reason. */
export function RevokeReviewer(props: { readonly shown: ReviewKeyView; readonly onDone: () => void }) {
  const { reviewers } = useApplication();
  const { shown } = props;
  const [reason, setReason] = useState('');
  const revoke = useAction(() => reviewers.getState().revoke(shown.id, reason.trim()));
  const ready = reason.trim().length >= 3;
  return (
    <form
      className="form no-print"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void revoke.run().then((done) => {
          if (done !== null) props.onDone();
        });
      }}
    >
      <h3>{`Revoke the key of ${shown.personName}`}</h3>
      <p>
        What it signs counts no more from this moment, and approvals that rest on it end: runs that have not
        begun will not begin. It cannot be undone; the same key is never enrolled again.
      </p>
      <TextField
        label="Reason"
        hint="For example: passphrase lost, laptop stolen, has left."
        value={reason}
        onChange={setReason}
        required
        autoFocus
      />
      {revoke.failure !== null && <FailureNote failure={revoke.failure} what="The key still counts" />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onDone}>Cancel</Button>
        <Button kind="danger" type="submit" disabled={!ready} busy={revoke.busy}>
          Revoke it
        </Button>
      </div>
    </form>
  );
}
