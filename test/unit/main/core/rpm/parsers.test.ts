import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseModules } from '../../../../../main/core/rpm/modules.ts';
import { PrimaryReader, sourceOf, type RpmRecord } from '../../../../../main/core/rpm/primary.ts';
import { parseRepomd } from '../../../../../main/core/rpm/repomd.ts';
import { UpdateinfoReader } from '../../../../../main/core/rpm/updateinfo.ts';
import { readDate } from '../../../../../main/core/rpm/xml-document.ts';
import type { Advisory } from '../../../../../main/core/advisory.ts';
import { codeOf } from '../../../../support/coded.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/rpm/${name}`, import.meta.url), 'utf8');
const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

const data = (type: string, inside: string): string => `<data type="${type}">${inside}</data>`;
const repomd = (...parts: string[]): string =>
  `<?xml version="1.0"?><repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>${parts.join('')}</repomd>`;
const packed = (path: string, sum = 'sha256'): string =>
  `<checksum type="${sum}">${A}</checksum><open-checksum type="sha256">${B}</open-checksum><location href="${path}"/>` +
  '<timestamp>1700000000</timestamp><size>10</size><open-size>20</open-size>';

describe('repomd.xml', () => {
  it('names each file by size and checksum, packed and unpacked', () => {
    const read = parseRepomd(repomd(data('primary', packed('repodata/p.xml.zst'))), 'repomd.xml');
    expect(read.date).toBe('2023-11-14T22:13:20.000Z');
    expect(read.files.get('primary')).toEqual({
      type: 'primary',
      path: 'repodata/p.xml.zst',
      checksum: { algorithm: 'sha256', digest: A },
      size: 10,
      openChecksum: { algorithm: 'sha256', digest: B },
      openSize: 20,
    });
  });

  it('takes a file that is not packed as its own content', () => {
    const plain = `<checksum type="sha256">${A}</checksum><location href="repodata/m.yaml"/><size>7</size>`;
    expect(parseRepomd(repomd(data('modules', plain)), 'repomd.xml').files.get('modules')).toMatchObject({
      openChecksum: { algorithm: 'sha256', digest: A },
      openSize: 7,
    });
  });

  it('takes SHA-512 where a vendor gives no other', () => {
    const sum = 'c'.repeat(128);
    const inside = `<checksum type="sha512">${sum}</checksum><location href="repodata/p.xml"/><size>7</size>`;
    expect(parseRepomd(repomd(data('primary', inside)), 'repomd.xml').files.get('primary')).toMatchObject({
      checksum: { algorithm: 'sha512', digest: sum },
      openChecksum: { algorithm: 'sha512', digest: sum },
    });
  });

  it.each([
    ['a sum of another length than its kind has', packed('repodata/p.xml.gz', 'sha512')],
    ['an old checksum', packed('repodata/p.xml.gz', 'sha')],
    ['a path that climbs', packed('repodata/../../p.xml.gz')],
    ['a path from the root', packed('/repodata/p.xml.gz')],
    ['another address', packed('http://elsewhere/p.xml.gz')],
  ])('does not see a file with %s', (_what, inside) => {
    expect(parseRepomd(repomd(data('primary', inside)), 'repomd.xml').files.size).toBe(0);
  });

  it.each([
    ['entities', '<!DOCTYPE r [<!ENTITY a "b">]><repomd>&a;</repomd>'],
    ['no end', '<repomd><data type="primary">'],
    ['nesting without end', '<a>'.repeat(200)],
    ['no XML', 'not xml'],
  ])('refuses a document with %s', (_what, text) => {
    expect(codeOf(() => parseRepomd(text, 'repomd.xml'))).toBe('BUNDLE_CONTENT_UNREADABLE');
  });
});

function readPrimary(text: string, sizes: readonly number[] = [], relations = true): RpmRecord[] {
  const reader = new PrimaryReader('primary.xml', { relations });
  const records: RpmRecord[] = [];
  let from = 0;
  for (const size of [...sizes, text.length]) {
    records.push(...reader.write(text.slice(from, from + size)));
    from += size;
  }
  reader.end();
  return records;
}

