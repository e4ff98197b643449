import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Far above what the settings of any repository need (9 MiB for `xz -6`, 65 MiB for `-9`); a file can ask for gigabytes. */
const MEMORY_LIMIT = '256MiB';
const BUFFER_BYTES = 256 * 1024;
/** How long to wait for more when the program is slower than the reader. */
const WAIT_MS = 2;

/**
 * Decompresses an XZ file by the program xz(1), in a process of its own. It writes to a temporary file and not into a pipe,
 * which would hold it up whenever the reader is busy: what comes out is read while the rest is still being unpacked.
 *
 * @returns the bytes in pieces, the memory of each being used again; `null` where the program can't be started. The temporary file
 *   is gone once the last piece has been read, or nobody reads on
 * @throws Error while reading, when the file is no whole XZ file or asks for too much memory
 */
export async function unpackByProgram(
  file: string,
  program = 'xz',
): Promise<AsyncGenerator<Uint8Array> | null> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-xz-'));
  const out = openSync(join(folder, 'unpacked'), 'w+', 0o600);
  const forget = (): void => {
    closeSync(out);
    rmSync(folder, { recursive: true, force: true });
  };
  // Nothing of XZ_OPT and XZ_DEFAULTS, which would change what is understood.
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' };
  const child = spawn(program, ['-dc', `--memlimit-decompress=${MEMORY_LIMIT}`, '--', file], {
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
  } catch {
    forget();
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
      forget();
    }
  })();
}
