import { describe, expect, it } from 'vitest';
import { selectCandidate, type PinPriority } from '../../../../../main/core/apt/candidate.ts';
import { resolveNeeded, type Offer } from '../../../../../main/core/apt/resolve.ts';
import type { NeededPackage, NeededPlatform } from '../../../../../main/core/needs-list.ts';

let counter = 0;
function offer(name: string, version: string, fields: Partial<Offer> = {}): Offer {
  counter += 1;
  return {
    name,
    version,
    arch: 'amd64',
    source: name,
    sourceVersion: version,
    section: '',
    priority: 'optional',
    installedSize: null,
    size: 1,
    sha256: counter.toString(16).padStart(64, '0'),
    filename: `pool/${name}.deb`,
    essential: false,
    multiArch: '',
    preDepends: '',
    depends: '',
    provides: '',
    breaks: '',
    conflicts: '',
    description: '',
    pin: 500,
    repository: 'r',
    ...fields,
  };
}
const has = (name: string, version: string, everywhere = true, arch = 'amd64'): NeededPackage => ({
  name,
  arch,
  version,
  source: name,
  sourceVersion: version,
  everywhere,
  held: false,
});
const platform = (...packages: NeededPackage[]): NeededPlatform => ({
  distribution: { id: 'debian', codename: 'bookworm' },
  architecture: 'amd64',
  repositories: [{ root: 'debian', suite: 'bookworm', components: ['main'] }],
  packages,
});
const names = (offers: readonly Offer[]): string[] => offers.map((item) => `${item.name} ${item.version}`);

describe('candidates', () => {
  const pick = (installed: string, ...offers: [string, PinPriority][]): string | null =>
    selectCandidate(
      installed,
      offers.map(([version, pin]) => ({ version, pin })),
    )?.version ?? null;

  it('takes the highest version of ordinary repositories', () => {
    expect(pick('1', ['1', 500], ['3', 500], ['2', 500])).toBe('3');
  });
  it('stays when nothing is newer, and never goes back', () => {
    expect(pick('3', ['1', 500], ['3', 500])).toBeNull();
    expect(pick('3', ['2', 500])).toBeNull();
  });
  it('does not take from experimental, nor from backports while an ordinary repository has as good a version', () => {
    expect(pick('1', ['9', 1])).toBeNull();
    expect(pick('1', ['1', 500], ['9', 100])).toBeNull();
    expect(pick('1', ['2', 500], ['9', 100])).toBe('2');
  });
  it('stays on backports once installed from there', () => {
    expect(pick('8', ['2', 500], ['9', 100])).toBe('9');
  });
});

describe('what a bundle must carry', () => {
  it('carries the newest version of what is installed, and what it newly depends on', () => {
    const result = resolveNeeded(platform(has('app', '1'), has('libold', '1')), [
      offer('app', '1', { depends: 'libold' }),
      offer('app', '2', { depends: 'libold, libnew (>= 2)' }),
      offer('libnew', '2', { depends: 'libdeep' }),
      offer('libnew', '1'),
      offer('libdeep', '1'),
      offer('libold', '1'),
      offer('unrelated', '9'),
    ]);
    expect([names(result.upgrades), names(result.additions), result.unmet]).toEqual([
      ['app 2'],
      ['libdeep 1', 'libnew 2'],
      [],
    ]);
  });

  it('carries nothing for demands that every endpoint meets, by itself or by a provided name', () => {
    const result = resolveNeeded(platform(has('app', '1'), has('exim', '4'), has('lib', '1')), [
      offer('app', '2', { depends: 'mta, lib (>= 2), missing | lib' }),
      offer('lib', '2'),
      offer('exim', '4', { provides: 'mta' }),
      offer('postfix', '3', { provides: 'mta' }),
    ]);
    expect([names(result.upgrades), names(result.additions), result.unmet]).toEqual([
      ['app 2', 'lib 2'],
      [],
      [],
    ]);
  });

  it('carries a demand’s package for endpoints that lack it though others have it', () => {
    const result = resolveNeeded(platform(has('app', '1'), has('lib', '1', false)), [
      offer('app', '2', { depends: 'lib' }),
      offer('lib', '1'),
    ]);
    expect(names(result.additions)).toEqual(['lib 1']);
  });

  it('trusts demands that the installed version had too', () => {
    const result = resolveNeeded(platform(has('app', '1'), has('lib', '1', false)), [
      offer('app', '1', { depends: 'lib' }),
      offer('app', '2', { depends: 'lib' }),
      offer('lib', '1'),
    ]);
    expect(names(result.additions)).toEqual([]);
  });

  it('takes the first alternative that is to be had, and says what is not', () => {
    const result = resolveNeeded(platform(has('app', '1')), [
      offer('app', '2', { depends: 'nowhere | here, gone (>= 9)', preDepends: 'virtual' }),
      offer('here', '1'),
      offer('gone', '8'),
      offer('zzz', '1', { provides: 'virtual' }),
      offer('aaa', '1', { provides: 'virtual' }),
    ]);
    expect(names(result.additions)).toEqual(['aaa 1', 'here 1']);
    expect(result.unmet).toEqual(['app 2: gone']);
  });

  it('matches packages of architecture all with those of the endpoint’s own, and of no other', () => {
    const result = resolveNeeded(platform(has('a', '1', true, 'all'), has('b', '1', true, 'i386')), [
      offer('a', '2'),
      offer('b', '2'),
      offer('b', '3', { arch: 'i386' }),
    ]);
    expect(names(result.upgrades)).toEqual(['a 2', 'b 3']);
  });

  it('ends on packages that depend on one another', () => {
    const result = resolveNeeded(platform(has('app', '1')), [
      offer('app', '2', { depends: 'x' }),
      offer('x', '1', { depends: 'y' }),
      offer('y', '1', { depends: 'x, app' }),
    ]);
    expect(names(result.additions)).toEqual(['x 1', 'y 1']);
  });
});
