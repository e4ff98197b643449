import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChangelog } from '../../../../../main/core/apt/changelog.ts';
import { meetsBound, meetsByProvides, parseClauses } from '../../../../../main/core/apt/dependency.ts';
import { isHeld, isPresent, parseDpkgStatus } from '../../../../../main/core/apt/inventory.ts';
import { parsePackages } from '../../../../../main/core/apt/packages-index.ts';
import { extractSignedText, parseRelease, parseReleaseDate } from '../../../../../main/core/apt/release.ts';
import { parseTracker } from '../../../../../main/core/apt/tracker.ts';
import { parseStanzas } from '../../../../../main/core/apt/stanza.ts';
import { codeOf } from '../../../../support/coded.ts';

const SHA = 'a'.repeat(64);

const INDEX = `Package: openssl
Source: openssl-src (3.0.2-1)
Version: 3.0.2-1+b1
Architecture: amd64
Installed-Size: 1500
Depends: libc6 (>= 2.36),
 libssl3 (>= 3.0.2)
Description: Secure Sockets Layer toolkit
 more that is not kept
Section: utils
Priority: optional
Filename: pool/main/o/openssl/openssl_3.0.2-1+b1_amd64.deb
Size: 123
SHA256: ${SHA}
Tag: a, b

Package: base
Essential: yes
Version: 1
Architecture: all
Filename: pool/main/b/base/base_1_all.deb
Size: 5
SHA256: ${SHA}
`;

describe('package indexes', () => {
  it('reads what is needed of each paragraph', () => {
    const { records } = parsePackages(INDEX, true, 'Packages');
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      name: 'openssl',
      version: '3.0.2-1+b1',
      source: 'openssl-src',
      sourceVersion: '3.0.2-1',
      depends: 'libc6 (>= 2.36), libssl3 (>= 3.0.2)',
      description: 'Secure Sockets Layer toolkit',
      installedSize: 1500,
      size: 123,
      essential: false,
    });
    expect(records[1]).toMatchObject({
      name: 'base',
      source: 'base',
      sourceVersion: '1',
      essential: true,
      installedSize: null,
    });
  });

  it('gives the same packages however the text is cut into pieces', () => {
    const whole = parsePackages(INDEX, true, 'Packages').records;
    fc.assert(
      fc.property(fc.array(fc.nat(INDEX.length), { maxLength: 6 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), INDEX.length];
        let rest = '';
        const records = places.slice(1).flatMap((end, index) => {
          const parsed = parsePackages(
            rest + INDEX.slice(places[index], end),
            index === places.length - 2,
            'Packages',
          );
          rest = parsed.rest;
          return parsed.records;
        });
        expect(records).toEqual(whole);
      }),
    );
  });

  it.each(['Version', 'Architecture', 'Filename', 'Size', 'SHA256'])(
    'refuses a package without %s',
    (field) => {
      const text = INDEX.replace(new RegExp(`^${field}: .*\n`, 'm'), '');
      expect(codeOf(() => parsePackages(text, true, 'Packages'))).toBe('BUNDLE_CONTENT_UNREADABLE');
    },
  );
});

const RELEASE = `Origin: Debian
Label: Debian-Security
Suite: oldstable-security
Codename: bookworm-security
Date: Sat, 21 Nov 2026 00:53:02 UTC
Valid-Until: Sat, 28 Nov 2026 00:53:02 UTC
Acquire-By-Hash: yes
Architectures: amd64 arm64
Components: main contrib
SHA256:
 ${SHA}   378100 main/binary-amd64/Packages.xz
 ${SHA}        0 main/binary-arm64/Packages`;

const signed = (text: string): string =>
  `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${text}\n-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n`;

