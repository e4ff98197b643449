import { randomInt, randomUUID, type KeyObject } from 'node:crypto';
import type { Disk } from './disk.ts';

/** How long things take, milliseconds. */
export interface Speed {
  /** Unpacking one package, and configuring it again as long. */
  readonly packageMs: number;
  /** From the answer of the restart command to the loss of the network. */
  readonly shutdownMs: number;
  /** From there until the SSH server answers again. */
  readonly bootMs: number;
}

export const FAST: Speed = { packageMs: 3, shutdownMs: 5, bootMs: 20 };

/** An install whose packages were really changed. Kept outside of the disk: a restore does not take it back. */
export interface InstallCount {
  readonly stageId: string;
  readonly packages: readonly string[];
}

export interface LockHolder {
  readonly pid: number;
  readonly program: string;
}

/** What a test may wait for on a machine. */
export type Moment = 'unpacked-first' | `before apt/${string}` | `after apt/${string}`;

/** What a killed process leaves behind: nothing runs any further. */
export class Killed extends Error {}

/**
 * One simulated endpoint as it runs: what a restart loses is here, what survives it is on its {@link Disk}. It knows nothing of
 * SSH: see endpoint-server.ts.
 */
export class Machine {
  readonly name: string;
  readonly vendorKey: KeyObject;
  readonly speed: Speed;
  readonly installs: InstallCount[] = [];
  /** Commands that came in, in order: `apt/inventory`, `mktemp` ... */
  readonly asked: string[] = [];
  /** What was asked for and nobody here can answer. A test that finds anything in it fails. */
  readonly unexpected: string[] = [];
  power: 'running' | 'stopped' = 'stopped';
  /** Whether its cable is in. */
  isLinked = true;
  lockHolder: LockHolder | null = null;
  clockOffsetS = 0;
  boots = 0;
  restartAskedBy = new Set<string>();
  /** Told when the network must go: `shutdown` lets what was said go out, a power cut or a pulled cable does not. */
  onNetworkLoss: (how: 'shutdown' | 'cut') => void = () => undefined;
  readonly #findDisk: () => Disk | undefined;
  readonly #moments = new Map<Moment, Set<() => void>>();
  readonly #processes = new Map<string, AbortController>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #disk: Disk | undefined;
  #bootMarker = '';

  constructor(options: {
    readonly name: string;
    readonly vendorKey: KeyObject;
    readonly speed: Speed;
    /** The disk that lies in its place now. */
    readonly findDisk: () => Disk | undefined;
  }) {
    this.name = options.name;
    this.vendorKey = options.vendorKey;
    this.speed = options.speed;
    this.#findDisk = options.findDisk;
  }

  /** @throws Error when it does not run */
  get disk(): Disk {
    if (this.#disk === undefined) throw new Error(`${this.name} is switched off`);
    return this.#disk;
  }

  /** As the kernel and PID 1 make it up: another one after every start. */
  get bootMarker(): string {
    return this.#bootMarker;
  }

  get answers(): boolean {
    return this.power === 'running' && this.isLinked && this.#disk !== undefined;
  }

  /** Powers it on from the disk that lies in its place. @returns false where there is none */
  powerOn(): boolean {
    if (this.power === 'running') return true;
    if (this.#findDisk() === undefined) return false;
    this.power = 'running';
    this.#boot();
    return true;
  }

  /** Cuts the power: everything that ran is gone, the disk stays as it is at this instant. */
  powerOff(): void {
    this.power = 'stopped';
    this.#halt('cut');
  }

  /** Restarts a moment after the command has answered. */
  restart(): void {
    this.#later(this.speed.shutdownMs, () => {
      this.#halt('shutdown');
      this.#later(this.speed.bootMs, () => this.#boot());
    });
  }

  /** Forgets everything that ran and starts from the disk in its place. */
  reset(): void {
    this.powerOff();
    this.isLinked = true;
    this.lockHolder = null;
    this.clockOffsetS = 0;
    this.installs.length = 0;
    this.asked.length = 0;
    this.#moments.clear();
    this.powerOn();
  }

  /** Starts a process that a kill, a restart or a power cut ends wherever it is. */
  spawn(id: string, run: (sleep: (ms: number) => Promise<void>) => Promise<void>): void {
    const abort = new AbortController();
    this.#processes.set(id, abort);
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve, reject) => {
        if (abort.signal.aborted) {
          reject(new Killed());
          return;
        }
        const timer = setTimeout(resolve, ms);
        abort.signal.addEventListener('abort', () => {
          clearTimeout(timer);
          reject(new Killed());
        });
      });
    run(sleep)
      .catch((error: unknown) => {
        if (!(error instanceof Killed)) this.unexpected.push(`a process failed: ${String(error)}`);
      })
      .finally(() => {
        if (this.#processes.get(id) === abort) this.#processes.delete(id);
      });
  }

  isRunning(id: string): boolean {
    return this.#processes.has(id);
  }

  kill(id: string): void {
    this.#processes.get(id)?.abort();
    this.#processes.delete(id);
  }

  /** Does something the next time that a moment comes, once. */
  once(moment: Moment, work: () => void): void {
    const waiting = this.#moments.get(moment) ?? new Set();
    waiting.add(work);
    this.#moments.set(moment, waiting);
  }

  reach(moment: Moment): void {
    const waiting = this.#moments.get(moment);
    this.#moments.delete(moment);
    for (const work of waiting ?? []) work();
  }

  pullCable(): void {
    this.isLinked = false;
    this.onNetworkLoss('cut');
  }

  plugCable(): void {
    this.isLinked = true;
  }

  #boot(): void {
    this.#disk = this.#findDisk();
    this.boots += 1;
    this.#bootMarker = `${randomUUID()}/${String(randomInt(1_000, 999_999))}`;
    this.restartAskedBy = new Set();
    this.lockHolder = null;
  }

  #halt(how: 'shutdown' | 'cut'): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const id of [...this.#processes.keys()]) this.kill(id);
    this.#disk = undefined;
    this.onNetworkLoss(how);
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }
}
