import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CodedError } from '../../../../contract/errors.ts';
import { CabinetReader } from '../../../../main/collect/read-cabinet.ts';
import { CABINET_PLANS, sampleBytes, unpackCabinet as unpack } from '../../../support/cabinet-samples.ts';
import { writeCabinet } from '../../../support/cabinet-writer.ts';
import { codedFailure, codeOf } from '../../../support/coded.ts';

const dir = mkdtempSync(join(tmpdir(), 'sallyport-cabinet-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let count = 0;

function save(bytes: Uint8Array): string {
  count += 1;
  const path = join(dir, `${count}.cab`);
  writeFileSync(path, bytes);
  return path;
}

describe('reading a cabinet', () => {
  it.each(CABINET_PLANS)('gives back what was packed: %s', async (_what, compression) => {
    const files = [
      { name: 'index.xml', data: sampleBytes(10) },
      { name: 'c\\123', data: sampleBytes(150_000, 2) },
      { name: 'c\\empty', data: Buffer.alloc(0) },
      { name: 'x\\\u00fc', data: sampleBytes(32_768 * 2 - 10, 3), isUtf8: true },
    ];
    const path = save(writeCabinet([{ compression, files }]));
    const members = await unpack(path);
    expect([...members.keys()]).toEqual(['index.xml', 'c/123', 'c/empty', 'x/ü']);
    for (const [index, data] of [...members.values()].entries())
      expect(data.equals(files[index]?.data ?? Buffer.alloc(0))).toBe(true);
  });

  it('reads over reserved areas, several folders, and skips what is not wanted', async () => {
    const path = save(
      writeCabinet(
        [
          { compression: 'mszip', files: [{ name: 'a', data: sampleBytes(40_000) }] },
          { compression: 'none', files: [{ name: 'b', data: sampleBytes(50_000, 2) }] },
          { compression: 'none', files: [{ name: 'd', data: Buffer.alloc(0) }] },
        ],
        20,
      ),
    );
    const bytes = readFileSync(path);
    // The first folder's data is spoiled, but nobody wants it.
    bytes.fill(0, bytes.indexOf('CK'), bytes.indexOf('CK') + 100);
    writeFileSync(path, bytes);
    const reader = new CabinetReader(path, 'test.cab');
    let size = 0;
    await reader.extract(
      (file) =>
        file.name === 'b' ? { write: (piece) => (size += piece.length), end: () => undefined } : null,
      { maxBytes: 50_000 },
    );
    reader.close();
    expect(size).toBe(50_000);
  });
});

describe('a hostile cabinet', () => {
  const plain = (): Buffer =>
    writeCabinet([{ compression: 'none', files: [{ name: 'abc', data: sampleBytes(40_000) }] }]);
  const change = (change: (bytes: Buffer) => void, bytes = plain()): string => {
    change(bytes);
    return save(bytes);
  };
  const opened = (path: string): string => codeOf(() => new CabinetReader(path, 'test.cab').close());
  const read = async (path: string): Promise<string> => (await codedFailure(unpack(path))).code;

  it.each<[string, (bytes: Buffer) => void, string]>([
    ['no cabinet', (b) => b.write('MZ'), 'COLLECT_CABINET_UNREADABLE'],
    ['of another version', (b) => b.writeUInt8(4, 24), 'COLLECT_CABINET_UNSUPPORTED'],
    ['larger than its file', (b) => b.writeUInt32LE(b.length + 1, 8), 'COLLECT_CABINET_UNREADABLE'],
    ['with a successor', (b) => b.writeUInt16LE(2, 30), 'COLLECT_CABINET_UNSUPPORTED'],
    ['with a predecessor', (b) => b.writeUInt16LE(1, 30), 'COLLECT_CABINET_UNSUPPORTED'],
    ['whose file goes on elsewhere', (b) => b.writeUInt16LE(0xfffe, 44 + 8), 'COLLECT_CABINET_UNSUPPORTED'],
    ['whose file is in no folder', (b) => b.writeUInt16LE(7, 44 + 8), 'COLLECT_CABINET_UNREADABLE'],
    ['whose file outgrows its folder', (b) => b.writeUInt32LE(65_537, 44), 'COLLECT_CABINET_UNREADABLE'],
    ['whose files lie outside', (b) => b.writeUInt32LE(2 ** 31, 16), 'COLLECT_CABINET_UNREADABLE'],
    ['with more folders than bytes', (b) => b.writeUInt16LE(0xffff, 26), 'COLLECT_CABINET_UNREADABLE'],
    ['with more files than bytes', (b) => b.writeUInt16LE(0xffff, 28), 'COLLECT_CABINET_UNREADABLE'],
    ['whose data is its header', (b) => b.writeUInt32LE(0, 36), 'COLLECT_CABINET_UNREADABLE'],
    ['in Quantum', (b) => b.writeUInt16LE(2, 42), 'COLLECT_CABINET_UNSUPPORTED'],
    ['in LZX of no known window', (b) => b.writeUInt16LE(3 | (30 << 8), 42), 'COLLECT_CABINET_UNREADABLE'],
    ['with a name that goes up', (b) => b.write('../', 60), 'COLLECT_CABINET_UNREADABLE'],
    ['with a name that is a root', (b) => b.write('\\bc', 60), 'COLLECT_CABINET_UNREADABLE'],
    ['with a drive in a name', (b) => b.write('c:c', 60), 'COLLECT_CABINET_UNREADABLE'],
    ['with no name', (b) => b.writeUInt8(0, 60), 'COLLECT_CABINET_UNREADABLE'],
    ['with a name without end', (b) => b.fill(0x61, 60), 'COLLECT_CABINET_UNREADABLE'],
  ])('%s is refused at once', (_what, spoil, code) => {
    expect(opened(change(spoil))).toBe(code);
  });

  it.each<[string, (bytes: Buffer) => void, string]>([
    ['with a changed byte', (b) => b.writeUInt8(1 + (b[1_000] ?? 0), 1_000), 'COLLECT_CABINET_UNREADABLE'],
    ['whose block goes on elsewhere', (b) => b.writeUInt16LE(0, 64 + 6), 'COLLECT_CABINET_UNSUPPORTED'],
    ['whose block is empty', (b) => b.writeUInt16LE(0, 64 + 4), 'COLLECT_CABINET_UNREADABLE'],
    ['whose block is too large', (b) => b.writeUInt16LE(0xffff, 64 + 4), 'COLLECT_CABINET_UNREADABLE'],
    ['whose block unpacks to too much', (b) => b.writeUInt16LE(0xffff, 64 + 6), 'COLLECT_CABINET_UNREADABLE'],
  ])('%s is refused when it is read', async (_what, spoil, code) => {
    expect(await read(change(spoil))).toBe(code);
  });

  it('whose two folders share their blocks is refused', () => {
    const folder = { compression: 'mszip' as const, files: [{ name: 'a', data: sampleBytes(40_000) }] };
    const bytes = writeCabinet([folder, { ...folder, files: [{ name: 'b', data: sampleBytes(40_000) }] }]);
    bytes.copy(bytes, 44, 36, 40);
    expect(opened(save(bytes))).toBe('COLLECT_CABINET_UNREADABLE');
  });

  it('whose two files overlap, or have one name, is refused', () => {
    const files = [
      { name: 'a', data: sampleBytes(100) },
      { name: 'b', data: sampleBytes(100) },
    ];
    const overlap = writeCabinet([{ compression: 'none', files }]);
    overlap.writeUInt32LE(50, 44 + 18 + 4);
    expect(opened(save(overlap))).toBe('COLLECT_CABINET_UNREADABLE');
    const twice = writeCabinet([
      { compression: 'none', files: files.map((file) => ({ ...file, name: 'a' })) },
    ]);
    expect(opened(save(twice))).toBe('COLLECT_CABINET_UNREADABLE');
  });

  it('that unpacks to more than may be is refused before a byte is unpacked', async () => {
    const path = save(
      writeCabinet([{ compression: 'mszip', files: [{ name: 'a', data: Buffer.alloc(1_000_000) }] }]),
    );
    expect((await codedFailure(unpack(path, 999_999))).code).toBe('COLLECT_CABINET_TOO_LARGE');
  });

  it('never does more than fail with a code, whatever bytes are changed', async () => {
    const runs = Number(process.env['SALLYPORT_FUZZ_RUNS'] ?? 300);
    const cabinets = CABINET_PLANS.map(([, compression]) =>
      writeCabinet([{ compression, files: [{ name: 'a', data: sampleBytes(70_000, 4) }] }]),
    );
    const change = fc.record({ at: fc.nat(), value: fc.nat(255) });
    const path = join(dir, 'fuzz.cab');
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(CABINET_PLANS.length - 1),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (index, changes, isUnchecked) => {
          const bytes = Buffer.from(cabinets[index] ?? Buffer.alloc(0));
          for (const { at, value } of changes) bytes[at % bytes.length] = value;
          // Without its checksum a changed block reaches the decoder.
          if (isUnchecked) bytes.writeUInt32LE(0, bytes.readUInt32LE(36) % (bytes.length - 4));
          writeFileSync(path, bytes);
          try {
            const members = await unpack(path, 2 ** 22);
            for (const data of members.values()) expect(data.length).toBeLessThanOrEqual(2 ** 22);
          } catch (error) {
            if (!(error instanceof CodedError)) throw error;
            refused += 1;
          }
        },
      ),
      { numRuns: runs },
    );
    expect(refused).toBeGreaterThan(runs / 4);
  });
});
