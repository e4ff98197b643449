import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { cacheDir } from '../setup/paths.ts';
import { largeMedium } from './harness/large-medium.ts';
import { compare, program, type Bench, type Contender } from './harness/measure.ts';

const BYTES = 256 * 1024 * 1024;
/** Of a common USB stick. */
const BYTES_A_SECOND = 40 * 1024 * 1024;
const PROCESS = join(import.meta.dirname, 'import-bundle-process.ts');
const GROUPS = '/sys/fs/cgroup/blkio';

function must(...argv: readonly [string, ...string[]]): string {
  const [command, ...args] = argv;
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/**
 * A file system on a loop device that the kernel lets be read no faster (cgroup-v1 blkio.throttle), with nothing of it in
 * memory: it is mounted anew for each contender.
 */
class SlowMedium {
  readonly #image: string;
  readonly #mount: string;
  readonly #group: string;
  #loop: string | null = null;

  constructor(dir: string, from: string) {
    this.#image = join(dir, 'image');
    this.#mount = join(dir, 'medium');
    this.#group = join(GROUPS, `sallyport-bench-${process.pid}`);
    mkdirSync(this.#mount);
    writeFileSync(this.#image, '');
    truncateSync(this.#image, BYTES * 1.5);
    must('mkfs.ext4', '-q', this.#image);
    must('mount', '-o', 'loop', this.#image, this.#mount);
    cpSync(from, join(this.#mount, 'bundle'), { recursive: true });
    must('umount', this.#mount);
    mkdirSync(this.#group);
  }

  /** Mounts it anew and runs a command that reads it at the speed of the medium. @returns what it printed */
  async run(script: string, ...args: readonly string[]): ReturnType<typeof program> {
    this.#eject();
    this.#loop = must('losetup', '-f', '--show', '--direct-io=on', this.#image);
    const device = readFileSync(`/sys/block/${basename(this.#loop)}/dev`, 'utf8').trim();
    writeFileSync(join(this.#group, 'blkio.throttle.read_bps_device'), `${device} ${BYTES_A_SECOND}`);
    must('mount', '-o', 'ro', this.#loop, this.#mount);
    const inGroup = `echo $$ > "${this.#group}/cgroup.procs"; ${script}`;
    return program(['bash', '-c', inGroup, 'bash', join(this.#mount, 'bundle'), ...args]);
  }

  remove(): void {
    this.#eject();
    rmdirSync(this.#group);
  }

  #eject(): void {
    if (this.#loop === null) return;
    must('umount', this.#mount);
    must('losetup', '-d', this.#loop);
    this.#loop = null;
  }
}

export const bench: Bench = {
  about: 'a bundle imported from a medium that gives 40 MiB a second, beside dd that only reads its files',
  async measure(rounds, note) {
    if (process.getuid?.() !== 0 || !existsSync(GROUPS)) {
      note('not measured: it takes root and cgroup-v1 blkio to slow a medium down');
      return [];
    }
    const from = largeMedium('slow', BYTES);
    const dir = mkdtempSync(join(cacheDir, 'bench', 'slow-'));
    const medium = new SlowMedium(dir, from.dir);
    const sites: string[] = [];
    const ours: Contender = {
      name: 'ours',
      run: async () => {
        const site = mkdtempSync(join(dir, 'site-'));
        sites.push(site);
        const { stdout } = await medium.run('exec "$2" "$3" "$4" "$1"', process.execPath, PROCESS, site);
        const [wall = NaN, cpu = NaN] = stdout.trim().split(' ').map(Number);
        rmSync(site, { recursive: true, force: true });
        return { wall, cpu };
      },
    };
    const dd: Contender = {
      name: 'dd',
      run: () =>
        medium.run(
          'find "$1" -type f | while read -r file; do dd if="$file" of=/dev/null bs=1M status=none; done',
        ),
    };
    try {
      note(`${from.objects.length} objects; the medium is mounted anew for each, nothing of it is in memory`);
      return [
        await compare(
          {
            what: 'import from a slow medium',
            ours,
            peer: dd,
            goals: [
              {
                text: '>= 95 % of its speed',
                met: (own, peer) => peer !== null && own.wall <= peer.wall / 0.95,
              },
            ],
          },
          rounds,
        ),
      ];
    } finally {
      medium.remove();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
