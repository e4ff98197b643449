import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** A file that the caller has opened, and closes once the answer is there. */
interface OpenedFile {
  readonly fd: number;
  /** Bytes that it has; one more is asked for, so that a file that grew is found out. */
  readonly size: number;
}

export interface HashJob {
  readonly files: readonly OpenedFile[];
  /** Whether to hash all of them together too, as one file. */
  readonly whole: boolean;
}

/** Of one file; `errno` where it could not be read: `EIO`, and `ECANCELED` after {@link HashThread.stop}. */
export type FileHash = { readonly sha256: string; readonly bytes: number } | { readonly errno: string };

export interface HashAnswer {
  readonly files: readonly FileHash[];
  readonly whole: string | null;
}

/**
 * The body of the thread. It is handed over as text, so that source, bundles and packages all start it in the same way:
 * nothing from outside of it may be used here. Plain `readSync` with a small buffer reads three times as fast as a stream.
 */
function threadBody(): void {
  const threads = process.getBuiltinModule('node:worker_threads');
  const { parentPort } = threads;
  const { readSync } = process.getBuiltinModule('node:fs');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { read, stopped } = threads.workerData as { read: BigInt64Array; stopped: Int32Array };
  const buffer = Buffer.allocUnsafeSlow(256 * 1024);
  const hashOne = (file: OpenedFile, whole: { update(bytes: Buffer): unknown } | null): FileHash => {
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for (;;) {
        if (Atomics.load(stopped, 0) !== 0) return { errno: 'ECANCELED' };
        const count = readSync(file.fd, buffer, 0, buffer.length, bytes);
        if (count === 0) break;
        const piece = buffer.subarray(0, count);
        hash.update(piece);
        whole?.update(piece);
        bytes += count;
        Atomics.add(read, 0, BigInt(count));
        if (bytes > file.size) break;
      }
    } catch (error) {
      return { errno: String((error as { code?: unknown }).code) };
    }
    return { sha256: hash.digest('hex'), bytes };
  };
  parentPort?.on('message', (jobs: readonly HashJob[]) => {
    const answers = jobs.map((job): HashAnswer => {
      const whole = job.whole ? createHash('sha256') : null;
      const files = job.files.map((file) => hashOne(file, whole));
      return { files, whole: whole?.digest('hex') ?? null };
    });
    parentPort.postMessage(answers);
  });
}

/** What threads share: bytes read so far, and whether to stop. */
export class HashCounter {
  readonly read = new BigInt64Array(new SharedArrayBuffer(8));
  readonly stopped = new Int32Array(new SharedArrayBuffer(4));

  get bytes(): number {
    return Number(Atomics.load(this.read, 0));
  }

  get isStopped(): boolean {
    return Atomics.load(this.stopped, 0) !== 0;
  }

  /** Ends what is under way within one read of 256 KiB. */
  stop(): void {
    Atomics.store(this.stopped, 0, 1);
  }
}

/** One thread that hashes files. It answers in the order in which it was asked. */
export class HashThread {
  readonly #worker: Worker;
  readonly #waiting: {
    readonly resolve: (answers: readonly HashAnswer[]) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #failure: unknown;

  constructor(counter: HashCounter) {
    const { read, stopped } = counter;
    this.#worker = new Worker(`(${threadBody.toString()})()`, { eval: true, workerData: { read, stopped } });
    this.#worker.on('message', (answers: readonly HashAnswer[]) => this.#waiting.shift()?.resolve(answers));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a hashing thread ended')));
  }

  hash(jobs: readonly HashJob[]): Promise<readonly HashAnswer[]> {
    if (this.#failure !== undefined)
      return Promise.reject(new Error('no hashing thread', { cause: this.#failure }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(jobs);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** More do not read faster from one medium. */
const MOST_THREADS = 4;

export const usualThreads = (): number => Math.max(1, Math.min(MOST_THREADS, availableParallelism()));
