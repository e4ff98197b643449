import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PackThreadWord } from './pack-thread-body.ts';
import type { PackSource } from './pack-zip.ts';

// The engine is bundled as CommonJS, where there is no `import.meta`.
const HERE = typeof __dirname === 'string' ? __dirname : import.meta.dirname;
/** Where the build puts the body, seen from the engine's bundle and from the command line's; then the source. */
const BODIES = [
  join(HERE, 'pack-thread-body.cjs'),
  join(HERE, '..', 'engine', 'pack-thread-body.cjs'),
  join(HERE, 'pack-thread-body.ts'),
];

/**
 * The files of a pack, made in a thread: the spreadsheet of 50,000 rows alone takes six seconds, in which the engine answers
 * and patches as ever.
 *
 * @param onFile the file that is begun
 * @throws the signal's reason
 */
export async function packEntriesInThread(
  source: PackSource,
  onFile: (name: string) => void,
  signal: AbortSignal,
): Promise<Readonly<Record<string, Uint8Array>>> {
  signal.throwIfAborted();
  const body = BODIES.find((path) => existsSync(path));
  if (body === undefined) throw new Error(`none of these is there: ${BODIES.join(' ')}`);
  // A bundle is handed over as text: in a package it lies inside an archive.
  const worker = body.endsWith('.ts')
    ? new Worker(body, { workerData: source })
    : new Worker(readFileSync(body, 'utf8'), { eval: true, workerData: source });
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (word: PackThreadWord) => {
        if ('file' in word) onFile(word.file);
        else resolve(word.entries);
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        reject(signal.aborted ? (signal.reason as Error) : new Error('the thread that makes a pack ended'));
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
