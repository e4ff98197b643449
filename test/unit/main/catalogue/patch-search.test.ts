import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CatalogueStore } from '../../../../main/catalogue/catalogue-store.ts';
import { openDatabase, type Db } from '../../../../main/catalogue/database.ts';
import { ImportStore } from '../../../../main/catalogue/import-store.ts';
import { fillCatalogue, statement } from '../../../support/catalogue-rows.ts';

const PACKAGES: readonly (readonly [string, string, string])[] = [
  ['openssl', 'openssl', 'Secure Sockets Layer toolkit - cryptographic utility'],
  ['libssl3', 'openssl', 'Secure Sockets Layer toolkit - shared libraries'],
  ['ssl-cert', 'ssl-cert', 'simple debconf wrapper for OpenSSL'],
  ['linux-image-6.1.0-50-amd64', 'linux', 'Linux 6.1 for 64-bit PCs (signed)'],
  ['gcc-12', 'gcc-12', 'GNU C compiler'],
  ['gcc-11', 'gcc-11', 'GNU C compiler'],
  ['apache2', 'apache2', 'Apache HTTP Server'],
  ['apache2-bin', 'apache2', 'Apache HTTP Server (modules and other binary files)'],
  ['ModemManager', 'ModemManager', 'mobile broadband modem management service'],
  ['7zip', '7zip', '7-Zip file archiver with a high compression ratio'],
  ['café-utils', 'café-utils', 'Zubehör für Kaffee'],
];

let db: Db;
let catalogue: CatalogueStore;
beforeAll(() => {
  db = openDatabase(':memory:');
  fillCatalogue(new ImportStore(db), {
    packages: PACKAGES.map(([name, source, description]) => ({
      name,
      source,
      description,
      version: '2.0-1',
    })),
    advisories: [
      statement('DSA-5546-1', 'openssl', '1.5-1', ['CVE-2024-0010', 'CVE-2024-0011']),
      statement('DSA-6000-1', 'openssl', '3.0-1', ['CVE-2025-0001']),
      statement('KB5053602', 'apache2-bin', '2.0-1', ['CVE-2024-2000'], 'binary'),
    ],
  });
  catalogue = new CatalogueStore(db);
});
afterAll(() => db.close());

const find = (search: string): string[] =>
  catalogue.listPatches({ search, limit: 50, offset: 0 }).patches.map((patch) => patch.package);

describe('searching the catalogue', () => {
  it.each([
    ['openssl', ['openssl', 'libssl3', 'ssl-cert'], 'by name, source, description; the name itself first'],
    ['ssl', ['ssl-cert', 'openssl', 'libssl3'], 'by what is inside a name'],
    ['SSL', ['ssl-cert', 'openssl', 'libssl3'], 'in any case'],
    ['image', ['linux-image-6.1.0-50-amd64'], 'by a later word of a name'],
    ['linux-image-6.1', ['linux-image-6.1.0-50-amd64'], 'by a name that is half typed'],
    ['gcc-12', ['gcc-12'], 'by a short word at the end'],
    ['gcc 1', ['gcc-11', 'gcc-12'], 'by the beginning of a last word'],
    ['toolkit secure', ['openssl', 'libssl3'], 'by words in any order'],
    ['li', ['libssl3', 'linux-image-6.1.0-50-amd64'], 'by the first two letters of a name'],
    ['mo', ['ModemManager'], 'by the first letters in another case'],
    ['modem', ['ModemManager'], 'a word in another case'],
    ['7z', ['7zip'], 'a name that begins with a digit'],
    ['cafe', ['café-utils'], 'without its accents'],
    ['zubehör', ['café-utils'], 'with accents'],
    ['100%_', [], 'nothing by signs'],
    ['---', [], 'nothing by signs alone'],
    ['xyzzy', [], 'nothing by what is not there'],
  ])('finds by %s: %j (%s)', (search, expected) => {
    expect(new Set(find(search))).toEqual(new Set(expected));
    if (search === 'openssl') expect(find(search)[0]).toBe('openssl');
  });

  it.each([
    ['CVE-2024-0010', ['libssl3', 'openssl']],
    ['cve-2024-001', ['libssl3', 'openssl']],
    ['CVE-2025-0001', []],
    ['CVE-2024-2', ['apache2-bin']],
    ['DSA-5546', ['libssl3', 'openssl']],
    ['dsa-5546-1', ['libssl3', 'openssl']],
    ['kb5053602', ['apache2-bin']],
  ])('finds by the beginning of %s the versions that bring its fix', (search, expected) => {
    expect(find(search)).toEqual(expected);
  });

  it('lists everything by name, whole or in pages', () => {
    const all = find('');
    expect(all).toEqual(PACKAGES.map(([name]) => name).sort((a, b) => (a < b ? -1 : 1)));
    const pages = [0, 3, 6, 9].flatMap((offset) =>
      catalogue.listPatches({ limit: 3, offset }).patches.map((patch) => patch.package),
    );
    expect(pages).toEqual(all);
  });

  it('takes any text at all, and counts what it lists', () => {
    const word = fc.constantFrom(
      'ssl',
      'lib',
      'a',
      'AND',
      'NEAR(',
      '"',
      '*',
      ':',
      'name :',
      '^',
      '-',
      '.',
      '😀',
      '%',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (search) => {
          const { total, patches } = catalogue.listPatches({ search, limit: 50, offset: 0 });
          expect(patches).toHaveLength(total);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('finds by every part of three letters or more of every name', () => {
    for (const [name] of PACKAGES.filter(([each]) => /^[a-z]+$/.test(each))) {
      for (let from = 0; from + 3 <= name.length; from += 1) {
        for (let to = from + 3; to <= name.length; to += 1)
          expect(find(name.slice(from, to))).toContain(name);
      }
    }
  });
});

it('what no repository offers is not found, and what is dropped is forgotten', () => {
  const other = openDatabase(':memory:');
  try {
    const imports = new ImportStore(other);
    imports.beginIndex('a'.repeat(64));
    imports.appendToIndex('a'.repeat(64), []);
    fillCatalogue(imports, {
      packages: [{ name: 'offered', source: 'offered', description: '', version: '1' }],
    });
    const catalogueOf = new CatalogueStore(other);
    expect(catalogueOf.listPatches({ search: 'offered', limit: 9, offset: 0 }).total).toBe(1);
    expect(catalogueOf.countPatches()).toBe(1);
    other.exec('DELETE FROM offered; DELETE FROM index_entries; DELETE FROM patches');
    expect(other.prepare('SELECT count(*) FROM patch_search').pluck().get()).toBe(0);
  } finally {
    other.close();
  }
});
