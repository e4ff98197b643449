import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressionOf, decompress, type Compression } from '../../../../main/bundle/decompress.ts';
import { codedFailure } from '../../../support/coded.ts';

const byTool =
  (program: string) =>
  (bytes: Uint8Array): Uint8Array => {
    const { stdout, status } = spawnSync(program, ['-c'], { input: bytes, maxBuffer: 2 ** 28 });
    if (status !== 0) throw new Error(`${program} failed`);
    return stdout;
  };
const has = (program: string): boolean => spawnSync(program, ['--help']).error === undefined;
const MIB = 1024 * 1024;

const kinds: readonly [Compression, (bytes: Uint8Array) => Uint8Array, boolean][] = [
  ['gz', (bytes) => gzipSync(bytes), true],
  ['zst', (bytes) => zstdCompressSync(bytes), true],
  ['xz', byTool('xz'), has('xz')],
  ['bz2', byTool('bzip2'), has('bzip2')],
];

/** How much came out, and what; pieces as decompress gives them. */
async function unpack(packed: Uint8Array, kind: Compression, maxBytes: number) {
  const pieces: Uint8Array[] = [];
  for await (const piece of decompress(Readable.from([packed]), kind, { maxBytes }, 'index'))
    pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('compressed indexes', () => {
  it('are told apart by their names', () => {
    expect(['a.xz', 'a.gz', 'a.zst', 'a.bz2', 'a'].map(compressionOf)).toEqual([
      'xz',
      'gz',
      'zst',
      'bz2',
      'none',
    ]);
  });

  for (const [kind, pack, canPack] of kinds) {
    describe.skipIf(!canPack)(`${kind}${canPack ? '' : ' [skipped: the program is not installed]'}`, () => {
      it('comes out as it went in', async () => {
        const content = Buffer.concat([randomBytes(MIB), Buffer.alloc(MIB, 'Package: x\n')]);
        expect((await unpack(pack(content), kind, 2 * MIB)).equals(content)).toBe(true);
      });

      it('gives no more than it may, however much is in it', async () => {
        const bomb = pack(Buffer.alloc(8 * MIB));
        expect(bomb.length).toBeLessThan(128 * 1024);
        let taken = 0;
        const failure = await codedFailure(
          (async () => {
            for await (const piece of decompress(Readable.from([bomb]), kind, { maxBytes: MIB }, 'index'))
              taken += piece.length;
          })(),
        );
        expect(failure.code).toBe('BUNDLE_TOO_LARGE');
        expect(taken).toBeLessThanOrEqual(MIB);
      });

      it('is refused when it is cut short or damaged', async () => {
        const packed = pack(randomBytes(MIB));
        const cut = packed.subarray(0, packed.length / 2);
        expect((await codedFailure(unpack(cut, kind, 2 * MIB))).code).toBe('BUNDLE_CONTENT_UNREADABLE');
        const damaged = Buffer.from(packed);
        damaged.fill(0, 0, 64);
        expect((await codedFailure(unpack(damaged, kind, 2 * MIB))).code).toBe('BUNDLE_CONTENT_UNREADABLE');
      });
    });
  }

  it('say what is missing on this machine', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      expect(await codedFailure(unpack(Buffer.from('BZh9'), 'bz2', MIB))).toMatchObject({
        code: 'BUNDLE_CONTENT_UNREADABLE',
        hint: expect.stringContaining('bzip2') as string,
      });
    } finally {
      process.env['PATH'] = path;
    }
  });
});
