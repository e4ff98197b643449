import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CollectError } from '../../contract/errors.ts';
import { blobPath } from '../bundle/read-metadata.ts';

/** Lies in the output while it is written: says that what is there is ours and unfinished. */
const MARK = 'sallyport-is-writing.tmp';

/**
 * Makes the output folder ready: new, empty, or what an interrupted build left.
 *
 * @throws CollectError COLLECT_OUTPUT_NOT_EMPTY
 */
export function openOutput(dir: string): void {
  mkdirSync(dir, { recursive: true });
  if (existsSync(join(dir, MARK))) {
    for (const name of readdirSync(dir)) {
      if (/^(?:metadata|bundles|blobs|VOLUME\.json|volume-\d+)$/.test(name))
        rmSync(join(dir, name), { recursive: true, force: true });
    }
  }
  const others = readdirSync(dir).filter((name) => name !== MARK);
  if (others.length > 0) {
    throw new CollectError('COLLECT_OUTPUT_NOT_EMPTY', `${dir} is not empty.`, {
      hint: 'Choose a new folder: a bundle may have nothing else beside it.',
      subject: { dir },
    });
  }
  writeFileSync(join(dir, MARK), '');
}

/** Puts an object in its place. Copied, never linked: readers refuse files with a second name. */
export function placeBlob(dir: string, sha256: string, source: string): void {
  const target = join(dir, blobPath(sha256));
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  syncPath(target);
}

/**
 * Writes metadata and manifest of one medium, timestamp last: a folder without it is not a bundle, so an interrupted copy can't be
 * taken for a whole one.
 */
export function finishOutput(dir: string, files: ReadonlyMap<string, Uint8Array>): void {
  const last = 'metadata/timestamp.json';
  for (const path of [...files.keys()].filter((name) => name !== last).concat(last)) {
    const target = join(dir, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, files.get(path) ?? new Uint8Array());
    syncPath(target);
  }
}

/** Everything is written: takes the mark of an unfinished output away. */
export function closeOutput(dir: string): void {
  rmSync(join(dir, MARK));
}

function syncPath(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
