import { CircleCheck, CircleX, CircleStop } from 'lucide-react';
import { Label, ProgressBar } from 'react-aria-components';
import type { Operation } from '../../contract/site.ts';
import { formatBytes, formatCount, formatShare } from '../format/figures.ts';
import { Button } from './button.tsx';
import { Ring } from './status.tsx';

/** How far: `128 of 342`, `210 MB of 1.2 GB`, or nothing while the whole is not known. */
function measure(operation: Operation): string {
  if (operation.total <= 0) return '';
  const write = operation.unit === 'bytes' ? formatBytes : formatCount;
  return `${write(operation.done)} of ${write(operation.total)}`;
}

/** What an operation does, how far it is, and the way to stop it. */
export function OperationProgress(props: {
  readonly operation: Operation;
  readonly onCancel?: (() => void) | undefined;
}) {
  const { operation } = props;
  const known = operation.total > 0;
  const running = operation.status === 'running';
  return (
    <div className={`operation operation-${operation.status}`}>
      <ProgressBar
        className="progress"
        value={known ? operation.done : 0}
        maxValue={known ? operation.total : 1}
        isIndeterminate={running && !known}
        valueLabel={known ? measure(operation) : operation.activity}
      >
        <div className="operation-head">
          {running ? (
            <Ring progress={known ? operation.done / operation.total : null} />
          ) : operation.status === 'done' ? (
            <CircleCheck aria-hidden size={15} className="tone-good" />
          ) : operation.status === 'failed' ? (
            <CircleX aria-hidden size={15} className="tone-bad" />
          ) : (
            <CircleStop aria-hidden size={15} className="tone-quiet" />
          )}
          <Label>{operation.title}</Label>
          <span className="operation-share">{known ? formatShare(operation.done, operation.total) : ''}</span>
        </div>
        <div className="progress-track">
          <div
            className={running && !known ? 'progress-fill progress-unknown' : 'progress-fill'}
            style={{
              width: known ? `${(operation.done / operation.total) * 100}%` : running ? '30%' : '100%',
            }}
          />
        </div>
      </ProgressBar>
      <div className="operation-foot">
        <span className="operation-activity">{operation.activity}</span>
        <span className="figures">{measure(operation)}</span>
        {running && props.onCancel !== undefined && (
          <Button kind="quiet" onPress={props.onCancel}>
            Cancel
          </Button>
        )}
      </div>
    </div>
  );
}
