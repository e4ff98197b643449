import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ageInDays,
  isTimed,
  judgeCurrency,
  judgeFix,
  patchTuesday,
  patchTuesdaysAround,
  type FixInput,
  type VendorRelease,
} from '../../../../main/core/clocks.ts';

const NOW = '2026-11-24T12:00:00.000Z';

describe('Patch Tuesday', () => {
  // Days that Microsoft released on.
  it.each([
    [2024, 3, '2024-03-12'],
    [2025, 1, '2025-01-14'],
    [2025, 4, '2025-04-08'],
    [2025, 7, '2025-07-08'],
    [2026, 9, '2026-09-08'],
    [2026, 11, '2026-11-10'],
    [2026, 12, '2026-12-08'],
  ])('of %i-%i is %s', (year, month, day) => {
    expect(patchTuesday(year, month)).toBe(`${day}T00:00:00.000Z`);
  });

  it('is a Tuesday from the 8th to the 14th, in any month', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1990, max: 2100 }), fc.integer({ min: 1, max: 12 }), (year, month) => {
        const date = new Date(patchTuesday(year, month));
        expect([date.getUTCDay(), date.getUTCMonth() + 1, date.getUTCFullYear()]).toEqual([2, month, year]);
        expect(date.getUTCDate()).toBeGreaterThanOrEqual(8);
        expect(date.getUTCDate()).toBeLessThanOrEqual(14);
      }),
    );
  });

  it('has begun or is yet to come, across the turn of the year too', () => {
    expect(patchTuesdaysAround('2026-11-09T23:59:59.999Z').last).toBe('2026-10-13T00:00:00.000Z');
    expect(patchTuesdaysAround('2026-11-10T00:00:00.000Z').last).toBe('2026-11-10T00:00:00.000Z');
    expect(patchTuesdaysAround('2026-12-31T00:00:00Z').next).toBe('2027-01-12T00:00:00.000Z');
    expect(patchTuesdaysAround('2027-01-01T00:00:00Z').last).toBe('2026-12-08T00:00:00.000Z');
    const moments = fc.date({
      min: new Date('1990-01-01'),
      max: new Date('2100-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moments, (date) => {
        const now = date.toISOString();
        const { last, next } = patchTuesdaysAround(now);
        expect(last <= now && now < next).toBe(true);
        expect((Date.parse(next) - Date.parse(last)) / 86_400_000).toBeLessThanOrEqual(35);
      }),
    );
  });
});

describe('the 30 days of a catalogue', () => {
  const debian = (releasedAt: string): VendorRelease => ({
    distribution: 'debian',
    codename: 'bookworm',
    ecosystem: 'deb',
    releasedAt,
  });
  const windows = (releasedAt: string): VendorRelease => ({
    distribution: 'windows',
    codename: 'server-2022',
    ecosystem: 'windows',
    releasedAt,
  });

  it.each([
    ['2026-11-21T00:53:02.000Z', 'running', 'nothing'],
    ['2026-10-30T00:00:00.000Z', 'due-soon', 'bring-bundle'],
    ['2026-10-20T00:00:00.000Z', 'overdue', 'bring-bundle'],
  ])('count from the newest release of a vendor without a calendar: %s', (releasedAt, state, advice) => {
    expect(judgeCurrency([debian(releasedAt)], NOW)).toMatchObject([
      { rhythm: 'continuous', expectedAt: null, state, advice },
    ]);
  });

  it('count from the Patch Tuesday that the catalogue lacks', () => {
    expect(judgeCurrency([windows('2026-10-14T00:00:00.000Z')], NOW)).toMatchObject([
      {
        rhythm: 'monthly',
        expectedAt: '2026-11-10T00:00:00.000Z',
        dueAt: '2026-12-10T00:00:00.000Z',
        state: 'running',
        advice: 'bring-bundle',
      },
    ]);
    expect(judgeCurrency([windows('2026-10-14T00:00:00.000Z')], '2026-12-07T00:00:00.000Z')[0]?.state).toBe(
      'due-soon',
    );
    // October's is lacking too, and its days are over.
    expect(judgeCurrency([windows('2026-09-09T00:00:00.000Z')], NOW)[0]).toMatchObject({
      expectedAt: '2026-11-10T00:00:00.000Z',
      dueAt: '2026-11-12T00:00:00.000Z',
      state: 'overdue',
    });
  });

  it('are met by the month’s release, and say when the next is expected', () => {
    expect(judgeCurrency([windows('2026-11-10T18:00:00.000Z')], NOW)).toMatchObject([
      { state: 'met', advice: 'nothing', expectedAt: '2026-12-08T00:00:00.000Z' },
    ]);
  });

  it('show the worst first', () => {
    const clocks = judgeCurrency(
      [
        windows('2026-11-11T00:00:00.000Z'),
        debian('2026-11-20T00:00:00.000Z'),
        debian('2026-09-01T00:00:00.000Z'),
      ],
      NOW,
    );
    expect(clocks.map((clock) => clock.state)).toEqual(['overdue', 'running', 'met']);
  });
});

describe('the 14 days of a fix', () => {
  const input = (change: Partial<FixInput>): FixInput => ({
    security: true,
    severity: 'critical',
    cvss: null,
    releasedAt: '2026-11-20T00:00:00.000Z',
    carried: true,
    phase: 'none',
    ...change,
  });

  it.each([
    [{ severity: 'critical' }, true],
    [{ severity: 'high' }, true],
    [{ severity: 'not stated' }, true],
    [{ severity: 'not stated', cvss: 3 }, true],
    [{ severity: 'medium' }, false],
    [{ severity: 'medium', cvss: 6.9 }, false],
    [{ severity: 'medium', cvss: 7 }, true],
    [{ severity: 'low', cvss: 9.8 }, true],
    [{ severity: 'critical', security: false }, false],
  ] as const)('run for %j: %s', (change, timed) => {
    expect(isTimed(input(change))).toBe(timed);
    expect(judgeFix(input(change), NOW) !== null).toBe(timed);
  });

  it('are counted from the vendor’s release, to the millisecond', () => {
    const released = '2026-11-10T12:00:00.000Z';
    expect(judgeFix(input({ releasedAt: released }), '2026-11-24T12:00:00.000Z')).toMatchObject({
      dueAt: '2026-11-24T12:00:00.000Z',
      state: 'due-soon',
    });
    expect(judgeFix(input({ releasedAt: released }), '2026-11-24T12:00:00.001Z')?.state).toBe('overdue');
    expect(judgeFix(input({ releasedAt: released }), '2026-11-20T12:00:00.000Z')?.state).toBe('running');
  });

  it('are unknown, and never met, where the release is not known', () => {
    expect(judgeFix(input({ releasedAt: null }), NOW)).toMatchObject({ dueAt: null, state: 'unknown' });
  });

  it.each([
    [{ carried: false }, 'bring-bundle'],
    [{}, 'make-plan'],
    [{ phase: 'planned' }, 'request-approval'],
    [{ phase: 'requested' }, 'decide'],
    [{ phase: 'granted' }, 'start-run'],
    [{ phase: 'running' }, 'wait'],
  ] as const)('say what to do: %j means %s', (change, advice) => {
    expect(judgeFix(input(change), NOW)?.advice).toBe(advice);
  });
});

describe('an age', () => {
  it('is in whole days, and of a moment ahead there is none', () => {
    expect(ageInDays('2026-10-14T12:00:00Z', NOW)).toBe(41);
    expect(ageInDays('2026-11-24T11:00:00Z', NOW)).toBe(0);
    expect(ageInDays('2026-11-25T12:00:00Z', NOW)).toBeNull();
  });
});
