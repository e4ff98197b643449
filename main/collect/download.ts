import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CollectError, ContractError } from '../../contract/errors.ts';

export interface DownloadOptions {
  /** Tries after the first. */
  readonly retries?: number;
  /** Before the first retry, ms; doubles with each. */
  readonly retryDelayMs?: number;
  /** Without a byte for so long a connection is given up, ms. */
  readonly idleTimeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
}

const DEFAULTS = { retries: 3, retryDelayMs: 1_000, idleTimeoutMs: 30_000 } as const;

/** Why a file can't be had: worth trying again, or not. */
class Failure extends Error {
  readonly isFinal: boolean;
  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}

/** By SHA-256, or by SHA-512 where a vendor gives no other. */
export type ExpectedFile = { readonly size: number } & (
  { readonly sha256: string } | { readonly sha512: string }
);

const sumOf = (expected: ExpectedFile): readonly ['sha256' | 'sha512', string] =>
  'sha256' in expected ? ['sha256', expected.sha256] : ['sha512', expected.sha512];

export type DownloadOutcome =
  | { readonly kind: 'done'; readonly wasCached: boolean }
  /** The mirror does not have it, or not this file. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/**
 * Fetches a file whose hash and size are known, to `target`. What is there already is not fetched again; what an
 * interrupted download left is continued. The file gets its name only when its hash holds.
 *
 * @throws ContractError CONTRACT_CANCELLED; file system errors as they are
 */
export async function downloadVerified(
  url: URL,
  target: string,
  expected: ExpectedFile,
  options: DownloadOptions = {},
): Promise<DownloadOutcome> {
  if (statSync(target, { throwIfNoEntry: false })?.size === expected.size) {
    // Named only after its hash held; hashed again because a download folder outlives the run that filled it.
    const [algorithm, digest] = sumOf(expected);
    if ((await hashFile(target, algorithm)) === digest) {
      const now = new Date();
      // When it was used last decides how long the folder keeps it. Not every folder can be written to.
      await utimes(target, now, now).catch(() => undefined);
      options.onBytes?.(expected.size);
      return { kind: 'done', wasCached: true };
    }
    rmSync(target);
  }
  mkdirSync(dirname(target), { recursive: true });
  const part = `${target}.part`;
  const retries = options.retries ?? DEFAULTS.retries;
  let reason = '';
  for (let attempt = 0; attempt <= retries; attempt += 1) {
    throwIfCancelled(options.signal);
    if (attempt > 0)
      await pause((options.retryDelayMs ?? DEFAULTS.retryDelayMs) * 2 ** (attempt - 1), options.signal);
    try {
      await fetchInto(url, part, expected, options);
      renameSync(part, target);
      return { kind: 'done', wasCached: false };
    } catch (error) {
      throwIfCancelled(options.signal);
      if (!isNetworkError(error)) throw error;
      reason = describe(error);
      if (error instanceof Failure && error.isFinal) break;
    }
  }
  return { kind: 'unavailable', reason };
}

