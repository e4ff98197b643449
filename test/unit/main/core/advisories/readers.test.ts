import { describe, expect, it } from 'vitest';
import { readAdvisoryDocument } from '../../../../../main/core/advisories/recognise.ts';
import type { AdvisoryReading, WantedRelease } from '../../../../../main/core/advisories/reading.ts';
import { formatAdvisories, parseAdvisories } from '../../../../../main/core/advisory.ts';
import { codeOf } from '../../../../support/coded.ts';

const DOCUMENT = { name: 'document', sha256: 'd'.repeat(64) };

const wanted = (distribution: string, codename: string, ...names: string[]): WantedRelease => ({
  distribution,
  codename,
  sources: new Set(names),
  packages: new Set(names),
});

/** Read, and good enough for a bundle: what our own schema refuses would stop a build. */
function read(value: unknown, ...releases: WantedRelease[]): AdvisoryReading {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const reading = readAdvisoryDocument(text, releases, DOCUMENT);
  expect(parseAdvisories(formatAdvisories(reading.advisories), 'a')).toEqual(reading.advisories);
  return reading;
}

describe("Debian's list of DSAs", () => {
  const LIST = `[02 Nov 2023] DSA-5546-1 chromium - security update
	{CVE-2023-5480 CVE-2023-5482}
	[bullseye] - chromium 119.0.6045.105-1~deb11u1
	[bookworm] - chromium 119.0.6045.105-1~deb12u1
[02 Nov 2023] DSA-5545-1 vlc - security update
	[bullseye] - vlc <not-affected> (Vulnerable code not present)
	[bookworm] - vlc 3.0.20-0+deb12u1
	NOTE: nothing
`;

  it('names the advisory, its day, its CVEs and the version of the release', () => {
    const { advisories } = read(LIST, wanted('debian', 'bookworm', 'chromium', 'vlc'));
    expect(advisories).toHaveLength(2);
    expect(advisories[0]).toMatchObject({
      advisory: 'DSA-5546-1',
      source: 'chromium',
      of: 'source',
      fixedVersion: '119.0.6045.105-1~deb12u1',
      cves: ['CVE-2023-5480', 'CVE-2023-5482'],
      publishedAt: '2023-11-02T00:00:00.000Z',
      severity: 'not stated',
      title: 'DSA-5546-1 chromium: security update',
      provenance: { kind: 'dsa', ...{ document: 'document', sha256: DOCUMENT.sha256 } },
    });
    expect(advisories[1]).toMatchObject({ advisory: 'DSA-5545-1', cves: [] });
  });

  it('leaves out other releases, other packages and what has no version', () => {
    expect(read(LIST, wanted('debian', 'bullseye', 'vlc')).advisories).toEqual([]);
    expect(read(LIST, wanted('ubuntu', 'bookworm', 'vlc')).advisories).toEqual([]);
    expect(read(LIST, wanted('debian', 'bookworm', 'openssl')).advisories).toEqual([]);
  });
});

describe("Debian's list of CVEs", () => {
  const LIST = `CVE-2023-5088 (A bug in QEMU could cause a guest I/O operation otherwise ...)
	- qemu 1:8.1.1+ds-2 (low; bug #1)
	[bookworm] - qemu 1:7.2+dfsg-7+deb12u3
	[bullseye] - qemu <no-dsa> (Minor issue)
CVE-2023-46817 (An issue was discovered in phpFox before 4.8.14. The ...)
	NOT-FOR-US: phpFox
CVE-2023-46517
	REJECTED
CVE-2023-XXXX [VLC: OOW in MMS URL parsing]
	- vlc 3.0.20-1
	[bookworm] - vlc 3.0.20-0+deb12u1
CVE-2023-1111 (Something else)
	- vlc <unfixed>
CVE-2023-5849 (Integer overflow in USB in Google Chrome prior to 119.0.6045.105 ...)
	{DSA-5546-1}
	- chromium 119.0.6045.105-1
	[buster] - chromium <end-of-life> (see DSA 5046)
`;

  it("takes the line of the release, and unstable's for a release without one", () => {
    const { advisories } = read(LIST, wanted('debian', 'bookworm', 'qemu', 'vlc', 'chromium'));
    expect(advisories.map((item) => [item.cves[0], item.fixedVersion, item.severity])).toEqual([
      ['CVE-2023-5088', '1:7.2+dfsg-7+deb12u3', 'low'],
      ['CVE-2023-5849', '119.0.6045.105-1', 'not stated'],
    ]);
  });

  it('says nothing where the release has no fix', () => {
    expect(read(LIST, wanted('debian', 'bullseye', 'qemu')).advisories).toEqual([]);
    expect(read(LIST, wanted('debian', 'buster', 'chromium')).advisories).toEqual([]);
  });
});

