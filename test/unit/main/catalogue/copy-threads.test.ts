import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CopyThreads } from '../../../../main/catalogue/copy-threads.ts';
import { copyInProcess, type Copier } from '../../../../main/catalogue/copy-verified.ts';

const dir = mkdtempSync(join(tmpdir(), 'sallyport-copy-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const isLinux = process.platform === 'linux';
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const content = randomBytes(700_001);
const wanted = { sha256: sha256(content), size: content.length };

const COPIERS: readonly (readonly [string, Copier])[] = [
  ['in the thread at hand', copyInProcess],
  ['in threads', new CopyThreads(2)],
];

/** Copies bytes from one file to another. @returns what came out of it, or the error */
async function copy(
  copier: Copier,
  bytes: Uint8Array,
  expected = wanted,
  options: Parameters<Copier['copy']>[4] & { readonly position?: number } = {},
): Promise<{ readonly out: Buffer; readonly error: unknown }> {
  const name = join(dir, randomBytes(8).toString('hex'));
  writeFileSync(name, bytes);
  writeFileSync(`${name}.out`, '');
  const source = { fd: openSync(name, 'r'), name: 'pool/a.deb' };
  const out = openSync(`${name}.out`, 'r+');
  const error: unknown = await copier.copy(source, out, options.position ?? 0, expected, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  closeSync(source.fd);
  closeSync(out);
  return { out: readFileSync(`${name}.out`), error };
}

describe.each(COPIERS)('a copy made %s', (_, copier) => {
  it('is the file, at its place, and tells of every byte', async () => {
    let told = 0;
    const { out, error } = await copy(copier, content, wanted, {
      position: 4_096,
      onBytes: (bytes) => {
        told += bytes;
      },
    });
    expect(error).toBeNull();
    expect(out.subarray(4_096).equals(content)).toBe(true);
    expect(told).toBe(content.length);
  });

  it.each([
    ['is shorter', content.subarray(1), 'BUNDLE_SIZE_MISMATCH'],
    ['is longer', Buffer.concat([content, Buffer.from('x')]), 'BUNDLE_SIZE_MISMATCH'],
    ['has a flipped byte', content.with(600_000, (content[600_000] ?? 0) ^ 1), 'BUNDLE_HASH_MISMATCH'],
  ])('is refused when the file %s, and the file is named', async (_what, bytes, code) => {
    const { error } = await copy(copier, bytes);
    expect(error).toMatchObject({ code, subject: { file: 'pool/a.deb' } });
  });

  it('ends when it is cancelled', async () => {
    const large = randomBytes(20 * 1024 * 1024);
    const { error } = await copy(
      copier,
      large,
      { sha256: sha256(large), size: large.length },
      { signal: AbortSignal.abort() },
    );
    expect(error).toMatchObject({ code: 'CONTRACT_CANCELLED' });
  });

  it.skipIf(!isLinux)(
    `says so when the file can’t be read, or the disk is full${isLinux ? '' : ' [skipped: needs /dev/full]'}`,
    async () => {
      // A folder can be opened, but not read.
      const folder = openSync(dir, 'r');
      const out = openSync(join(dir, 'out'), 'w');
      await expect(copier.copy({ fd: folder, name: 'pool/b.deb' }, out, 0, wanted, {})).rejects.toMatchObject(
        {
          code: 'BUNDLE_UNREADABLE',
          subject: { file: 'pool/b.deb' },
        },
      );
      closeSync(folder);
      closeSync(out);
      writeFileSync(join(dir, 'whole'), content);
      const source = openSync(join(dir, 'whole'), 'r');
      const full = openSync('/dev/full', 'w');
      await expect(
        copier.copy({ fd: source, name: 'pool/c.deb' }, full, 0, wanted, {}),
      ).rejects.toMatchObject({
        code: 'STORE_FULL',
      });
      closeSync(source);
      closeSync(full);
    },
  );
});

it('copies many at once, more than there are threads', async () => {
  const copier = new CopyThreads(3);
  const files = Array.from({ length: 12 }, (_, index) => randomBytes(100_000 + index));
  const ends = await Promise.all(
    files.map((bytes) => copy(copier, bytes, { sha256: sha256(bytes), size: bytes.length })),
  );
  expect(ends.map(({ out, error }, index) => error ?? out.equals(files[index] ?? Buffer.of()))).toEqual(
    files.map(() => true),
  );
});
