import { describe, expect, test } from 'vitest';
import {
  formatAge,
  formatClockSeconds,
  formatDuration,
  formatInstant,
  formatWhen,
  formatWhenInside,
  formatZone,
} from '../../../../renderer/format/dates.ts';

const LONDON = 'Europe/London';
const NOW = Date.parse('2026-11-24T14:05:00Z');

describe('instants', () => {
  test('are written as the style guide says, in the zone of the reader', () => {
    expect(formatInstant('2026-11-24T14:05:00Z', LONDON)).toBe('24 November 2026, 14:05');
    expect(formatInstant('2026-07-01T23:30:00Z', LONDON)).toBe('2 July 2026, 00:30');
    expect(formatInstant('2026-11-24T14:05:00Z', 'Asia/Tokyo')).toBe('24 November 2026, 23:05');
  });

  test('at midnight are 00, never 24', () => {
    expect(formatInstant('2026-11-24T00:00:00Z', LONDON)).toBe('24 November 2026, 00:00');
  });

  test('of today and yesterday say so, by the calendar and not by 24 hours', () => {
    expect(formatWhen('2026-11-24T00:01:00Z', NOW, LONDON)).toBe('Today, 00:01');
    expect(formatWhen('2026-11-23T23:59:00Z', NOW, LONDON)).toBe('Yesterday, 23:59');
    expect(formatWhen('2026-11-22T23:59:00Z', NOW, LONDON)).toBe('22 November 2026, 23:59');
    expect(formatWhenInside('2026-11-24T00:01:00Z', NOW, LONDON)).toBe('today, 00:01');
    expect(formatWhenInside('2026-11-22T23:59:00Z', NOW, LONDON)).toBe('22 November 2026, 23:59');
  });

  test('in a journal show seconds', () => {
    expect(formatClockSeconds('2026-11-24T14:05:09Z', LONDON)).toBe('14:05:09');
  });

  test('name their zone', () => {
    expect(formatZone(NOW, LONDON)).toBe('GMT');
  });
});

describe('durations', () => {
  test.each([
    [0, 'under a second'],
    [999, 'under a second'],
    [1_000, '1 second'],
    [192_000, '3 minutes 12 seconds'],
    [3_600_000, '1 hour'],
    [3_601_000, '1 hour'],
    [90_000_000, '1 day 1 hour'],
    [6 * 86_400_000 + 4 * 3_600_000 + 59_000, '6 days 4 hours'],
    [-5, 'under a second'],
  ])('%i ms is %s', (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });

  test('ages look both ways', () => {
    expect(formatAge(NOW - 2_000, NOW)).toBe('just now');
    expect(formatAge(NOW - 12 * 60_000, NOW)).toBe('12 minutes ago');
    expect(formatAge(NOW - 86_400_000, NOW)).toBe('1 day ago');
    expect(formatAge(NOW + 3 * 3_600_000, NOW)).toBe('in 3 hours');
  });
});
