import type { z } from 'zod';
import type { Operation as OperationSchema } from '../../contract/site.ts';
import { CodedError, ContractError, toFailure, type Failure } from '../../contract/errors.ts';
import type { Topic } from '../../contract/topics.ts';

export type Operation = z.output<typeof OperationSchema>;
export type OperationResult = Readonly<Record<string, unknown>>;

export interface OperationProgress {
  readonly activity?: string;
  readonly done?: number;
  readonly total?: number;
  readonly unit?: 'items' | 'bytes';
  /** The part that this is about: begins with its first report, and ends those before it. */
  readonly step?: string;
  /** That part was left out, and `figure` says why. */
  readonly skipped?: true;
  /** What came of that part, in words. */
  readonly figure?: string;
}

type Step = Operation['steps'][number];

interface Entry {
  operation: Operation;
  readonly abort: AbortController;
  readonly settled: Promise<void>;
  result: OperationResult;
  failure: Failure | null;
}

/** At most so many progress messages a second reach a window. */
const REPORT_EVERY_MS = 100;
/** Ended operations that are still answered for. */
const KEPT = 200;

/** Work that takes longer than a call should: begun, reported on, awaited, cancelled. Lives with the process. */
export class Operations {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => string;
  readonly #newId: () => string;
  readonly #publish: (topic: Topic) => void;
  readonly #logBug: (error: unknown) => void;

  constructor(options: {
    now: () => string;
    newId: () => string;
    publish: (topic: Topic) => void;
    logBug: (error: unknown) => void;
  }) {
    this.#now = options.now;
    this.#newId = options.newId;
    this.#publish = options.publish;
    this.#logBug = options.logBug;
  }

  /** Begins the work and returns the operation's id at once. */
  begin(
    kind: Operation['kind'],
    title: string,
    work: (report: (progress: OperationProgress) => void, signal: AbortSignal) => Promise<OperationResult>,
    steps: readonly string[] = [],
  ): string {
    const id = this.#newId();
    const abort = new AbortController();
    let lastReport = 0;
    const report = (progress: OperationProgress): void => {
      const entry = this.#entries.get(id);
      if (entry === undefined || entry.operation.status !== 'running') return;
      const before = entry.operation;
      const { step, figure, skipped, ...shown } = progress;
      entry.operation = { ...before, ...shown, steps: moveSteps(before.steps, progress, this.#now()) };
      const at = Date.now();
      const isNews =
        step !== undefined && before.steps.find(({ id: known }) => known === step)?.state !== 'running';
      if (!isNews && figure === undefined && skipped !== true && at - lastReport < REPORT_EVERY_MS) return;
      lastReport = at;
      this.#publish({ kind: 'operation', operation: entry.operation });
    };
    const settled = Promise.resolve()
      .then(() => work(report, abort.signal))
      .then(
        (result) => this.#end(id, 'done', result, null),
        (error: unknown) => {
          if (abort.signal.aborted) this.#end(id, 'cancelled', {}, CANCELLED);
          else this.#end(id, 'failed', {}, this.#failureOf(error));
        },
      );
    const operation: Operation = {
      id,
      kind,
      title,
      status: 'running',
      startedAt: this.#now(),
      activity: title,
      done: 0,
      total: 0,
      unit: 'items',
      steps: steps.map((step) => waitingStep(step)),
    };
    this.#entries.set(id, { operation, abort, settled, result: {}, failure: null });
    this.#publish({ kind: 'operation', operation });
    this.#forgetOld();
    return id;
  }

  list(): readonly Operation[] {
    return [...this.#entries.values()].map((entry) => entry.operation).reverse();
  }

  /** @throws the operation's own failure, as data that dispatch passes on */
  async wait(id: string): Promise<{ operation: Operation; result: OperationResult }> {
    const entry = this.#get(id);
    await entry.settled;
    if (entry.failure !== null) {
      const { code, message, hint, retry, subject } = entry.failure;
      throw new CodedError(code, message, {
        retry,
        ...(hint === undefined ? {} : { hint }),
        ...(subject === undefined ? {} : { subject }),
      });
    }
    return { operation: entry.operation, result: entry.result };
  }

  cancel(id: string): Operation {
    const entry = this.#get(id);
    entry.abort.abort();
    return entry.operation;
  }

  async close(): Promise<void> {
    for (const entry of this.#entries.values()) entry.abort.abort();
    await Promise.all([...this.#entries.values()].map((entry) => entry.settled));
  }

  #get(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined)
      throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such operation in this engine.');
    return entry;
  }

  #end(
    id: string,
    status: 'done' | 'failed' | 'cancelled',
    result: OperationResult,
    failure: Failure | null,
  ): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.result = result;
    entry.failure = failure;
    entry.operation = {
      ...entry.operation,
      status,
      activity: failure?.message ?? entry.operation.activity,
      steps: endSteps(entry.operation.steps, status, this.#now()),
    };
    this.#publish({ kind: 'operation', operation: entry.operation });
  }

  #failureOf(error: unknown): Failure {
    if (error instanceof CodedError) return toFailure(error);
    this.#logBug(error);
    return {
      code: 'INTERNAL',
      message: 'Something in Sallyport itself went wrong.',
      hint: 'The local log says more.',
      retry: 'never',
    };
  }

  #forgetOld(): void {
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= KEPT) return;
      if (entry.operation.status !== 'running') this.#entries.delete(id);
    }
  }
}

const waitingStep = (id: string): Step => ({
  id,
  state: 'waiting',
  startedAt: null,
  endedAt: null,
  done: 0,
  total: 0,
  unit: 'items',
  figure: '',
});

/** A part that nobody announced comes last. */
function moveSteps(before: readonly Step[], progress: OperationProgress, now: string): Step[] {
  const { step: id, done, total, unit, figure } = progress;
  if (id === undefined) return [...before];
  const all = before.some((step) => step.id === id) ? before : [...before, waitingStep(id)];
  const at = all.findIndex((step) => step.id === id);
  return all.map((step, index) => {
    if (index < at && step.state === 'running') return { ...step, state: 'done', endedAt: now };
    if (index !== at) return step;
    if (progress.skipped === true) {
      return { ...step, state: 'skipped', endedAt: now, figure: figure ?? step.figure };
    }
    return {
      ...step,
      state: 'running',
      startedAt: step.startedAt ?? now,
      endedAt: null,
      done: done ?? step.done,
      total: total ?? step.total,
      unit: unit ?? step.unit,
      figure: figure ?? step.figure,
    };
  });
}

/** A failure belongs to the part that was under way, or to the first one when none had begun. */
function endSteps(steps: readonly Step[], status: 'done' | 'failed' | 'cancelled', now: string): Step[] {
  const failed =
    status !== 'failed' ? undefined : (steps.find((step) => step.state === 'running') ?? steps[0])?.id;
  return steps.map((step) => {
    if (step.id === failed)
      return { ...step, state: 'failed', startedAt: step.startedAt ?? now, endedAt: now };
    if (step.state === 'waiting') return { ...step, state: 'skipped' };
    if (step.state !== 'running') return step;
    return { ...step, state: status === 'done' ? 'done' : 'skipped', endedAt: now };
  });
}

const CANCELLED: Failure = {
  code: 'CONTRACT_CANCELLED',
  message: 'It was cancelled.',
  hint: 'What was finished before is kept.',
  retry: 'same',
};