describe("Debian's tracker", () => {
  it('is recognised, and read for each Debian release', () => {
    const tracker = {
      openssl: {
        'CVE-2026-1001': {
          releases: {
            bookworm: { status: 'resolved', fixed_version: '3.0.20-1~deb12u2', urgency: 'high' },
            trixie: { status: 'open', urgency: 'high' },
          },
        },
      },
    };
    const { advisories } = read(
      tracker,
      wanted('debian', 'bookworm', 'openssl'),
      wanted('debian', 'trixie', 'openssl'),
    );
    expect(advisories).toMatchObject([{ codename: 'bookworm', severity: 'high', cves: ['CVE-2026-1001'] }]);
  });
});

describe("Ubuntu's notices", () => {
  const DATABASE = {
    '4011-1': {
      title: 'Jinja2 vulnerabilities',
      description: 'Olivier Dony discovered that Jinja incorrectly handled str.format.',
      cves: ['CVE-2016-10745', 'https://launchpad.net/bugs/1', 'CVE-2019-10906'],
      timestamp: 1559825340.5,
      releases: {
        xenial: {
          sources: { jinja2: { version: '2.8-1ubuntu0.1' } },
          allbinaries: { 'python-jinja2': { pocket: 'security', version: '2.8-1ubuntu0.1' } },
        },
        trusty: {
          sources: { jinja2: { version: '2.7.2-2ubuntu0.1~esm1' } },
          allbinaries: { 'python-jinja2': { pocket: 'esm-infra', version: '2.7.2-2ubuntu0.1~esm1' } },
        },
      },
    },
  };

  it('are named USN, with their CVEs and the moment of publication', () => {
    const { advisories } = read(DATABASE, wanted('ubuntu', 'xenial', 'jinja2'));
    expect(advisories).toMatchObject([
      {
        advisory: 'USN-4011-1',
        fixedVersion: '2.8-1ubuntu0.1',
        cves: ['CVE-2016-10745', 'CVE-2019-10906'],
        publishedAt: '2019-06-06T12:49:00.500Z',
      },
    ]);
  });

  it('say so when the fix is only in the archives of Ubuntu Pro', () => {
    expect(read(DATABASE, wanted('ubuntu', 'trusty', 'jinja2')).advisories[0]?.body).toMatch(/Ubuntu Pro/);
  });

  it('are refused when a notice has no moment', () => {
    const broken = { '4011-1': { ...DATABASE['4011-1'], timestamp: 'yesterday' } };
    expect(codeOf(() => read(broken, wanted('ubuntu', 'xenial', 'jinja2')))).toBe(
      'COLLECT_ADVISORIES_INVALID',
    );
  });
});

