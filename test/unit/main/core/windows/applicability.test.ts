import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWindowsBuilds, parseWindowsBuild } from '../../../../../main/core/version/windows.ts';
import {
  assessWindows,
  type JudgedUpdate,
  type WindowsEndpoint,
} from '../../../../../main/core/windows/applicability.ts';
import { findReplaced, readSupersedence } from '../../../../../main/core/windows/supersedence.ts';

describe('the order of builds', () => {
  it.each([
    ['10.0.19045.3803', '10.0.19045.3930', -1],
    ['10.0.19045.3930', '10.0.19045.3930', 0],
    ['10.0.19045.930', '10.0.19045.1000', -1],
    ['10.0.019045.1', '10.0.19045.2', -1],
    // Another branch has other fixes: a higher number says nothing.
    ['10.0.22631.1', '10.0.19045.9999', null],
    ['6.3.9600.21765', '10.0.19045.1', null],
    ['8.0.3', '8.0.2', null],
    ['10.0.19045', '10.0.19045.1', null],
    ['', '', null],
  ])('%s and %s: %j', (a, b, order) => {
    expect(compareWindowsBuilds(a, b)).toBe(order);
  });

  const build = fc
    .tuple(fc.constantFrom('10.0.19045', '10.0.22631', '6.3.9600'), fc.nat(30_000))
    .map(([branch, revision]) => `${branch}.${revision}`);

  it('is total within a branch, and none over branches', () => {
    fc.assert(
      fc.property(build, build, build, (a, b, c) => {
        const isSame = parseWindowsBuild(a)?.branch === parseWindowsBuild(b)?.branch;
        const order = compareWindowsBuilds(a, b);
        expect(order === null).toBe(!isSame);
        if (order === null) return;
        expect(compareWindowsBuilds(b, a)).toBe(-order + 0);
        const next = compareWindowsBuilds(b, c);
        if (next !== null && order <= 0 && next <= 0)
          expect(compareWindowsBuilds(a, c)).toBeLessThanOrEqual(0);
        if (order === 0) expect(compareWindowsBuilds(a, c)).toBe(next);
      }),
      { numRuns: 2_000 },
    );
  });
});

const kbOf = (id: string): string => `KB${id}`;
const update = (id: string, more: Partial<JudgedUpdate> = {}): JudgedUpdate => ({
  id,
  kb: kbOf(id),
  arch: 'x64',
  products: ['Windows 10'],
  fixedBuilds: [],
  createdAt: null,
  supersededBy: [],
  prerequisites: [],
  ...more,
});

const ENDPOINT: WindowsEndpoint = {
  build: '10.0.19045.3803',
  arch: 'x64',
  products: ['Windows 10'],
  installedKbs: new Set(),
};
const neededOf = (updates: readonly JudgedUpdate[], endpoint = ENDPOINT): string[] =>
  assessWindows(endpoint, updates).needed.map((item) => item.id);

describe('which updates a machine needs', () => {
  it.each<[string, Partial<JudgedUpdate>, readonly string[]]>([
    ['a higher build of its branch', { fixedBuilds: ['10.0.19045.3930'] }, ['1']],
    ['its own build', { fixedBuilds: ['10.0.19045.3803'] }, []],
    ['a lower build', { fixedBuilds: ['10.0.19045.1000'] }, []],
    ['a build of another branch only', { fixedBuilds: ['10.0.22631.3930'] }, []],
    ['builds of several branches', { fixedBuilds: ['10.0.22631.3007', '10.0.19045.3930'] }, ['1']],
    ['another architecture', { arch: 'arm64' }, []],
    ['every architecture', { arch: 'all' }, ['1']],
    ['another product', { products: ['Windows Server 2019'] }, []],
    ['no product that is known', { products: [] }, []],
    ['an article without a build', {}, ['1']],
  ])('one with %s', (_what, more, needed) => {
    expect(neededOf([update('1', more)])).toEqual(needed);
  });

  it('not what is installed, nor what an installed one replaces', () => {
    const endpoint = { ...ENDPOINT, installedKbs: new Set(['KB2']) };
    expect(neededOf([update('1', { supersededBy: ['2'] }), update('2')], endpoint)).toEqual([]);
  });

  it('only the last of a chain, also over one that is not for it', () => {
    const chain = [
      update('1', { supersededBy: ['2'] }),
      update('2', { supersededBy: ['3'], arch: 'arm64' }),
      update('3'),
    ];
    expect(neededOf(chain)).toEqual(['3']);
  });

  it('the older one where its successor is for another machine, or not in the list', () => {
    expect(neededOf([update('1', { supersededBy: ['2', '9'] }), update('2', { arch: 'x86' })])).toEqual([
      '1',
    ]);
  });

  it('the older one where the successor lacks a prerequisite that is not to be had', () => {
    const updates = [update('1', { supersededBy: ['2'] }), update('2', { prerequisites: [['7', '8']] })];
    const { needed, blocked } = assessWindows(ENDPOINT, updates);
    expect(needed).toEqual([{ id: '1', after: [] }]);
    expect(blocked).toEqual([{ id: '2', without: ['7', '8'] }]);
  });

  it('with what must come first, in its order, and of a group the nearest', () => {
    const updates = [
      update('1', { prerequisites: [['2'], ['3']] }),
      update('2', { prerequisites: [['1', '3']] }),
      update('3'),
    ];
    const { needed } = assessWindows(ENDPOINT, updates);
    expect(needed.find((item) => item.id === '1')?.after).toEqual(['3', '2']);
  });

  it('with the successor of what must come first', () => {
    const updates = [
      update('1', { prerequisites: [['2']] }),
      update('2', { supersededBy: ['3'] }),
      update('3'),
    ];
    expect(assessWindows(ENDPOINT, updates).needed).toEqual([
      { id: '1', after: ['3'] },
      { id: '3', after: [] },
    ]);
  });

  it('breaks circles by date, says so, and offers all where dates tell nothing', () => {
    const dated = [
      update('1', { supersededBy: ['2'], createdAt: '2024-01-01T00:00:00Z' }),
      update('2', { supersededBy: ['1'], createdAt: '2024-02-01T00:00:00Z' }),
    ];
    const assessment = assessWindows(ENDPOINT, dated);
    expect(assessment.needed.map((item) => item.id)).toEqual(['2']);
    expect(assessment.supersedence.circles.map((circle) => circle.toSorted())).toEqual([['1', '2']]);
    expect(neededOf(dated.map((item) => ({ ...item, createdAt: null })))).toEqual(['1', '2']);
  });
});

