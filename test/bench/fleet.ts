import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchDebianMain } from './harness/debian-main.ts';
import { compare, program, type Bench, type Measured } from './harness/measure.ts';

const MIB = 1024 * 1024;
const PROCESS = join(import.meta.dirname, 'fleet-process.ts');
const ENDPOINTS = 10_000;
const PACKAGES = 1_000;

export const bench: Bench = {
  about: `${ENDPOINTS.toLocaleString('en')} endpoints with ${PACKAGES.toLocaleString('en')} packages each: judged, counted and stored; no peer does it`,
  async measure(rounds, note) {
    const main = await fetchDebianMain();
    const dir = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
    try {
      const index = join(dir, 'Packages');
      writeFileSync(index, (await program(['xz', '-dc', main.packages])).stdout);
      note(
        'inventories are generated from real names and versions of Debian main; none was collected from a host',
      );
      const scan = await program([
        process.execPath,
        PROCESS,
        'scan',
        dir,
        index,
        String(ENDPOINTS),
        String(PACKAGES),
      ]);
      const [, scanCpu = NaN] = scan.stdout.trim().split(' ').map(Number);
      note(
        `keeping an inventory, which each scan does as it ends: ${(scanCpu * 1000).toFixed(1)} ms of CPU (outside of what is measured)`,
      );
      let said = '';
      let bundles = 2;
      const assess = async (seq: number): Promise<Measured> => {
        const { stdout } = await program([process.execPath, PROCESS, 'assess', dir, String(seq)]);
        const [wall = NaN, cpu = NaN, memory = NaN, endpoints = 0, findings = 0, patches = 0] = stdout
          .trim()
          .split(' ')
          .map(Number);
        said = `${endpoints} endpoints, ${findings} findings, ${patches} patches needed`;
        return { wall, cpu, memory };
      };
      // The first go finds nothing judged; it can be had once only, so the verdicts are thrown away before each.
      const first = await compare(
        {
          what: 'assessed and stored, from nothing',
          ours: {
            name: 'ours',
            run: async () => {
              await program(['sqlite3', join(dir, 'site.db'), 'DELETE FROM fleet_state;']).catch(
                () => undefined,
              );
              return assess(0);
            },
          },
          goals: [
            { text: '<= 10 s', met: ({ wall }) => wall <= 10 },
            { text: 'memory <= 500 MiB', met: ({ memory }) => (memory ?? Infinity) <= 500 * MIB },
          ],
        },
        rounds,
      );
      note(said);
      const again = await compare(
        {
          what: 'again after a new bundle',
          ours: { name: 'ours', run: () => assess((bundles += 1)) },
          goals: [
            { text: '<= 3 s', met: ({ wall }) => wall <= 3 },
            { text: 'memory <= 500 MiB', met: ({ memory }) => (memory ?? Infinity) <= 500 * MIB },
          ],
        },
        rounds,
      );
      note(said);
      return [first, again];
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
