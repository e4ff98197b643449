import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Inventory } from '../../../../main/core/inventory.ts';
import {
  formatNeedsList,
  makeNeedsList,
  mergeNeedsLists,
  parseNeedsList,
} from '../../../../main/core/needs-list.ts';
import { codeOf } from '../../../support/coded.ts';

const NOW = '2026-11-24T00:00:00Z';

function inventory(packages: Record<string, string>, fields: Partial<Inventory> = {}): Inventory {
  return {
    platform: 'apt',
    distribution: 'debian',
    codename: 'bookworm',
    prettyName: 'Debian GNU/Linux 12 (bookworm) on secret-host-7',
    arch: 'amd64',
    kernel: '6.1.0-secret-host-7',
    packages: Object.entries(packages).map(([name, version]) => ({
      name,
      version,
      arch: 'amd64',
      source: name,
      sourceVersion: version,
      status: 'install ok installed',
    })),
    held: [],
    rebootRequired: false,
    rebootReasons: [],
    clock: 0,
    bootMarker: 'boot-of-secret-host-7',
    ...fields,
  };
}

describe('the needs-list', () => {
  it('sums up endpoints of one platform: versions once, and whether all of them have it', () => {
    const { list } = makeNeedsList({
      createdAt: NOW,
      holdings: null,
      inventories: [
        inventory({ a: '1', b: '1' }, { held: ['b'] }),
        inventory({ a: '2' }),
        inventory({ a: '1' }, { arch: 'arm64' }),
      ],
    });
    expect(
      list.platforms.map((platform) => [
        platform.architecture,
        platform.packages.map((p) => [p.name, p.version, p.everywhere, p.held]),
      ]),
    ).toEqual([
      [
        'amd64',
        [
          ['a', '1', true, false],
          ['a', '2', true, false],
          ['b', '1', false, true],
        ],
      ],
      ['arm64', [['a', '1', true, false]]],
    ]);
    expect(list.platforms[0]?.repositories.map((r) => r.suite)).toEqual([
      'bookworm',
      'bookworm-updates',
      'bookworm-security',
    ]);
  });

  it('leaves out removed packages and unknown distributions, and says which', () => {
    const gone = inventory({ a: '1', b: '1' });
    const { list, leftOut } = makeNeedsList({
      createdAt: NOW,
      holdings: null,
      inventories: [
        {
          ...gone,
          packages: gone.packages.map((p) =>
            p.name === 'b' ? { ...p, status: 'deinstall ok config-files' } : p,
          ),
        },
        inventory({ a: '1' }, { distribution: 'plan9', codename: 'four' }),
      ],
    });
    expect(list.platforms.flatMap((p) => p.packages.map((item) => item.name))).toEqual(['a']);
    expect(leftOut).toEqual(['plan9 four amd64']);
    expect(codeOf(() => makeNeedsList({ createdAt: NOW, holdings: null, inventories: [] }))).toBe(
      'COLLECT_NEEDS_LIST_INVALID',
    );
  });

  it('carries nothing that an endpoint said about itself but its packages', () => {
    const { list } = makeNeedsList({ createdAt: NOW, holdings: null, inventories: [inventory({ a: '1' })] });
    expect(formatNeedsList(list)).not.toContain('secret-host-7');
    // However many endpoints say the same, the list is the same: it tells no count.
    const twice = makeNeedsList({
      createdAt: NOW,
      holdings: null,
      inventories: [inventory({ a: '1' }), inventory({ a: '1' })],
    });
    expect(twice.list).toEqual(list);
  });

  it('comes back from its text as it was, and refuses others', () => {
    const { list } = makeNeedsList({ createdAt: NOW, holdings: null, inventories: [inventory({ a: '1' })] });
    expect(parseNeedsList(formatNeedsList(list))).toEqual(list);
    const broken = [
      'no json',
      '{}',
      JSON.stringify({ ...list, format: 'sallyport-needs-list/2' }),
      JSON.stringify({ ...list, extra: 1 }),
      JSON.stringify({
        ...list,
        platforms: [
          { ...list.platforms[0], repositories: [{ root: '../x', suite: 's', components: ['main'] }] },
        ],
      }),
      JSON.stringify({
        ...list,
        platforms: [
          { ...list.platforms[0], repositories: [{ root: 'x', suite: '../../s', components: ['main'] }] },
        ],
      }),
    ];
    for (const text of broken) expect(codeOf(() => parseNeedsList(text))).toBe('COLLECT_NEEDS_LIST_INVALID');
    fc.assert(
      fc.property(fc.json(), (text) => codeOf(() => parseNeedsList(text)) === 'COLLECT_NEEDS_LIST_INVALID'),
    );
  });

  it('merges: installed everywhere only if so in each, held objects only if held by all', () => {
    const make = (packages: Record<string, string>, objects: string[], seq: number) =>
      makeNeedsList({
        createdAt: NOW,
        inventories: [inventory(packages)],
        holdings: {
          stream: 'main',
          seq,
          roles: { root: 1, timestamp: seq, snapshot: seq, targets: seq },
          objects,
        },
      }).list;
    const [x, y] = ['1'.repeat(64), '2'.repeat(64)];
    const merged = mergeNeedsLists([make({ a: '1', b: '1' }, [x, y], 3), make({ a: '1' }, [y], 5)]);
    expect(merged.platforms[0]?.packages.map((p) => [p.name, p.everywhere])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    expect(merged.holdings).toMatchObject({ seq: 3, objects: [y], roles: { timestamp: 5 } });
  });
});
