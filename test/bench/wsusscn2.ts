import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../setup/debian-packages.ts';
import { makeOfflineScan, type MadeUpdate } from '../support/offline-scan.ts';
import { compare, program, type Bench } from './harness/measure.ts';

const UPDATES = 30_000;
const PER_CABINET = 6_000;
const MIB = 1024 * 1024;

/** Unpacks the outer cabinet and each in it: what anyone must do before reading a word. */
const UNPACK = `
set -e
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cabextract -q -d "$dir" "$1"
for cab in "$dir"/*.cab; do cabextract -q -d "\${cab%.cab}" "$cab"; done
`;

export const bench: Bench = {
  about: `a made-up wsusscn2.cab of ${UPDATES.toLocaleString('en')} updates read to our list, beside cabextract that only unpacks it`,
  async measure(rounds, note) {
    const dir = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
    const file = join(dir, 'wsusscn2.cab');
    try {
      writeFileSync(file, makeOfflineScan(makeUpdates(), { perCabinet: PER_CABINET }));
      note(
        `${(statSync(file).size / MIB).toFixed(0)} MiB in ${UPDATES / PER_CABINET + 2} inner cabinets, MSZIP`,
      );
      const hasPeer = findProgram('cabextract') !== undefined;
      if (!hasPeer) note('cabextract is not installed: no peer (apt-get install cabextract)');
      const result = await compare(
        {
          what: 'read the scan file',
          ours: {
            name: 'ours',
            run: async () => {
              const script = join(import.meta.dirname, 'wsusscn2-process.ts');
              const { wall, cpu, stdout } = await program([process.execPath, script, file]);
              const told = JSON.parse(stdout) as { readonly updates: number; readonly memory: number };
              if (told.updates !== UPDATES) throw new Error(`${told.updates} updates were read`);
              return { wall, cpu, memory: told.memory };
            },
          },
          ...(hasPeer
            ? {
                peer: {
                  name: 'cabextract',
                  run: () => program(['bash', '-c', UNPACK, 'bash', file]),
                },
              }
            : {}),
          goals: [
            { text: 'memory <= 400 MiB', met: ({ memory }) => (memory ?? Infinity) <= 400 * MIB },
            { text: '<= 3 x cabextract', met: ({ cpu }, peer) => peer === null || cpu <= 3 * peer.cpu },
          ],
        },
        rounds,
      );
      return [result];
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

/** Chains of twelve months, each with a file. */
function makeUpdates(): MadeUpdate[] {
  return Array.from({ length: UPDATES }, (_, index) => ({
    revision: 1_000 + index,
    kb: String(4_000_000 + index),
    supersededBy: index % 12 === 11 ? [] : [1_001 + index],
    payload: [{ name: `windows10.0-kb${4_000_000 + index}-x64.cab`, data: randomBytes(16) }],
  }));
}
