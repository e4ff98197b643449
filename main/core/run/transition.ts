import type { Failure } from '../../../contract/errors.ts';
import type { Outcome, Step } from '../../../contract/vocabulary.ts';
import { judgeVerification, mayBeUntouched, outcomeUntouched, planNext } from './next.ts';
import type { StepResult, TaskEvent, TaskFacts, TaskState, TaskTerms } from './state.ts';
import { NEW_TASK } from './state.ts';

export type Transition =
  { readonly ok: true; readonly state: TaskState } | { readonly ok: false; readonly reason: string };

const to = (state: TaskState): Transition => ({ ok: true, state });
const illegal = (reason: string): Transition => ({ ok: false, reason });

/**
 * The only way in which a task changes. Total: every event in every state is either legal or says why not. The
 * journal refuses to commit what is illegal here, so a journal can't hold a history that breaks a safety rule.
 */
export function transition(state: TaskState, event: TaskEvent): Transition {
  if (state.kind === 'new') {
    return event.kind === 'task-created'
      ? to({ kind: 'ready', facts: newFacts(event.terms) })
      : illegal('the task was not created');
  }
  switch (event.kind) {
    case 'task-created':
      return illegal('the task was created already');
    case 'step-started':
      return onStarted(state, event);
    case 'step-finished':
      return onFinished(state, event.result);
    case 'step-failed':
      if (state.kind !== 'running' || state.step !== event.step)
        return illegal(`${event.step} is not running`);
      if (event.step === 'restore' || event.step === 'prove-restore') {
        // Safety rule 3: a restore that can't be proven is for a person.
        return to({
          kind: 'needs-attention',
          facts: state.facts,
          step: state.step,
          key: state.key,
          failure: event.failure,
        });
      }
      return to({ kind: 'ready', facts: afterFailure(state.facts, event.step, event.failure, event.effect) });
    case 'step-absent':
      if (state.kind !== 'running' || state.step !== event.step)
        return illegal(`${event.step} is not running`);
      return to({
        kind: 'ready',
        facts: event.step === 'install' ? { ...state.facts, installBegun: false } : state.facts,
      });
    case 'attention-needed':
      if (state.kind !== 'running' || state.step !== event.step)
        return illegal(`${event.step} is not running`);
      return to({
        kind: 'needs-attention',
        facts: state.facts,
        step: state.step,
        key: state.key,
        failure: event.failure,
      });
    case 'connection-lost':
    case 'connection-regained':
      if (state.kind !== 'running' || state.step !== event.step)
        return illegal(`${event.step} is not running`);
      return to({ ...state, connected: event.kind === 'connection-regained' });
    case 'refused':
      if (state.kind !== 'ready' || state.facts.course !== 'forward')
        return illegal('not between steps of a task that goes forward');
      if (state.facts.installBegun)
        return illegal('a refusal after the install began would leave the endpoint half-way');
      return to({ kind: 'ready', facts: stop(state.facts, 'refused', event.failure) });
    case 'cancel-requested':
      return onCancel(state, event.by);
    case 'resolved':
      return onResolved(state, event);
    case 'ended': {
      if (state.kind !== 'ready') return illegal('only a task between steps can end');
      const next = planNext(state.facts);
      if (next.do !== 'end' || next.outcome !== event.outcome)
        return illegal(`the task does not end as ${event.outcome} here`);
      return to({ kind: 'ended', facts: state.facts, outcome: event.outcome });
    }
  }
}

function onStarted(state: TaskState, event: Extract<TaskEvent, { kind: 'step-started' }>): Transition {
  if (state.kind !== 'ready') return illegal('a step begins only between steps');
  const next = planNext(state.facts);
  if (next.do !== 'step' || next.step !== event.step) return illegal(`${event.step} is not the next step`);
  let facts = state.facts;
  if (event.step === 'install') {
    const { authority } = event;
    const { terms } = facts;
    if (authority === undefined) return illegal('an install begins only under a live approval');
    if (authority.approvalId !== terms.approvalId || authority.planDigest !== terms.planDigest) {
      return illegal('the approval is for another plan');
    }
    if (authority.grantedBy === authority.requestedBy) return illegal('who asks cannot grant');
    if (authority.expiresAt <= event.at) return illegal('the approval has expired');
    if (terms.snapshotMode === 'hard' && !holdsProvenSnapshot(facts))
      return illegal('mode hard: no proven snapshot of this run');
    facts = { ...facts, installBegun: true };
  }
  if (event.step === 'snapshot') facts = { ...facts, snapshotIntentAt: event.at };
  if (event.step === 'stage') facts = { ...facts, stageBegun: true };
  if (event.step === 'restore' && !holdsProvenSnapshot(facts))
    return illegal('there is no proven snapshot of this run to restore');
  return to({
    kind: 'running',
    facts,
    step: event.step,
    key: event.key,
    startedAt: event.at,
    connected: true,
  });
}

function holdsProvenSnapshot(facts: TaskFacts): boolean {
  return facts.snapshot !== null && facts.snapshotProven && facts.snapshot.name === facts.terms.snapshotName;
}

