import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../../../contract/errors.ts';
import { STEPS, type Step } from '../../../../../contract/vocabulary.ts';
import { planNext } from '../../../../../main/core/run/next.ts';
import {
  NEW_TASK,
  type Authority,
  type StepResult,
  type TaskEvent,
  type TaskState,
  type TaskTerms,
  type Verification,
} from '../../../../../main/core/run/state.ts';
import { foldTask, transition } from '../../../../../main/core/run/transition.ts';

const AT = '2026-11-24T02:00:00.000Z';
const LATER = '2026-11-25T02:00:00.000Z';
const EARLIER = '2026-11-23T02:00:00.000Z';
const PLAN = 'a'.repeat(64);

const failures: Failure[] = [
  { code: 'TRANSPORT_UNREACHABLE', message: 'no answer', retry: 'same' },
  { code: 'HYPERVISOR_SNAPSHOT_FAILED', message: 'no', retry: 'never' },
  { code: 'PATCHING_INSTALL_FAILED', message: 'dpkg said no', retry: 'never' },
  { code: 'PATCHING_DISK_FULL', message: 'full', retry: 'never' },
  { code: 'PATCHING_LOCK_HELD', message: 'held', retry: 'same' },
];

const terms: fc.Arbitrary<TaskTerms> = fc.record({
  planId: fc.constant('plan'),
  planDigest: fc.constant(PLAN),
  approvalId: fc.constant('approval'),
  snapshotMode: fc.constantFrom('hard', 'soft', 'disabled'),
  restoreOnFailure: fc.boolean(),
  rebootPolicy: fc.constantFrom('never', 'if-required', 'always'),
  snapshotName: fc.constant('ours'),
  stageId: fc.constant('stage'),
  packages: fc.constant(1),
});

const authority: fc.Arbitrary<Authority> = fc.record({
  approvalId: fc.constantFrom('approval', 'approval', 'approval', 'other'),
  planDigest: fc.constantFrom(PLAN, PLAN, PLAN, 'b'.repeat(64)),
  grantedBy: fc.constantFrom('Asha', 'Asha', 'Bilal'),
  requestedBy: fc.constant('Bilal'),
  expiresAt: fc.constantFrom(LATER, LATER, LATER, EARLIER),
});

const verification: fc.Arbitrary<Verification> = fc.record({
  differences: fc.constantFrom([], [], ['openssl does not reach 3']),
  disagreements: fc.constantFrom([], [], ['/usr/bin/openssl']),
  filesChecked: fc.constantFrom(0, 40, 40),
  health: fc.constantFrom(
    [],
    [{ name: 'orders', passed: true, exitCode: 0, output: '' }],
    [{ name: 'orders', passed: false, exitCode: 1, output: 'wrong library' }],
  ),
  changes: fc.constant([]),
  rebootRequired: fc.boolean(),
});

const snapshot = fc.record({
  id: fc.constantFrom('s1', 's2'),
  name: fc.constantFrom('ours', 'ours', 'ours', 'theirs'),
  vm: fc.constant('vm'),
  takenAt: fc.constant(AT),
});

function resultOf(step: Step): fc.Arbitrary<StepResult> {
  switch (step) {
    case 'preflight':
      return fc.constant({ step, inventoryDigest: 'i', bootMarker: 'b0' });
    case 'snapshot':
      return snapshot.map((taken) => ({ step, snapshot: taken }));
    case 'prove-snapshot':
      return fc.constantFrom('s1', 's2').map((snapshotId) => ({ step, snapshotId, facts: {} }));
    case 'stage':
      return fc.constant({ step, bytes: 1 });
    case 'install':
      return fc.boolean().map((rebootRequired) => ({ step, rebootRequired, bootMarker: 'b0' }));
    case 'reboot':
      return fc.constantFrom('b0', 'b1').map((bootMarker) => ({ step, bootMarker }));
    case 'verify':
      return verification.map((read) => ({ step, verification: read }));
    case 'clean-up':
    case 'restore':
      return fc.constant({ step });
    case 'prove-restore':
      return fc.constantFrom([], ['differs']).map((differences) => ({ step, differences, facts: {} }));
  }
}

const anyStep = fc.constantFrom(...STEPS);
const failure = fc.constantFrom(...failures);