describe('primary.xml', () => {
  it('reads what createrepo_c wrote', () => {
    const [foo, libs] = readPrimary(fixture('primary.xml'));
    expect(foo).toMatchObject({
      name: 'foo',
      version: '1:1.0-1.el9',
      arch: 'x86_64',
      source: 'foo',
      sourceVersion: '1.0-1.el9',
      filename: 'foo-1.0-1.el9.x86_64.rpm',
      description: 'Foo & <bar>',
      requires: [{ name: 'bar', flag: 'GE', version: '2' }],
    });
    expect(foo?.provides).toContainEqual({ name: 'virtual-foo', flag: 'EQ', version: '3' });
    expect(libs).toMatchObject({ name: 'foo-libs', source: 'foo', requires: [] });
  });

  it('reads the same in whatever pieces it comes', () => {
    const whole = readPrimary(fixture('primary.xml'));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 12 }), (sizes) => {
        expect(readPrimary(fixture('primary.xml'), sizes)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps no relations for a catalogue', () => {
    expect(readPrimary(fixture('primary.xml'), [], false)[0]).toMatchObject({
      provides: [],
      requires: [],
      files: [],
    });
  });

  it('leaves out packages that SHA-256 does not vouch for, or that lie elsewhere', () => {
    const text = fixture('primary.xml');
    const reader = new PrimaryReader('primary.xml');
    expect(reader.write(text.replace('checksum type="sha256"', 'checksum type="sha"'))).toHaveLength(1);
    expect(reader.skipped).toBe(1);
    expect(readPrimary(text.replace('<location ', '<location xml:base="http://x/" '))).toHaveLength(1);
  });

  it('refuses a package without a name or a size', () => {
    const text = fixture('primary.xml');
    expect(codeOf(() => readPrimary(text.replace('<name>foo</name>', '')))).toBe('BUNDLE_CONTENT_UNREADABLE');
    expect(codeOf(() => readPrimary(text.replace('size package="5605"', 'size package="-1"')))).toBe(
      'BUNDLE_CONTENT_UNREADABLE',
    );
  });

  it('refuses a text without end instead of gathering it', () => {
    const reader = new PrimaryReader('primary.xml');
    reader.write('<metadata><package type="rpm"><summary>');
    expect(
      codeOf(() => {
        for (let n = 0; n < 100; n += 1) reader.write('x'.repeat(100_000));
      }),
    ).toBe('BUNDLE_CONTENT_UNREADABLE');
  });

  it('knows the source package by the name of its file', () => {
    expect(sourceOf('python3.9-3.9.18-3.el9_4.1.src.rpm', 'python3', 'x')).toEqual({
      source: 'python3.9',
      sourceVersion: '3.9.18-3.el9_4.1',
    });
    expect(sourceOf('', 'a', '1-1')).toEqual({ source: 'a', sourceVersion: '1-1' });
  });
});

function readUpdates(text: string): Advisory[] {
  const reader = new UpdateinfoReader({
    distribution: 'almalinux',
    codename: '9',
    document: 'u.xml',
    sha256: A,
  });
  const advisories = [...reader.write(text)];
  reader.end();
  return advisories;
}

const update = (attributes: string, inside: string): string =>
  `<updates><update ${attributes}><id>X-1</id>${inside}</update></updates>`;
const pkg = (name: string, release: string, arch = 'x86_64'): string =>
  `<package name="${name}" version="1.0" release="${release}" epoch="0" arch="${arch}"><filename>f</filename></package>`;