describe('release files', () => {
  it('reads names, dates and sums', () => {
    const release = parseRelease(extractSignedText(signed(RELEASE), 'InRelease'), 'InRelease');
    expect(release).toMatchObject({
      label: 'Debian-Security',
      codename: 'bookworm-security',
      date: '2026-11-21T00:53:02.000Z',
      validUntil: '2026-11-28T00:53:02.000Z',
      acquireByHash: true,
      notAutomatic: false,
      components: ['main', 'contrib'],
    });
    expect(release.files.get('main/binary-amd64/Packages.xz')).toEqual({ sha256: SHA, size: 378_100 });
  });

  it('takes the signed part without what stands around it', () => {
    expect(extractSignedText(signed('- -dash\nline'), 'f')).toBe('-dash\nline');
    for (const hostile of [
      `Origin: Evil\n${signed(RELEASE)}`,
      `${signed(RELEASE)}Origin: Evil\n`,
      signed(RELEASE).replace('Hash: SHA256', 'Hash: SHA256\nOrigin: Evil'),
      signed(RELEASE) + signed(RELEASE),
      RELEASE,
      '',
    ]) {
      expect(codeOf(() => extractSignedText(hostile, 'InRelease'))).toBe('BUNDLE_CONTENT_UNREADABLE');
    }
  });

  it('refuses release files without date or sums, or with unreadable ones', () => {
    for (const broken of [
      RELEASE.replace(/^Date: .*$/m, ''),
      RELEASE.replace('2026 00:53:02 UTC', 'soon'),
      RELEASE.replace(/Valid-Until: .*/, 'Valid-Until: never'),
      RELEASE.replaceAll(SHA, 'beef'),
      RELEASE.slice(0, RELEASE.indexOf('SHA256')),
    ]) {
      expect(codeOf(() => parseRelease(broken, 'InRelease'))).toBe('BUNDLE_CONTENT_UNREADABLE');
    }
  });

  it('reads dates as the archive writes them, and no others', () => {
    expect(parseReleaseDate('Sat, 11 Jul 2026  1:02:03 UTC')).toBe('2026-07-11T01:02:03.000Z');
    expect(parseReleaseDate('Sat, 11 Jul 2026 01:02:03 CEST')).toBeNull();
  });
});

describe('relations', () => {
  it('reads alternatives, bounds and qualifiers', () => {
    expect(parseClauses('a, b (>= 1:2) | c:any (<< 3) [amd64] <!nocheck>')).toEqual([
      [{ name: 'a', archQualifier: null, relation: null, version: null }],
      [
        { name: 'b', archQualifier: null, relation: '>=', version: '1:2' },
        { name: 'c', archQualifier: 'any', relation: '<<', version: '3' },
      ],
    ]);
    expect(parseClauses('')).toEqual([]);
  });

  it.each([
    ['=', '1.0-0', true],
    ['=', '1.1', false],
    ['>>', '1.0', false],
    ['>>', '1.0+b1', true],
    ['<=', '1.0', true],
    ['<<', '1.0~', true],
    ['>=', '0.9', false],
  ] as const)('a bound of %s 1.0 on %s holds: %s', (relation, version, holds) => {
    expect(meetsBound(version, { name: 'x', archQualifier: null, relation, version: '1.0' })).toBe(holds);
  });

  it('lets a provided name without version meet only a demand without version', () => {
    const [plain, versioned, demand, open] = ['mta', 'mta (= 2)', 'mta (>= 1)', 'mta'].map(
      (text) => parseClauses(text)[0]?.[0],
    );
    if (!plain || !versioned || !demand || !open) throw new Error('unparsed');
    expect([
      meetsByProvides(plain, demand),
      meetsByProvides(versioned, demand),
      meetsByProvides(plain, open),
    ]).toEqual([false, true, true]);
  });
});

