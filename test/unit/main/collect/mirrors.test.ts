import { describe, expect, it } from 'vitest';
import { fileUrl, makeMirrorFinder } from '../../../../main/collect/mirrors.ts';
import { codeOf } from '../../../support/coded.ts';

const TARGETS = [
  { base: 'http://mirror.invalid/debian/', suite: 'bookworm' },
  { base: 'http://mirror.invalid/debian-security/', suite: 'bookworm-security' },
  { base: 'http://local.invalid/tools/', suite: 'special' },
];
const ref = (root: string, suite: string) => ({ root, suite, components: ['main'] });

describe('where a repository is fetched from', () => {
  it('is the option, else apt’s source of that suite, else apt’s source of that name', () => {
    const find = makeMirrorFinder({ debian: 'file:///srv/mirror' }, TARGETS);
    expect(find(ref('debian', 'bookworm')).href).toBe('file:///srv/mirror/');
    const plain = makeMirrorFinder({}, TARGETS);
    expect(plain(ref('debian-security', 'bookworm-security')).href).toBe(
      'http://mirror.invalid/debian-security/',
    );
    expect(plain(ref('debian-security', 'bullseye-security')).href).toBe(
      'http://mirror.invalid/debian-security/',
    );
    expect(plain(ref('anything', 'special')).href).toBe('http://local.invalid/tools/');
  });

  it('is refused when unknown or no address', () => {
    expect(codeOf(() => makeMirrorFinder({}, [])(ref('debian', 'bookworm')))).toBe('COLLECT_MIRROR_UNKNOWN');
    for (const address of ['nonsense', 'ftp://mirror.invalid/debian', 'data:text/plain,x']) {
      expect(codeOf(() => makeMirrorFinder({ debian: address }, TARGETS)(ref('debian', 'bookworm')))).toBe(
        'COLLECT_MIRROR_UNKNOWN',
      );
    }
  });

  it('names files with what Debian puts into names', () => {
    expect(
      fileUrl(new URL('http://mirror.invalid/debian/'), 'pool/main/g++/g++_1~rc+1_all.deb').pathname,
    ).toBe('/debian/pool/main/g%2B%2B/g%2B%2B_1~rc%2B1_all.deb');
  });
});
