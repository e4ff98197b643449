import { useState } from 'react';
import { useStore } from 'zustand';
import type { InputOf } from '../../../contract/channels.ts';
import type { TaskView } from '../../../contract/runs.ts';
import { Button } from '../../components/button.tsx';
import { RadioField, TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';

type Decision = InputOf<'runs.resolve'>['decision'];

/** A person settles what the program could not. It says why, and the journal keeps it. */
export function Resolve(props: { readonly task: TaskView; readonly runId: string }) {
  const { runs, session } = useApplication();
  const { task } = props;
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  const [decision, setDecision] = useState<Decision>('look-again');
  const [reason, setReason] = useState('');
  const resolve = useAction((input: InputOf<'runs.resolve'>) => runs.getState().resolve(input));
  if (!isEngineer) return <p className="soft">An engineer must settle it.</p>;
  return (
    <form
      className="resolve"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim().length < 3) return;
        void resolve.run({
          runId: props.runId,
          endpointId: task.endpointId,
          decision,
          reason: reason.trim(),
        });
      }}
    >
      <RadioField
        label="What to do"
        value={decision}
        onChange={setDecision}
        choices={[
          {
            value: 'look-again',
            label: 'Look again',
            hint: 'Asks the endpoint and the hypervisor once more. Changes nothing.',
          },
          ...(task.snapshotProven
            ? [
                {
                  value: 'restore' as const,
                  label: 'Restore',
                  hint: 'Takes the endpoint back to the snapshot of this run. What was written since is lost.',
                },
              ]
            : []),
          {
            value: 'accept-as-is',
            label: 'Accept as it is',
            hint: 'You have looked yourself. The task ends as unproven, with your reason.',
          },
        ]}
      />
      <div className="form-row form-row-action">
        <TextField label="Reason" value={reason} onChange={setReason} required />
        <Button kind="primary" type="submit" disabled={reason.trim().length < 3} busy={resolve.busy}>
          Settle it
        </Button>
      </div>
      {resolve.failure !== null && <FailureNote failure={resolve.failure} what="It is not settled" />}
    </form>
  );
}
