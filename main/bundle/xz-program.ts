import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Far above what the settings of any repository need (9 MiB for `xz -6`, 65 MiB for `-9`); a file can ask for gigabytes. */
const MEMORY_LIMIT = '256MiB';

/**
 * Decompresses an XZ file by the program xz(1), in a process of its own: what comes out can be read at the same time.
 *
 * @returns `null` where the program can't be started
 * @throws Error while reading, when the file is no whole XZ file or asks for too much memory
 */
export async function unpackByProgram(
  file: string,
  program = 'xz',
): Promise<AsyncGenerator<Uint8Array> | null> {
  // Nothing of XZ_OPT and XZ_DEFAULTS, which would change what is understood.
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' };
  const child = spawn(program, ['-dc', `--memlimit-decompress=${MEMORY_LIMIT}`, '--', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-1_000);
  });
  try {
    await once(child, 'spawn');
  } catch {
    return null;
  }
  const closed = once(child, 'close');
  return (async function* () {
    try {
      for await (const chunk of child.stdout) yield chunk as Uint8Array;
      const [code] = (await closed) as [number | null];
      if (code !== 0) throw new Error(`xz ended with ${String(code)}: ${complaint.trim()}`);
    } finally {
      child.kill();
    }
  })();
}
