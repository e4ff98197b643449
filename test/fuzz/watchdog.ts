import { Worker } from 'node:worker_threads';

/** The body of the thread that watches, handed over as text. */
function watch(): void {
  const { writeSync } = process.getBuiltinModule('node:fs');
  const threads = process.getBuiltinModule('node:worker_threads');
  const { state, limitMs, seed } = threads.workerData as {
    state: Float64Array;
    limitMs: number;
    seed: number;
  };
  setInterval(() => {
    const [number = 0, began = 0] = state;
    if (began === 0 || Date.now() - began < limitMs) return;
    writeSync(2, `case ${number} of seed ${seed} took longer than ${limitMs / 1_000} s\n`);
    process.kill(process.pid, 'SIGKILL');
  }, 250);
}

/** Names a case that takes too long, and ends the process: also one that never gives the event loop a turn. */
export class Watchdog {
  readonly #state = new Float64Array(new SharedArrayBuffer(16));
  readonly #worker: Worker;

  constructor(seed: number, limitMs: number) {
    const workerData = { state: this.#state, limitMs, seed };
    this.#worker = new Worker(`(${watch.toString()})()`, { eval: true, workerData });
    this.#worker.unref();
  }

  begin(number: number): void {
    this.#state[0] = number;
    this.#state[1] = Date.now();
  }

  async close(): Promise<void> {
    this.#state[1] = 0;
    await this.#worker.terminate();
  }
}
