import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchDebianMain } from './harness/debian-main.ts';
import { bundleProcess } from '../support/bundled-process.ts';
import { compare, program, type Bench } from './harness/measure.ts';

const MIB = 1024 * 1024;

export const bench: Bench = {
  about:
    'Debian bookworm main, Packages.xz to indexed and searchable, beside apt-cache gencaches from the same .xz',
  async measure(rounds, note) {
    const main = await fetchDebianMain();
    note(
      'ours checks the index against the signed release, keeps it through a power cut, and answers a search at the end',
    );
    let rows = '';
    // As it is shipped: read from the sources, taking the types out of them would count too.
    const importer = await bundleProcess(join(import.meta.dirname, 'index-import-process.ts'));
    const result = await compare(
      {
        what: 'index of Debian main',
        ours: {
          name: 'ours',
          run: async () => {
            const dir = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
            try {
              const { stdout } = await importer.run(dir, main.release, main.packages);
              const [wall = NaN, cpu = NaN, memory = NaN, patches = 0, hits = 0] = stdout
                .trim()
                .split(' ')
                .map(Number);
              rows = `${patches} patches, ${hits} of them found by "openssl"`;
              return { wall, cpu, memory };
            } finally {
              rmSync(dir, { recursive: true, force: true });
            }
          },
        },
        peer: {
          name: 'apt-cache gencaches',
          run: async () => {
            for (const name of ['pkgcache.bin', 'srcpkgcache.bin'])
              rmSync(join(main.aptCache, name), { force: true });
            return program(
              [
                'apt-cache',
                '-o',
                'Dir::Cache::pkgcache=pkgcache.bin',
                '-o',
                'Dir::Cache::srcpkgcache=srcpkgcache.bin',
                'gencaches',
              ],
              { env: main.env },
            );
          },
        },
        goals: [
          { text: '<= 1.0 x its time', met: (ours, peer) => peer !== null && ours.wall <= peer.wall },
          { text: 'memory <= 250 MiB', met: ({ memory }) => (memory ?? Infinity) <= 250 * MIB },
        ],
      },
      rounds,
    );
    importer.remove();
    note(rows);
    return [result];
  },
};
