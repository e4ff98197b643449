import type { OutputOf } from '../../contract/channels.ts';
import { CodedError } from '../../contract/errors.ts';
import type { Answer, Call } from './command.ts';
import { EXIT, exitCodeOfRun, type ExitCode } from './exit-codes.ts';
import { describeRun } from './run-text.ts';

type RunView = OutputOf<'runs.get'>;

export type FollowChannel = 'runs.wait' | 'runs.get';

/** How a run that was followed stands now. */
export interface Followed {
  readonly view: RunView;
  readonly exit: ExitCode;
}

const isUnfinished = (view: RunView): boolean =>
  view.tasks.some((task) => task.status === 'running' || task.status === 'waiting');

/**
 * Shows a run's progress until every endpoint has ended or needs attention. Ctrl+C leaves it where it stands: this
 * process is its engine, so it pauses, its journal keeps it, and `run resume` goes on with it.
 */
export async function followRun(
  call: Pick<Call<FollowChannel>, 'client' | 'progress' | 'world' | 'note'>,
  id: string,
): Promise<Followed> {
  const { client, progress, world, note } = call;
  const before = await client.invoke('runs.get', { id });
  progress.learnNames(before.tasks);
  const unsubscribe = client.subscribe((topic) => progress.take(topic));
  let stopListening: () => void = () => undefined;
  const interrupted = new Promise<null>((resolve) => {
    stopListening = world.onInterrupt(() => resolve(null));
  });
  try {
    const waiting = waitForRun(client, id);
    const view = await Promise.race([waiting, interrupted]);
    progress.end();
    if (view !== null) return { view, exit: exitCodeOfRun(view.run.outcomes, view.run.cancelRequested) };
    waiting.catch(() => undefined);
    const now = await client.invoke('runs.get', { id });
    if (isUnfinished(now)) {
      note('Stopped here. What is under way on an endpoint goes on there; nothing is torn down.');
      note('`sallyport run resume` goes on with the run, `sallyport run cancel` ends it between two steps.');
    }
    return { view: now, exit: EXIT.cancelled };
  } finally {
    stopListening();
    unsubscribe();
    progress.end();
  }
}

/** A run that stands still because a person must settle it, or because its engine is elsewhere, is no failure to wait. */
async function waitForRun(client: Call<FollowChannel>['client'], id: string): Promise<RunView> {
  try {
    return await client.invoke('runs.wait', { id });
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'RUN_NOT_FOUND') throw error;
    return await client.invoke('runs.get', { id });
  }
}

/** What a command that followed one run says. */
export function answerFollowed({ view, exit }: Followed): Answer {
  const attention = view.tasks.filter((task) => task.status === 'needs-attention');
  const next = attention.map(
    (task) =>
      `Settle it: sallyport run resolve ${view.run.id} ${JSON.stringify(task.endpointName)} --decision ...`,
  );
  if (exit !== EXIT.cancelled && isUnfinished(view)) {
    next.push('Nobody is at work on this run: `sallyport run resume` goes on with it.');
  }
  return { value: view, text: [describeRun(view), ...next].join('\n\n'), exit };
}
