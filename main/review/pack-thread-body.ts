import { parentPort, workerData } from 'node:worker_threads';
import { packEntries, type PackSource } from './pack-zip.ts';

/** What the thread says: the file that it begins with, and in the end all of them. */
export type PackThreadWord =
  { readonly file: string } | { readonly entries: Readonly<Record<string, Uint8Array>> };

// A thread of its own, built to a file of its own. What it throws reaches its owner.
const say = (word: PackThreadWord): void => parentPort?.postMessage(word);
void packEntries(workerData as PackSource, (file) => say({ file })).then((entries) => say({ entries }));
