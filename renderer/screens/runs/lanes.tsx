import { Check, Minus, X } from 'lucide-react';
import type { TaskView } from '../../../contract/runs.ts';
import type { Step } from '../../../contract/vocabulary.ts';
import type { Column } from '../../components/data-table.tsx';
import { Status } from '../../components/status.tsx';
import { FORWARD_STEPS, RESTORE_STEPS, STEP_WORDS } from '../../format/words.ts';

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

/** Endpoints are the rows, steps the columns; the way back is shown only where somebody went it. */
export function laneColumns(goesBack: boolean): Column<TaskView>[] {
  const steps = goesBack ? [...FORWARD_STEPS, ...RESTORE_STEPS] : FORWARD_STEPS;
  return [
    {
      id: 'endpoint',
      title: 'Endpoint',
      width: 'minmax(7rem, 1.4fr)',
      cell: (task) => <span className="cell-name">{task.endpointName}</span>,
    },
    ...steps.map((step): Column<TaskView> => ({
      id: step,
      title: STEP_WORDS[step].short,
      width: 'minmax(3.9rem, 1fr)',
      cell: (task) => <LaneCell task={task} step={step} />,
    })),
    {
      id: 'status',
      title: 'Outcome',
      width: '8.75rem',
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
      title={`${STEP_WORDS[step].word}: ${word}`}
    >
      {lane === 'running' && progress !== null && (
        <span className="lane-fill" style={{ width: `${Math.round(progress * 100)}%` }} />
      )}
      {lane === 'done' && <Check aria-hidden size={12} strokeWidth={2.5} />}
      {lane === 'failed' && <X aria-hidden size={12} strokeWidth={2.5} />}
      {(lane === 'skipped' || lane === 'interrupted') && <Minus aria-hidden size={12} strokeWidth={2.5} />}
      <span className="unseen">{word}</span>
    </span>
  );
}