/** Any event at all, most of them illegal where they come. */
const anyEvent: fc.Arbitrary<TaskEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('step-started' as const),
    at: fc.constant(AT),
    step: anyStep,
    key: fc.constant('k'),
    authority,
  }),
  fc.record({
    kind: fc.constant('step-started' as const),
    at: fc.constant(AT),
    step: anyStep,
    key: fc.constant('k'),
  }),
  anyStep.chain(resultOf).map((result) => ({ kind: 'step-finished' as const, at: AT, result })),
  fc.record({
    kind: fc.constant('step-failed' as const),
    at: fc.constant(AT),
    step: anyStep,
    failure,
    effect: fc.constantFrom('none' as const, 'possible' as const),
  }),
  fc.record({
    kind: fc.constant('step-absent' as const),
    at: fc.constant(AT),
    step: anyStep,
    detail: fc.constant(''),
  }),
  fc.record({ kind: fc.constant('attention-needed' as const), at: fc.constant(AT), step: anyStep, failure }),
  fc.record({ kind: fc.constant('connection-lost' as const), at: fc.constant(AT), step: anyStep, failure }),
  fc.record({ kind: fc.constant('refused' as const), at: fc.constant(AT), failure }),
  fc.record({
    kind: fc.constant('cancel-requested' as const),
    at: fc.constant(AT),
    by: fc.constant('Bilal'),
  }),
  fc.record({
    kind: fc.constant('resolved' as const),
    at: fc.constant(AT),
    by: fc.constant('Asha'),
    decision: fc.constantFrom('look-again' as const, 'restore' as const, 'accept-as-is' as const),
    reason: fc.constant('because'),
  }),
  fc.record({
    kind: fc.constant('ended' as const),
    at: fc.constant(AT),
    outcome: fc.constantFrom(
      'succeeded' as const,
      'restored' as const,
      'refused' as const,
      'unproven' as const,
      'failed' as const,
      'skipped' as const,
    ),
  }),
);

/**
 * A history that mostly goes on: at each point the dice choose between an event that the task is waiting for and any
 * event at all. Illegal ones are dropped, as the journal drops them; what is left is a legal history.
 */
function walk(
  start: TaskTerms,
  dice: readonly { likely: boolean; any: TaskEvent; result: number; auth: Authority }[],
  results: readonly StepResult[],
): TaskEvent[] {
  const history: TaskEvent[] = [{ kind: 'task-created', at: AT, terms: start }];
  let state: TaskState = foldTask(history);
  for (const die of dice) {
    const event = die.likely ? expected(state, die.auth, results, die.result) : die.any;
    if (event === null) continue;
    const next = transition(state, event);
    if (!next.ok) continue;
    history.push(event);
    state = next.state;
  }
  return history;
}

function expected(
  state: TaskState,
  auth: Authority,
  results: readonly StepResult[],
  pick: number,
): TaskEvent | null {
  if (state.kind === 'ready') {
    const next = planNext(state.facts);
    if (next.do === 'end') return { kind: 'ended', at: AT, outcome: next.outcome };
    return { kind: 'step-started', at: AT, step: next.step, key: 'k', authority: auth };
  }
  if (state.kind === 'running') {
    const fitting = results.filter((result) => result.step === state.step);
    const result = fitting[pick % Math.max(1, fitting.length)];
    return result === undefined ? null : { kind: 'step-finished', at: AT, result };
  }
  return null;
}

const histories = terms.chain((start) =>
  fc
    .tuple(
      fc.array(
        fc.record({
          likely: fc.constantFrom(true, true, true, true, false),
          any: anyEvent,
          result: fc.nat(1000),
          auth: authority,
        }),
        { minLength: 30, maxLength: 80, size: 'max' },
      ),
      fc.tuple(...STEPS.flatMap((step) => [resultOf(step), resultOf(step), resultOf(step)])),
    )
    .map(([dice, results]) => walk(start, dice, results)),
);

/** States along a history, each with the event that led to it. */
function* along(
  history: readonly TaskEvent[],
): Generator<{ before: TaskState; event: TaskEvent; after: TaskState }> {
  let state: TaskState = NEW_TASK;
  for (const event of history) {
    const next = transition(state, event);
    if (!next.ok) throw new Error(next.reason);
    yield { before: state, event, after: next.state };
    state = next.state;
  }
}

function check(property: (history: readonly TaskEvent[]) => void): void {
  fc.assert(fc.property(histories, property), { numRuns: 3_000 });
}

