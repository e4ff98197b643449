import { describe, expect, test } from 'vitest';
import {
  findConcerns,
  findNextStep,
  findWaiting,
  type SiteReading,
} from '../../../../renderer/screens/today/reading.ts';
import { BUNDLES } from '../../../e2e/gallery/fixtures/catalogue.ts';
import { ENDPOINTS, HYPERVISORS } from '../../../e2e/gallery/fixtures/endpoints.ts';
import { LISTS } from '../../../e2e/gallery/fixtures/lists.ts';
import { DAY, NOW } from '../../../e2e/gallery/fixtures/made-up.ts';
import { approvalsFor, PLAN_SUMMARIES } from '../../../e2e/gallery/fixtures/plans.ts';
import { INCIDENTS, RUNS } from '../../../e2e/gallery/fixtures/runs.ts';

const EMPTY: SiteReading = {
  roles: ['engineer'],
  endpoints: [],
  approvals: [],
  plans: [],
  queue: [],
  runs: [],
  incidents: [],
  hypervisors: [],
  bundles: [],
  now: NOW,
};
const BUSY: SiteReading = {
  roles: ['approver'],
  endpoints: ENDPOINTS,
  approvals: approvalsFor('Grace Lindqvist', true),
  plans: PLAN_SUMMARIES,
  queue: [],
  runs: RUNS,
  incidents: INCIDENTS,
  hypervisors: HYPERVISORS,
  bundles: BUNDLES,
  now: NOW,
};

describe('today', () => {
  test('on an empty site nothing is wrong and nothing waits', () => {
    expect(findConcerns(EMPTY)).toEqual([]);
    expect(findWaiting(EMPTY)).toEqual([]);
  });

  test('leads from nothing to the first scan, a step at a time', () => {
    const steps = [
      EMPTY,
      { ...EMPTY, endpoints: ENDPOINTS.map((row) => ({ ...row, scannedAt: null })) },
      { ...EMPTY, endpoints: ENDPOINTS.map((row) => ({ ...row, scannedAt: null })), bundles: BUNDLES },
      { ...EMPTY, endpoints: ENDPOINTS, bundles: BUNDLES },
    ].map((site) => findNextStep(site).action);
    expect(steps).toEqual(['Add an endpoint', 'Import a bundle', 'Go to the endpoints', 'Make a plan']);
  });

  test('puts keys to compare and plans nobody asked for before engineers only; the rest the engine says', () => {
    const texts = (roles: SiteReading['roles']): string[] =>
      findWaiting({ ...BUSY, roles }).map((entry) => entry.text.split(' ')[0] ?? '');
    expect(texts(['approver'])).toEqual([]);
    expect(texts(['engineer'])).toContain('Compare');
    expect(texts(['engineer'])).not.toContain('Decide');
  });

  test('puts a list that nobody has to answer any more before engineers, and leads to it', () => {
    const [list] = LISTS;
    if (list === undefined) throw new Error('no list');
    const queue = [list, { ...list, packId: null, closes: true, state: 'cut-off-passed' as const }];
    const [first, ...others] = findWaiting({ ...EMPTY, queue });
    expect(first).toMatchObject({
      text: 'Close the list for Harbour Trust: Web, Databases, Desktops',
      to: { screen: 'approvals', objectId: list.approvalId },
    });
    expect(others).toEqual([]);
    expect(findWaiting({ ...EMPTY, roles: ['approver'], queue })).toEqual([]);
    const { endpoints, bundles } = BUSY;
    const next = findNextStep({ ...EMPTY, queue, endpoints, bundles });
    expect(next).toMatchObject({ action: 'Look at the list', to: { objectId: list.approvalId } });
  });

  test('names what needs a person first', () => {
    const [first] = findConcerns(BUSY);
    expect(first?.text).toBe("1 endpoint needs a person's decision");
  });

  test('says so when the catalogue has aged', () => {
    const later = { ...BUSY, now: NOW + 40 * DAY };
    expect(findConcerns(later).map((concern) => concern.text)).toContain(
      'The catalogue is older than 30 days',
    );
    expect(findConcerns(BUSY).map((concern) => concern.text)).not.toContain(
      'The catalogue is older than 30 days',
    );
  });
});