describe('OSV', () => {
  const entry = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
    schema_version: '1.7.0',
    id: 'UBUNTU-CVE-2024-1234',
    modified: '2024-11-05T00:00:00Z',
    published: '2024-11-04T00:00:00Z',
    upstream: ['CVE-2024-1234'],
    details: 'Text.',
    severity: [
      { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
      { type: 'Ubuntu', score: 'medium' },
    ],
    affected: [
      {
        package: { ecosystem: 'Ubuntu:22.04:LTS', name: 'apache2' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.4.52-1ubuntu4.13' }] }],
      },
      {
        package: { ecosystem: 'Ubuntu:Pro:18.04:LTS', name: 'apache2' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.4.29-1ubuntu4.27+esm4' }] }],
      },
      {
        package: { ecosystem: 'Ubuntu:24.04:LTS', name: 'apache2' },
        ranges: [{ type: 'GIT', events: [{ fixed: 'abc' }] }],
      },
    ],
    ...change,
  });

  it("reads fixed versions, the vendor's own priority, and a vector of the one CVE it is about", () => {
    const reading = read(entry(), wanted('ubuntu', 'jammy', 'apache2'));
    expect(reading.advisories).toMatchObject([
      {
        advisory: null,
        fixedVersion: '2.4.52-1ubuntu4.13',
        severity: 'medium',
        cves: ['CVE-2024-1234'],
        publishedAt: '2024-11-04T00:00:00.000Z',
      },
    ]);
    expect(reading.statements).toMatchObject([
      { cve: 'CVE-2024-1234', cvss: [{ version: '3.1', base: 9.8, source: 'OSV UBUNTU' }] },
    ]);
  });

  it('takes no severity from a score, no vector for several CVEs, and nothing from what was withdrawn', () => {
    const severity = [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }];
    const several = read(
      [entry({ id: 'USN-1-1', severity, related: ['CVE-2024-2222'] })],
      wanted('ubuntu', 'jammy', 'apache2'),
    );
    expect(several.advisories[0]).toMatchObject({ advisory: 'USN-1-1', severity: 'not stated' });
    expect(several.statements).toEqual([]);
    expect(read(entry({ withdrawn: '2024-12-01T00:00:00Z' }), wanted('ubuntu', 'jammy', 'apache2'))).toEqual({
      advisories: [],
      statements: [],
    });
  });

  it('speaks of binary packages where the ecosystem is of RPMs', () => {
    const alma = entry({
      id: 'ALSA-2024:9',
      affected: [
        {
          package: { ecosystem: 'AlmaLinux:9', name: 'httpd' },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.4.57-11.el9_4.1' }] }],
        },
      ],
    });
    expect(read(alma, wanted('almalinux', '9', 'httpd')).advisories).toMatchObject([
      { ecosystem: 'rpm', of: 'binary', codename: '9', advisory: 'ALSA-2024:9' },
    ]);
  });
});

