import { ListX } from 'lucide-react';
import { useState } from 'react';
import type { QueueItem } from '../../../contract/queue.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { TaskDialog } from '../../components/task-dialog.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';

/** Brings a list to its outcome that nobody has to answer any more. What came of it is shown by the screen. */
export function CloseDialog(props: {
  readonly item: QueueItem & { readonly packId: string };
  readonly onClose: () => void;
}) {
  const { approvals } = useApplication();
  const { item } = props;
  const [left, setLeft] = useState(false);
  const close = useAction(() => approvals.getState().close(item.packId));
  const whose = item.customer === '' ? 'the customer' : item.customer;
  return (
    <TaskDialog
      title="Close the list"
      busy={close.busy}
      onSubmit={() => {
        void close.run().then((settled) => {
          if (settled !== null) props.onClose();
          else setLeft(true);
        });
      }}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={props.onClose} disabled={close.busy}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" icon={ListX} busy={close.busy} autoFocus>
            Close the list
          </Button>
        </>
      }
    >
      {item.state === 'open' ? (
        <p>
          Standing approvals of {whose} cover all {countOf(item.patches, 'patch', 'patches')} of this list, so
          nobody has to answer it. Closed, it is approved and can be started.
        </p>
      ) : (
        <p>
          The cut-off was {formatInstant(item.cutOffAt ?? item.requestedAt)}. What {whose} approved, approved
          in advance, or left to silence where the policy is opt-out, is approved. Everything else is left
          out.
        </p>
      )}
      <p>It cannot be taken back: to ask again, make another plan.</p>
      {left && close.failure === null && (
        <Note tone="info" title="The list was left to wait">
          <p>No policy gives anything here. Prepare the list again, or withdraw what was asked.</p>
        </Note>
      )}
      {close.failure !== null && <FailureNote failure={close.failure} what="The list was not closed" />}
    </TaskDialog>
  );
}
