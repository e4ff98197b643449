import { createHash } from 'node:crypto';
import { fdatasyncSync, readSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { BundleError, ContractError, StoreError } from '../../contract/errors.ts';
import { mediumError } from '../core/bundle/medium-error.ts';

/** Measured best here: larger buffers leave the CPU's cache (256 KiB beat 1 and 4 MiB). */
const BUFFER_BYTES = 256 * 1024;
/** The event loop gets a turn after so many bytes: 5 to 20 ms of hashing. */
const BYTES_PER_TURN = 8 * 1024 * 1024;

export interface CopySource {
  readonly fd: number;
  /** For messages. */
  readonly name: string;
}

export interface CopyOptions {
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** What became of a copy: bytes and hash of what was read, or what the system said, and to which side. */
export type CopyOutcome =
  | { readonly total: number; readonly sha256: string }
  | { readonly side: 'source' | 'out'; readonly errno: string; readonly message: string }
  | { readonly cancelled: true };

/** Copies open files as {@link copyVerified} does. */
export interface Copier {
  /** How many it copies at once. */
  readonly width: number;
  copy(
    source: CopySource,
    out: number,
    position: number,
    expected: { readonly sha256: string; readonly size: number },
    options: CopyOptions,
  ): Promise<void>;
}

const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * Copies an open file to another, hashing exactly the bytes that are written, so that a file that changes while it is
 * read can't slip through (step 11 of docs/FORMAT-bundle.md). Ends when the data is on disk.
 *
 * @param out open for writing
 * @param position where in `out` the copy begins, in bytes
 * @throws BundleError BUNDLE_SIZE_MISMATCH, BUNDLE_HASH_MISMATCH, BUNDLE_UNREADABLE, BUNDLE_MEDIUM_LOST; StoreError
 *   STORE_FULL; ContractError CONTRACT_CANCELLED
 */
export async function copyVerified(
  source: CopySource,
  out: number,
  position: number,
  expected: { readonly sha256: string; readonly size: number },
  options: CopyOptions,
): Promise<void> {
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
      writeAll(out, piece, position + total - count);
      options.onBytes?.(count);
      sinceTurn += count;
      if (sinceTurn >= BYTES_PER_TURN) {
        sinceTurn = 0;
        await setImmediate();
        throwIfCancelled(options.signal);
      }
    }
    fdatasyncSync(out);
    judgeCopy({ total, sha256: hash.digest('hex') }, source, expected);
  } catch (error) {
    if (FULL.has(errnoOf(error))) throw fullError(error);
    throw error;
  }
}

/** @throws as {@link copyVerified}, for what is not the file that was expected */
export function judgeCopy(
  outcome: CopyOutcome,
  source: CopySource,
  expected: { readonly sha256: string; readonly size: number },
): void {
  const subject = { file: source.name };
  if ('cancelled' in outcome) throw cancelled();
  if ('side' in outcome) {
    const cause = Object.assign(new Error(outcome.message), { code: outcome.errno });
    if (outcome.side === 'source') throw mediumError(outcome.errno, source.name, cause);
    throw FULL.has(outcome.errno) ? fullError(cause) : cause;
  }
  if (outcome.total !== expected.size) {
    throw new BundleError(
      'BUNDLE_SIZE_MISMATCH',
      `${source.name} has ${outcome.total > expected.size ? 'more' : `only ${outcome.total}`} of the ${expected.size} bytes that the manifest gives.`,
      { hint: 'The copy on the medium is incomplete or was changed. Copy the bundle again.', subject },
    );
  }
  if (outcome.sha256 !== expected.sha256) {
    throw new BundleError(
      'BUNDLE_HASH_MISMATCH',
      `${source.name} is not the file that the manifest names: its SHA-256 differs.`,
      {
        hint: 'The file was changed or damaged on the medium. Copy the bundle again, or use another medium.',
        subject,
      },
    );
  }
}

/** The thread at hand, one file after the other. */
export const copyInProcess: Copier = { width: 1, copy: copyVerified };

/** SHA-256 of an open file of our own, from its beginning. */
export async function hashFile(fd: number, size: number, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  for (let at = 0, sinceTurn = 0; at < size;) {
    const count = readSync(fd, buffer, 0, Math.min(buffer.length, size - at), at);
    if (count === 0) break;
    hash.update(buffer.subarray(0, count));
    at += count;
    sinceTurn += count;
    if (sinceTurn >= BYTES_PER_TURN) {
      sinceTurn = 0;
      await setImmediate();
      throwIfCancelled(signal);
    }
  }
  return hash.digest('hex');
}

function readOrFail(source: CopySource, buffer: Buffer): number {
  try {
    return readSync(source.fd, buffer, 0, buffer.length, null);
  } catch (error) {
    throw mediumError(errnoOf(error), source.name, error);
  }
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled();
}

const cancelled = (): ContractError =>
  new ContractError('CONTRACT_CANCELLED', 'The import was cancelled.', { retry: 'same' });

const FULL = new Set(['ENOSPC', 'EDQUOT']);

const fullError = (cause: unknown): StoreError =>
  new StoreError('STORE_FULL', 'There is no space left where the content store lies.', {
    hint: 'Make space, then import again: what was copied is kept.',
    retry: 'same',
    cause,
  });
