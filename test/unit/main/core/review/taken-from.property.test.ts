import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, PlannedPackage } from '../../../../../main/core/plan.ts';
import {
  judgeCoverage,
  type Basis,
  type CoverageSite,
  type PolicyInForce,
} from '../../../../../main/core/review/coverage.ts';
import { DEFAULT_POLICY, type GroupPolicy } from '../../../../../main/core/review/policy.ts';
import { takenFrom } from '../../../../../main/core/review/taken-from.ts';

const ASKER = 'asker';
const NOW = '2026-11-25T12:00:00.000Z';
const move = fc.record({
  before: fc.constantFrom('strict', 'lax', 'other'),
  by: fc.constantFrom(ASKER, ASKER, 'somebody'),
});
const isAsker = (id: string): boolean => id === ASKER;

describe('what whoever asks has moved', () => {
  it('is judged by where it was before they laid hands on it, however often they move it on', () => {
    fc.assert(
      fc.property(fc.array(move), fc.array(move), (earlier, own) => {
        const mine = own.map((item) => ({ ...item, by: ASKER }));
        const others = earlier.map((item) => ({ ...item, by: 'somebody' }));
        expect(takenFrom(others, isAsker, 'lax')).toBeNull();
        const first = mine[0];
        if (first === undefined) return;
        const expected = first.before === 'lax' ? null : first.before;
        expect(takenFrom([...others, ...mine], isAsker, 'lax')).toBe(expected);
        // Whoever else moves or confirms it stands for where it is.
        expect(takenFrom([...mine, { before: 'lax', by: 'somebody' }], isAsker, 'lax')).toBeNull();
      }),
    );
  });
});

const NAMES = ['app', 'doc'];
const item = (name: string): PlannedPackage => ({
  ...{ name, arch: 'amd64', from: '1', to: '2', sha256: name, requested: true },
});
const PLAN = {
  ...{ format: 'sallyport-plan/1', planId: 'p', siteId: 's', catalogueDigest: '' },
  endpoints: [
    {
      ...{ endpointId: 'e1', endpointName: 'e1', address: '', distribution: 'debian', codename: 'bookworm' },
      ...{ snapshotMode: 'disabled', restoreOnFailure: false, rebootPolicy: 'never', healthChecks: [] },
      packages: NAMES.map(item),
    },
  ],
} as unknown as Plan;

const policy = fc
  .record({
    approvers: fc.constantFrom(1, 2),
    classes: fc.constantFrom<('security' | 'other')[]>(['security', 'other'], ['security']),
    exclusions: fc.constantFrom([], [{ match: { kind: 'package' as const, value: 'app' }, reason: 'no' }]),
    emergency: fc.boolean(),
    mayGive: fc.boolean(),
  })
  .map(({ mayGive, ...terms }): PolicyInForce => {
    const said = { ...DEFAULT_POLICY, customer: 'Trust', ...terms } as unknown as GroupPolicy;
    return { sha256: 'x', policy: said, mayGive };
  });

describe('an endpoint that whoever asks took from another group', () => {
  it('gets nothing that both groups would not let through, nothing across customers, and nothing without a word', () => {
    let covered = 0;
    fc.assert(
      fc.property(
        fc.option(policy),
        fc.option(policy),
        fc.constantFrom('Trust', 'Council', ''),
        fc.constantFrom<Basis>(
          { kind: 'console', personId: 'grace', policies: null, list: null },
          {
            kind: 'emergency',
            mayGive: true,
            request: {
              ...{ format: 'sallyport-emergency/1', siteId: 's', customer: 'Trust', groups: ['lax'] },
              ...{ names: NAMES.map((value) => ({ kind: 'package' as const, value, version: null })) },
              ...{ pullsIn: true, reason: 'now', requestedAt: NOW, until: '2027-01-01T00:00:00.000Z' },
              signedBy: '',
            },
          },
        ),
        (strict, lax, owner, basis) => {
          const siteAt = (left: string | null, group: string): CoverageSite => ({
            ...{ now: NOW, requestedBy: ASKER, sameHand: (a, b) => a === b, speaksFor: () => true },
            groupOf: () => group,
            takenFrom: () => left,
            customerOf: (name) => (name === 'strict' ? owner : 'Trust'),
            policyOf: (name) => (name === 'strict' ? strict : lax),
            factsOf: ({ name }) => ({
              ...{ package: name, source: name, security: name === 'app', advisories: [], cves: [] },
            }),
          });
          const judge = (left: string | null, group: string): boolean[] =>
            judgeCoverage(PLAN, basis, siteAt(left, group)).map(({ verdict }) => verdict.covered);
          const moved = judge('strict', 'lax');
          const [inLax, inStrict] = [judge(null, 'lax'), judge(null, 'strict')];
          moved.forEach((is, index) => {
            if (!is) return;
            covered += 1;
            expect(basis.kind).toBe('console');
            expect(inLax[index]).toBe(true);
            expect(inStrict[index]).toBe(true);
            expect(['', 'Trust']).toContain(owner);
          });
        },
      ),
      { numRuns: 2_000 },
    );
    expect(covered).toBeGreaterThan(100);
  });
});
