import type { JournalEntry, RunSummary, TaskView } from '../../contract/runs.ts';
import type { Outcome, Step, TaskStatus } from '../../contract/vocabulary.ts';
import type { RunRow } from '../catalogue/plan-store.ts';
import { factsOf, type TaskEvent, type TaskState } from '../core/run/state.ts';
import type { StoredEvent } from '../runs/journal.ts';
import { describeEvent } from '../runs/run-engine.ts';
import { deciderOf } from './approvals.ts';
import type { Services } from './services.ts';

/** Where a task stands, for people. Folded from the journal, never stored. */
export function statusOfTask(state: TaskState): TaskStatus {
  switch (state.kind) {
    case 'new':
      return 'waiting';
    case 'ready':
      return state.facts.inventoryDigest === null && state.facts.course === 'forward' ? 'waiting' : 'running';
    case 'running':
      return state.connected ? 'running' : 'waiting';
    case 'needs-attention':
      return 'needs-attention';
    case 'ended':
      return state.outcome;
  }
}

const isSettled = (state: TaskState): boolean => state.kind === 'ended' || state.kind === 'needs-attention';

export function presentRun(services: Services, row: RunRow): RunSummary {
  const states = [...services.journal.statesOf(row.id).values()];
  const approval = services.plans.getApproval(row.approvalId);
  const outcomes: Partial<Record<TaskStatus, number>> = {};
  for (const state of states) {
    const status = statusOfTask(state);
    outcomes[status] = (outcomes[status] ?? 0) + 1;
  }
  const settled = states.every(isSettled);
  const last = settled ? services.journal.entriesAfter(row.id, 0).at(-1) : undefined;
  return {
    id: row.id,
    planId: row.planId,
    planDigest: approval?.planDigest ?? '',
    approvalId: row.approvalId,
    approvedBy: approval === undefined ? '' : (deciderOf(services, approval) ?? ''),
    startedBy: row.startedBy,
    startedAt: row.startedAt,
    endedAt: last?.event.at ?? null,
    status: settled ? 'ended' : 'running',
    outcomes,
    endpoints: states.length,
    cancelRequested: states.some((state) => factsOf(state)?.cancelRequested === true),
  };
}

export function presentTask(
  services: Services,
  runId: string,
  endpointId: string,
  endpointName: string,
): TaskView {
  const events = services.journal.eventsOf(runId, endpointId).map((stored) => stored.event);
  const state = services.journal.stateOf(runId, endpointId);
  const facts = factsOf(state);
  const steps = presentSteps(events, state);
  const failure = state.kind === 'needs-attention' ? state.failure : (facts?.failure ?? null);
  const live = services.progressOf(runId, endpointId);
  const status = statusOfTask(state);
  const running = state.kind === 'running' ? state.step : null;
  return {
    endpointId,
    endpointName,
    status,
    step: running ?? steps.at(-1)?.step ?? null,
    progress: live !== undefined && live.step === running ? live.progress : null,
    activity:
      live !== undefined && live.step === running
        ? live.activity
        : events.at(-1) === undefined
          ? ''
          : textOf(events.at(-1) as TaskEvent),
    startedAt: events.find((event) => event.kind === 'step-started')?.at ?? null,
    endedAt: isSettled(state) ? (events.at(-1)?.at ?? null) : null,
    failure:
      failure === null ? null : { code: failure.code, message: failure.message, hint: failure.hint ?? null },
    steps,
    packages: facts?.terms.packages ?? 0,
    snapshotMode: facts?.terms.snapshotMode ?? 'hard',
    snapshotName: facts?.snapshot?.name ?? null,
    snapshotProven: facts?.snapshotProven ?? false,
    rebootPending: status === 'succeeded' && facts?.rebootRequired === true,
    changes: facts?.verification?.changes.map((change) => ({ ...change })) ?? null,
  };
}

type StepView = TaskView['steps'][number];

function presentSteps(events: readonly TaskEvent[], state: TaskState): StepView[] {
  const steps: StepView[] = [];
  const endLast = (step: Step, endedAt: string, result: StepView['result']): void => {
    const last = steps.at(-1);
    if (last?.step === step) steps[steps.length - 1] = { ...last, endedAt, result };
  };
  for (const event of events) {
    if (event.kind === 'step-started')
      steps.push({ step: event.step, startedAt: event.at, endedAt: null, result: 'running' });
    else if (event.kind === 'step-finished') endLast(event.result.step, event.at, 'done');
    else if (event.kind === 'step-failed' || event.kind === 'attention-needed')
      endLast(event.step, event.at, 'failed');
    else if (event.kind === 'step-absent') endLast(event.step, event.at, 'interrupted');
    else if (event.kind === 'resolved' && event.decision === 'look-again' && state.kind !== 'new') {
      const last = steps.at(-1);
      if (last !== undefined) steps[steps.length - 1] = { ...last, endedAt: null, result: 'running' };
    }
  }
  // A verification that was read but judged bad is a step that did its work and said no.
  const verify = steps.findLast((item) => item.step === 'verify');
  const facts = factsOf(state);
  if (
    verify !== undefined &&
    facts?.verification !== null &&
    facts?.failure !== null &&
    facts?.course !== 'forward'
  ) {
    steps[steps.lastIndexOf(verify)] = {
      ...verify,
      result: verify.result === 'done' ? 'failed' : verify.result,
    };
  }
  return steps;
}

const textOf = (event: TaskEvent): string => describeEvent(event).slice(event.at.length + 1);

export function presentEntry(stored: StoredEvent, endpointName: string): JournalEntry {
  const { event } = stored;
  return {
    runId: stored.runId,
    endpointId: stored.endpointId,
    endpointName,
    seq: stored.seq,
    at: event.at,
    kind: event.kind,
    step: stepOf(event),
    text: textOf(event),
    hash: stored.hash,
  };
}

function stepOf(event: TaskEvent): Step | null {
  if (event.kind === 'step-finished') return event.result.step;
  return 'step' in event ? event.step : null;
}

export function lastOutcomeOf(
  services: Services,
  endpointId: string,
): { outcome: Outcome; at: string; runId: string } | null {
  const ended = services.journal.lastEnded(endpointId);
  return ended === undefined ? null : { outcome: ended.outcome, at: ended.at, runId: ended.runId };
}
