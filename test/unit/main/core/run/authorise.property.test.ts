import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authorise, type ApprovalReading } from '../../../../../main/core/run/next.ts';
import { factsOf, type TaskFacts, type TaskTerms } from '../../../../../main/core/run/state.ts';
import { foldTask } from '../../../../../main/core/run/transition.ts';

const NOW = '2026-11-24T02:00:00.000Z';
const DIGEST = 'a'.repeat(64);
const TERMS: TaskTerms = {
  planId: 'plan',
  planDigest: DIGEST,
  approvalId: 'approval',
  snapshotMode: 'hard',
  restoreOnFailure: true,
  rebootPolicy: 'never',
  snapshotName: 'ours',
  stageId: 'stage',
  packages: 1,
};

function newFacts(): TaskFacts {
  const facts = factsOf(foldTask([{ kind: 'task-created', at: NOW, terms: TERMS }]));
  if (facts === null) throw new Error('a created task has facts');
  return facts;
}

const GOOD: ApprovalReading = {
  id: 'approval',
  planDigest: DIGEST,
  status: 'granted',
  requestedBy: 'Asha',
  decidedBy: 'Bilal',
  expiresAt: '2026-11-25T02:00:00.000Z',
  signatureHolds: true,
  sameHand: false,
};

const readings: fc.Arbitrary<ApprovalReading> = fc.record({
  id: fc.constantFrom('approval', 'approval', 'other'),
  planDigest: fc.constantFrom(DIGEST, DIGEST, 'b'.repeat(64)),
  status: fc.constantFrom('requested', 'granted', 'granted', 'rejected', 'withdrawn', 'expired', 'used'),
  requestedBy: fc.constantFrom('Asha', 'Bilal'),
  decidedBy: fc.constantFrom('Asha', 'Bilal', 'Bilal', null),
  expiresAt: fc.constantFrom(
    '2026-11-25T02:00:00.000Z',
    '2026-11-25T02:00:00.000Z',
    NOW,
    '2026-11-23T02:00:00.000Z',
    null,
  ),
  signatureHolds: fc.constantFrom(true, true, false),
  sameHand: fc.constantFrom(false, false, true),
});

describe('an approval', () => {
  test('authorises when it is granted, signed, alive, for this plan, by another person', () => {
    expect(authorise(newFacts(), GOOD, DIGEST, NOW).ok).toBe(true);
  });

  test('authorises nothing else, whatever it says (rules 1 and 9)', () => {
    let allowed = 0;
    fc.assert(
      fc.property(readings, fc.constantFrom(DIGEST, DIGEST, 'c'.repeat(64)), (reading, digestNow) => {
        const decision = authorise(newFacts(), reading, digestNow, NOW);
        const live =
          reading.id === TERMS.approvalId &&
          (reading.status === 'granted' || reading.status === 'used') &&
          reading.planDigest === DIGEST &&
          digestNow === DIGEST &&
          reading.signatureHolds &&
          reading.decidedBy !== null &&
          reading.decidedBy !== reading.requestedBy &&
          !reading.sameHand &&
          reading.expiresAt !== null &&
          reading.expiresAt > NOW;
        if (decision.ok) allowed += 1;
        expect(decision.ok).toBe(live);
      }),
      { numRuns: 5_000 },
    );
    expect(allowed).toBeGreaterThan(20);
  });

  test.each([
    ['no approval at all', null, 'POLICY_NO_LIVE_APPROVAL'],
    ['one that was withdrawn', { ...GOOD, status: 'withdrawn' as const }, 'POLICY_NO_LIVE_APPROVAL'],
    ['one that has expired', { ...GOOD, expiresAt: NOW }, 'POLICY_APPROVAL_EXPIRED'],
    ['one for another plan', { ...GOOD, planDigest: 'b'.repeat(64) }, 'POLICY_APPROVAL_FOR_OTHER_PLAN'],
    ['one granted by whoever asked', { ...GOOD, decidedBy: 'Asha' }, 'POLICY_SAME_PERSON'],
    ['one granted by a second self of whoever asked', { ...GOOD, sameHand: true }, 'POLICY_SAME_PERSON'],
    ['one whose signature does not hold', { ...GOOD, signatureHolds: false }, 'POLICY_NO_LIVE_APPROVAL'],
  ])('names what is wrong with %s', (_what, reading, code) => {
    const decision = authorise(newFacts(), reading, DIGEST, NOW);
    expect(decision.ok ? 'allowed' : decision.failure.code).toBe(code);
  });
});