/** Fetches a small file whose hash is not known yet. @throws CollectError COLLECT_DOWNLOAD_FAILED */
export async function downloadSmall(
  url: URL,
  name: string,
  maxBytes: number,
  options: DownloadOptions = {},
): Promise<Uint8Array> {
  const retries = options.retries ?? DEFAULTS.retries;
  let reason: unknown = null;
  for (let attempt = 0; attempt <= retries; attempt += 1) {
    throwIfCancelled(options.signal);
    if (attempt > 0)
      await pause((options.retryDelayMs ?? DEFAULTS.retryDelayMs) * 2 ** (attempt - 1), options.signal);
    try {
      const chunks: Uint8Array[] = [];
      let total = 0;
      for await (const chunk of (await openSource(url, 0, options)).chunks) {
        total += chunk.length;
        if (total > maxBytes) throw new Failure(`it is larger than ${maxBytes} bytes`, true);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } catch (error) {
      throwIfCancelled(options.signal);
      if (!isNetworkError(error)) throw error;
      reason = error;
      if (error instanceof Failure && error.isFinal) break;
    }
  }
  throw new CollectError('COLLECT_DOWNLOAD_FAILED', `${name} could not be fetched: ${describe(reason)}.`, {
    hint: 'Check the connection and the mirror’s address.',
    retry: 'same',
    subject: { file: name },
    cause: reason,
  });
}

/** What a failed try counted is taken back: the next one counts what it keeps. */
async function fetchInto(
  url: URL,
  part: string,
  expected: ExpectedFile,
  options: DownloadOptions,
): Promise<void> {
  let counted = 0;
  const count = (bytes: number): void => {
    counted += bytes;
    options.onBytes?.(bytes);
  };
  try {
    const [algorithm, digest] = sumOf(expected);
    const hash = createHash(algorithm);
    const have = await receive(url, part, expected.size, hash, count, options);
    if (have < expected.size) {
      throw new Failure(`the connection ended after ${have} of ${expected.size} bytes`, false);
    }
    if (have > expected.size || hash.digest('hex') !== digest) {
      rmSync(part, { force: true });
      throw new Failure('the mirror has another file under this name than its signed index says', false);
    }
  } catch (error) {
    options.onBytes?.(-counted);
    throw error;
  }
}

/** Appends to what is there already, if the server goes on from there. @returns bytes in the file now */
async function receive(
  url: URL,
  part: string,
  size: number,
  hash: Hash,
  count: (bytes: number) => void,
  options: DownloadOptions,
): Promise<number> {
  let have = statSync(part, { throwIfNoEntry: false })?.size ?? 0;
  if (have >= size) have = 0;
  const source = await openSource(url, have, options);
  if (source.startsAt === 0) have = 0;
  if (have > 0) {
    await hashInto(hash, part);
    count(have);
  }
  const file = await open(part, have > 0 ? 'a' : 'w', 0o600);
  try {
    for await (const chunk of source.chunks) {
      have += chunk.length;
      if (have > size) return have;
      hash.update(chunk);
      await file.write(chunk);
      count(chunk.length);
    }
    await file.datasync();
  } finally {
    await file.close();
  }
  return have;
}

async function openSource(
  url: URL,
  from: number,
  options: DownloadOptions,
): Promise<{ readonly startsAt: number; readonly chunks: AsyncIterable<Uint8Array> }> {
  if (url.protocol === 'file:') {
    const path = fileURLToPath(url);
    if (!existsSync(path)) throw new Failure('there is no such file', true);
    return { startsAt: from, chunks: createReadStream(path, { start: from }) };
  }
  const idle = new AbortController();
  const idleMs = options.idleTimeoutMs ?? DEFAULTS.idleTimeoutMs;
  const timer = setTimeout(() => {
    idle.abort(new Failure(`nothing came for ${idleMs} ms`, false));
  }, idleMs);
  const signal = options.signal === undefined ? idle.signal : AbortSignal.any([idle.signal, options.signal]);
  try {
    const headers = { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}) };
    const response = await fetch(url, { headers, signal });
    if (response.status !== 200 && response.status !== 206) {
      clearTimeout(timer);
      await response.body?.cancel();
      const isFinal =
        response.status >= 400 && response.status < 500 && ![408, 416, 425, 429].includes(response.status);
      throw new Failure(`the mirror answered ${response.status}`, isFinal);
    }
    const continues =
      response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${from}-`);
    if (response.status === 206 && continues !== true) {
      clearTimeout(timer);
      await response.body?.cancel();
      throw new Failure('the mirror sent another part of the file than asked for', false);
    }
    return { startsAt: continues === true ? from : 0, chunks: watchIdle(response, timer) };
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
}

async function* watchIdle(response: Response, timer: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  try {
    if (response.body === null) return;
    for await (const chunk of response.body) {
      timer.refresh();
      yield chunk as Uint8Array;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch` reports every failure of the network as a TypeError with a cause; aborts by the idle timer carry our own reason. */
const isNetworkError = (error: unknown): boolean =>
  error instanceof Failure ||
  error instanceof TypeError ||
  (error instanceof Error && error.name === 'AbortError');

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}

async function hashInto(hash: Hash, path: string): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }))
    hash.update(chunk as Buffer);
}

/** @returns hexadecimal digits */
export async function hashFile(path: string, algorithm: 'sha256' | 'sha512'): Promise<string> {
  const hash = createHash(algorithm);
  await hashInto(hash, path);
  return hash.digest('hex');
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throwIfCancelled(signal);
    throw error;
  }
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new ContractError('CONTRACT_CANCELLED', 'The build was cancelled. What was fetched is kept.', {
      retry: 'same',
    });
  }
}
