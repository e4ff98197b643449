import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareDebVersions } from '../../main/core/version/deb.ts';
import { compare, inProcess, program, type Bench, type Contender } from './harness/measure.ts';

const PAIRS = 200_000;
const REPEATS = 10;
const STATUS = '/var/lib/dpkg/status';
const LISTS = '/var/lib/apt/lists';
/** The system's own: python3-apt is no package of any other. */
const PYTHON = '/usr/bin/python3';

/** libapt through python3-apt, called as often as we are. Its answers are printed too, to be held against ours. */
const LIBAPT = `
import sys, time, apt_pkg
apt_pkg.init_system()
pairs = [tuple(line.split(' ')) for line in sys.stdin.read().splitlines()]
began = (time.perf_counter(), time.process_time())
compare = apt_pkg.version_compare
for _ in range(${REPEATS}):
    for a, b in pairs:
        compare(a, b)
print(time.perf_counter() - began[0], time.process_time() - began[1])
print(''.join('<=>'[(order > 0) - (order < 0) + 1] for order in (compare(a, b) for a, b in pairs)))
`;

export const bench: Bench = {
  about: `${PAIRS.toLocaleString('en')} pairs of real Debian versions, beside libapt through python3-apt`,
  async measure(rounds, note) {
    const versions = readVersions();
    note(`${versions.length} distinct versions of this machine's dpkg status and apt lists`);
    const pairs = makePairs(versions);
    const expected = pairs.reduce((sum, [a, b]) => sum + compareDebVersions(a, b), 0) * REPEATS;
    const ours: Contender = {
      name: 'ours',
      run: () =>
        inProcess(() => {
          let sum = 0;
          for (let repeat = 0; repeat < REPEATS; repeat += 1) {
            for (const [a, b] of pairs) sum += compareDebVersions(a, b);
          }
          // Asked for, so that the work can't be left out as unused.
          if (sum !== expected) throw new Error('the same pairs were ordered in two ways');
        }),
    };
    const hasLibapt = spawnSync(PYTHON, ['-c', 'import apt_pkg']).status === 0;
    if (!hasLibapt) note('python3-apt is not installed: no peer (apt-get install python3-apt)');
    const text = pairs.map((pair) => pair.join(' ')).join('\n');
    const answers = pairs.map(([a, b]) => '<=>'[compareDebVersions(a, b) + 1]).join('');
    const libapt: Contender = {
      name: 'libapt (python3-apt)',
      run: async () => {
        const { stdout } = await program([PYTHON, '-c', LIBAPT], { input: text });
        const [times = '', theirs] = stdout.split('\n');
        const [wall = NaN, cpu = NaN] = times.split(' ').map(Number);
        if (theirs !== answers) throw new Error('libapt orders some of these pairs otherwise than we do');
        return { wall, cpu };
      },
    };
    return [
      await compare(
        {
          what: 'compare two versions',
          rate: { amount: (PAIRS * REPEATS) / 1e6, unit: 'M/s' },
          ours,
          ...(hasLibapt ? { peer: libapt } : {}),
          goals: [{ text: '>= 2 M/s', met: ({ cpu }) => (PAIRS * REPEATS) / cpu >= 2e6 }],
        },
        rounds,
      ),
    ];
  },
};

function readVersions(): string[] {
  const found = new Set<string>();
  for (const text of [readFileSync(STATUS, 'latin1'), ...readLists()]) {
    for (const line of text.match(/^Version: \S+$/gm) ?? []) found.add(line.slice('Version: '.length));
  }
  return [...found];
}

/** Package lists may be kept compressed: apt's own reader knows how. */
function readLists(): string[] {
  return readdirSync(LISTS)
    .filter((name) => /_Packages(?:\.\w+)?$/.test(name))
    .map((name) => {
      const { stdout } = spawnSync('/usr/lib/apt/apt-helper', ['cat-file', join(LISTS, name)], {
        encoding: 'latin1',
        maxBuffer: 1024 * 1024 * 1024,
      });
      return stdout;
    });
}

/** Half of them near (a version and its next revision), half far: updates are near, sorting is far. */
function makePairs(versions: readonly string[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; pairs.length < PAIRS; index += 1) {
    const version = versions[index % versions.length] ?? '';
    pairs.push(
      [version, `${version}+deb12u${index % 7}`],
      [version, versions[(index * 7919) % versions.length] ?? ''],
    );
  }
  // Strings put together are ropes; those of a database are flat, and so these are made.
  return JSON.parse(JSON.stringify(pairs.slice(0, PAIRS))) as (readonly [string, string])[];
}
