import type { OutputOf } from '../../contract/channels.ts';
import { count, formatFacts, formatInstant, formatTable, listOf } from './format.ts';

type RunView = OutputOf<'runs.get'>;
type TaskView = RunView['tasks'][number];
type RunSummary = RunView['run'];

/** `2 succeeded, 1 restored`. */
export function describeOutcomes(run: RunSummary): string {
  const parts = Object.entries(run.outcomes)
    .filter(([, number]) => number > 0)
    .map(([status, number]) => `${number} ${status.replace('-', ' ')}`);
  return listOf(parts);
}

function describeChanges(task: TaskView): string {
  if (task.changes === null) return 'not read yet';
  if (task.changes.length === 0) return 'none';
  const changed = count(task.changes.length, 'package');
  return task.status === 'restored' ? `${changed}, taken back` : changed;
}

function describeSnapshot(task: TaskView): string {
  if (task.snapshotName === null) return task.snapshotMode === 'disabled' ? 'disabled' : 'none';
  return `${task.snapshotName}${task.snapshotProven ? '' : ', NOT proven'}`;
}

/** How each endpoint ended, or where it is, with the reason and the hint of each failure below the table. */
export function describeRun({ run, tasks }: RunView): string {
  const table = formatTable(
    tasks,
    [
      { title: 'ENDPOINT', cell: (row) => row.endpointName },
      { title: 'STATUS', cell: (row) => row.status },
      { title: 'STEP', cell: (row) => row.step ?? '-' },
      { title: 'SNAPSHOT', cell: describeSnapshot },
      { title: 'CHANGED', cell: describeChanges },
      { title: 'REBOOT', cell: (row) => (row.rebootPending ? 'pending' : '-') },
      { title: 'ENDED', cell: (row) => formatInstant(row.endedAt) },
    ],
    'No endpoint.',
  );
  const reasons = tasks.flatMap((task) =>
    task.failure === null
      ? []
      : [
          `${task.endpointName}: ${task.failure.message} [${task.failure.code}]`,
          ...(task.failure.hint === null ? [] : [`  hint: ${task.failure.hint}`]),
        ],
  );
  const parts = [
    formatFacts([
      ['Run', run.id],
      ['Plan', `${run.planId}, digest ${run.planDigest.slice(0, 16)}`],
      ['Approved by', run.approvedBy],
      ['Started', `${formatInstant(run.startedAt)} by ${run.startedBy}`],
      ['Status', run.endedAt === null ? run.status : `${run.status} ${formatInstant(run.endedAt)}`],
      ['Outcomes', describeOutcomes(run)],
      ...(run.cancelRequested ? ([['Cancelled', 'yes, between steps']] as const) : []),
    ]),
    table,
  ];
  if (reasons.length > 0) parts.push(reasons.join('\n'));
  return parts.join('\n\n');
}
