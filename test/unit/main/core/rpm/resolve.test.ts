import { describe, expect, it } from 'vitest';
import { mergeNeedsLists, type NeedsList, type NeededPlatform } from '../../../../../main/core/needs-list.ts';
import type { Capability } from '../../../../../main/core/rpm/primary.ts';
import { resolveRpmNeeded, type RpmOffer } from '../../../../../main/core/rpm/resolve.ts';
import { parseBaseline } from '../../../../../main/core/baseline.ts';
import { codeOf } from '../../../../support/coded.ts';

const asks = (text: string): Capability => {
  const [name = '', flag, version = ''] = text.split(' ');
  return { name, flag: (flag ?? null) as Capability['flag'], version };
};

function offer(
  name: string,
  version: string,
  more: Partial<Record<'provides' | 'requires' | 'obsoletes', string[]>> & {
    arch?: string;
    files?: string[];
  } = {},
): RpmOffer {
  const arch = more.arch ?? 'x86_64';
  return {
    name,
    version,
    arch,
    source: name,
    sourceVersion: version,
    section: '',
    priority: '',
    installedSize: null,
    size: 1,
    sha256: `${name}-${version}-${arch}`,
    filename: `${name}.rpm`,
    essential: false,
    description: '',
    provides: [asks(`${name} EQ ${version}`), ...(more.provides ?? []).map(asks)],
    requires: (more.requires ?? []).map(asks),
    obsoletes: (more.obsoletes ?? []).map(asks),
    files: more.files ?? [],
    repository: 'r',
  };
}

const platform = (
  packages: readonly (readonly [string, string, boolean?])[],
  more: Partial<NeededPlatform> = {},
): NeededPlatform => ({
  kind: 'dnf',
  distribution: { id: 'almalinux', codename: '9' },
  architecture: 'x86_64',
  repositories: [{ root: 'almalinux', suite: '9/x', components: [] }],
  packages: packages.map(([name, version, everywhere = true]) => ({
    name,
    arch: 'x86_64',
    version,
    source: name,
    sourceVersion: version,
    everywhere,
    held: false,
  })),
  ...more,
});
const NONE = { packages: [], defaults: [] };
const names = (offers: readonly RpmOffer[]): string[] => offers.map((item) => `${item.name} ${item.version}`);

describe('what a bundle carries of RPM repositories', () => {
  it('is newer than the oldest that some endpoint has, and only the newest', () => {
    const found = resolveRpmNeeded(
      platform([
        ['a', '1-1', false],
        ['a', '3-1', false],
        ['b', '2-1'],
      ]),
      [offer('a', '2-1'), offer('a', '3-1'), offer('b', '2-1'), offer('b', '1-9')],
      NONE,
    );
    expect(names(found.upgrades)).toEqual(['a 3-1']);
  });

  it('brings what an upgrade newly needs, and what that needs, also by file', () => {
    const found = resolveRpmNeeded(
      platform([['a', '1-1']]),
      [
        offer('a', '1-1', { requires: ['gone'] }),
        offer('a', '2-1', { requires: ['gone', 'lib GE 2', 'rpmlib(Any)', '(x if y)'] }),
        offer('lib', '1-1'),
        offer('lib', '2-1', { requires: ['/usr/bin/tool'] }),
        offer('tools', '1-1', { files: ['/usr/bin/tool'] }),
      ],
      NONE,
    );
    expect(names(found.additions)).toEqual(['lib 2-1', 'tools 1-1']);
    expect(found.unmet).toEqual([]);
  });

  it('brings a package that not every endpoint has, though some do', () => {
    const offers = [offer('a', '2-1', { requires: ['lib'] }), offer('lib', '1-1')];
    const on = (everywhere: boolean) =>
      names(
        resolveRpmNeeded(
          platform([
            ['a', '1-1'],
            ['lib', '1-1', everywhere],
          ]),
          offers,
          NONE,
        ).additions,
      );
    expect(on(true)).toEqual([]);
    expect(on(false)).toEqual(['lib 1-1']);
  });

  it('says what nothing meets', () => {
    const found = resolveRpmNeeded(
      platform([['a', '1-1']]),
      [offer('a', '2-1', { requires: ['lib GE 3'] }), offer('lib', '2-1')],
      NONE,
    );
    expect(found.unmet).toEqual(['a 2-1: lib GE 3']);
  });

  it('brings what takes the place of an installed package, within its bound', () => {
    const offers = [offer('new', '2-1', { obsoletes: ['old LT 2'] })];
    expect(names(resolveRpmNeeded(platform([['old', '1-1']]), offers, NONE).upgrades)).toEqual(['new 2-1']);
    expect(resolveRpmNeeded(platform([['old', '3-1']]), offers, NONE).upgrades).toEqual([]);
  });

  it('leaves out other architectures, and streams that nobody enabled', () => {
    const offers = [offer('a', '2-1', { arch: 'aarch64' }), offer('n', '18-2'), offer('n', '20-1')];
    const modules = {
      packages: [
        { module: 'n:18', name: 'n', version: '18-2', arch: 'x86_64' },
        { module: 'n:20', name: 'n', version: '20-1', arch: 'x86_64' },
      ],
      defaults: [],
    };
    const of = (enabled: string[]) =>
      names(
        resolveRpmNeeded(
          platform(
            [
              ['a', '1-1'],
              ['n', '18-1'],
            ],
            { modules: enabled },
          ),
          offers,
          modules,
        ).upgrades,
      );
    expect(of([])).toEqual([]);
    expect(of(['n:18'])).toEqual(['n 18-2']);
    expect(of(['n:18', 'n:20'])).toEqual(['n 18-2', 'n 20-1']);
  });
});

describe('lists for sites that say more or less', () => {
  const list = (item: NeededPlatform): NeedsList => ({
    format: 'sallyport-needs-list/1',
    createdAt: '2026-11-24T00:00:00Z',
    platforms: [item],
    holdings: null,
  });

  it('merges streams that endpoints of several sites enabled', () => {
    const merged = mergeNeedsLists([
      list(platform([['a', '1-1']], { modules: ['n:18'] })),
      list(platform([['b', '1-1']], { modules: ['n:20'] })),
    ]);
    expect(merged.platforms).toMatchObject([
      { kind: 'dnf', modules: ['n:18', 'n:20'], packages: [{ name: 'a', everywhere: false }, { name: 'b' }] },
    ]);
  });

  it('reads a baseline, and refuses one that lists packages or has no components for apt', () => {
    const bare: Record<string, unknown> = { ...platform([]) };
    delete bare['packages'];
    const text = (value: object): string =>
      JSON.stringify({ format: 'sallyport-baseline/1', platforms: [value] });
    const [read] = parseBaseline(text(bare), '2026-11-24T00:00:00Z').platforms;
    expect(read).toMatchObject({ everything: true, packages: [] });
    for (const bad of [text({ ...bare, packages: [] }), text({ ...bare, kind: 'apt' }), '{}', 'no']) {
      expect(codeOf(() => parseBaseline(bad, '2026-11-24T00:00:00Z'))).toBe('COLLECT_NEEDS_LIST_INVALID');
    }
  });
});
