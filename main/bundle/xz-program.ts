import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Far above what the settings of any repository need (9 MiB for `xz -6`, 65 MiB for `-9`); a file can ask for gigabytes. */
const MEMORY_LIMIT = '256MiB';
/** What sh(1) ends with where there is no such program. */
const NOT_FOUND = 127;
/** In which sh(1) counts the size of files. */
const BLOCK_BYTES = 512;
const BUFFER_BYTES = 256 * 1024;
/** How long to wait for more when the program is slower than the reader. */
const WAIT_MS = 2;

/**
 * Decompresses an XZ file by the program xz(1), in a process of its own. It writes to a temporary file and not into a pipe,
 * which would hold it up whenever the reader is busy: what comes out is read while the rest is still being unpacked. The file
 * has no name any more when the program starts, so that nothing is left of it whoever dies, and the system lets it grow to no more than a
 * block beyond what may come out: the reader finds out that there is more, and the disk does not fill.
 *
 * @param maxBytes that may come out
 * @returns the bytes in pieces, the memory of each being used again; `null` where the program can't be started. The file is given
 *   up once the last piece has been read, or nobody reads on
 * @throws Error while reading, when the file is no whole XZ file or asks for too much memory
 */
export async function unpackByProgram(
  file: string,
  maxBytes: number,
  program = 'xz',
): Promise<AsyncGenerator<Uint8Array> | null> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-xz-'));
  const out = openSync(join(folder, 'unpacked'), 'w+', 0o600);
  rmSync(folder, { recursive: true, force: true });
  // Nothing of XZ_OPT and XZ_DEFAULTS, which would change what is understood.
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' };
  const blocks = String(Math.floor(maxBytes / BLOCK_BYTES) + 2);
  const words = [program, '-dc', `--memlimit-decompress=${MEMORY_LIMIT}`, '--', file];
  const child = spawn('/bin/sh', ['-c', 'ulimit -f "$1" && shift && exec "$@"', 'sh', blocks, ...words], {
    stdio: ['ignore', out, 'pipe'],
    env,
  });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-1_000);
  });
  let code: number | null | undefined;
  child.once('close', (status: number | null) => {
    code = status;
  });
  try {
    await once(child, 'spawn');
    // The shell starts everywhere; whether it found the program shows with the first byte or at the end.
    while (code === undefined && fstatSync(out).size === 0) await setTimeout(WAIT_MS);
  } catch {
    code = NOT_FOUND;
  }
  if (code === NOT_FOUND) {
    closeSync(out);
    return null;
  }
  return (async function* () {
    const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
    let at = 0;
    try {
      for (;;) {
        // Asked before the read: what was written before the end is read after it.
        const hasEnded = code !== undefined;
        const count = readSync(out, buffer, 0, buffer.length, at);
        at += count;
        if (count > 0) yield buffer.subarray(0, count);
        else if (hasEnded) break;
        else await setTimeout(WAIT_MS);
      }
      if (code !== 0) throw new Error(`xz ended with ${String(code)}: ${complaint.trim()}`);
    } finally {
      child.kill();
      closeSync(out);
    }
  })();
}