describe('CSAF', () => {
  const branch = (name: string, helper: Record<string, unknown>, id = name): Record<string, unknown> => ({
    category: 'product_version',
    name,
    product: { name, product_id: id, product_identification_helper: helper },
  });
  const relation = (component: string, platform: string): Record<string, unknown> => ({
    category: 'default_component_of',
    full_product_name: { name: 'x', product_id: `${platform}:${component}` },
    product_reference: component,
    relates_to_product_reference: platform,
  });
  const csaf = (
    change: Record<string, unknown> = {},
    head: Record<string, unknown> = {},
  ): Record<string, unknown> => ({
    document: {
      category: 'csaf_security_advisory',
      csaf_version: '2.0',
      title: 'Red Hat Security Advisory: openssl security update',
      publisher: {
        category: 'vendor',
        name: 'Red Hat Product Security',
        namespace: 'https://www.redhat.com',
      },
      aggregate_severity: { text: 'Important' },
      notes: [{ category: 'general', text: 'What it fixes.', title: 'Details' }],
      tracking: { id: 'RHSA-2026:1', initial_release_date: '2026-03-05T14:29:44+00:00', status: 'final' },
      ...head,
    },
    product_tree: {
      branches: [
        {
          category: 'vendor',
          name: 'Red Hat',
          branches: [
            branch('RHEL 9', { cpe: 'cpe:/o:redhat:enterprise_linux:9::baseos' }, 'BaseOS-9'),
            branch('Satellite', { cpe: 'cpe:/a:redhat:satellite:6.16::el8' }, 'Satellite'),
            branch('openssl-1:3.0.7-28.el9_4.x86_64', {
              purl: 'pkg:rpm/redhat/openssl@3.0.7-28.el9_4?arch=x86_64&epoch=1',
            }),
            branch('openssl-1:3.0.7-28.el9_4.src', {
              purl: 'pkg:rpm/redhat/openssl@3.0.7-28.el9_4?arch=src&epoch=1',
            }),
            branch('zlib-0:1.2-3.el9.x86_64', {}),
          ],
        },
      ],
      relationships: [
        relation('openssl-1:3.0.7-28.el9_4.x86_64', 'BaseOS-9'),
        relation('openssl-1:3.0.7-28.el9_4.src', 'BaseOS-9'),
        relation('zlib-0:1.2-3.el9.x86_64', 'BaseOS-9'),
        relation('openssl-1:3.0.7-28.el9_4.x86_64', 'Satellite'),
      ],
    },
    vulnerabilities: [
      {
        cve: 'CVE-2026-1001',
        product_status: {
          fixed: [
            'BaseOS-9:openssl-1:3.0.7-28.el9_4.x86_64',
            'BaseOS-9:openssl-1:3.0.7-28.el9_4.src',
            'Satellite:openssl-1:3.0.7-28.el9_4.x86_64',
          ],
          known_not_affected: ['BaseOS-9:zlib-0:1.2-3.el9.x86_64'],
        },
        scores: [
          { cvss_v3: { vectorString: 'CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:H/I:H/A:N', baseScore: 5.6 } },
        ],
        threats: [
          { category: 'impact', details: 'Moderate' },
          {
            category: 'exploit_status',
            details: 'Publicly Disclosed:No;Exploited:Yes;Latest Software Release:X',
          },
        ],
      },
      {
        cve: 'CVE-2026-1002',
        product_status: { fixed: ['BaseOS-9:openssl-1:3.0.7-28.el9_4.x86_64'] },
      },
    ],
    ...change,
  });
  const RHEL = wanted('rhel', '9', 'openssl', 'zlib');

  it('joins what one advisory fixes in a package, with the epoch and the vendor’s severity', () => {
    const { advisories } = read(csaf(), RHEL);
    expect(advisories).toMatchObject([
      {
        advisory: 'RHSA-2026:1',
        ecosystem: 'rpm',
        of: 'binary',
        source: 'openssl',
        fixedVersion: '1:3.0.7-28.el9_4',
        cves: ['CVE-2026-1001', 'CVE-2026-1002'],
        severity: 'high',
        publishedAt: '2026-03-05T14:29:44.000Z',
        body: 'What it fixes.',
      },
    ]);
  });

  it('keeps who scored, what the vendor says of attacks, and what was never affected', () => {
    expect(read(csaf(), RHEL).statements[0]).toEqual({
      cve: 'CVE-2026-1001',
      cvss: [
        {
          version: '3.1',
          base: 5.6,
          vector: 'CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:H/I:H/A:N',
          source: 'Red Hat',
        },
      ],
      vendor: [{ source: 'Red Hat', exploited: true, disclosed: false }],
      notAffected: [
        { source: 'Red Hat', ecosystem: 'rpm', distribution: 'rhel', codename: '9', package: 'zlib' },
      ],
    });
  });

  it('reads SUSE: products by name, service packs as minor versions', () => {
    const suse = csaf({
      product_tree: {
        branches: [
          branch('SLES 15 SP6', { cpe: 'cpe:/o:suse:sles:15:sp6' }, 'SUSE Linux Enterprise Server 15 SP6'),
          branch('libopenssl3-3.1.4-150600.5.15.1.x86_64', {}),
        ],
        relationships: [
          relation('libopenssl3-3.1.4-150600.5.15.1.x86_64', 'SUSE Linux Enterprise Server 15 SP6'),
        ],
      },
      vulnerabilities: [
        {
          cve: 'CVE-2026-1001',
          product_status: {
            fixed: ['SUSE Linux Enterprise Server 15 SP6:libopenssl3-3.1.4-150600.5.15.1.x86_64'],
          },
        },
      ],
    });
    expect(read(suse, wanted('sles', '15.6', 'libopenssl3')).advisories).toMatchObject([
      { codename: '15.6', source: 'libopenssl3', fixedVersion: '3.1.4-150600.5.15.1' },
    ]);
  });

  it('takes a VEX document for no advisory', () => {
    expect(read(csaf({}, { category: 'csaf_vex' }), RHEL).advisories[0]?.advisory).toBeNull();
  });

  it('refuses a product tree that is too deep, without running out of stack', () => {
    const deep = `${'{"branches":['.repeat(100_000)}{}${']}'.repeat(100_000)}`;
    const text = JSON.stringify(csaf({ product_tree: 'TREE' })).replace('"TREE"', deep);
    expect(codeOf(() => read(text, RHEL))).toBe('COLLECT_ADVISORIES_INVALID');
  });
});

describe('a document of another kind', () => {
  it.each([
    ['an empty file', ''],
    ['a page', '<html></html>'],
    ['a list of numbers', '[1, 2]'],
    ['broken JSON', '{"a": '],
    ['an empty object', '{}'],
    ['some other JSON', '{"catalogVersion": "1", "vulnerabilities": []}'],
    ['a table', 'cve,epss\nCVE-2020-5902,0.1\n'],
  ])('is refused: %s', (_what, text) => {
    expect(codeOf(() => read(text, wanted('debian', 'bookworm', 'vlc')))).toBe('COLLECT_ADVISORIES_INVALID');
  });
});