function onFinished(state: TaskState, result: StepResult): Transition {
  if (state.kind !== 'running' || state.step !== result.step) return illegal(`${result.step} is not running`);
  const facts = state.facts;
  switch (result.step) {
    case 'preflight':
      return ready({ ...facts, inventoryDigest: result.inventoryDigest, bootMarker: result.bootMarker });
    case 'snapshot':
      if (result.snapshot.name !== facts.terms.snapshotName)
        return illegal('that snapshot was not taken by this run');
      return ready({ ...facts, snapshot: result.snapshot });
    case 'prove-snapshot':
      if (facts.snapshot?.id !== result.snapshotId) return illegal('the proof is of another snapshot');
      return ready({ ...facts, snapshotProven: true, snapshotSettled: true });
    case 'stage':
      return ready({ ...facts, staged: true });
    case 'install':
      return ready({
        ...facts,
        installed: true,
        rebootRequired: result.rebootRequired,
        bootMarker: result.bootMarker,
      });
    case 'reboot':
      if (result.bootMarker === facts.bootMarker) return illegal('the endpoint has not started again');
      return ready({ ...facts, rebooted: true, rebootRequired: false, bootMarker: result.bootMarker });
    case 'verify': {
      const read = {
        ...facts,
        verification: result.verification,
        rebootRequired: result.verification.rebootRequired,
      };
      const judged = judgeVerification(result.verification);
      return ready(judged.kind === 'failed' ? turnBack(read, judged.failure) : read);
    }
    case 'clean-up':
      return ready({ ...facts, cleanedUp: true });
    case 'restore':
      return ready({ ...facts, restored: true });
    case 'prove-restore':
      if (result.differences.length > 0) return illegal('a restore with differences is not proven');
      return ready({ ...facts, restoreProven: true });
  }
}

const ready = (facts: TaskFacts): Transition => to({ kind: 'ready', facts: heedCancel(facts) });

/** A cancel takes effect between steps, and only while the endpoint is untouched (safety rule 12). */
function heedCancel(facts: TaskFacts): TaskFacts {
  if (!facts.cancelRequested || facts.course !== 'forward' || facts.installBegun) return facts;
  return stop(facts, 'skipped', facts.failure ?? CANCELLED);
}

const CANCELLED: Failure = {
  code: 'RUN_CANCELLED',
  message: 'The run was stopped before anything was installed here.',
  retry: 'never',
};

function stop(facts: TaskFacts, verdict: Outcome, failure: Failure): TaskFacts {
  return { ...facts, course: 'stop', verdict, failure };
}

/** The endpoint may have been changed and is not as it should be: back to the snapshot where the plan says so. */
function turnBack(facts: TaskFacts, failure: Failure): TaskFacts {
  if (facts.terms.restoreOnFailure && holdsProvenSnapshot(facts))
    return { ...facts, course: 'restore', failure };
  return stop(facts, 'failed', failure);
}

function afterFailure(
  facts: TaskFacts,
  step: Exclude<Step, 'restore' | 'prove-restore'>,
  failure: Failure,
  effect: 'none' | 'possible',
): TaskFacts {
  switch (step) {
    case 'preflight':
    case 'stage':
      return stop(facts, outcomeUntouched(failure.code), failure);
    case 'snapshot':
    case 'prove-snapshot':
      if (facts.terms.snapshotMode === 'hard') return stop(facts, 'refused', failure);
      return heedCancel({ ...facts, snapshotSettled: true, snapshotProven: false });
    case 'install':
      // Whoever reports it may be wrong about the effect; only these codes can mean that nothing happened.
      if (effect === 'none' && mayBeUntouched(failure.code))
        return { ...stop(facts, outcomeUntouched(failure.code), failure), installBegun: false };
      return turnBack(facts, failure);
    case 'reboot':
    case 'verify':
      return turnBack(facts, failure);
    case 'clean-up':
      return { ...facts, cleanedUp: true };
  }
}

function onCancel(state: TaskState, by: string): Transition {
  if (state.kind === 'new' || state.kind === 'ended') return illegal('there is nothing left to stop');
  if (by === '') return illegal('a stop is asked for by somebody');
  const facts = { ...state.facts, cancelRequested: true };
  return to(state.kind === 'ready' ? { kind: 'ready', facts: heedCancel(facts) } : { ...state, facts });
}

function onResolved(state: TaskState, event: Extract<TaskEvent, { kind: 'resolved' }>): Transition {
  if (state.kind !== 'needs-attention') return illegal('the task does not wait for a person');
  switch (event.decision) {
    case 'look-again':
      return to({
        kind: 'running',
        facts: state.facts,
        step: state.step,
        key: state.key,
        startedAt: event.at,
        connected: true,
      });
    case 'restore':
      if (!holdsProvenSnapshot(state.facts))
        return illegal('there is no proven snapshot of this run to restore');
      return to({
        kind: 'ready',
        facts: {
          ...state.facts,
          course: 'restore',
          failure: state.failure,
          restored: false,
          restoreProven: false,
        },
      });
    case 'accept-as-is':
      return to({
        kind: 'ready',
        facts: { ...stop(state.facts, 'unproven', state.failure), cleanedUp: true },
      });
  }
}

function newFacts(terms: TaskTerms): TaskFacts {
  return {
    terms,
    course: 'forward',
    verdict: null,
    failure: null,
    cancelRequested: false,
    inventoryDigest: null,
    bootMarker: null,
    snapshot: null,
    snapshotIntentAt: null,
    snapshotProven: false,
    snapshotSettled: false,
    stageBegun: false,
    staged: false,
    installBegun: false,
    installed: false,
    rebootRequired: false,
    rebooted: false,
    verification: null,
    cleanedUp: false,
    restored: false,
    restoreProven: false,
  };
}

/** The state that a journal tells. @throws Error on a history that could never have been written */
export function foldTask(events: Iterable<TaskEvent>): TaskState {
  let state: TaskState = NEW_TASK;
  for (const event of events) {
    const next = transition(state, event);
    if (!next.ok) throw new Error(`The journal holds an impossible entry "${event.kind}": ${next.reason}.`);
    state = next.state;
  }
  return state;
}
