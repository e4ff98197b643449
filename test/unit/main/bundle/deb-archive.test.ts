import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findChangelog } from '../../../../main/bundle/deb-archive.ts';
import { codedFailure } from '../../../support/coded.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-deb-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

async function tar(files: Record<string, Uint8Array | string>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.entry({ name: './usr/share/doc/link', type: 'symlink', linkname: 'other' });
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function ar(members: Record<string, Buffer>): Buffer {
  const parts: Uint8Array[] = [Buffer.from('!<arch>\n')];
  for (const [name, content] of Object.entries(members)) {
    parts.push(
      Buffer.from(
        `${name.padEnd(16)}0           0     0     100644  ${String(content.length).padEnd(10)}\`\n`,
      ),
      content,
    );
    if (content.length % 2 === 1) parts.push(Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

const DEB = { 'debian-binary': Buffer.from('2.0\n'), 'control.tar.gz': Buffer.from('odd') };
const isDebian = (text: string): boolean => text.startsWith('hello (');
const write = (content: Buffer): string => {
  const path = join(dir, 'a.deb');
  writeFileSync(path, content);
  return path;
};

describe('changelogs inside packages', () => {
  const files = {
    './usr/bin/hello': new Uint8Array(5_000_000),
    './usr/share/doc/hello/changelog.Debian.gz': gzipSync('hello (2) unstable; urgency=low'),
    './usr/share/doc/hello/changelog.gz': gzipSync('upstream'),
    './usr/share/doc/hello/zzz': new Uint8Array(3_000_000),
  };

  it('refuses a package whose data member is empty', async () => {
    const path = write(ar({ ...DEB, 'data.tar.gz': Buffer.alloc(0) }));
    expect(await codedFailure(findChangelog(path, isDebian))).toMatchObject({
      code: 'BUNDLE_CONTENT_UNREADABLE',
    });
  });

  it.each([
    ['data.tar', (bytes: Buffer) => bytes],
    ['data.tar.gz', (bytes: Buffer) => gzipSync(bytes)],
    ['data.tar.zst', (bytes: Buffer) => zstdCompressSync(bytes)],
  ])('are found in %s', async (name, compress) => {
    const path = write(ar({ ...DEB, [name]: compress(await tar(files)) }));
    expect(await findChangelog(path, isDebian)).toBe('hello (2) unstable; urgency=low');
  });

  it('are taken from a native package’s own file, and only if accepted', async () => {
    const native = {
      './usr/share/doc/hello/changelog.gz': gzipSync('hello (3) unstable'),
      './usr/share/doc/x/changelog.Debian.gz': 'no gzip',
    };
    const path = write(ar({ ...DEB, 'data.tar.gz': gzipSync(await tar(native)) }));
    expect(await findChangelog(path, isDebian)).toBe('hello (3) unstable');
    expect(await findChangelog(path, () => false)).toBeNull();
  });

  it('of files that are no packages are an error with a code', async () => {
    const good = ar({ ...DEB, 'data.tar.gz': gzipSync(await tar(files)) });
    const broken = [
      Buffer.from('no'),
      Buffer.from('!<arch>\nxx'),
      good.subarray(0, 3_000),
      ar(DEB),
      ar({ ...DEB, 'data.tar.gz': Buffer.from('no gzip') }),
      ar({ ...DEB, 'data.tar.xz': Buffer.from('no xz') }),
    ];
    for (const content of broken) {
      expect((await codedFailure(findChangelog(write(content), isDebian))).code).toBe(
        'BUNDLE_CONTENT_UNREADABLE',
      );
    }
  });

  it('refuses by a code an archive whose data is no tar archive', async () => {
    const file = join(dir, 'broken.deb');
    writeFileSync(
      file,
      ar({ 'debian-binary': Buffer.from('2.0\n'), 'data.tar.gz': gzipSync(Buffer.alloc(2_048, 'x')) }),
    );
    expect((await codedFailure(findChangelog(file, () => true))).code).toBe('BUNDLE_CONTENT_UNREADABLE');
  });
});
