import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../setup/paths.ts';
import { bundleProcess, type BundledProcess } from '../support/bundled-process.ts';
import { largeMedium } from './harness/large-medium.ts';
import {
  compare,
  program,
  type Bench,
  type Contender,
  type Measured,
  type Result,
} from './harness/measure.ts';

const BYTES = 2 * 1024 ** 3;
const MIB = 1024 * 1024;
/** What a bundle is cut into when nothing else is asked for is larger; the longest object here goes in one piece. */
const PART_BYTES = 64 * MIB;

interface Imported extends Measured {
  readonly bytes: number;
  readonly outcome: string;
}

/** Where everything is written: beside the medium, on the same disk. */
const scratch = (): string => mkdtempSync(join(cacheDir, 'bench', 'import-'));

async function runImport(
  process: BundledProcess,
  site: string,
  medium: string,
  share = 1,
): Promise<Imported | null> {
  const { stdout, signal, stderr } = await process.run(site, medium, String(share));
  if (signal === 'SIGKILL') return null;
  const [wall = '', cpu = '', memory = '', bytes = '', outcome = ''] = stdout.trim().split(' ');
  if (outcome === '') throw new Error(stderr.slice(-2_000));
  return { wall: Number(wall), cpu: Number(cpu), memory: Number(memory), bytes: Number(bytes), outcome };
}

export const bench: Bench = {
  about:
    'a bundle of 2 GiB imported durably, beside sha256sum -c, and cp -r with sync; imported again; and resumed after SIGKILL',
  async measure(rounds, note) {
    const medium = largeMedium('medium', BYTES);
    const importer = await bundleProcess(join(import.meta.dirname, 'import-bundle-process.ts'));
    const leftovers: string[] = [];
    const place = (): string => {
      const dir = scratch();
      leftovers.push(dir);
      return dir;
    };
    const clear = (): void => {
      for (const dir of leftovers.splice(0)) rmSync(dir, { recursive: true, force: true });
    };
    const ours: Contender = {
      name: 'ours',
      run: async () => {
        clear();
        await program(['sync']);
        const result = await runImport(importer, place(), medium.dir);
        if (result?.outcome !== 'imported') throw new Error('it was not imported');
        return result;
      },
    };
    const sums: Contender = {
      name: 'sha256sum -c',
      run: () => program(['sha256sum', '-c', '--quiet', '-'], { cwd: medium.dir, input: medium.sums }),
    };
    const copy: Contender = {
      name: 'cp -r and sync',
      run: async () => {
        clear();
        await program(['sync']);
        return program(['bash', '-c', 'cp -r "$1" "$2" && sync', 'bash', medium.dir, join(place(), 'copy')]);
      },
    };
    try {
      // Once through: memory that the machine has not touched for long costs several times as much at first.
      for (const contender of [sums, copy, ours]) await contender.run();
      note(`${medium.objects.length} objects, in the page cache of the medium; written to the same disk`);
      return [
        await compare(
          {
            what: 'durable import',
            ours,
            peer: sums,
            goals: [
              {
                text: '>= 1.5 x its speed',
                met: (own, peer) => peer !== null && own.wall <= peer.wall / 1.5,
              },
            ],
          },
          rounds,
        ),
        await compare(
          {
            what: 'the same',
            ours,
            peer: copy,
            goals: [
              { text: '<= 3 x its time', met: (own, peer) => peer !== null && own.wall <= peer.wall * 3 },
            ],
          },
          rounds,
        ),
        await again(importer, place(), medium.dir, rounds, note),
        ...(await resumed(importer, place, medium.dir, note)),
      ];
    } finally {
      clear();
      importer.remove();
    }
  },
};

/** The same medium once more, and the next bundle with the same content. */
async function again(
  importer: BundledProcess,
  site: string,
  medium: string,
  rounds: number,
  note: (line: string) => void,
): Promise<Result> {
  mkdirSync(site, { recursive: true });
  await runImport(importer, site, medium);
  let outcome = '';
  const result = await compare(
    {
      what: 'import again',
      ours: {
        name: 'ours',
        run: async () => {
          const once = await runImport(importer, site, medium);
          if (once === null || once.bytes > 0) throw new Error('it read objects again');
          outcome = once.outcome;
          return once;
        },
      },
      goals: [{ text: '<= 0.5 s', met: ({ wall }) => wall <= 0.5 }],
    },
    rounds,
  );
  note(`the second import of a bundle ends with ${outcome}`);
  return result;
}

/** Killed at half of its bytes; what lies unfinished then is what is read again. */
async function resumed(
  importer: BundledProcess,
  place: () => string,
  medium: string,
  note: (line: string) => void,
): Promise<Result[]> {
  const site = place();
  if ((await runImport(importer, site, medium, 0.5)) !== null) throw new Error('it was not killed');
  const unfinished = readdirSync(join(site, 'content', 'incoming'))
    .filter((name) => name.endsWith('.part'))
    .reduce((sum, name) => sum + statSync(join(site, 'content', 'incoming', name)).size, 0);
  const result = await runImport(importer, site, medium);
  if (result?.outcome !== 'imported') throw new Error('it did not resume');
  note(
    `after SIGKILL at half way: ${(unfinished / MIB).toFixed(1)} MiB read again, ${(result.bytes / MIB).toFixed(0)} MiB read in all by the second process`,
  );
  return [
    {
      what: 'resume after SIGKILL',
      ours: result,
      peer: null,
      goals: [{ text: `<= ${PART_BYTES / MIB} MiB read again`, met: () => unfinished <= PART_BYTES }],
    },
  ];
}
