import { createHash, randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { HashedPayload } from '../core/windows/join-updates.ts';
import { readAuthenticode } from './authenticode.ts';
import { downloadPath } from './fetch-file.ts';

const CHUNK = 256 * 1024;
const TURN_BYTES = 16 * 1024 * 1024;

interface Watch {
  readonly onBytes?: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

type Digests = Pick<HashedPayload, 'size' | 'sha1' | 'sha256'>;

/** Reads a file once, piece by piece. */
async function eachPiece(path: string, take: (bytes: Uint8Array) => void, watch: Watch): Promise<void> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  const fd = openSync(path, 'r');
  try {
    let sinceTurn = 0;
    for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer)) {
      take(buffer.subarray(0, count));
      watch.onBytes?.(count);
      sinceTurn += count;
      if (sinceTurn < TURN_BYTES) continue;
      sinceTurn = 0;
      await setImmediate();
      watch.signal?.throwIfAborted();
    }
  } finally {
    closeSync(fd);
  }
}

export async function hashFile(path: string, signal: AbortSignal | undefined): Promise<Digests> {
  const digests = new Digester();
  await eachPiece(path, (bytes) => digests.update(bytes), { signal });
  return digests.end();
}

/** Microsoft's older facts are SHA-1 only. */
class Digester {
  readonly #sha1 = createHash('sha1');
  readonly #sha256 = createHash('sha256');
  #size = 0;

  update(bytes: Uint8Array): void {
    this.#sha1.update(bytes);
    this.#sha256.update(bytes);
    this.#size += bytes.length;
  }

  end(): Digests {
    return { size: this.#size, sha1: this.#sha1.digest('hex'), sha256: this.#sha256.digest('hex') };
  }
}

/**
 * Copies an update into the download folder, hashing what it writes: what is judged afterwards is the copy, which nobody
 * can change meanwhile.
 *
 * @throws the signal's reason
 */
export async function takePayload(path: string, downloadDir: string, watch: Watch): Promise<HashedPayload> {
  const part = join(downloadDir, `${randomUUID()}.part`);
  const digests = new Digester();
  const fd = openSync(part, 'wx', 0o600);
  try {
    await eachPiece(
      path,
      (bytes) => {
        digests.update(bytes);
        for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      },
      watch,
    );
  } catch (error) {
    closeSync(fd);
    rmSync(part, { force: true });
    throw error;
  }
  closeSync(fd);
  const found = digests.end();
  const target = downloadPath(downloadDir, found.sha256);
  mkdirSync(dirname(target), { recursive: true });
  if (existsSync(target)) rmSync(part, { force: true });
  else renameSync(part, target);
  const signature = await readAuthenticode(target, watch.signal);
  return { name: basename(path), ...found, signature };
}
