import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../../../main/core/plan.ts';
import {
  isCovered,
  judgeCoverage,
  type CoverageSite,
  type PolicyInForce,
  type Word,
} from '../../../../../main/core/review/coverage.ts';
import { speaksAt } from '../../../../../main/core/review/customer.ts';
import type { DecidedRow } from '../../../../../main/core/review/decision-file.ts';
import type { KeptDelegation } from '../../../../../main/core/review/delegation.ts';
import type { EmergencyRequest } from '../../../../../main/core/review/emergency.ts';
import { DEFAULT_POLICY, matches, type GroupPolicy } from '../../../../../main/core/review/policy.ts';
import { patchesOf, UNKNOWN_FACTS, type ReviewPack } from '../../../../../main/core/review/review-pack.ts';
import { PACK } from '../../../../support/review-site.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-20T12:00:00.000Z');
const at = (hours: number): string => new Date(START + hours * HOUR).toISOString();
const CUT_OFF = 48;
const ASKER = 'asker';

const policyOf = (group: string, fields: Partial<GroupPolicy> = {}): GroupPolicy => ({
  ...{ format: 'sallyport-policy/1', siteId: 's', customer: 'Trust', group, version: 1 },
  ...DEFAULT_POLICY,
  ...{ signedAt: at(0), signedBy: 'A' },
  ...fields,
});
const inForce = (sha256: string, policy: GroupPolicy, mayGive = true): PolicyInForce => ({
  ...{ sha256, policy, mayGive },
});

/** Two endpoints in two groups; `lib` is pulled in, `doc` is no security fix. */
const NAMES = ['app', 'lib', 'doc'] as const;
const sha = (name: string): string => name.charCodeAt(0).toString(16).padStart(64, '0');
const factsOf = (name: string) => ({
  ...{ package: name, source: `${name}-src`, security: name !== 'doc', advisories: [`DSA-${name}`] },
  cves: [`CVE-2026-100${NAMES.indexOf(name as 'app')}`],
});
const planOf = (mode: 'hard' | 'soft' = 'hard', version = '2', names: readonly string[] = NAMES): Plan => ({
  ...{ format: 'sallyport-plan/1', planId: 'p', siteId: 's', catalogueDigest: 'c' },
  endpoints: ['e1', 'e2'].map((id) => ({
    ...{
      endpointId: id,
      endpointName: id,
      address: '10.0.0.1',
      distribution: 'debian',
      codename: 'bookworm',
    },
    ...{ snapshotMode: mode, restoreOnFailure: true, rebootPolicy: 'never', healthChecks: [] },
    packages: names.map((name) => ({
      ...{ name, arch: 'all', from: '1', to: version, sha256: sha(name), requested: name !== 'lib' },
    })),
  })),
});
const PLAN = planOf();
const GROUPS = { e1: 'web', e2: 'db' } as const;
const packOf = (policies: ReadonlyMap<string, PolicyInForce>): ReviewPack => ({
  ...PACK,
  ...{ createdAt: at(0), cutOffAt: at(CUT_OFF), approvers: 1 },
  groups: Object.values(GROUPS).map((name) => {
    const kept = policies.get(name);
    return { name, policySha256: kept?.sha256 ?? null, policy: kept?.policy ?? null };
  }),
  endpoints: PLAN.endpoints.map((endpoint) => ({
    ...{ id: endpoint.endpointId, name: endpoint.endpointName, snapshotMode: endpoint.snapshotMode },
    ...{ restoreOnFailure: true, rebootPolicy: 'never' as const, scannedAt: null },
    group: GROUPS[endpoint.endpointId as 'e1'],
  })),
  patches: patchesOf(PLAN, (_sha, name) => {
    const { source, security, advisories, cves } = factsOf(name);
    return { ...UNKNOWN_FACTS, severity: '', urgency: '', size: 1, source, security, advisories, cves };
  }),
});
const siteAt = (
  hours: number,
  policies: ReadonlyMap<string, PolicyInForce>,
  groups: object = GROUPS,
): CoverageSite => ({
  ...{ now: at(hours), requestedBy: ASKER, sameHand: (a, b) => a === b },
  takenFrom: () => null,
  groupOf: (id) => (groups as Record<string, string>)[id],
  customerOf: () => PACK.customer,
  speaksFor: () => true,
  policyOf: (group) => policies.get(group) ?? null,
  factsOf: (item) => factsOf(item.name),
});
const row = (name: string, verdict: DecidedRow['verdict']): DecidedRow => ({
  ...{ patch: sha(name), verdict, reason: 'r', until: null, control: '' },
});
const word = (personId: string, verdict: DecidedRow['verdict'], fields: Partial<Word> = {}): Word => ({
  ...{ personId, mayApprove: true, enrolledBy: 'manager', at: at(1) },
  rows: NAMES.map((name) => row(name, verdict)),
  ...fields,
});
const delegation = (fields: Partial<KeptDelegation> = {}): KeptDelegation => ({
  ...{ fromPerson: 'A', toPerson: 'B', from: at(0), until: at(10), revokedAt: null },
  ...{ delegatorCounts: true, delegatorEnrolledBy: 'manager' },
  ...fields,
});

