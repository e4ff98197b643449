import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../../../main/core/plan.ts';
import { isCovered, judgeCoverage, type PolicyInForce } from '../../../../../main/core/review/coverage.ts';
import type { DecidedRow } from '../../../../../main/core/review/decision-file.ts';
import { type GroupPolicy } from '../../../../../main/core/review/policy.ts';
import { type PackPatch, type ReviewPack } from '../../../../../main/core/review/review-pack.ts';

import {
  at,
  ASKER,
  policyOf,
  inForce,
  NAMES,
  sha,
  FROM,
  planOf,
  PLAN,
  OTHERWISE,
  packOf,
  siteAt,
  row,
} from '../../../../support/coverage-plans.ts';

/** Hours from making a list to its cut-off. */
const LASTS = 24;
/** Where `app` was deferred before: the hour until which. */
const DEFERRED_UNTIL = 60;

/** What can happen between the first scan and an install. */
type Happening =
  | { kind: 'clock'; hours: number }
  /** A list of `PLAN` is made, and written out or not; what was said of `app` before. */
  | { kind: 'list'; isWritten: boolean; before: 'nothing' | 'deferred' | 'rejected' }
  /** The list is written out, again or for the first time. */
  | { kind: 'write' }
  | { kind: 'decide'; who: string; verdicts: DecidedRow['verdict'][] }
  | { kind: 'policy'; group: 'web' | 'db'; fields: Partial<GroupPolicy>; mayGive: boolean }
  | { kind: 'delegate'; from: string; to: string; hours: number }
  | { kind: 'revoke-delegation' }
  | { kind: 'revoke-key'; who: string }
  | { kind: 'move'; group: 'web' | 'db' }
  | { kind: 'rescan'; plan: Plan };

const people = fc.constantFrom('A', 'B', 'C', 'D', ASKER);
const group = fc.constantFrom('web' as const, 'db' as const);
const list: fc.Arbitrary<Happening> = fc.record({
  ...{ kind: fc.constant('list' as const), isWritten: fc.constantFrom(true, true, false) },
  before: fc.constantFrom(...(['nothing', 'nothing', 'deferred', 'rejected'] as const)),
});
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('clock' as const), hours: fc.integer({ min: -60, max: 60 }) }),
  list,
  fc.record({ kind: fc.constant('write' as const) }),
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
    plan: fc.constantFrom(
      ...[PLAN, OTHERWISE, OTHERWISE, planOf('soft'), planOf('hard', '3')],
      planOf('hard', '2', { ...FROM, e1: { app: '1', new: '1' } }),
    ),
  }),
);

const OPT_OUT: Happening = {
  ...{ kind: 'policy', group: 'web', mayGive: true },
  fields: { mode: 'opt-out', noticeHours: 1 },
};
/** There is a list early on: before it there is nothing to judge. A part of them is about silence, which chance alone seldom reaches. */
const stories = fc.oneof(
  fc
    .tuple(fc.array(happening, { maxLength: 2 }), list, fc.array(happening, { minLength: 1, maxLength: 9 }))
    .map(([before, first, after]): Happening[] => [...before, first, ...after]),
  fc
    .tuple(list, fc.array(happening, { maxLength: 1 }), fc.array(happening, { maxLength: 5 }))
    .map(([first, between, after]): Happening[] => [
      ...[OPT_OUT, first, ...between],
      ...[{ kind: 'clock' as const, hours: LASTS }, ...after],
    ]),
);

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
          wentOut: number | null;
          before: string;
          policies: Map<string, PolicyInForce>;
          pack: ReviewPack;
          group: string;
        } | null = null;
        let answers: { who: string; at: number; rows: DecidedRow[] }[] = [];
        const policies = new Map<string, PolicyInForce>();
        let delegations: { from: string; to: string; begins: number; ends: number; revoked: boolean }[] = [];
        const revoked = new Set<string>();
        let home = 'web';
        let version = 0;
        for (const event of story) {
          if (event.kind === 'clock') hours += event.hours;
          if (event.kind === 'write' && exported !== null) exported.wentOut ??= hours;
          if (event.kind === 'list') {
            const { before } = event;
            const made = { ...packOf(policies), createdAt: at(hours), cutOffAt: at(hours + LASTS) };
            const said: Partial<PackPatch> =
              before === 'deferred'
                ? { deferral: { times: 1, since: at(-99), until: at(DEFERRED_UNTIL), control: '' } }
                : before === 'rejected'
                  ? {
                      previous: {
                        version: '2',
                        verdict: 'reject',
                        at: at(-99),
                        reason: '',
                        by: 'word' as const,
                      },
                    }
                  : {};
            const patches = made.patches.map((item) =>
              item.package === 'app' ? { ...item, ...said } : item,
            );
            const pack = { ...made, patches };
            const endpoints = pack.endpoints.map((item) =>
              item.id === 'e1' ? { ...item, group: home } : item,
            );
            exported = {
              ...{ at: hours, wentOut: event.isWritten ? hours : null, before, group: home },
              ...{ policies: new Map(policies), pack: { ...pack, endpoints } },
            };
            answers = [];
          }
          if (event.kind === 'decide' && exported !== null && !answers.some(({ who }) => who === event.who)) {
            const rows = event.verdicts.map((verdict, index) => row(NAMES[index] ?? 'app', verdict));
            answers.push({ who: event.who, at: hours, rows });
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
              wentOutAt: exported.wentOut === null ? null : at(exported.wentOut),
              words: answers
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
            const planned = plan.endpoints.find((item) => item.endpointId === endpointId);
            const coming = planned?.packages.find((item) => item.name === name);
            expect([planned?.snapshotMode, coming?.to]).toEqual(['hard', '2']);
            expect(coming?.from).toBe(FROM[endpointId]?.[name]);
            expect(NAMES).toContain(name);
            const against = answers.filter(
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
            if (verdict.by !== 'approved' && name === 'app') {
              expect(exported.before).not.toBe('rejected');
              if (exported.before === 'deferred') expect(hours).toBeGreaterThanOrEqual(DEFERRED_UNTIL);
            }
            if (verdict.by === 'approved') {
              const yes = answers.filter(
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
                      answers.some((item) => item.who === d.to && d.begins <= item.at && item.at < d.ends) &&
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
              expect(hours).toBeGreaterThanOrEqual(exported.at + LASTS);
              expect(exported.wentOut).not.toBeNull();
              expect(exported.at + LASTS - (exported.wentOut ?? 0)).toBeGreaterThanOrEqual(terms.noticeHours);
              expect(LASTS).toBeGreaterThanOrEqual(terms.noticeHours);
            } else {
              expect([verdict.by, policy?.mayGive, terms.standing.length]).toEqual(['standing', true, 1]);
              expect(hours).toBeLessThan(30);
              expect(name).not.toBe('doc');
            }
          }
        }
      }),
      { numRuns: 3_000, seed: 20_261_130, endOnFailure: true },
    );
    // A property over nothing would hold too.
    expect(sequences).toBeGreaterThanOrEqual(3_000);
    expect(installs).toBeGreaterThan(50);
    for (const ground of ['approved', 'silence', 'standing'])
      expect([ground, (grounds.get(ground) ?? 0) > 200]).toEqual([ground, true]);
  }, 300_000);
});
