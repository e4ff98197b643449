import { ListChecks } from 'lucide-react';
import { useId, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { SelectField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { useOperation } from '../../components/use-operation.ts';
import { formatZone, LOCAL_ZONE } from '../../format/dates.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { TaskDialog } from '../../components/task-dialog.tsx';

const APPROVERS = [
  { value: '1', label: 'One person' },
  { value: '2', label: 'Two different persons' },
  { value: '3', label: 'Three different persons' },
] as const;
const CUT_OFF_DAYS = 7;

/** Makes the list to decide: until when, and by how many. */
export function PrepareDialog(props: {
  readonly approvalId: string;
  readonly again: boolean;
  readonly onClose: () => void;
}) {
  const { approvals } = useApplication();
  const now = useNow(60_000);
  const [cutOff, setCutOff] = useState(() => localInput(now + CUT_OFF_DAYS * 86_400_000));
  const [approvers, setApprovers] = useState<(typeof APPROVERS)[number]['value']>('1');
  const fieldId = useId();
  const at = Date.parse(cutOff);
  const isLater = at > now;
  const prepare = useOperation(
    () => approvals.getState().prepare(props.approvalId, new Date(at).toISOString(), Number(approvers)),
    (result) => result,
  );
  return (
    <TaskDialog
      title={props.again ? 'Prepare the list again' : 'Prepare the list'}
      busy={prepare.busy}
      onSubmit={() => {
        if (isLater)
          void prepare.run().then(async (made) => {
            if (made === null) return;
            // The new list is there before the way to it is free: what is opened next stays open.
            await approvals.getState().refresh();
            props.onClose();
          });
      }}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={prepare.busy ? prepare.cancel : props.onClose}>Cancel</Button>
          <Button kind="primary" type="submit" icon={ListChecks} busy={prepare.busy} disabled={!isLater}>
            Prepare the list
          </Button>
        </>
      }
    >
      <p>
        {props.again
          ? 'The new list takes the place of the one before: what was signed on that one does not count any more. What was drafted here and is still about the same comes along.'
          : 'The customer decides patch by patch, here or on their own machine, and signs.'}
      </p>
      <div className="field">
        <label htmlFor={fieldId}>Cut-off</label>
        <input
          id={fieldId}
          className="input"
          type="datetime-local"
          required
          value={cutOff}
          onChange={(event) => setCutOff(event.target.value)}
        />
        <span className="field-hint">
          Last moment at which a decision counts ({formatZone(now, LOCAL_ZONE)}).
        </span>
      </div>
      <SelectField
        label="Must approve"
        hint="A group’s policy may ask for more."
        value={approvers}
        choices={APPROVERS}
        onChange={setApprovers}
      />
      {prepare.operation !== undefined && <OperationProgress operation={prepare.operation} />}
      {prepare.failure !== null && <FailureNote failure={prepare.failure} what="No list was made" />}
    </TaskDialog>
  );
}

/** `2026-12-01T17:00`, in the zone of this machine. */
function localInput(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T17:00`;
}