describe('no history of a task, however it goes,', () => {
  test('installs without a live approval of another person for exactly this plan (rules 1 and 9)', () => {
    let installs = 0;
    check((history) => {
      for (const { event, before } of along(history)) {
        if (event.kind !== 'step-started' || event.step !== 'install') continue;
        installs += 1;
        expect(event.authority).toBeDefined();
        const facts = before.kind === 'ready' ? before.facts : null;
        expect(event.authority?.planDigest).toBe(facts?.terms.planDigest);
        expect(event.authority?.approvalId).toBe(facts?.terms.approvalId);
        expect(event.authority?.grantedBy).not.toBe(event.authority?.requestedBy);
        expect((event.authority?.expiresAt ?? '') > event.at).toBe(true);
      }
    });
    expect(installs, 'the dice must reach the install often enough to mean something').toBeGreaterThan(200);
  });

  test('installs in mode hard before a snapshot of this run was taken and proven (rule 2)', () => {
    let hard = 0;
    check((history) => {
      let taken: string | null = null;
      let proven: string | null = null;
      for (const { event, before } of along(history)) {
        if (
          event.kind === 'step-finished' &&
          event.result.step === 'snapshot' &&
          event.result.snapshot.name === 'ours'
        ) {
          taken = event.result.snapshot.id;
        }
        if (event.kind === 'step-finished' && event.result.step === 'prove-snapshot')
          proven = event.result.snapshotId;
        if (event.kind !== 'step-started' || event.step !== 'install' || before.kind !== 'ready') continue;
        if (before.facts.terms.snapshotMode !== 'hard') continue;
        hard += 1;
        expect(taken).not.toBeNull();
        expect(proven).toBe(taken);
      }
    });
    expect(hard).toBeGreaterThan(50);
  });

  test('keeps an endpoint that failed after the install began, when the plan says restore and there is a way back (rule 3)', () => {
    let turnedBack = 0;
    check((history) => {
      const state = foldTask(history);
      if (state.kind !== 'ended') return;
      const { facts } = state;
      if (state.outcome === 'restored') {
        turnedBack += 1;
        expect(facts.restoreProven).toBe(true);
      }
      if (facts.installBegun && facts.terms.restoreOnFailure && facts.snapshotProven)
        expect(state.outcome).not.toBe('failed');
    });
    expect(turnedBack).toBeGreaterThan(20);
  });

  test('succeeds without two witnesses that agree and healthy checks (rule 4)', () => {
    let successes = 0;
    check((history) => {
      const state = foldTask(history);
      if (state.kind !== 'ended' || state.outcome !== 'succeeded') return;
      successes += 1;
      const read = state.facts.verification;
      expect(state.facts.installed).toBe(true);
      expect(read?.differences).toEqual([]);
      expect(read?.disagreements).toEqual([]);
      expect(read?.filesChecked).toBeGreaterThan(0);
      expect(read?.health.every((check) => check.passed)).toBe(true);
    });
    expect(successes).toBeGreaterThan(20);
  });

  test('begins an install twice, unless the endpoint was asked and never began the first (rule 5)', () => {
    check((history) => {
      let begun = false;
      for (const { event } of along(history)) {
        if (event.kind === 'step-absent' && event.step === 'install') begun = false;
        if (event.kind === 'step-failed' && event.step === 'install' && event.effect === 'none')
          begun = false;
        if (event.kind !== 'step-started' || event.step !== 'install') continue;
        expect(begun).toBe(false);
        begun = true;
      }
    });
  });

  test('restores anything but the proven snapshot of this run (rule 7)', () => {
    check((history) => {
      for (const { event, before } of along(history)) {
        if (event.kind !== 'step-started' || event.step !== 'restore' || before.kind !== 'ready') continue;
        expect(before.facts.snapshotProven).toBe(true);
        expect(before.facts.snapshot?.name).toBe(before.facts.terms.snapshotName);
      }
    });
  });

  test('is torn down in the middle of a step by a stop (rule 12)', () => {
    check((history) => {
      for (const { before, event, after } of along(history)) {
        if (event.kind !== 'cancel-requested') continue;
        if (before.kind === 'running')
          expect(after.kind === 'running' && after.step === before.step).toBe(true);
        if (before.kind === 'ready' && before.facts.installBegun) {
          expect(after.kind === 'ready' && after.facts.course).toBe(before.facts.course);
        }
      }
    });
  });

  test('goes on after it ended', () => {
    fc.assert(
      fc.property(histories, anyEvent, (history, event) => {
        const state = foldTask(history);
        if (state.kind === 'ended') expect(transition(state, event).ok).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});
