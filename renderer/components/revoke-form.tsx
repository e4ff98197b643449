import { useState, type ReactNode } from 'react';
import type { Reply } from '../../contract/channels.ts';
import { Button } from './button.tsx';
import { TextField } from './fields.tsx';
import { FailureNote } from './notes.tsx';
import { useAction } from './use-action.ts';

/** Takes away for good, and with a reason, that something counts. */
export function RevokeForm(props: {
  readonly title: string;
  /** What ends with it. */
  readonly children: ReactNode;
  readonly hint?: string;
  readonly className?: string;
  /** `The key still counts`, when it failed. */
  readonly otherwise: string;
  readonly revoke: (reason: string) => Promise<Reply<unknown>>;
  readonly onDone: () => void;
}) {
  const [reason, setReason] = useState('');
  const revoke = useAction(() => props.revoke(reason.trim()));
  const ready = reason.trim().length >= 3;
  return (
    <form
      className={`form no-print${props.className === undefined ? '' : ` ${props.className}`}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void revoke.run().then((done) => {
          if (done !== null) props.onDone();
        });
      }}
    >
      <h3>{props.title}</h3>
      {props.children}
      <TextField
        label="Reason"
        {...(props.hint === undefined ? {} : { hint: props.hint })}
        value={reason}
        onChange={setReason}
        required
        autoFocus
      />
      {revoke.failure !== null && <FailureNote failure={revoke.failure} what={props.otherwise} />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onDone}>Cancel</Button>
        <Button kind="danger" type="submit" disabled={!ready} busy={revoke.busy}>
          Revoke it
        </Button>
      </div>
    </form>
  );
}
