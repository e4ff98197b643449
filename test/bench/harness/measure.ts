import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What one go took. */
export interface Measured {
  /** Seconds by the clock. On a machine with other work it says little; the CPU seconds and ratios say more. */
  readonly wall: number;
  /** Seconds of processor time, user and system, of the process and of those it waited for. */
  readonly cpu: number;
  /** Bytes at the peak, where the contender tells. */
  readonly memory?: number;
}

export interface Contender {
  readonly name: string;
  run(): Promise<Measured>;
}

export interface Goal {
  readonly text: string;
  met(ours: Measured, peer: Measured | null): boolean;
}

export interface Comparison {
  readonly what: string;
  /** Divided by the seconds and shown instead of them: `{ amount: 1e6, unit: 'M/s' }`. */
  readonly rate?: { readonly amount: number; readonly unit: string };
  readonly ours: Contender;
  readonly peer?: Contender;
  readonly goals: readonly Goal[];
}

export interface Result extends Omit<Comparison, 'ours' | 'peer'> {
  readonly ours: Measured;
  readonly peer: (Measured & { readonly name: string }) | null;
}

/** What a bench file exports as `bench`. */
export interface Bench {
  /** One line: what is measured, on which data, beside which peer. */
  readonly about: string;
  /**
   * @param rounds how often each contender goes; the medians count
   * @param note tells the person at the terminal something that belongs to the figures (origin of data, what is missing)
   */
  measure(rounds: number, note: (line: string) => void): Promise<readonly Result[]>;
}

/** Ours and the peer by turns, so that other work on the machine slows both alike; then the median of each. */
export async function compare(comparison: Comparison, rounds: number): Promise<Result> {
  const { ours, peer, ...rest } = comparison;
  const mine: Measured[] = [];
  const theirs: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    mine.push(await ours.run());
    if (peer !== undefined) theirs.push(await peer.run());
  }
  return {
    ...rest,
    ours: medianOf(mine),
    peer: peer === undefined ? null : { ...medianOf(theirs), name: peer.name },
  };
}

function medianOf(all: readonly Measured[]): Measured {
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
  const memory = all.flatMap((one) => one.memory ?? []);
  return {
    wall: median(all.map((one) => one.wall)),
    cpu: median(all.map((one) => one.cpu)),
    // Of memory the worst counts: a bound holds always or not at all.
    ...(memory.length === 0 ? {} : { memory: Math.max(...memory) }),
  };
}

/** Measures work in this process, worker threads included. */
export async function inProcess(work: () => unknown): Promise<Measured> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const wall = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1e6 };
}

/** What a program said besides taking its time. */
export interface Ran extends Measured {
  readonly stdout: string;
}

/**
 * Measures a whole program from its start to its end. The shell's own `time` counts what its children used, which
 * Node tells of itself only.
 *
 * @throws Error when the program fails, with the end of what it said
 */
export async function program(
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<Ran> {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%3R %3U %3S"; time "$@" 2>&3', 'bash', ...argv], {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: 'C', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const texts = ['', '', ''];
  for (const [position, stream] of [child.stdio[1], child.stdio[2], child.stdio[3]].entries()) {
    stream?.on('data', (chunk: Buffer) => (texts[position] += chunk.toString('utf8')));
  }
  child.stdin?.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  const [stdout = '', time = '', stderr = ''] = texts;
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${String(code)}:\n${stderr.slice(-2_000)}`);
  const [wall = NaN, user = NaN, system = NaN] = time.trim().split(' ').map(Number);
  return { wall, cpu: user + system, stdout };
}
