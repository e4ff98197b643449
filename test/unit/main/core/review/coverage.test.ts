import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../../../main/core/plan.ts';
import {
  judgeCoverage,
  type CoverageSite,
  type PolicyInForce,
  type Word,
} from '../../../../../main/core/review/coverage.ts';
import { speaksAt } from '../../../../../main/core/review/customer.ts';
import type { DecidedRow } from '../../../../../main/core/review/decision-file.ts';
import type { KeptDelegation } from '../../../../../main/core/review/delegation.ts';
import type { EmergencyRequest } from '../../../../../main/core/review/emergency.ts';
import { matches } from '../../../../../main/core/review/policy.ts';
import { type PackPatch } from '../../../../../main/core/review/review-pack.ts';

import {
  at,
  CUT_OFF,
  ASKER,
  policyOf,
  inForce,
  NAMES,
  factsOf,
  planOf,
  PLAN,
  OTHERWISE,
  packOf,
  siteAt,
  row,
} from '../../../../support/coverage-plans.ts';

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
  more: {
    delegations?: KeptDelegation[];
    now?: PolicyInForce | null;
    plan?: Plan;
    groups?: object;
    wentOutAt?: string | null;
    /** What was said before, by package. */
    before?: Readonly<Record<string, Partial<PackPatch>>>;
  } = {},
): string[] {
  const then = new Map(policy === null ? [] : [['web', policy]]);
  const current = more.now === undefined ? policy : more.now;
  const site = siteAt(hours, new Map(current === null ? [] : [['web', current]]), more.groups);
  const made = packOf(then);
  const basis = {
    ...{ kind: 'pack' as const, asked: PLAN, words },
    pack: { ...made, patches: made.patches.map((item) => ({ ...item, ...more.before?.[item.package] })) },
    delegations: more.delegations ?? [],
    wentOutAt: more.wentOutAt === undefined ? at(0) : more.wentOutAt,
  };
  return judgeCoverage(more.plan ?? PLAN, basis, site)
    .filter((item) => item.endpointId === 'e1')
    .map(({ verdict }) => (verdict.covered ? verdict.by : verdict.because));
}
const all = (said: string): string[] => [said, said, said];

/** The verdicts on a plan by a list of `PLAN`, by endpoint. */
function planVerdicts(words: readonly Word[], plan: Plan): Record<string, string[]> {
  const none = new Map<string, PolicyInForce>();
  const basis = {
    kind: 'pack' as const,
    pack: packOf(none),
    asked: PLAN,
    words,
    delegations: [],
    wentOutAt: null,
  };
  const said: Record<string, string[]> = {};
  for (const { endpointId, verdict } of judgeCoverage(plan, basis, siteAt(2, none)))
    (said[endpointId] ??= []).push(verdict.covered ? verdict.by : verdict.because);
  return said;
}

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
    // Notice runs from when the list went out, not from when it was made; a clock that was set back gives none.
    expect(judge([], CUT_OFF, optOut, { wentOutAt: null })).toEqual(all('uncovered'));
    expect(judge([], CUT_OFF, optOut, { wentOutAt: at(24) })).toEqual(all('silence'));
    expect(judge([], CUT_OFF, optOut, { wentOutAt: at(24.001) })).toEqual(all('uncovered'));
    expect(judge([], CUT_OFF, hurried, { wentOutAt: at(-100) })).toEqual(all('uncovered'));
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
  it('is neither silence nor a standing approval against what the customer said before', () => {
    const standing = [
      { match: { kind: 'pattern', value: '*' }, classes: ['security', 'other'], until: at(90), reason: '' },
    ] as const;
    const stands = inForce('s', policyOf('web', { standing }));
    const deferral = { times: 1, since: at(-9), until: at(CUT_OFF + 5), control: '' };
    const previous = (verdict: DecidedRow['verdict'], version = '2') => ({
      previous: { version, verdict, at: at(-9), reason: 'r', by: 'word' as const },
    });
    const before = { app: { deferral }, lib: previous('reject'), doc: previous('ask') };
    const held = ['deferred', 'rejected', 'asked'];
    expect(judge([], CUT_OFF, optOut, { before })).toEqual(held);
    expect(judge([], CUT_OFF, stands, { before })).toEqual(held);
    // Its day has come; an explicit yes; another version; another word.
    const later = ['silence', 'rejected', 'asked'];
    expect(judge([], CUT_OFF + 5, optOut, { before })).toEqual(later);
    expect(judge([word('A', 'approve')], CUT_OFF, optOut, { before })).toEqual(all('approved'));
    const over = { app: previous('defer'), lib: previous('reject', '1'), doc: previous('approve') };
    expect(judge([], CUT_OFF, optOut, { before: over })).toEqual(all('silence'));
    expect(judge([], CUT_OFF, stands, { before: over })).toEqual(all('standing'));
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
    // What was shown for one endpoint, or from one version, was shown for no other.
    const { e1, e2 } = planVerdicts(words, OTHERWISE);
    expect(e1).toEqual(['approved', 'not-shown', 'approved']);
    expect(e2).toEqual(['approved', 'approved', 'not-shown']);
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
    const db = ['no-lane', 'no-lane'];
    expect(said({})).toEqual(['emergency', 'not-named', 'not-named', ...db]);
    expect(said({ pullsIn: true })).toEqual(['emergency', 'emergency', 'not-named', ...db]);
    expect(said({}, 5)).toEqual([...all('ended'), ...db]);
    expect(said({}, 2, false)).toEqual([...all('uncovered'), ...db]);
    expect(said({}, 2, true, new Map())).toEqual([...all('no-lane'), ...db]);
  });
  it('is no grant at the console against what was said on the list, or below its number of approvers', () => {
    const grant = (words: readonly Word[], approvers = 1, policies = new Map<string, PolicyInForce>()) => {
      const pack = { ...packOf(policies), approvers };
      const list = { kind: 'pack' as const, pack, asked: PLAN, words, delegations: [], wentOutAt: null };
      return judgeCoverage(
        PLAN,
        { kind: 'console', personId: 'B', policies: null, list },
        siteAt(2, policies),
      )
        .slice(0, 3)
        .map(({ verdict }) => (verdict.covered ? verdict.by : verdict.because));
    };
    expect(grant([])).toEqual(all('approved'));
    expect(grant([word('A', 'approve')])).toEqual(all('approved'));
    const against = word('A', 'reject', { rows: [row('app', 'reject'), row('lib', 'ask')] });
    expect(grant([against])).toEqual(['rejected', 'asked', 'approved']);
    expect(grant([word('A', 'defer', { mayApprove: false })])).toEqual(all('deferred'));
    expect(grant([], 2)).toEqual(all('too-few'));
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
      const basis = { kind: 'pack' as const, pack, asked: PLAN, words, delegations: [], wentOutAt: null };
      const grant = { kind: 'console' as const, personId: who, policies: null, list: null };
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
