import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { decompress } from '../../../../main/bundle/decompress.ts';
import { unpackByProgram } from '../../../../main/bundle/xz-program.ts';
import { openXz } from '../../../../main/bundle/xz-stream.ts';
import { createReadStream } from 'node:fs';

const hasXz = spawnSync('xz', ['--version']).status === 0;
const dir = mkdtempSync(join(tmpdir(), 'sallyport-xz-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}

/** Does not compress, so that the packed file is large enough for the program. */
const plain = Buffer.concat([randomBytes(2 * 1024 * 1024), Buffer.alloc(3 * 1024 * 1024, 'a')]);

describe.skipIf(!hasXz)(`XZ by program${hasXz ? '' : ' [skipped: no xz here]'}`, () => {
  const file = join(dir, 'large.xz');
  if (hasXz) {
    writeFileSync(join(dir, 'large'), plain);
    spawnSync('xz', ['-1', '-k', join(dir, 'large')]);
  }

  it('gives what WebAssembly gives', async () => {
    const byProgram = await unpackByProgram(file, plain.length);
    if (byProgram === null) throw new Error('xz was there a moment ago');
    expect((await gather(byProgram)).equals(plain)).toBe(true);
    expect((await gather(openXz(createReadStream(file)))).equals(plain)).toBe(true);
  });

  it('is taken for a large file, and never gives more than the limit', async () => {
    expect((await gather(decompress(file, 'xz', { maxBytes: plain.length }, 'x'))).equals(plain)).toBe(true);
    await expect(gather(decompress(file, 'xz', { maxBytes: plain.length - 1 }, 'x'))).rejects.toMatchObject({
      code: 'BUNDLE_TOO_LARGE',
      subject: { file: 'x' },
    });
  });

  it('writes no more to the disk than a block beyond the limit', async () => {
    const stream = await unpackByProgram(file, 1_000_000);
    if (stream === null) throw new Error('xz was there a moment ago');
    let bytes = 0;
    await expect(
      (async () => {
        for await (const chunk of stream) bytes += chunk.length;
      })(),
    ).rejects.toThrow('xz ended with');
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThan(1_000_000 + 2_048);
  });

  it.each([
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1_000)],
    ['has a flipped byte', (bytes: Buffer) => bytes.with(1_500_000, (bytes[1_500_000] ?? 0) ^ 1)],
  ])('refuses a file that %s', async (_, change) => {
    const bad = join(dir, 'bad.xz');
    writeFileSync(bad, change(readFileSync(file)));
    await expect(gather(decompress(bad, 'xz', { maxBytes: plain.length }, 'bad.xz'))).rejects.toMatchObject({
      code: 'BUNDLE_CONTENT_UNREADABLE',
      subject: { file: 'bad.xz' },
    });
  });
});

it('is done without where there is no such program', async () => {
  expect(await unpackByProgram(join(dir, 'any.xz'), 1, join(dir, 'no-such-program'))).toBeNull();
});
