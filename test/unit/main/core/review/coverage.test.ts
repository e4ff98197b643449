import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointPlan, Plan } from '../../../../../main/core/plan.ts';
import { findUncovered, tally } from '../../../../../main/core/review/coverage.ts';
import type { DecidedRow } from '../../../../../main/core/review/decision-file.ts';
import { patchesOf, UNKNOWN_FACTS, type ReviewPack } from '../../../../../main/core/review/review-pack.ts';
import { PACK } from '../../../../support/review-site.ts';

const FACTS = { ...UNKNOWN_FACTS, source: 's', severity: '', urgency: '', security: true, cves: [], size: 1 };

const packageArb = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  arch: fc.constantFrom('amd64', 'all'),
  from: fc.option(fc.constantFrom('1', '2'), { nil: null }),
  to: fc.constantFrom('3', '4'),
  sha256: fc.constantFrom('1', '2', '3', '4', '5').map((digit) => digit.repeat(64)),
  requested: fc.boolean(),
});
const endpointArb = (id: string): fc.Arbitrary<EndpointPlan> =>
  fc.record({
    endpointId: fc.constant(id),
    endpointName: fc.constant(id),
    address: fc.constant('10.0.0.1'),
    distribution: fc.constant('debian'),
    codename: fc.constant('bookworm'),
    snapshotMode: fc.constantFrom('hard', 'soft', 'disabled'),
    restoreOnFailure: fc.boolean(),
    rebootPolicy: fc.constantFrom('never', 'if-required', 'always'),
    healthChecks: fc.constant([]),
    packages: fc.uniqueArray(packageArb, {
      minLength: 1,
      maxLength: 5,
      selector: (item) => `${item.name}:${item.arch}`,
    }),
  });
const planArb: fc.Arbitrary<Plan> = fc
  .subarray(['e1', 'e2', 'e3'], { minLength: 1 })
  .chain((ids) => fc.tuple(...ids.map(endpointArb)))
  .map((endpoints) => ({
    ...{ format: 'sallyport-plan/1', planId: 'p', siteId: 's', catalogueDigest: 'c' },
    endpoints,
  }));
const verdictArb = fc.constantFrom(
  'approve' as const,
  'approve' as const,
  'reject' as const,
  'defer' as const,
);

const packFor = (plan: Plan, approvers: number): ReviewPack => ({
  ...PACK,
  approvers,
  patches: patchesOf(plan, () => FACTS),
});
const rowsFor = (pack: ReviewPack, verdicts: readonly DecidedRow['verdict'][]): DecidedRow[] =>
  pack.patches.map(({ sha256 }, index) => ({
    ...{ patch: sha256, verdict: verdicts[index % verdicts.length] ?? 'reject' },
    ...{ reason: 'r', until: null, control: '' },
  }));

describe('what decisions cover (safety rule 1)', () => {
  it('is never more than what enough approvers approved and nobody refused, where and as it was shown', () => {
    fc.assert(
      fc.property(
        ...[planArb, planArb, fc.integer({ min: 1, max: 2 })],
        fc.array(fc.array(verdictArb, { minLength: 1, maxLength: 5 }), { maxLength: 3 }),
        (asked, run, approvers, votes) => {
          const pack = packFor(asked, approvers);
          const decisions = votes.map((verdicts) => ({ rows: rowsFor(pack, verdicts) }));
          const uncovered = new Set(
            findUncovered(run, asked, pack, decisions).map((item) => `${item.endpointName} ${item.package}`),
          );
          for (const endpoint of run.endpoints) {
            for (const item of endpoint.packages) {
              if (uncovered.has(`${endpoint.endpointName} ${item.name}`)) continue;
              const words = decisions.flatMap(({ rows }) =>
                rows.filter((row) => row.patch === item.sha256).map((row) => row.verdict),
              );
              expect(words.filter((word) => word === 'approve').length).toBeGreaterThanOrEqual(approvers);
              expect(words.every((word) => word === 'approve')).toBe(true);
              const shown = asked.endpoints.find((other) => other.endpointId === endpoint.endpointId);
              expect({ ...shown, packages: [] }).toEqual({ ...endpoint, packages: [] });
              expect(
                shown?.packages.some((other) => other.sha256 === item.sha256 && other.from === item.from),
              ).toBe(true);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is the whole plan when everybody approves all of what was asked', () => {
    fc.assert(
      fc.property(planArb, fc.integer({ min: 1, max: 3 }), (plan, approvers) => {
        // One file under two names is not what a catalogue holds; such a plan is not covered, which is the safe side.
        const names = new Map<string, string>();
        for (const { packages } of plan.endpoints) {
          for (const item of packages) {
            const said = `${item.name} ${item.arch} ${item.to}`;
            fc.pre((names.get(item.sha256) ?? said) === said);
            names.set(item.sha256, said);
          }
        }
        const pack = packFor(plan, approvers);
        const decisions = Array.from({ length: approvers }, () => ({ rows: rowsFor(pack, ['approve']) }));
        expect(findUncovered(plan, plan, pack, decisions)).toEqual([]);
        expect(tally(pack, decisions).approved).toHaveLength(pack.patches.length);
      }),
    );
  });

  it('is nothing without decisions', () => {
    fc.assert(
      fc.property(planArb, (plan) => {
        const packages = plan.endpoints.flatMap((endpoint) => endpoint.packages);
        expect(findUncovered(plan, plan, packFor(plan, 1), [])).toHaveLength(packages.length);
      }),
    );
  });
});
