import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  parseClock,
  parseFreeBytes,
  parseNested,
  parseSubvolume,
} from '../../../../main/hypervisor/btrfs/parse.ts';

/** Verbatim outputs of btrfs-progs 6.2 on Debian 12. */
function readFixture(name: string): string {
  return readFileSync(new URL(`../../../fixtures/hypervisor/btrfs/${name}.txt`, import.meta.url), 'utf8');
}

describe('what btrfs prints', () => {
  it('is read for a snapshot and for a disk', () => {
    expect(parseSubvolume(readFixture('show-snapshot'))).toEqual({
      treePath: 'snapshots/alpha/s1',
      uuid: 'd48edb8c-143b-434a-addc-c1683f5b1922',
      parentUuid: '369a0f7c-e513-084a-9863-531a920923cd',
      createdAt: '2026-11-24T03:55:53.000Z',
      isReadOnly: true,
    });
    expect(parseSubvolume(readFixture('show-disk'))).toEqual({
      treePath: 'disks/alpha',
      uuid: '369a0f7c-e513-084a-9863-531a920923cd',
      parentUuid: undefined,
      createdAt: '2026-11-24T03:55:53.000Z',
      isReadOnly: false,
    });
  });

  it('counts the time zone of the host', () => {
    const east = readFixture('show-disk').replace('03:55:53 +0000', '03:55:53 +0530');
    expect(parseSubvolume(east)?.createdAt).toBe('2026-11-23T22:25:53.000Z');
  });

  it('is not guessed when a fact is missing or malformed', () => {
    const text = readFixture('show-snapshot');
    for (const fact of ['UUID: ', 'Parent UUID: ', 'Creation time: ', 'Flags: ']) {
      const without = text.split('\n').filter((line) => !line.startsWith(`\t${fact}`));
      expect(parseSubvolume(without.join('\n'))).toBeUndefined();
    }
    expect(parseSubvolume('')).toBeUndefined();
    expect(parseSubvolume('ERROR: Not a Btrfs subvolume')).toBeUndefined();
    expect(parseSubvolume(text.replace('2026-11-24 03', '2026-13-99 03'))).toBeUndefined();
  });

  it('gives the smaller estimate of the free bytes, nested subvolumes and the clock', () => {
    expect(parseFreeBytes(readFixture('usage'))).toBe(119_537_664);
    expect(parseFreeBytes('')).toBeUndefined();
    expect(parseNested('ID 258 gen 8 top level 256 path disks/alpha/var/lib/a b\n')).toEqual([
      'disks/alpha/var/lib/a b',
    ]);
    expect(parseNested('')).toEqual([]);
    expect(parseClock('2026-11-24T04:00:00.123Z\n')).toBe('2026-11-24T04:00:00.123Z');
    expect(parseClock('Tue Nov 24')).toBeUndefined();
  });
});
