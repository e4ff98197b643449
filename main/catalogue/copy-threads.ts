import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { judgeCopy, type Copier, type CopyOutcome } from './copy-verified.ts';

interface CopyJob {
  readonly id: number;
  readonly source: number;
  readonly out: number;
  readonly position: number;
  readonly size: number;
}

/** Slots of the memory that a job shares with its thread. */
const [BYTES, STOP] = [0, 1];

/**
 * The body of a thread, handed over as text so that source, bundles and packages all start it in the same way: nothing from
 * outside of it may be used here. Files are those that the owner has opened: descriptors are of the process.
 */
function threadBody(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const { readSync, writeSync, fdatasyncSync } = process.getBuiltinModule('node:fs');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const buffer = Buffer.allocUnsafeSlow(256 * 1024);
  const copy = ({ source, out, position, size }: CopyJob, shared: BigInt64Array): CopyOutcome => {
    const hash = createHash('sha256');
    let total = 0;
    let side: 'source' | 'out' = 'source';
    try {
      for (;;) {
        if (Atomics.load(shared, 1) !== 0n) return { cancelled: true };
        side = 'source';
        const count = readSync(source, buffer, 0, buffer.length, null);
        if (count === 0) break;
        total += count;
        if (total > size) break;
        hash.update(buffer.subarray(0, count));
        side = 'out';
        for (let done = 0; done < count;)
          done += writeSync(out, buffer, done, count - done, position + total - count + done);
        Atomics.add(shared, 0, BigInt(count));
      }
      const sha256 = hash.digest('hex');
      side = 'out';
      fdatasyncSync(out);
      return { total, sha256 };
    } catch (error) {
      return { side, errno: String((error as { code?: unknown }).code), message: String(error) };
    }
  };
  parentPort?.on('message', ([job, shared]: [CopyJob, BigInt64Array]) => {
    parentPort.postMessage([job.id, copy(job, shared)]);
  });
}

interface Thread {
  readonly worker: Worker;
  busy: number;
}

/** More than processors: a thread that waits for the disk leaves its own to another. */
const THREADS_A_PROCESSOR = 2;
const MOST_THREADS = 8;
/** Threads end when nothing has been copied for so long. */
const IDLE_MS = 2_000;
const REPORT_EVERY_MS = 50;

/** Copies files beside one another, in threads that start when they are first needed and end by themselves. */
export class CopyThreads implements Copier {
  /** Each thread has one copy at work and one in hand. */
  readonly width: number;
  readonly #most: number;
  readonly #threads: Thread[] = [];
  readonly #waiting = new Map<
    number,
    { readonly resolve: (outcome: CopyOutcome) => void; readonly reject: (error: unknown) => void }
  >();
  #nextId = 1;
  #idle: NodeJS.Timeout | null = null;

  constructor(threads = Math.min(MOST_THREADS, availableParallelism() * THREADS_A_PROCESSOR)) {
    this.#most = threads;
    this.width = threads * 2;
  }

  copy: Copier['copy'] = async (source, out, position, expected, options) => {
    const shared = new BigInt64Array(new SharedArrayBuffer(16));
    const stop = (): void => void Atomics.store(shared, STOP, 1n);
    let told = 0;
    const tell = (): void => {
      const bytes = Number(Atomics.load(shared, BYTES)) - told;
      told += bytes;
      if (bytes > 0) options.onBytes?.(bytes);
    };
    const timer = setInterval(tell, REPORT_EVERY_MS);
    options.signal?.addEventListener('abort', stop);
    if (options.signal?.aborted === true) stop();
    try {
      const job = { id: this.#nextId++, source: source.fd, out, position, size: expected.size };
      const outcome = await this.#ask(job, shared);
      tell();
      judgeCopy(outcome, source, expected);
    } finally {
      clearInterval(timer);
      options.signal?.removeEventListener('abort', stop);
    }
  };

  async #ask(job: CopyJob, shared: BigInt64Array): Promise<CopyOutcome> {
    const thread = this.#freest();
    thread.busy += 1;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(job.id, { resolve, reject });
        thread.worker.postMessage([job, shared]);
      });
    } finally {
      thread.busy -= 1;
      if (this.#waiting.size === 0) this.#idle = setTimeout(() => void this.#end(), IDLE_MS).unref();
    }
  }

  #freest(): Thread {
    const freest = this.#threads.toSorted((a, b) => a.busy - b.busy)[0];
    if (freest !== undefined && (freest.busy === 0 || this.#threads.length >= this.#most)) return freest;
    const worker = new Worker(`(${threadBody.toString()})()`, { eval: true });
    worker.unref();
    worker.on('message', ([id, outcome]: [number, CopyOutcome]) => {
      this.#waiting.get(id)?.resolve(outcome);
      this.#waiting.delete(id);
    });
    worker.on('error', (error) => void this.#break(error));
    const thread = { worker, busy: 0 };
    this.#threads.push(thread);
    return thread;
  }

  /**
   * After one breaks, nobody can say which files it had finished, so all of them fail. Only once every thread has ended: their owners
   * close the files then, and a thread that still wrote would write to whatever gets the same descriptor next.
   */
  async #break(error: unknown): Promise<void> {
    const failed = [...this.#waiting.values()];
    this.#waiting.clear();
    await this.#end();
    for (const { reject } of failed) reject(error);
  }

  async #end(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map(({ worker }) => worker.terminate()));
  }
}
