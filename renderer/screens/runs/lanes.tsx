import { Check, Minus, X } from 'lucide-react';
import type { TaskView } from '../../../contract/runs.ts';
import type { Step } from '../../../contract/vocabulary.ts';
import type { Column } from '../../components/data-table.tsx';
import { Status } from '../../components/status.tsx';
import { STEP_WORDS } from '../../format/words.ts';

type Lane = TaskView['steps'][number]['result'] | 'ahead';

/** How far a task is with a step. The last beginning counts: after a crash a step may be begun twice. */
export function readLane(task: TaskView, step: Step): Lane {
  const begun = task.steps.findLast((record) => record.step === step);
  return begun?.result ?? 'ahead';
}

const LANE_WORDS: Readonly<Record<Lane, string>> = {
  ahead: 'not begun',
  running: 'running',
  done: 'done',
  failed: 'failed',
  interrupted: 'interrupted',
  skipped: 'skipped',
};

/** Steps that are one thing to a person share a column: a snapshot and its proof, a restore and its proof. */
const COLUMNS: readonly { readonly title: string; readonly steps: readonly Step[] }[] = [
  { title: 'Preflight', steps: ['preflight'] },
  { title: 'Snapshot', steps: ['snapshot', 'prove-snapshot'] },
  { title: 'Stage', steps: ['stage'] },
  { title: 'Install', steps: ['install'] },
  { title: 'Reboot', steps: ['reboot'] },
  { title: 'Verify', steps: ['verify'] },
  { title: 'Clean up', steps: ['clean-up'] },
];
const WAY_BACK = { title: 'Restore', steps: ['restore', 'prove-restore'] } as const;

/** Endpoints are the rows, steps the columns; the way back is shown only where somebody went it. */
export function laneColumns(goesBack: boolean): Column<TaskView>[] {
  return [
    {
      id: 'endpoint',
      title: 'Endpoint',
      width: 'minmax(5.5rem, 1.4fr)',
      cell: (task) => <span className="cell-name">{task.endpointName}</span>,
    },
    ...[...COLUMNS, ...(goesBack ? [WAY_BACK] : [])].map(({ title, steps }): Column<TaskView> => ({
      id: title,
      title,
      width: 'minmax(3.3rem, 1fr)',
      cell: (task) => (
        <span className="lanes">
          {steps.map((step) => (
            <LaneCell key={step} task={task} step={step} />
          ))}
        </span>
      ),
    })),
    {
      id: 'status',
      title: 'Outcome',
      width: '8.5rem',
      cell: (task) => <Status state={task.status} progress={task.progress} />,
    },
  ];
}

function LaneCell(props: { readonly task: TaskView; readonly step: Step }) {
  const { task, step } = props;
  const lane = readLane(task, step);
  const progress = lane === 'running' && task.step === step ? task.progress : null;
  const word = LANE_WORDS[lane];
  return (
    <span
      className={`lane lane-${lane}${progress === null && lane === 'running' ? ' lane-unknown' : ''}`}
      title={`${STEP_WORDS[step]}: ${word}`}
    >
      {lane === 'running' && progress !== null && (
        <span className="lane-fill" style={{ width: `${Math.round(progress * 100)}%` }} />
      )}
      {lane === 'done' && <Check aria-hidden size={12} strokeWidth={2.5} />}
      {lane === 'failed' && <X aria-hidden size={12} strokeWidth={2.5} />}
      {(lane === 'skipped' || lane === 'interrupted') && <Minus aria-hidden size={12} strokeWidth={2.5} />}
      <span className="unseen">
        {STEP_WORDS[step]} {word}
      </span>
    </span>
  );
}
