import { setImmediate } from 'node:timers/promises';
import type { OperationProgress } from './operations.ts';

/** Of an operation: where it says how far it is, and what ends it. */
export interface Pace {
  readonly report: (progress: OperationProgress) => void;
  readonly signal: AbortSignal;
}

const SLICE = 1_000;

/**
 * Works on many items a slice at a time, in the engine's one thread: in between, other calls have their turn and the operation can be
 * cancelled. A slice of 1,000 rows of a list takes some tens of milliseconds.
 *
 * @throws the signal's reason, between slices
 */
export async function inSlices<T>(
  { step, activity }: { readonly step: string; readonly activity: string },
  items: readonly T[],
  { report, signal }: Pace,
  work: (slice: readonly T[]) => void,
): Promise<void> {
  const total = items.length;
  report({ step, activity, done: 0, total });
  for (let from = 0; from < total; from += SLICE) {
    signal.throwIfAborted();
    const slice = items.slice(from, from + SLICE);
    work(slice);
    report({ step, done: from + slice.length, total });
    await setImmediate();
  }
  signal.throwIfAborted();
}
