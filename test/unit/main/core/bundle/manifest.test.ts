import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSafePath } from '../../../../../main/core/bundle/logical-path.ts';
import {
  formatManifest,
  OBJECT_CLASSES,
  parseManifest,
  type Manifest,
} from '../../../../../main/core/bundle/manifest.ts';
import { codeOf } from '../../../../support/coded.ts';

const part = fc.stringMatching(/^[a-z0-9][a-z0-9.+~-]{0,10}[a-z0-9]$/).filter(isSafePath);
const object = fc.record({
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  size: fc.nat(),
  class: fc.constantFrom(...OBJECT_CLASSES),
  path: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
});
const manifests: fc.Arbitrary<Manifest> = fc.record({
  stream: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,10}$/),
  seq: fc.nat(),
  base: fc.nat(),
  createdAt: fc
    .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  feeds: fc.dictionary(fc.stringMatching(/^[a-z][a-z/-]{0,8}$/), fc.constant('2026-11-24T00:00:00Z'), {
    noNullPrototype: true,
  }),
  minApp: fc.constant('0.1.0'),
  objects: fc
    .uniqueArray(object, { selector: (item) => item.path, maxLength: 20 })
    .map((items) =>
      [...new Map(items.map((item) => [item.sha256, item])).values()].sort((a, b) =>
        a.path < b.path ? -1 : 1,
      ),
    ),
});

const SHA = 'ab'.repeat(32);
const SAMPLE: Manifest = {
  stream: 'main',
  seq: 3,
  base: 0,
  createdAt: '2026-11-24T00:00:00Z',
  feeds: {},
  minApp: '0.1.0',
  objects: [
    { sha256: SHA, size: 5, class: 'package', path: 'a/one.deb' },
    { sha256: SHA, size: 5, class: 'package', path: 'b/same.deb' },
  ],
};

describe('the manifest', () => {
  it('comes back from its text as it was, and equal manifests have equal bytes', () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        const text = formatManifest(manifest);
        expect(parseManifest(text, 'm')).toEqual(manifest);
        expect(formatManifest({ ...manifest, objects: manifest.objects.toReversed() })).toBe(text);
      }),
    );
  });

  it('counts an object under two paths once', () => {
    expect(formatManifest(SAMPLE)).toContain('#total-objects 2\n#total-bytes 5\n');
  });

  const text = formatManifest(SAMPLE);
  it.each([
    ['another format', text.replace('sallyport-bundle 1', 'sallyport-bundle 2')],
    ['no line feed at its end', text.slice(0, -1)],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['a header left out', text.replace('#base 0\n', '')],
    ['headers in another order', text.replace('#seq 3\n#base 0\n', '#base 0\n#seq 3\n')],
    ['a number that is none', text.replace('#seq 3', '#seq 3x')],
    ['a number with a leading zero', text.replace('#seq 3', '#seq 03')],
    ['a wrong count', text.replace('#total-objects 2', '#total-objects 1')],
    ['a wrong sum', text.replace('#total-bytes 5', '#total-bytes 10')],
    ['several media', text.replace('#volumes 1', '#volumes 2')],
    ['a line too many', `${text}\n`],
    ['an unknown class', text.replace('package a/', 'program a/')],
    ['a short hash', text.replace(SHA, SHA.slice(1))],
    ['lines out of order', text.replace('a/one.deb', 'z/one.deb')],
    ['one path twice', text.replace('b/same.deb', 'a/one.deb')],
    ['one object in two sizes', text.replace(`${SHA} 5 package b`, `${SHA} 6 package b`)],
    ['a date that is none', text.replace('2026-11-24T00:00:00Z', 'yesterday')],
  ])('is refused with %s', (_name, broken) => {
    expect(codeOf(() => parseManifest(broken, 'm'))).toBe('BUNDLE_METADATA_INVALID');
  });

  it('is refused with paths that differ only by case, unsafe ones, and sizes beyond all bounds', () => {
    const withPath = (path: string): string => text.replace('a/one.deb', path);
    expect(codeOf(() => parseManifest(withPath('B/SAME.deb'), 'm'))).toBe('BUNDLE_METADATA_INVALID');
    expect(codeOf(() => parseManifest(withPath('../one.deb'), 'm'))).toBe('BUNDLE_PATH_UNSAFE');
    expect(codeOf(() => parseManifest(text.replaceAll(`${SHA} 5`, `${SHA} 999999999999999`), 'm'))).toBe(
      'BUNDLE_TOO_LARGE',
    );
    expect(codeOf(() => parseManifest(text.replace('#total-objects 2', '#total-objects 500001'), 'm'))).toBe(
      'BUNDLE_TOO_LARGE',
    );
  });

  it('never makes anything of noise but a coded refusal', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, noise) => {
        const changed = text.slice(0, at) + noise + text.slice(at + noise.length);
        try {
          parseManifest(changed, 'm');
        } catch (error) {
          expect(error).toHaveProperty('code', expect.stringMatching(/^BUNDLE_/));
        }
      }),
    );
  });
});

describe('safe paths', () => {
  it.each([
    'debian/pool/main/g/gcc-12/libstdc++6_12.2.0-14+deb12u1_amd64.deb',
    'a',
    'a/.b',
    'a~b+c_d.deb',
    'console/x',
  ])('%j', (path) => {
    expect(isSafePath(path)).toBe(true);
  });
  it.each([
    '',
    '/',
    '/etc/passwd',
    'a/',
    'a//b',
    '.',
    '..',
    'a/../b',
    'a/.',
    '../a',
    'a\\b',
    'C:/a',
    'a:b',
    'a b',
    'a\nb',
    'a\0b',
    'ä',
    'a/b.',
    'a./b',
    'con',
    'a/NUL.txt',
    'aux/b',
    'com1',
    'LPT9.deb',
    'a'.repeat(201),
    'a/'.repeat(600) + 'a',
    '%2e%2e/a',
    'a/‥/b',
  ])('not %j', (path) => {
    expect(isSafePath(path)).toBe(false);
  });
});
