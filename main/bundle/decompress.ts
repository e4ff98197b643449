import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { setImmediate } from 'node:timers/promises';
import { BundleError } from '../../contract/errors.ts';
import { runBzip2 } from './bzip2.ts';
import { unpackByProgram } from './xz-program.ts';
import { openXz } from './xz-stream.ts';

export type Compression = 'xz' | 'gz' | 'zst' | 'bz2' | 'none';

export interface DecompressionLimits {
  /** Bytes that may come out. */
  readonly maxBytes: number;
}

/** No real index or package comes near it; the signed size of an index is the usual, tighter bound. */
export const HARD_LIMIT_BYTES = 8 * 1024 ** 3;

/** From this size of a packed file on, a process is worth its start. */
const PROGRAM_FROM_BYTES = 1024 * 1024;

export function compressionOf(path: string): Compression {
  if (path.endsWith('.xz')) return 'xz';
  if (path.endsWith('.gz')) return 'gz';
  if (path.endsWith('.bz2')) return 'bz2';
  return path.endsWith('.zst') ? 'zst' : 'none';
}

/**
 * Decompresses piece by piece, never more than the limit.
 *
 * A large XZ file is read by the system's xz where there is one, beside what is done with the bytes. Otherwise, as on
 * Windows, by WebAssembly: Debian's main index takes 1.3 s either way, but those are then seconds of this thread.
 * bzip2, which few repositories still use, is read by the program of that name: its pipe holds back what nobody has
 * read yet, which the decoders for it in JavaScript do not.
 *
 * @param name for messages
 * @throws BundleError BUNDLE_TOO_LARGE, BUNDLE_CONTENT_UNREADABLE
 */
export async function* decompress(
  source: string | Readable,
  compression: Compression,
  limits: DecompressionLimits,
  name: string,
): AsyncGenerator<Uint8Array> {
  const limit = Math.min(limits.maxBytes, HARD_LIMIT_BYTES);
  let total = 0;
  let sinceTurn = 0;
  try {
    for await (const chunk of unpack(source, compression, limit)) {
      total += chunk.length;
      if (total > limit) {
        throw new BundleError(
          'BUNDLE_TOO_LARGE',
          `${name} unpacks to more than the ${limit} bytes it may have.`,
          {
            hint: 'Do not use this medium.',
            subject: { file: name },
          },
        );
      }
      yield chunk;
      sinceTurn += chunk.length;
      if (sinceTurn > 4 * 1024 * 1024) {
        sinceTurn = 0;
        await setImmediate();
      }
    }
  } catch (error) {
    if (error instanceof BundleError) throw error;
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new BundleError('BUNDLE_CONTENT_UNREADABLE', `${name} could not be decompressed.`, {
      ...(isMissing && compression === 'bz2'
        ? { hint: 'Install bzip2 on this machine (Debian: apt-get install bzip2).' }
        : {}),
      subject: { file: name },
      cause: error,
    });
  }
}

async function* unpack(
  source: string | Readable,
  compression: Compression,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  if (typeof source === 'string' && compression === 'xz' && statSync(source).size >= PROGRAM_FROM_BYTES) {
    const stream = await unpackByProgram(source, maxBytes);
    if (stream !== null) {
      yield* stream;
      return;
    }
  }
  const input = typeof source === 'string' ? createReadStream(source, { highWaterMark: 256 * 1024 }) : source;
  try {
    yield* openStream(input, compression);
  } finally {
    input.destroy();
  }
}

function openStream(input: Readable, compression: Compression): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'none':
      return input;
    case 'gz':
      return pipeOnto(input, createGunzip());
    case 'zst':
      return pipeOnto(input, createZstdDecompress());
    case 'bz2':
      return runBzip2(input);
    case 'xz':
      return openXz(input);
  }
}

/** As `pipe`, but an error of the source ends the target too. */
function pipeOnto<Target extends NodeJS.ReadWriteStream & Readable>(input: Readable, target: Target): Target {
  input.on('error', (error) => target.destroy(error));
  input.pipe(target);
  return target;
}