describe('updateinfo.xml', () => {
  it('reads AlmaLinux’s own', () => {
    const [xz, curl, ...rest] = readUpdates(fixture('alma9-baseos-updateinfo.xml'));
    expect(rest).toEqual([]);
    expect(xz).toMatchObject({
      advisory: 'ALSA-2022:4940',
      type: 'security',
      ecosystem: 'rpm',
      of: 'binary',
      source: 'xz',
      fixedVersion: '5.2.5-8.el9_0',
      severity: 'high',
      cves: ['CVE-2022-1271'],
      title: 'Important: xz security update',
      publishedAt: '2022-06-08T00:00:00.000Z',
    });
    expect(curl).toMatchObject({
      advisory: 'ALBA-2023:0123',
      type: 'bugfix',
      severity: 'not stated',
      cves: [],
    });
  });

  it('makes one statement of a build’s architectures, and none of its source', () => {
    const text = update(
      'type="security" status="final"',
      `<pkglist><collection><name>c</name>${pkg('a', '1')}${pkg('a', '1', 'i686')}${pkg('a', '1', 'src')}${pkg('b', '1')}</collection></pkglist>`,
    );
    expect(readUpdates(text).map((item) => item.source)).toEqual(['a', 'b']);
  });

  it('keeps the module stream of a collection apart from the next', () => {
    const text = update(
      'type="security"',
      `<pkglist><collection><module name="nodejs" stream="18" version="1" context="c" arch="x86_64"/>${pkg('nodejs', '1')}</collection><collection>${pkg('npm', '1')}</collection></pkglist>`,
    );
    expect(readUpdates(text).map((item) => item.module)).toEqual(['nodejs:18', undefined]);
  });

  it('takes the vendor’s word for a restart, and SUSE’s dates and types', () => {
    const text = update(
      'type="recommended" status="stable"',
      `<title>t</title><issued date="1654646400"/><reboot_suggested>True</reboot_suggested><severity>moderate</severity><pkglist><collection>${pkg('a', '1')}</collection></pkglist>`,
    );
    expect(readUpdates(text)).toMatchObject([
      { type: 'bugfix', severity: 'medium', rebootSuggested: true, publishedAt: '2022-06-08T00:00:00.000Z' },
    ]);
  });

  it('says nothing of an update that the vendor took back', () => {
    expect(
      readUpdates(
        update(
          'type="security" status="retracted"',
          `<pkglist><collection>${pkg('a', '1')}</collection></pkglist>`,
        ),
      ),
    ).toEqual([]);
  });

  it('reads dates as they are written, and no others', () => {
    expect(readDate('2022-06-08 01:02:03')).toBe('2022-06-08T01:02:03.000Z');
    expect(readDate('2022-06-08 01:02')).toBe('2022-06-08T01:02:00.000Z');
    expect(readDate('2022-06-08')).toBe('2022-06-08T00:00:00.000Z');
    expect(readDate('yesterday')).toBeNull();
    expect(readDate('2022-13-45 00:00:00')).toBeNull();
  });
});

describe('modules.yaml', () => {
  const text = `---
document: modulemd
version: 2
data:
  name: nodejs
  stream: "18"
  version: 9040020240807131341
  context: rhel9
  artifacts:
    rpms:
    - nodejs-1:18.20.4-1.module_el9.4.0+122+1d0d0d1f.x86_64
    - nodejs-nodemon-0:3.0.1-1.module_el9.3.0+66+abc.noarch
    - nodejs-1:18.20.4-1.module_el9.4.0+122+1d0d0d1f.src
...
---
document: modulemd-defaults
version: 1
data:
  module: nodejs
  stream: 18
...
---
document: modulemd-obsoletes
version: 1
data: {module: x, stream: "1"}
`;

  it('knows the packages of each stream, and the defaults; a stream that looks like a number stays text', () => {
    expect(parseModules(text, 'modules.yaml')).toEqual({
      packages: [
        {
          module: 'nodejs:18',
          name: 'nodejs',
          version: '1:18.20.4-1.module_el9.4.0+122+1d0d0d1f',
          arch: 'x86_64',
        },
        {
          module: 'nodejs:18',
          name: 'nodejs-nodemon',
          version: '3.0.1-1.module_el9.3.0+66+abc',
          arch: 'noarch',
        },
      ],
      defaults: ['nodejs:18'],
    });
  });

  it.each([
    ['no YAML', '---\ndocument: modulemd\ndata: [\n'],
    ['aliases that multiply', `---\ndocument: modulemd\na: &a [x]\ndata: {name: [*a, *a]}\n`],
  ])('refuses %s', (_what, bad) => {
    expect(codeOf(() => parseModules(bad, 'modules.yaml'))).toBe('BUNDLE_CONTENT_UNREADABLE');
  });
});
