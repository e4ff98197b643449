import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { BundleError, CatalogueError, ContractError, StoreError } from '../../contract/errors.ts';

/** Measured best here: larger buffers leave the CPU's cache (256 KiB beat 1 and 4 MiB). */
const BUFFER_BYTES = 256 * 1024;
/** The event loop gets a turn after so many bytes: 5 to 20 ms of hashing. */
const BYTES_PER_TURN = 8 * 1024 * 1024;

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/**
 * The content of the site: files named by their SHA-256, `content/ab/abcdef...`. A file has its name only once its
 * bytes are known to be right and are on disk, so what has a name need not be checked again.
 */
export class ContentStore {
  readonly #dir: string;
  readonly #incoming: string;
  readonly #unsynced = new Set<string>();

  constructor(dir: string) {
    this.#dir = dir;
    this.#incoming = join(dir, 'incoming');
    mkdirSync(this.#incoming, { recursive: true, mode: 0o700 });
  }

  pathOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`not a SHA-256: ${sha256.slice(0, 80)}`);
    return join(this.#dir, sha256.slice(0, 2), sha256);
  }

  has(sha256: string, size: number): boolean {
    return statSync(this.pathOf(sha256), { throwIfNoEntry: false })?.size === size;
  }

  /** The path of an object that must be there. @throws CatalogueError CONTENT_MISSING */
  locate(sha256: string): string {
    const path = this.pathOf(sha256);
    if (!existsSync(path)) {
      throw new CatalogueError('CONTENT_MISSING', `The content store has no object ${sha256}.`, {
        hint: 'Import the bundle that carries it again.',
        subject: { sha256 },
      });
    }
    return path;
  }

  /** Bytes that may still be written where the store lies. */
  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#dir);
    return bavail * bsize;
  }

  cleanIncoming(): void {
    for (const name of readdirSync(this.#incoming)) rmSync(join(this.#incoming, name), { force: true });
  }

  /**
   * Copies an open file into the store, hashing exactly the bytes that are written, so that a file that changes while
   * it is read can't slip through (step 11 of docs/FORMAT-bundle.md).
   *
   * @throws BundleError BUNDLE_SIZE_MISMATCH, BUNDLE_HASH_MISMATCH, BUNDLE_UNREADABLE; StoreError STORE_FULL;
   *   ContractError CONTRACT_CANCELLED
   */
  async copyVerified(
    source: { readonly fd: number; readonly name: string },
    expected: { readonly sha256: string; readonly size: number },
    options: { readonly onBytes?: (bytes: number) => void; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const part = join(this.#incoming, `${expected.sha256}.part`);
    const subject = { file: source.name };
    const out = openSync(part, 'w', 0o600);
    let isComplete = false;
    try {
      const hash = createHash('sha256');
      const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
      let total = 0;
      let sinceTurn = 0;
      for (;;) {
        const count = readOrFail(source, buffer);
        if (count === 0) break;
        total += count;
        if (total > expected.size) break;
        const piece = buffer.subarray(0, count);
        hash.update(piece);
        writeAll(out, piece);
        options.onBytes?.(count);
        sinceTurn += count;
        if (sinceTurn >= BYTES_PER_TURN) {
          sinceTurn = 0;
          await setImmediate();
          throwIfCancelled(options.signal);
        }
      }
      if (total !== expected.size) {
        throw new BundleError(
          'BUNDLE_SIZE_MISMATCH',
          `${source.name} has ${total > expected.size ? 'more' : `only ${total}`} of the ${expected.size} bytes that the manifest gives.`,
          { hint: 'The copy on the medium is incomplete or was changed. Copy the bundle again.', subject },
        );
      }
      if (hash.digest('hex') !== expected.sha256) {
        throw new BundleError(
          'BUNDLE_HASH_MISMATCH',
          `${source.name} is not the file that the manifest names: its SHA-256 differs.`,
          {
            hint: 'The file was changed or damaged on the medium. Copy the bundle again, or use another medium.',
            subject,
          },
        );
      }
      fdatasyncSync(out);
      isComplete = true;
    } catch (error) {
      if (isErrno(error, 'ENOSPC') || isErrno(error, 'EDQUOT')) throw fullError(error);
      throw error;
    } finally {
      closeSync(out);
      if (!isComplete) rmSync(part, { force: true });
    }
    const path = this.pathOf(expected.sha256);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    renameSync(part, path);
    this.#unsynced.add(dirname(path));
  }

  flush(): void {
    // Windows has no fsync of folders; its rename is journalled by NTFS.
    if (process.platform !== 'win32') {
      for (const dir of [...this.#unsynced, this.#dir]) {
        const fd = openSync(dir, 'r');
        try {
          fsyncSync(fd);
        } finally {
          closeSync(fd);
        }
      }
    }
    this.#unsynced.clear();
  }
}

function readOrFail(source: { readonly fd: number; readonly name: string }, buffer: Buffer): number {
  try {
    return readSync(source.fd, buffer, 0, buffer.length, null);
  } catch (error) {
    throw new BundleError('BUNDLE_UNREADABLE', `${source.name} could not be read from the medium.`, {
      hint: 'Was the medium pulled out? Insert it and import again: what was copied is kept.',
      retry: 'same',
      subject: { file: source.name },
      cause: error,
    });
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done);
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new ContractError('CONTRACT_CANCELLED', 'The import was cancelled.', { retry: 'same' });
  }
}

const fullError = (cause: unknown): StoreError =>
  new StoreError('STORE_FULL', 'There is no space left where the content store lies.', {
    hint: 'Make space, then import again: what was copied is kept.',
    retry: 'same',
    cause,
  });
