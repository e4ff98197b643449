import { describe, expect, test } from 'vitest';
import { groupQueue } from '../../../../renderer/stores/approvals-store.ts';
import type { QueueItem } from '../../../../contract/queue.ts';
import { LISTS } from '../../../e2e/gallery/fixtures/lists.ts';
import { anId } from '../../../e2e/gallery/fixtures/made-up.ts';
import { approvalsFor, PLAN_SUMMARIES } from '../../../e2e/gallery/fixtures/plans.ts';

describe('the queue', () => {
  const approvals = approvalsFor('Grace Lindqvist', true);

  test('holds every approval and every plan that nobody asked for, each once', () => {
    const items = groupQueue(approvals, PLAN_SUMMARIES).flatMap((group) => group.items);
    const asked = new Set(approvals.map((approval) => approval.planId));
    const expected = [
      ...approvals.map(({ id }) => id),
      ...PLAN_SUMMARIES.filter((plan) => !asked.has(plan.id)).map(({ id }) => id),
    ];
    expect(items.map((item) => item.id).sort()).toEqual(expected.sort());
  });

  test('begins with what waits for a decision', () => {
    const [first] = groupQueue(approvals, PLAN_SUMMARIES);
    expect(first?.title).toBe('Waiting for a decision');
    expect(
      first?.items.every((item) => item.kind === 'approval' && item.approval.status === 'requested'),
    ).toBe(true);
  });

  test('puts what waits under customer and patch groups, the nearest cut-off first', () => {
    const [list] = LISTS;
    const [approval] = approvals;
    if (list === undefined || approval === undefined) throw new Error('no list');
    const waits = (number: number) => ({
      ...approval,
      id: anId(4, 50 + number),
      planId: anId(3, 50 + number),
    });
    const of = (number: number, fields: Partial<QueueItem>): QueueItem => ({
      ...{ ...list, approvalId: anId(4, 50 + number), packId: anId(12, number), ...fields },
    });
    const groups = groupQueue(
      [1, 2, 3, 4, 5].map(waits),
      [],
      [
        of(1, { customer: 'Trust', groups: ['Web'], cutOffAt: '2026-12-09T17:00:00.000Z' }),
        of(2, { customer: 'Council', groups: ['Web'], cutOffAt: '2026-12-03T17:00:00.000Z' }),
        of(3, { customer: 'Trust', groups: ['Web'], cutOffAt: '2026-12-01T17:00:00.000Z' }),
        of(4, {
          customer: 'Trust',
          groups: ['Web'],
          cutOffAt: '2026-11-01T17:00:00.000Z',
          state: 'superseded',
        }),
        of(4, { ...{ customer: 'Trust', groups: ['Web'] }, cutOffAt: null, packId: null, state: 'unlisted' }),
        of(5, { ...{ customer: '', groups: ['Lab'] }, cutOffAt: null, packId: null, state: 'unlisted' }),
      ],
    );
    expect(groups.map(({ title, items }) => [title, items.map(({ id }) => id)])).toEqual([
      ['Waiting for Trust: Web', [anId(4, 53), anId(4, 51), anId(4, 54)]],
      ['Waiting for Council: Web', [anId(4, 52)]],
      ['Waiting for a decision: Lab', [anId(4, 55)]],
    ]);
  });

  test('has no empty group', () => {
    expect(groupQueue([], [])).toEqual([]);
    expect(groupQueue([], PLAN_SUMMARIES).map((group) => group.title)).toEqual([
      'Plans nobody asked for yet',
    ]);
  });
});
