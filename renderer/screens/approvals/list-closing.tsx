import { ListX } from 'lucide-react';
import type { QueueItem } from '../../../contract/queue.ts';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/notes.tsx';

/** Says that nobody has to answer a list any more, and who moves it on; nothing while somebody has to. */
export function ListClosing(props: {
  readonly item: QueueItem;
  readonly isEngineer: boolean;
  readonly onClose: () => void;
}) {
  const { item, isEngineer } = props;
  if (item.closes) {
    return (
      <div className="list-closing">
        <Note
          tone="accent"
          title={
            item.state === 'open'
              ? 'Standing approvals cover all of it: nobody has to answer'
              : 'The cut-off has passed: what silence and standing approvals cover counts'
          }
          {...(isEngineer
            ? {
                action: (
                  <Button kind="primary" icon={ListX} onPress={props.onClose}>
                    Close the list
                  </Button>
                ),
              }
            : {})}
        >
          {!isEngineer && <p>An engineer closes it, and it comes to its outcome.</p>}
        </Note>
      </div>
    );
  }
  if (item.state !== 'cut-off-passed') return null;
  return (
    <Note tone="warn" title="The cut-off has passed, and silence gives nothing here">
      <p>
        {isEngineer
          ? 'Prepare the list again with a later cut-off, or open the plan and withdraw it.'
          : 'An engineer prepares it again, or withdraws it.'}
      </p>
    </Note>
  );
}