/** The verdict on each package of the endpoint in `web`. */
function judge(
  words: readonly Word[],
  hours = 2,
  policy: PolicyInForce | null = null,
  more: { delegations?: KeptDelegation[]; now?: PolicyInForce | null; plan?: Plan; groups?: object } = {},
): string[] {
  const then = new Map(policy === null ? [] : [['web', policy]]);
  const current = more.now === undefined ? policy : more.now;
  const site = siteAt(hours, new Map(current === null ? [] : [['web', current]]), more.groups);
  const basis = {
    ...{ kind: 'pack' as const, pack: packOf(then), asked: PLAN, words },
    delegations: more.delegations ?? [],
  };
  return judgeCoverage(more.plan ?? PLAN, basis, site)
    .filter((item) => item.endpointId === 'e1')
    .map(({ verdict }) => (verdict.covered ? verdict.by : verdict.because));
}
const all = (said: string): string[] => [said, said, said];

describe('what covers a patch (safety rule 1)', () => {
  const optOut = inForce('o', policyOf('web', { mode: 'opt-out' }));
  it('is an explicit yes, and one word against it outweighs any for it', () => {
    expect(judge([word('A', 'approve')])).toEqual(all('approved'));
    expect(judge([])).toEqual(all('uncovered'));
    for (const [verdict, said] of [
      ['reject', 'rejected'],
      ['defer', 'deferred'],
      ['ask', 'asked'],
    ] as const)
      expect(judge([word('A', 'approve'), word('B', verdict)])).toEqual(all(said));
  });
  it('needs as many different persons as the policy of the group wants', () => {
    const two = inForce('t', policyOf('web', { approvers: 2 }));
    expect(judge([word('A', 'approve')], 2, two)).toEqual(all('too-few'));
    expect(judge([word('A', 'approve'), word('A', 'approve')], 2, two)).toEqual(all('too-few'));
    expect(judge([word('A', 'approve'), word('B', 'approve')], 2, two)).toEqual(all('approved'));
    expect(judge([word('A', 'approve'), word(ASKER, 'approve')], 2, two)).toEqual(all('too-few'));
    const vouched = word('B', 'approve', { enrolledBy: ASKER });
    expect(judge([word('A', 'approve'), vouched], 2, two)).toEqual(all('too-few'));
  });
  it('is silence under an opt-out policy, at the cut-off and not before', () => {
    expect(judge([], CUT_OFF - 0.001, optOut)).toEqual(all('uncovered'));
    expect(judge([], CUT_OFF, optOut)).toEqual(all('silence'));
    expect(judge([word('A', 'reject')], CUT_OFF, optOut)).toEqual(all('rejected'));
    expect(judge([word('A', 'ask')], CUT_OFF, optOut)).toEqual(all('asked'));
    expect(judge([], CUT_OFF)).toEqual(all('uncovered'));
    const partial = word('A', 'approve', { rows: [row('app', 'reject')] });
    expect(judge([partial], CUT_OFF, optOut)).toEqual(['rejected', 'silence', 'silence']);
  });
  it('is no silence without the notice, or by a policy that whoever asked could have made', () => {
    const hurried = inForce('h', policyOf('web', { mode: 'opt-out', noticeHours: CUT_OFF + 1 }));
    expect(judge([], CUT_OFF, hurried)).toEqual(all('uncovered'));
    expect(judge([], CUT_OFF, { ...optOut, mayGive: false })).toEqual(all('uncovered'));
  });
  it('is a standing approval until its day', () => {
    const standing = [
      { match: { kind: 'pattern', value: 'l*' }, classes: ['security'], until: at(5), reason: '' },
    ] as const;
    const policy = inForce('s', policyOf('web', { standing }));
    expect(judge([], 2, policy)).toEqual(['uncovered', 'standing', 'uncovered']);
    expect(judge([], 5, policy)).toEqual(all('uncovered'));
    expect(judge([], 2, { ...policy, mayGive: false })).toEqual(all('uncovered'));
    expect(judge([word('A', 'reject')], 2, policy)).toEqual(all('rejected'));
  });
  it('is nothing for what the policy excludes or leaves out, whoever approves', () => {
    const strict = policyOf('web', {
      classes: ['security'],
      exclusions: [{ match: { kind: 'package', value: 'app-src' }, reason: 'breaks' }],
    });
    const said = ['excluded', 'approved', 'out-of-scope'];
    expect(judge([word('A', 'approve')], 2, inForce('x', strict))).toEqual(said);
  });
  it('ends when the policy changes, the endpoint moves, its terms differ, or other content comes', () => {
    const words = [word('A', 'approve')];
    const other = inForce('n', policyOf('web', { version: 2 }));
    expect(judge(words, 2, optOut, { now: other })).toEqual(all('policy-changed'));
    expect(judge(words, 2, null, { now: other })).toEqual(all('policy-changed'));
    expect(judge(words, 2, null, { groups: { e1: 'db', e2: 'db' } })).toEqual(all('policy-changed'));
    expect(judge(words, 2, null, { plan: planOf('soft') })).toEqual(all('terms-differ'));
    expect(judge(words, 2, null, { plan: planOf('hard', '3') })).toEqual(all('not-shown'));
  });
  it('is the word of a delegate, as one voice with the delegator, while it lasts', () => {
    const b = word('B', 'approve', { mayApprove: false });
    const two = inForce('t', policyOf('web', { approvers: 2 }));
    expect(judge([b])).toEqual(all('uncovered'));
    expect(judge([b], 2, null, { delegations: [delegation()] })).toEqual(all('approved'));
    expect(judge([b, word('A', 'approve')], 2, two, { delegations: [delegation()] })).toEqual(all('too-few'));
    const own = [word('B', 'approve'), word('A', 'approve')];
    expect(judge(own, 2, two, { delegations: [delegation()] })).toEqual(all('too-few'));
    expect(judge(own, 2, two, { delegations: [delegation({ revokedAt: at(1) })] })).toEqual(all('too-few'));
    for (const lost of [
      { until: at(1) },
      { from: at(2) },
      { revokedAt: at(2) },
      { delegatorCounts: false },
      { fromPerson: ASKER },
      { delegatorEnrolledBy: ASKER },
    ]) {
      expect(judge([b], 2, null, { delegations: [delegation(lost)] })).toEqual(all('uncovered'));
    }
    const chain = [delegation(), delegation({ fromPerson: 'B', toPerson: 'C', delegatorCounts: false })];
    expect(judge([word('C', 'approve', { mayApprove: false })], 2, null, { delegations: chain })).toEqual(
      all('uncovered'),
    );
  });
  it('is an emergency request for exactly what it names, where there is a lane', () => {
    const request: EmergencyRequest = {
      ...{ format: 'sallyport-emergency/1', siteId: 's', customer: 'Trust', groups: ['web'], pullsIn: false },
      names: [{ kind: 'cve', value: 'CVE-2026-1000' }],
      ...{ reason: 'exploited', requestedAt: at(0), until: at(5), signedBy: 'A' },
    };
    const lane = new Map([['web', inForce('e', policyOf('web', { emergency: true }))]]);
    const said = (fields: Partial<EmergencyRequest>, hours = 2, mayGive = true, policies = lane): string[] =>
      judgeCoverage(
        PLAN,
        { kind: 'emergency', request: { ...request, ...fields }, mayGive },
        siteAt(hours, policies),
      ).map(({ verdict }) => (verdict.covered ? verdict.by : verdict.because));
    const db = all('no-lane');
    expect(said({})).toEqual(['emergency', 'not-named', 'not-named', ...db]);
    expect(said({ pullsIn: true })).toEqual(['emergency', 'emergency', 'not-named', ...db]);
    expect(said({}, 5)).toEqual([...all('ended'), ...db]);
    expect(said({}, 2, false)).toEqual([...all('uncovered'), ...db]);
    expect(said({}, 2, true, new Map())).toEqual([...all('no-lane'), ...db]);
  });
  it('is the word of the customer whose the group is, and of no other', () => {
    const records: Record<string, readonly string[]> = { A: ['Trust'], B: ['Council'], C: [] };
    const at2 = (customers: readonly string[], customer: string): CoverageSite => ({
      ...siteAt(2, new Map()),
      customerOf: () => customer,
      speaksFor: speaksAt({ customers, customersOf: (id) => records[id] ?? [] }),
    });
    const said = (who: string, site: CoverageSite, verdict: DecidedRow['verdict'] = 'approve'): string[] => {
      const pack = { ...packOf(new Map()), customer: 'Trust' };
      const words = [word(who, verdict)];
      const basis = { kind: 'pack' as const, pack, asked: PLAN, words, delegations: [] };
      const grant = { kind: 'console' as const, personId: who, policies: null };
      return [basis, grant].map((item) => {
        const [first] = judgeCoverage(PLAN, item, site);
        return first?.verdict.covered === true ? first.verdict.by : (first?.verdict.because ?? '');
      });
    };
    const shared = ['Trust', 'Council', ''];
    expect(said('A', at2(shared, 'Trust'))).toEqual(['approved', 'approved']);
    expect(said('B', at2(shared, 'Trust'))).toEqual(['uncovered', 'other-customer']);
    expect(said('C', at2(shared, 'Trust'))).toEqual(['uncovered', 'other-customer']);
    expect(said('C', at2(['Trust', ''], 'Trust'))).toEqual(['approved', 'approved']);
    expect(said('B', at2(['Trust', ''], 'Trust'))).toEqual(['uncovered', 'other-customer']);
    // The group went to another customer after the pack: its answers are nothing any more.
    expect(said('A', at2(shared, 'Council'))).toEqual(['other-customer', 'other-customer']);
    // Taking a right away never gives anything: a no stays a no.
    expect(said('B', at2(shared, 'Trust'), 'reject')[0]).toBe('rejected');
  });
  it('matches patterns without going astray', () => {
    const patch = factsOf('app');
    const fits = (value: string): boolean => matches({ kind: 'pattern', value }, patch);
    expect(['*', 'a*', '*pp', 'a*p', 'app', 'DSA-*', '*-src'].map(fits)).toEqual(Array(7).fill(true));
    expect(['b*', 'ap', 'app*app', '', 'a*pp*p'].map(fits)).toEqual(Array(5).fill(false));
    const long = { ...patch, package: 'a'.repeat(50_000) };
    expect(matches({ kind: 'pattern', value: `${'a*'.repeat(120)}b` }, long)).toBe(false);
  });
});