const CHANGELOG = `openssl (3.0.20-1~deb12u2) bookworm-security; urgency=high

  * CVE-2025-1111 and cve-2025-2222 fixed
    (again CVE-2025-1111)

 -- A Person <a@example.invalid>  Tue, 14 Oct 2025 22:02:13 +0200

openssl (3.0.17-1) bookworm; urgency=medium

  * New upstream

 -- A Person <a@example.invalid>  Mon, 01 Sep 2025 10:00:00 +0000

openssl (3.0.1-1) unstable; urgency=low

  * CVE-2020-0001

 -- A Person <a@example.invalid>  Mon, 01 Sep 2020 10:00:00 +0000
`;

describe('changelogs', () => {
  it('gives the entries newer than the installed version with the CVEs they mention', () => {
    expect(parseChangelog(CHANGELOG, '3.0.1-1')).toMatchObject([
      {
        version: '3.0.20-1~deb12u2',
        urgency: 'high',
        date: '2025-10-14T20:02:13.000Z',
        cves: ['CVE-2025-1111', 'CVE-2025-2222'],
      },
      { version: '3.0.17-1', urgency: 'medium', cves: [] },
    ]);
    expect(parseChangelog(CHANGELOG, null)).toHaveLength(3);
    expect(parseChangelog(CHANGELOG, '4')).toEqual([]);
  });

  it('makes nothing of texts that are no Debian changelog', () => {
    expect(parseChangelog('Changes in 1.2\n * CVE-2020-1\n', null)).toEqual([]);
  });
});

describe('inventories', () => {
  it('reads dpkg’s status file', () => {
    const status = `Package: a\nStatus: hold ok installed\nArchitecture: amd64\nSource: src (2-1)\nVersion: 2-1+b1\n\nPackage: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n`;
    const expected = [
      {
        name: 'a',
        version: '2-1+b1',
        arch: 'amd64',
        source: 'src',
        sourceVersion: '2-1',
        status: 'hold ok installed',
      },
      {
        name: 'gone',
        version: '1',
        arch: 'all',
        source: 'gone',
        sourceVersion: '1',
        status: 'deinstall ok config-files',
      },
    ];
    expect(parseDpkgStatus(status)).toEqual(expected);
    expect(expected.map((item) => [isPresent(item.status), isHeld(item.status)])).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  it('reads folded fields and comments of deb822', () => {
    expect(
      parseStanzas('# c\nA: 1\n 2\n\t3\nb:4\n\n\nA: 5\r\n').map((stanza) => Object.fromEntries(stanza)),
    ).toEqual([{ a: '1\n2\n3', b: '4' }, { a: '5' }]);
  });
});

describe('the security tracker', () => {
  const document = { name: 'tracker.json', sha256: SHA };
  const wanted = { distribution: 'debian', codename: 'bookworm', sources: new Set(['openssl']) };
  const release = (fields: object): object => ({ releases: { bookworm: { status: 'resolved', ...fields } } });

  it('takes fixed versions and the vendor’s own severity, and leaves out what never was affected', () => {
    const json = JSON.stringify({
      openssl: {
        'CVE-2025-1': release({ fixed_version: '3.0.20-1', urgency: 'high**' }),
        'CVE-2025-1000': release({ fixed_version: '3.0.20-1', urgency: 'high**' }),
        'CVE-2025-2000': release({ fixed_version: '0', urgency: 'low' }),
        'CVE-2025-3000': release({ urgency: 'low' }),
        'CVE-2025-4000': release({ fixed_version: '3.0.20-1', urgency: 'not yet assigned' }),
      },
      other: { 'CVE-2025-5000': release({ fixed_version: '1' }) },
    });
    expect(parseTracker(json, wanted, document).map((item) => [item.cves[0], item.severity])).toEqual([
      ['CVE-2025-1000', 'high'],
      ['CVE-2025-4000', 'not stated'],
    ]);
  });

  it.each(['[]', '{"a": 1}', 'no json'])('refuses %s', (json) => {
    expect(codeOf(() => parseTracker(json, wanted, document))).toBe('COLLECT_ADVISORIES_INVALID');
  });
});
