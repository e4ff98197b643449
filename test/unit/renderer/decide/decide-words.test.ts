import { describe, expect, it } from 'vitest';
import type { ReviewPatchDetail, ReviewRow } from '../../../../contract/reviews.ts';
import { rowsOf } from '../../../../main/core/review/rows.ts';
import { parseFilter, searchTextOf } from '../../../../renderer/decide/decide-filter.ts';
import { orderRows } from '../../../../renderer/decide/decide-sort.ts';
import {
  ageOf,
  describeDue,
  restartSettings,
  snapshotSettings,
} from '../../../../renderer/decide/decide-words.ts';
import { PACK } from '../../../support/review-site.ts';

const NOW = Date.parse('2026-11-24T09:00:00Z');
const daysAgo = (days: number): string => new Date(NOW - days * 86_400_000).toISOString();
const [first] = rowsOf(PACK, PACK.patches);
if (first === undefined) throw new Error('The pack has no patches.');
const row = (fields: Partial<ReviewRow>): ReviewRow => ({ ...first, ...fields });

describe('the 14 days of a row', () => {
  it('run for what is grave, also where nobody knows since when, and for nothing else', () => {
    const [patch] = PACK.patches;
    if (patch === undefined) throw new Error('The pack has no patches.');
    const timed = (fields: object): boolean | undefined => rowsOf(PACK, [{ ...patch, ...fields }])[0]?.timed;
    expect(timed({ security: true, severity: 'high' })).toBe(true);
    expect(timed({ security: true, severity: 'low', cvss: 7.5 })).toBe(true);
    expect(timed({ security: true, severity: 'low' })).toBe(false);
    expect(timed({ security: false, severity: 'high' })).toBe(false);
    // A deferral keeps a clock that once ran.
    expect(timed({ security: false, dueAt: daysAgo(1) })).toBe(true);
  });

  it('are told apart: none, not known, so many left or late', () => {
    expect(describeDue(row({ dueAt: null, timed: false }), NOW).word).toBe('No clock');
    expect(describeDue(row({ dueAt: null, timed: true }), NOW).word).toBe('Not known');
    expect(describeDue(row({ dueAt: daysAgo(2), timed: true }), NOW)).toEqual({
      word: '2 days late',
      tone: 'bad',
    });
  });
});

describe('the age of a row', () => {
  const rows = [3, 45, 31, 30].map((days) => row({ package: `p${days}`, releasedAt: daysAgo(days) }));
  const unknown = row({ package: 'unknown', releasedAt: null });

  it('counts days since the release', () => {
    expect(ageOf({ releasedAt: daysAgo(3.9) }, NOW)).toBe(3);
    expect(ageOf({ releasedAt: null }, NOW)).toBeNull();
    expect(ageOf({ releasedAt: daysAgo(-1) }, NOW)).toBeNull();
  });

  it.each([
    ['age>30', ['p45', 'p31']],
    ['age:30', ['p45', 'p31', 'p30']],
    ['age>=31', ['p45', 'p31']],
    ['-age>30', ['p3', 'p30', 'unknown']],
  ])('is a word of the filter: %s', (words, names) => {
    const { keeps, unknown: strange } = parseFilter(words);
    expect(strange).toEqual([]);
    const kept = [...rows, unknown].filter((item) => keeps(item, searchTextOf(item), undefined, NOW));
    expect(kept.map((item) => item.package)).toEqual(names);
  });

  it('puts rows in order, the oldest first and what nobody knows last', () => {
    const all = [unknown, ...rows];
    const order = [...orderRows(all, { column: 'age', descending: true })].map((at) => all[at]?.package);
    expect(order).toEqual(['p45', 'p31', 'p30', 'p3', 'unknown']);
  });
});

describe('what the endpoints of a row are set to', () => {
  const detail = (...settings: (readonly [reboot: string, snapshot: string])[]): ReviewPatchDetail => ({
    patch: 'a'.repeat(64),
    endpoints: settings.map(([rebootPolicy, snapshotMode], at) => ({
      ...{ name: `e${at}`, group: 'web', from: '1', rebootPolicy, snapshotMode },
    })),
  });

  it('is counted', () => {
    const five = detail(
      ['always', 'hard'],
      ['never', 'hard'],
      ['always', 'disabled'],
      ['always', 'hard'],
      ['if-required', 'soft'],
    );
    expect(restartSettings(five)).toBe(
      'Always on 3 of 5 endpoints, if needed on 1, never on 1, by their setting.',
    );
    expect(snapshotSettings(five)).toBe(
      'Proven snapshot first on 3 of 5 endpoints, snapshot tried first on 1, no snapshot on 1.',
    );
    expect(restartSettings(detail(['never', 'hard']))).toBe('Never on its one endpoint, by their setting.');
  });

  it('is said of all at once', () => {
    expect(restartSettings(detail(['always', 'hard'], ['always', 'hard']))).toBe(
      'Always on all 2 endpoints, by their setting.',
    );
  });

  it('is left out where the pack does not say', () => {
    expect([restartSettings(detail(['', ''])), snapshotSettings(detail(['', '']))]).toEqual(['', '']);
  });
});
