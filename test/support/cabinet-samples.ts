import { CabinetReader } from '../../main/collect/read-cabinet.ts';
import type { FolderPlan } from './cabinet-writer.ts';

/** Content to pack, ways to pack it, and all of a cabinet's members in memory. */

export async function unpackCabinet(path: string, maxBytes = 2 ** 30): Promise<Map<string, Buffer>> {
  const members = new Map<string, Buffer>();
  const reader = new CabinetReader(path, 'test.cab');
  try {
    await reader.extract(
      (file) => {
        const pieces: Buffer[] = [];
        return {
          write: (bytes) => void pieces.push(Buffer.from(bytes)),
          end: () => void members.set(file.name, Buffer.concat(pieces)),
        };
      },
      { maxBytes },
    );
  } finally {
    reader.close();
  }
  return members;
}

/** Text with matches far and near, long and short, and x86 calls, the same in every run. */
export function sampleBytes(size: number, seed = 1): Buffer {
  const out = Buffer.alloc(size);
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let at = 0; at < size;) {
    const choice = next(10);
    if (choice < 5 && at > 10) {
      const offset = 1 + next(Math.min(at, choice < 3 ? 200 : 100_000));
      const length = 2 + next(choice === 0 ? 400 : 20);
      for (let index = 0; index < length && at < size; index += 1, at += 1) out[at] = out[at - offset] ?? 0;
    } else if (choice === 9 && at + 5 < size) {
      out[at] = 0xe8;
      out.writeInt32LE(next(2) === 0 ? next(60_000) : -next(60_000), at + 1);
      at += 5;
    } else {
      out[at] = next(choice === 8 ? 256 : 24) + (choice === 8 ? 0 : 97);
      at += 1;
    }
  }
  return out;
}

export const CABINET_PLANS: readonly (readonly [string, FolderPlan['compression']])[] = [
  ['stored', 'none'],
  ['MSZIP', 'mszip'],
  ['LZX, verbatim blocks', { windowBits: 15, kinds: ['verbatim'], blockSize: 100_000 }],
  ['LZX, aligned blocks', { windowBits: 17, kinds: ['aligned'], blockSize: 70_001 }],
  ['LZX, raw blocks of odd size', { windowBits: 16, kinds: ['uncompressed'], blockSize: 50_001 }],
  [
    'LZX, blocks of every kind, longest window',
    { windowBits: 21, kinds: ['verbatim', 'uncompressed', 'aligned'], blockSize: 20_001 },
  ],
  [
    'LZX with x86 calls translated',
    { windowBits: 18, kinds: ['aligned', 'verbatim'], blockSize: 65_536, translationSize: 300_000 },
  ],
];
