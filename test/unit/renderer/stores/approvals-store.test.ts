import { describe, expect, test } from 'vitest';
import { groupQueue } from '../../../../renderer/stores/approvals-store.ts';
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

  test('has no empty group', () => {
    expect(groupQueue([], [])).toEqual([]);
    expect(groupQueue([], PLAN_SUMMARIES).map((group) => group.title)).toEqual([
      'Plans nobody asked for yet',
    ]);
  });
});