/** What can happen between the first scan and an install. */
type Happening =
  | { kind: 'clock'; hours: number }
  | { kind: 'export' }
  | { kind: 'decide'; who: string; verdicts: DecidedRow['verdict'][] }
  | { kind: 'policy'; group: 'web' | 'db'; fields: Partial<GroupPolicy>; mayGive: boolean }
  | { kind: 'delegate'; from: string; to: string; hours: number }
  | { kind: 'revoke-delegation' }
  | { kind: 'revoke-key'; who: string }
  | { kind: 'move'; group: 'web' | 'db' }
  | { kind: 'rescan'; plan: Plan };

const people = fc.constantFrom('A', 'B', 'C', 'D', ASKER);
const group = fc.constantFrom('web' as const, 'db' as const);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('clock' as const), hours: fc.integer({ min: -60, max: 60 }) }),
  fc.record({ kind: fc.constant('export' as const) }),
  fc.record({
    ...{ kind: fc.constant('decide' as const), who: people },
    verdicts: fc.oneof(
      fc.constant<DecidedRow['verdict'][]>(['approve', 'approve', 'approve']),
      fc.array(fc.constantFrom<DecidedRow['verdict']>('approve', 'reject', 'defer', 'ask'), { maxLength: 3 }),
    ),
  }),
  fc.record({
    ...{ kind: fc.constant('policy' as const), group, mayGive: fc.boolean() },
    fields: fc.record({
      mode: fc.constantFrom('opt-in' as const, 'opt-out' as const),
      noticeHours: fc.constantFrom(1, 100),
      approvers: fc.constantFrom(1, 1, 2),
      classes: fc.constantFrom<('security' | 'other')[]>(['security', 'other'], ['security']),
      exclusions: fc.constantFrom([], [{ match: { kind: 'package' as const, value: 'app' }, reason: 'no' }]),
      standing: fc.constantFrom(
        [],
        [
          {
            match: { kind: 'pattern' as const, value: '*' },
            classes: ['security' as const],
            until: at(30),
            reason: '',
          },
        ],
      ),
    }),
  }),
  fc.record({
    ...{ kind: fc.constant('delegate' as const), from: people, to: people },
    hours: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({ kind: fc.constant('revoke-delegation' as const) }),
  fc.record({ kind: fc.constant('revoke-key' as const), who: people }),
  fc.record({ kind: fc.constant('move' as const), group }),
  fc.record({
    kind: fc.constant('rescan' as const),
    plan: fc.constantFrom(PLAN, planOf('soft'), planOf('hard', '3'), planOf('hard', '2', ['app', 'new'])),
  }),
);

/** Most begin with a pack that goes out: before it there is nothing to judge. */
const stories = fc
  .tuple(fc.array(happening, { maxLength: 2 }), fc.array(happening, { minLength: 1, maxLength: 9 }))
  .map(([before, after]): Happening[] => [...before, { kind: 'export' }, ...after]);

describe('whatever happens in whatever order', () => {
  it('nothing is covered that a live decision, a standing approval or rightful silence does not cover', () => {
    let sequences = 0;
    let installs = 0;
    const grounds = new Map<string, number>();
    fc.assert(
      fc.property(stories, (story) => {
        sequences += 1;
        let hours = 0;
        let plan = PLAN;
        let exported: {
          at: number;
          policies: Map<string, PolicyInForce>;
          pack: ReviewPack;
          group: string;
        } | null = null;
        let said: { who: string; at: number; rows: DecidedRow[] }[] = [];
        const policies = new Map<string, PolicyInForce>();
        let delegations: { from: string; to: string; begins: number; ends: number; revoked: boolean }[] = [];
        const revoked = new Set<string>();
        let home = 'web';
        let version = 0;
        for (const event of story) {
          if (event.kind === 'clock') hours += event.hours;
          if (event.kind === 'export') {
            const pack = { ...packOf(policies), createdAt: at(hours), cutOffAt: at(hours + 24) };
            const endpoints = pack.endpoints.map((item) =>
              item.id === 'e1' ? { ...item, group: home } : item,
            );
            exported = { at: hours, policies: new Map(policies), pack: { ...pack, endpoints }, group: home };
            said = [];
          }
          if (event.kind === 'decide' && exported !== null && !said.some(({ who }) => who === event.who)) {
            const rows = event.verdicts.map((verdict, index) => row(NAMES[index] ?? 'app', verdict));
            said.push({ who: event.who, at: hours, rows });
          }
          if (event.kind === 'policy') {
            version += 1;
            const kept = inForce(`v${version}`, policyOf(event.group, event.fields), event.mayGive);
            policies.set(event.group, kept);
          }
          if (event.kind === 'delegate' && event.from !== event.to)
            delegations.push({
              from: event.from,
              to: event.to,
              begins: hours,
              ends: hours + event.hours,
              revoked: false,
            });
          if (event.kind === 'revoke-delegation')
            delegations = delegations.map((item) => ({ ...item, revoked: true }));
          if (event.kind === 'revoke-key') revoked.add(event.who);
          if (event.kind === 'move') home = event.group;
          if (event.kind === 'rescan') plan = event.plan;
          if (exported === null) continue;

          // C and D are no approvers; C's key was enrolled by whoever asks.
          const isApprover = (who: string): boolean => who !== 'D' && who !== 'C';
          const items = judgeCoverage(
            plan,
            {
              ...{ kind: 'pack', pack: exported.pack, asked: PLAN },
              words: said
                .filter(({ who }) => !revoked.has(who))
                .map((item) => ({
                  ...{
                    personId: item.who,
                    mayApprove: isApprover(item.who),
                    at: at(item.at),
                    rows: item.rows,
                  },
                  enrolledBy: item.who === 'C' ? ASKER : 'manager',
                })),
              delegations: delegations.map((item) => ({
                ...{ fromPerson: item.from, toPerson: item.to, from: at(item.begins), until: at(item.ends) },
                revokedAt: item.revoked ? at(hours) : null,
                delegatorCounts: isApprover(item.from) && !revoked.has(item.from),
                delegatorEnrolledBy: item.from === 'C' ? ASKER : 'manager',
              })),
            },
            siteAt(hours, policies, { e1: home, e2: 'db' }),
          );
          if (isCovered(items)) installs += 1;

          for (const { endpointId, package: name, verdict } of items) {
            if (!verdict.covered) continue;
            grounds.set(verdict.by, (grounds.get(verdict.by) ?? 0) + 1);
            // The oracle: written from the words, one demand after the other, over the story and not over the evaluator's shapes.
            const where = endpointId === 'e1' ? home : 'db';
            const policy = policies.get(where);
            const terms = policy?.policy ?? policyOf(where);
            expect(exported.policies.get(where)?.sha256).toBe(policy?.sha256);
            if (endpointId === 'e1') expect(exported.group).toBe(home);
            expect(terms.exclusions).toHaveLength(name === 'app' ? 0 : terms.exclusions.length);
            if (name === 'doc') expect(terms.classes).toContain('other');
            expect(plan.endpoints[0]?.snapshotMode).toBe('hard');
            expect(plan.endpoints[0]?.packages[0]?.to).toBe('2');
            expect(NAMES).toContain(name);
            const against = said.filter(
              (item) =>
                !revoked.has(item.who) &&
                item.who !== ASKER &&
                item.who !== 'C' &&
                isApprover(item.who) &&
                // Whoever speaks for the asker is not heard at all.
                !delegations.some((d) => d.to === item.who && d.begins <= item.at && item.at < d.ends) &&
                item.rows.some((line) => line.patch === sha(name) && line.verdict !== 'approve'),
            );
            expect(against).toEqual([]);
            if (verdict.by === 'approved') {
              const yes = said.filter(
                (item) =>
                  item.who !== ASKER &&
                  item.who !== 'C' &&
                  !revoked.has(item.who) &&
                  item.rows.some((line) => line.patch === sha(name) && line.verdict === 'approve') &&
                  (isApprover(item.who) ||
                    delegations.some(
                      (d) =>
                        d.to === item.who &&
                        !d.revoked &&
                        isApprover(d.from) &&
                        !revoked.has(d.from) &&
                        d.from !== ASKER &&
                        d.begins <= item.at &&
                        item.at < d.ends,
                    )),
              );
              expect(yes.length).toBeGreaterThanOrEqual(terms.approvers);
              if (terms.approvers > 1) {
                const alike = (a: string, b: string): boolean =>
                  delegations.some(
                    (d) =>
                      said.some((item) => item.who === d.to && d.begins <= item.at && item.at < d.ends) &&
                      d.from === a &&
                      d.to === b,
                  );
                const pairs = yes.flatMap((a) =>
                  yes.filter((b) => a.who !== b.who && !alike(a.who, b.who) && !alike(b.who, a.who)),
                );
                expect(pairs.length).toBeGreaterThan(0);
              }
            } else if (verdict.by === 'silence') {
              expect([terms.mode, policy?.mayGive]).toEqual(['opt-out', true]);
              expect(hours).toBeGreaterThanOrEqual(exported.at + 24);
              expect(terms.noticeHours).toBeLessThanOrEqual(24);
            } else {
              expect([verdict.by, policy?.mayGive, terms.standing.length]).toEqual(['standing', true, 1]);
              expect(hours).toBeLessThan(30);
              expect(name).not.toBe('doc');
            }
          }
        }
      }),
      { numRuns: 3_000 },
    );
    // A property over nothing would hold too.
    expect(sequences).toBeGreaterThanOrEqual(3_000);
    expect(installs).toBeGreaterThan(50);
    expect([...grounds.keys()].toSorted()).toEqual(['approved', 'silence', 'standing']);
  }, 300_000);
});