const ids = Array.from({ length: 12 }, (_, index) => String(index));
const anyId = fc.constantFrom(...ids);
const dates = [null, '2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'];
const graph = fc.tuple(
  ...ids.map((id) =>
    fc.record({
      id: fc.constant(id),
      supersededBy: fc.uniqueArray(anyId, { maxLength: 3 }),
      createdAt: fc.constantFrom(...dates),
      arch: fc.constantFrom('x64' as const, 'arm64' as const),
      prerequisites: fc.array(fc.uniqueArray(anyId, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
      isInstalled: fc.boolean(),
    }),
  ),
);

/** By definition, without cleverness: everything that a walk along the edges comes to. */
function reachable(replacedBy: ReadonlyMap<string, readonly string[]>, from: string): Set<string> {
  const found = new Set<string>();
  let open = [...(replacedBy.get(from) ?? [])];
  while (open.length > 0) {
    open.forEach((id) => found.add(id));
    open = open.flatMap((id) => replacedBy.get(id) ?? []).filter((id) => !found.has(id));
  }
  return found;
}

describe('supersedence', () => {
  it('ends whatever refers to whatever, has no circle left, and follows exactly the edges', () => {
    fc.assert(
      fc.property(graph, fc.uniqueArray(anyId), (nodes, counted) => {
        const supersedence = readSupersedence(nodes);
        const counts = new Set(counted);
        const replaced = findReplaced(supersedence, (id) => counts.has(id));
        for (const { id, supersededBy } of nodes) {
          const ahead = reachable(supersedence.replacedBy, id);
          expect(ahead.has(id)).toBe(false);
          expect(replaced.has(id)).toBe([...ahead].some((other) => counts.has(other)));
          // Edges are only ever dropped within a circle that is told of.
          const kept = new Set(supersedence.replacedBy.get(id));
          for (const to of supersededBy) {
            if (to === id || kept.has(to)) continue;
            expect(supersedence.circles.some((circle) => circle.includes(id) && circle.includes(to))).toBe(
              true,
            );
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('never leaves a machine a replaced update beside one that replaces it, nor what is not for it', () => {
    fc.assert(
      fc.property(graph, (nodes) => {
        const updates = nodes.map((node) => update(node.id, node));
        const installed = new Set(nodes.filter((node) => node.isInstalled).map((node) => kbOf(node.id)));
        const { needed } = assessWindows({ ...ENDPOINT, installedKbs: installed }, updates);
        const { replacedBy } = readSupersedence(updates);
        const neededIds = new Set(needed.map((item) => item.id));
        const isForIt = (id: string): boolean => nodes[Number(id)]?.arch === 'x64';
        for (const { id, after } of needed) {
          const ahead = [...reachable(replacedBy, id)];
          expect(ahead.some((other) => neededIds.has(other))).toBe(false);
          expect(ahead.some((other) => installed.has(kbOf(other)) && isForIt(other))).toBe(false);
          expect(isForIt(id)).toBe(true);
          for (const other of after) expect(neededIds.has(other)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('walks a chain of 50,000 updates', () => {
    const chain = Array.from({ length: 50_000 }, (_, index) =>
      update(String(index), { supersededBy: index < 49_999 ? [String(index + 1)] : [] }),
    );
    expect(neededOf(chain)).toEqual(['49999']);
  });
});
