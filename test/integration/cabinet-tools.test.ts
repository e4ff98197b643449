import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CABINET_PLANS, sampleBytes, unpackCabinet } from '../support/cabinet-samples.ts';
import { writeCabinet } from '../support/cabinet-writer.ts';
import { reasonWithoutTools, skipNote } from '../support/debian-tools.ts';

const reason = reasonWithoutTools(['gcab', 'cabextract']);

describe.skipIf(reason !== null)(`cabinets beside Debian's tools${skipNote(reason)}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-cabinets-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  // Our own writer makes what nothing in Debian writes (LZX): that it does so rightly, cabextract says.
  it.each(CABINET_PLANS)('cabextract reads what our tests write: %s', (what, compression) => {
    const files = [
      { name: 'a', data: sampleBytes(150_000, 5) },
      { name: 'b', data: sampleBytes(70_000, 6) },
    ];
    const path = join(dir, `${what.replaceAll(/\W/g, '-')}.cab`);
    writeFileSync(path, writeCabinet([{ compression, files }], 4));
    const out = spawnSync('cabextract', ['-q', '-p', path], { maxBuffer: 2 ** 28 });
    expect(out.status).toBe(0);
    const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect(hash(out.stdout)).toBe(hash(Buffer.concat(files.map((file) => file.data))));
  });

  it.each([
    ['inflated', ['-z']],
    ['stored', []],
  ])('we read what gcab packs, over many blocks: %s', async (what, options) => {
    const source = join(dir, 'gcab');
    const files = {
      'c/1': sampleBytes(500_000, 8),
      'c/2': sampleBytes(3, 9),
      'x/1': randomBytes(100_000),
    };
    for (const [name, data] of Object.entries(files)) {
      mkdirSync(dirname(join(source, name)), { recursive: true });
      writeFileSync(join(source, name), data);
    }
    const path = join(dir, `gcab-${what}.cab`);
    const made = spawnSync('gcab', ['-c', ...options, path, ...Object.keys(files)], { cwd: source });
    expect(made.status).toBe(0);
    const members = await unpackCabinet(path);
    for (const [name, data] of Object.entries(files)) expect(members.get(name)?.equals(data)).toBe(true);
  });
});
