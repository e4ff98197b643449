import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  type Dirent,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { BundleError } from '../../contract/errors.ts';
import { mediumError, mediumLost } from '../core/bundle/medium-error.ts';

/** More files than any bundle has: a folder with more is not read to its end. */
const MAX_ENTRIES = 1_000_000;

const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/**
 * Reads a bundle folder as something hostile: only regular files with one name, never through a link, never more bytes
 * than asked for (section "Reader rules" of docs/FORMAT-bundle.md).
 */
export class MediaReader {
  readonly #root: string;

  /** @throws BundleError BUNDLE_NOT_FOUND when there is no folder with `metadata` in it */
  constructor(root: string) {
    this.#root = root;
    if (lstatSync(join(root, 'metadata'), { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new BundleError('BUNDLE_NOT_FOUND', `There is no bundle in ${root}.`, {
        hint: 'Choose the folder that has the folders "metadata", "bundles" and "blobs" in it.',
      });
    }
  }

  /** Closes a file of the medium. Nothing was written, so a medium that is gone by now loses nothing. */
  static close(fd: number): void {
    try {
      closeSync(fd);
    } catch (error) {
      if (typeof codeOf(error) !== 'string') throw error;
    }
  }

  /** Opens a file for reading. The caller closes it with {@link close}. */
  open(path: string): { readonly fd: number; readonly size: number } {
    const absolute = join(this.#root, path);
    let fd: number;
    try {
      // Looked at first, because opening a device or a pipe can already have effects.
      refuseSpecial(lstatSync(absolute), path);
      fd = openSync(absolute, OPEN_FLAGS);
    } catch (error) {
      throw explain(error, path);
    }
    try {
      const stat = fstatSync(fd);
      refuseSpecial(stat, path);
      return { fd, size: stat.size };
    } catch (error) {
      closeSync(fd);
      throw explain(error, path);
    }
  }

  /** Reads a small file whole. @throws BundleError BUNDLE_TOO_LARGE when it has more than `maxBytes` */
  read(path: string, maxBytes: number): Uint8Array {
    const { fd, size } = this.open(path);
    try {
      if (size > maxBytes) throw tooLarge(path, maxBytes);
      const buffer = Buffer.alloc(Math.min(size, maxBytes) + 1);
      let total = 0;
      for (;;) {
        const count = readSync(fd, buffer, total, buffer.length - total, null);
        total += count;
        if (count === 0 || total === buffer.length) break;
      }
      if (total !== size) {
        throw new BundleError('BUNDLE_FILE_CHANGED', `${path} changed while it was read.`, {
          hint: 'Nothing else may write to the medium during an import.',
          subject: { file: path },
        });
      }
      return buffer.subarray(0, total);
    } catch (error) {
      throw explain(error, path);
    } finally {
      MediaReader.close(fd);
    }
  }

  /** Whether a file is on the medium, of whatever kind. */
  has(path: string): boolean {
    return this.#stat(path) !== undefined;
  }

  /**
   * What an error in the middle of an import means: a file that was there when the medium was looked over, and is gone
   * together with everything else, went with the medium.
   */
  explainLoss(error: unknown, path: string): unknown {
    const isGone = error instanceof BundleError && error.code === 'BUNDLE_FILE_MISSING';
    return isGone && !this.has('metadata/timestamp.json') ? mediumLost(path, error) : error;
  }

  #stat(path: string): Stats | undefined {
    try {
      return lstatSync(join(this.#root, path), { throwIfNoEntry: false });
    } catch (error) {
      throw explain(error, path);
    }
  }

  #list(folder: string): Dirent[] {
    try {
      return readdirSync(join(this.#root, folder), { withFileTypes: true });
    } catch (error) {
      throw explain(error, folder);
    }
  }

  /** Versions of the root files in `metadata/`, lowest first. */
  listRootVersions(): number[] {
    const versions: number[] = [];
    for (const { name } of this.#list('metadata')) {
      const match = /^([1-9]\d{0,8})\.root\.json$/.exec(name);
      if (match !== null) versions.push(Number(match[1]));
    }
    return versions.sort((a, b) => a - b);
  }

  /**
   * Compares what is on the medium with what should be there.
   *
   * @param expected path to size in bytes, or `null` where the size is judged elsewhere
   * @throws BundleError the first of the {@link differences}
   */
  checkTree(expected: ReadonlyMap<string, number | null>): void {
    for (const difference of this.differences(expected)) throw difference;
  }

  /**
   * Every difference between what is on the medium and what should be there: BUNDLE_FILE_UNEXPECTED (a folder once, with all
   * that is in it), BUNDLE_LINK_REFUSED, BUNDLE_FILE_MISSING, BUNDLE_SIZE_MISMATCH. The file is in `subject.file`.
   *
   * @throws BundleError BUNDLE_UNREADABLE, BUNDLE_MEDIUM_LOST
   */
  *differences(expected: ReadonlyMap<string, number | null>): Generator<BundleError> {
    const folders = new Set<string>();
    for (const path of expected.keys()) {
      for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
        folders.add(path.slice(0, end));
    }
    const found = new Set<string>();
    const links = new Set<string>();
    const pending = [''];
    let entries = 0;
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      for (const entry of this.#list(folder)) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        entries += 1;
        if (entries > MAX_ENTRIES) {
          yield unexpected(path);
          return;
        }
        if (entry.isSymbolicLink()) {
          links.add(path);
          yield linkRefused(path);
        } else if (entry.isDirectory()) {
          if (folders.has(path)) pending.push(path);
          else yield unexpected(path);
        } else if (expected.has(path)) found.add(path);
        else yield unexpected(path);
      }
    }
    for (const [path, size] of expected) {
      if (!links.has(path)) yield* this.#judge(path, size, found.has(path));
    }
  }

  *#judge(path: string, size: number | null, isFound: boolean): Generator<BundleError> {
    const stat = isFound ? this.#stat(path) : undefined;
    if (stat === undefined) yield missing(path);
    else if (isSpecial(stat)) yield linkRefused(path);
    else if (size !== null && stat.size !== size) {
      yield new BundleError('BUNDLE_SIZE_MISMATCH', `${path} has ${stat.size} bytes instead of ${size}.`, {
        hint: 'The copy on the medium is incomplete or was changed. Copy the bundle again.',
        subject: { file: path },
      });
    }
  }
}

/** A second name for a file could be used to change it after it was checked; a device or pipe is never content. */
const isSpecial = (stat: Stats): boolean => !stat.isFile() || stat.nlink !== 1;

function refuseSpecial(stat: Stats, path: string): void {
  if (isSpecial(stat)) throw linkRefused(path);
}

const unexpected = (path: string): BundleError =>
  new BundleError('BUNDLE_FILE_UNEXPECTED', `${printable(path)} does not belong to the bundle.`, {
    hint: 'Only the bundle itself may lie in its folder. Remove what is not of it, or ask where it came from.',
    subject: { file: printable(path) },
  });

const linkRefused = (path: string): BundleError =>
  new BundleError('BUNDLE_LINK_REFUSED', `${printable(path)} is not a plain file with one name.`, {
    hint: 'Links and special files are never followed. Copy the bundle to the medium again with plain files.',
    subject: { file: printable(path) },
  });

const missing = (path: string): BundleError =>
  new BundleError('BUNDLE_FILE_MISSING', `${path} is not on the medium.`, {
    hint: 'The copy is incomplete. Copy the bundle to the medium again.',
    subject: { file: path },
  });

const tooLarge = (path: string, maxBytes: number): BundleError =>
  new BundleError('BUNDLE_TOO_LARGE', `${path} is larger than the ${maxBytes} bytes it may have.`, {
    subject: { file: path },
  });

function explain(error: unknown, path: string): unknown {
  if (error instanceof BundleError) return error;
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return missing(path);
  if (code === 'ELOOP' || code === 'EMLINK') return linkRefused(path);
  if (typeof code !== 'string') return error;
  return mediumError(code, path, error);
}

/** Names on a hostile medium may hold anything: control characters and the like are escaped for messages. */
function printable(path: string): string {
  return path
    .slice(0, 300)
    .replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
