import { describe, expect, it } from 'vitest';
import {
  count,
  formatBytes,
  formatFacts,
  formatInstant,
  formatTable,
  listOf,
  printable,
  printableLines,
} from '../../../../main/cli/format.ts';

describe('format', () => {
  it('writes dates in words, in the zone asked for', () => {
    expect([
      formatInstant('2026-11-24T14:05:00Z', 'UTC'),
      formatInstant('2026-11-24T00:05:09.123Z', 'UTC'),
      formatInstant('2026-06-01T23:30:00Z', 'Europe/Berlin'),
      formatInstant(null),
    ]).toEqual(['24 November 2026, 14:05', '24 November 2026, 00:05', '2 June 2026, 01:30', '-']);
  });

  it('writes sizes in decimal units', () => {
    expect(
      [0, 1, 999, 1_000, 9_949, 9_960, 999_499, 999_500, 12_345_678, 1_200_000_000].map(formatBytes),
    ).toEqual([
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1.0 kB',
      '9.9 kB',
      '10 kB',
      '999 kB',
      '1.0 MB',
      '12 MB',
      '1.2 GB',
    ]);
  });

  it('counts with the right word', () => {
    expect([count(0, 'endpoint'), count(1, 'patch', 'patches'), count(2, 'patch', 'patches')]).toEqual([
      '0 endpoints',
      '1 patch',
      '2 patches',
    ]);
  });

  it('shortens lists and says by how much', () => {
    expect([listOf([]), listOf(['a', 'b']), listOf(['a', 'b', 'c'], 2)]).toEqual([
      '-',
      'a, b',
      'a, b and 1 more',
    ]);
  });

  it('takes away what could steer a terminal', () => {
    const hostile = 'web\u001b[2J\u0007\u202Eevil\r\nnext';
    expect(printable(hostile)).toBe('web\uFFFD[2J\uFFFD\uFFFDevil next');
    expect(printableLines('one\u001b[31m\ntwo\u009b1m')).toBe('one\uFFFD[31m\ntwo\uFFFD1m');
  });

  it('aligns columns, and says so when there is no row', () => {
    const columns = [
      { title: 'NAME', cell: (row: { name: string; size: number }) => row.name },
      { title: 'SIZE', cell: (row: { name: string; size: number }) => String(row.size), right: true },
    ];
    const rows = [
      { name: 'openssl', size: 5 },
      { name: 'a\nb', size: 12_345 },
    ];
    expect(formatTable(rows, columns, 'Nothing.')).toBe('NAME      SIZE\nopenssl      5\na b      12345');
    expect(formatTable([], columns, 'Nothing.')).toBe('Nothing.');
  });

  it('puts values of facts below each other', () => {
    expect(
      formatFacts([
        ['Site', 'North'],
        ['Marking', 'OFFICIAL'],
      ]),
    ).toBe('Site:    North\nMarking: OFFICIAL');
  });
});
