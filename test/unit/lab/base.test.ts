import { describe, expect, it } from 'vitest';
import { type BaseInputs, baseName, sourcesList } from '../../lab/real/base.ts';
import { parseIndexTargets, parseReleaseDate } from '../../lab/real/mirror.ts';
import { installCommand, missingPackages } from '../../lab/real/requirements.ts';

const INPUTS: BaseInputs = {
  suite: 'bookworm',
  releaseDate: 'Sat, 11 Jul 2026 10:16:37 UTC',
  packages: ['openssl', 'curl'],
  guestFiles: { inittab: 'id:2:initdefault:' },
  version: 1,
};

describe('the name of a base', () => {
  it('does not depend on the order in which packages are listed', () => {
    expect(baseName({ ...INPUTS, packages: ['curl', 'openssl'] })).toBe(baseName(INPUTS));
  });

  it.each<[string, Partial<BaseInputs>]>([
    ['the suite', { suite: 'bullseye' }],
    ['the release date', { releaseDate: 'Sat, 10 Oct 2026 10:00:00 UTC' }],
    ['a package', { packages: ['openssl'] }],
    ['a guest file', { guestFiles: { inittab: 'id:3:initdefault:' } }],
    ['the version', { version: 2 }],
  ])('changes with %s', (_what, change) => {
    expect(baseName({ ...INPUTS, ...change })).not.toBe(baseName(INPUTS));
  });
});

describe("reading the machine's own mirror", () => {
  it("takes Debian's archives by their signed origin and label, and nobody else's", () => {
    const text = [
      'Vendor\tDebian\thttp://vendor.example/debian/\tbookworm',
      'Debian\tDebian\thttp://mirror.example/debian/\tbookworm',
      'Debian\tDebian\thttp://mirror.example/debian/\tbookworm-updates',
      'Debian\tDebian-Security\thttp://mirror.example/debian-security/\tbookworm-security',
    ].join('\n');
    expect(parseIndexTargets(text)).toEqual({
      mainUri: 'http://mirror.example/debian',
      securityUri: 'http://mirror.example/debian-security',
    });
  });

  it('says nothing rather than half of it when there is no security archive', () => {
    expect(parseIndexTargets('Debian\tDebian\thttp://mirror.example/debian/\tbookworm\n')).toBeUndefined();
  });

  it('reads the date of a signed Release file', () => {
    const text = '-----BEGIN PGP SIGNED MESSAGE-----\nSuite: stable\nDate: Sat, 11 Jul 2026 10:16:37 UTC\n';
    expect([parseReleaseDate(text), parseReleaseDate('<html>')]).toEqual([
      'Sat, 11 Jul 2026 10:16:37 UTC',
      undefined,
    ]);
  });

  it('gives endpoints the main and the security archive of their suite', () => {
    const mirror = { mainUri: 'http://m.example/debian', securityUri: 'http://m.example/debian-security' };
    expect(sourcesList(mirror, 'bullseye')).toBe(
      'deb http://m.example/debian bullseye main\ndeb http://m.example/debian-security bullseye-security main\n',
    );
  });
});

describe('packages the lab needs', () => {
  it('counts a package that was removed but for its settings as missing', () => {
    const listing = 'installed btrfs-progs\nconfig-files nftables\n';
    expect(missingPackages(['btrfs-progs', 'nftables', 'iproute2'], listing)).toEqual([
      'nftables',
      'iproute2',
    ]);
  });

  it('are installed without recommendations', () => {
    expect(installCommand(['nftables']).join(' ')).toBe(
      'apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends nftables',
    );
  });
});
