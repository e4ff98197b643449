import { randomUUID } from 'node:crypto';
import { CodedError, toFailure, type Failure } from '../../contract/errors.ts';
import type { Step } from '../../contract/vocabulary.ts';
import type { EndpointPlan } from '../core/plan.ts';
import { noun } from '../core/raci/notice-words.ts';
import { authorise, mayBeUntouched, nextAction } from '../core/run/next.ts';
import { factsOf, type TaskEvent, type TaskFacts, type TaskState } from '../core/run/state.ts';
import { EndpointLink, type LinkEvents } from './endpoint-link.ts';
import type { Journal, NewTaskEvent } from './journal.ts';
import { TASKS_AT_ONCE, type RunPorts, type RunTimings } from './run-ports.ts';
import { ABSENT, TaskSteps, type StepDone } from './task-steps.ts';

/**
 * Interprets runs: asks the state machine what comes next, commits the intent, does it, commits the outcome. It keeps
 * no state of its own that matters: kill it at any instant and another one goes on from the journal.
 */
export class RunEngine {
  readonly #journal: Journal;
  readonly #ports: RunPorts;
  readonly #timings: RunTimings;
  readonly #stopping = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  readonly #queue: (() => void)[] = [];
  #free = TASKS_AT_ONCE;

  constructor(journal: Journal, ports: RunPorts, timings: RunTimings) {
    this.#journal = journal;
    this.#ports = ports;
    this.#timings = timings;
  }

  /** Drives every task of the run that is not at its end and not driven already. Returns at once. */
  drive(runId: string): void {
    const source = this.#ports.source(runId);
    for (const plan of source.plan.endpoints) {
      const key = `${runId}/${plan.endpointId}`;
      const state = this.#journal.stateOf(runId, plan.endpointId);
      if (state.kind === 'ended' || state.kind === 'new' || this.#running.has(key)) continue;
      const done = this.#admit(() => this.#driveTask(runId, plan))
        .catch((error: unknown) => {
          if (!this.#stopping.signal.aborted) this.#ports.logBug(error);
        })
        .finally(() => this.#running.delete(key));
      this.#running.set(key, done);
    }
  }

  /** Resolves when nothing of the run is being driven. */
  async settled(runId: string): Promise<void> {
    for (;;) {
      const mine = [...this.#running].filter(([key]) => key.startsWith(`${runId}/`)).map(([, done]) => done);
      if (mine.length === 0) return;
      await Promise.all(mine);
    }
  }

  /** Lets go of every task where it stands. What runs detached on an endpoint goes on there. */
  async close(): Promise<void> {
    this.#stopping.abort();
    for (const start of this.#queue.splice(0)) start();
    await Promise.allSettled(this.#running.values());
  }

  async #admit(work: () => Promise<void>): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#free -= 1;
    try {
      if (!this.#stopping.signal.aborted) await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  async #driveTask(runId: string, plan: EndpointPlan): Promise<void> {
    const signal = this.#stopping.signal;
    const link = new EndpointLink({
      connect: (abort) => this.#ports.connect(plan.endpointId, abort),
      sleep: (ms, abort) => this.#ports.sleep(ms, abort),
      now: () => Date.parse(this.#ports.now()),
    });
    const append = (event: NewTaskEvent, alongside?: () => void): TaskState =>
      this.#journal.append(runId, plan.endpointId, event, alongside);
    const linkEvents = (step: Step): LinkEvents => ({
      lost: (error) => {
        append({ kind: 'connection-lost', step, failure: toFailure(error) });
      },
      regained: () => {
        append({ kind: 'connection-regained', step });
      },
    });
    const steps = new TaskSteps({
      runId,
      plan,
      ports: this.#ports,
      timings: this.#timings,
      link,
      linkEvents,
      signal,
    });
    try {
      for (;;) {
        signal.throwIfAborted();
        const state = this.#journal.stateOf(runId, plan.endpointId);
        const action = nextAction(state);
        switch (action.do) {
          case 'nothing':
          case 'wait-for-person':
            return;
          case 'end':
            append({ kind: 'ended', outcome: action.outcome }, () =>
              this.#noteEnd(runId, plan, state, action.outcome),
            );
            break;
          case 'step':
            await this.#begin(runId, plan, action.step, state, append, steps);
            break;
          case 'reconcile':
            await this.#reconcile(runId, plan, action.step, state, append, steps);
            break;
        }
      }
    } finally {
      await steps.close();
      await link.close();
    }
  }

  async #begin(
    runId: string,
    plan: EndpointPlan,
    step: Step,
    state: TaskState,
    append: Append,
    steps: TaskSteps,
  ): Promise<void> {
    const facts = requireFacts(state);
    const event: NewTaskEvent = { kind: 'step-started', step, key: keyOf(step, facts) };
    if (facts.course === 'forward' && !facts.installBegun) {
      // Asked again before every step while the endpoint is untouched: an approval can be withdrawn or run out.
      const source = this.#ports.source(runId);
      const decision = authorise(facts, source.approval, source.planDigest, this.#ports.siteTime());
      if (!decision.ok) {
        append({ kind: 'refused', failure: decision.failure });
        return;
      }
      if (step === 'install') {
        append({ ...event, authority: decision.authority });
        await this.#perform(runId, plan, step, facts, append, () => steps.perform(step, facts));
        return;
      }
    }
    append(event);
    await this.#perform(runId, plan, step, facts, append, () => steps.perform(step, facts));
  }

  /** Another engine began this step and is gone: the world is asked before anything is done. */
  async #reconcile(
    runId: string,
    plan: EndpointPlan,
    step: Step,
    state: TaskState,
    append: Append,
    steps: TaskSteps,
  ): Promise<void> {
    const facts = requireFacts(state);
    this.#ports.report(runId, plan.endpointId, step, 'Asking what became of it', null);
    switch (step) {
      case 'preflight':
      case 'prove-snapshot':
      case 'stage':
      case 'verify':
      case 'clean-up':
      case 'prove-restore':
        append({
          kind: 'step-absent',
          step,
          detail: 'The step only reads, or can be repeated: it begins again.',
        });
        return;
      case 'snapshot':
        await this.#perform(runId, plan, step, facts, append, () => steps.findSnapshot(facts));
        return;
      case 'install':
        await this.#perform(runId, plan, step, facts, append, () => steps.install(facts, false));
        return;
      case 'reboot':
      case 'restore':
        // Both ask first whether it has happened, and end in the same place however often they are repeated.
        await this.#perform(runId, plan, step, facts, append, () => steps.perform(step, facts));
        return;
    }
  }

  async #perform(
    runId: string,
    plan: EndpointPlan,
    step: Step,
    facts: TaskFacts,
    append: Append,
    effect: () => Promise<StepDone | typeof ABSENT>,
  ): Promise<void> {
    let done: StepDone | typeof ABSENT;
    try {
      done = await effect();
    } catch (error) {
      if (this.#stopping.signal.aborted) throw error;
      this.#fail(runId, plan, step, facts, error, append);
      return;
    }
    if (done === ABSENT) append({ kind: 'step-absent', step, detail: 'The other side knows nothing of it.' });
    else append({ kind: 'step-finished', result: done.result }, done.alongside);
  }

  #fail(
    runId: string,
    plan: EndpointPlan,
    step: Step,
    facts: TaskFacts,
    error: unknown,
    append: Append,
  ): void {
    const failure = this.#toFailure(error);
    if (
      step === 'install' &&
      (failure.code === 'PATCHING_INSTALL_UNDETERMINED' ||
        failure.code === 'INTERNAL' ||
        failure.code.startsWith('TRANSPORT_'))
    ) {
      // What can't be determined goes to a person, never to a guess.
      append({ kind: 'attention-needed', step, failure }, () =>
        this.#openIncident(runId, plan, 'needs-attention', failure, facts),
      );
      return;
    }
    if (step === 'restore' || step === 'prove-restore') {
      append({ kind: 'step-failed', step, failure, effect: 'possible' }, () =>
        this.#openIncident(runId, plan, 'needs-attention', failure, facts),
      );
      return;
    }
    // `facts` are of before the step: an install that was just begun is not in them yet.
    const untouched = step === 'install' ? mayBeUntouched(failure.code) : !facts.installBegun;
    append({ kind: 'step-failed', step, failure, effect: untouched ? 'none' : 'possible' });
  }

  #toFailure(error: unknown): Failure {
    if (error instanceof CodedError) return toFailure(error);
    this.#ports.logBug(error);
    return {
      code: 'INTERNAL',
      message: 'Something in Sallyport itself went wrong in this step.',
      hint: 'The local log says more.',
      retry: 'never',
    };
  }

  /** Opens an incident where somebody has to look: the endpoint was changed and did not end as it should. */
  #noteEnd(runId: string, plan: EndpointPlan, state: TaskState, outcome: string): void {
    const facts = requireFacts(state);
    if (outcome === 'succeeded' || outcome === 'skipped' || !facts.installBegun) return;
    const failure = facts.failure ?? {
      code: 'PATCHING_VERIFY_MISMATCH',
      message: `${plan.endpointName} ended as ${outcome}.`,
      retry: 'never',
    };
    this.#openIncident(runId, plan, outcome, failure, facts);
  }

  #openIncident(
    runId: string,
    plan: EndpointPlan,
    outcome: string,
    failure: Failure,
    facts: TaskFacts,
  ): void {
    const events = this.#journal.eventsOf(runId, plan.endpointId).map((stored) => stored.event);
    this.#ports.openIncident(runId, plan.endpointId, {
      code: failure.code,
      message: failure.message,
      evidence: [
        { label: 'Outcome', text: outcome },
        { label: 'Second witness', text: describeWitness(facts) },
        { label: 'Journal', text: events.map(describeEvent).join('\n') },
      ],
    });
  }
}

function describeWitness(facts: TaskFacts): string {
  const read = facts.verification;
  if (read === null) return 'not read';
  return read.disagreements.length === 0
    ? `agrees, ${read.filesChecked} files compared`
    : read.disagreements.join('\n');
}

type Append = (event: NewTaskEvent, alongside?: () => void) => TaskState;

function requireFacts(state: TaskState): TaskFacts {
  const facts = factsOf(state);
  if (facts === null) throw new Error('A task that was never created is being driven.');
  return facts;
}

function keyOf(step: Step, facts: TaskFacts): string {
  switch (step) {
    case 'snapshot':
    case 'prove-snapshot':
    case 'restore':
    case 'prove-restore':
      return facts.terms.snapshotName;
    case 'stage':
    case 'install':
    case 'clean-up':
      return facts.terms.stageId;
    case 'preflight':
    case 'reboot':
    case 'verify':
      return randomUUID();
  }
}

/** One line for people: the journal as it is shown and as it goes into an incident. */
export function describeEvent(event: TaskEvent): string {
  const text = (): string => {
    switch (event.kind) {
      case 'task-created':
        return `Planned: ${noun(event.terms.packages, 'package')}, snapshot mode ${event.terms.snapshotMode}`;
      case 'step-started':
        return event.authority === undefined
          ? `Began ${event.step}`
          : `Began ${event.step} as approved by ${event.authority.grantedBy}`;
      case 'step-finished':
        return `Finished ${event.result.step}`;
      case 'step-failed':
        return `Failed ${event.step}: ${event.failure.message} [${event.failure.code}]`;
      case 'step-absent':
        return `Looked into ${event.step} after an interruption: ${event.detail}`;
      case 'attention-needed':
        return `A person must look at ${event.step}: ${event.failure.message} [${event.failure.code}]`;
      case 'connection-lost':
        return `Lost the connection during ${event.step}: ${event.failure.message}`;
      case 'connection-regained':
        return `Connected again, ${event.step} goes on`;
      case 'refused':
        return `Refused: ${event.failure.message} [${event.failure.code}]`;
      case 'cancel-requested':
        return `${event.by} asked to stop`;
      case 'resolved':
        return `${event.by} decided "${event.decision}": ${event.reason}`;
      case 'ended':
        return `Ended: ${event.outcome}`;
    }
  };
  return `${event.at} ${text()}`;
}
