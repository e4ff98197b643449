import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/**
 * Lets bzip2(1) unpack, as fast as somebody reads. It says by its exit status that its input was cut short or damaged.
 *
 * @throws Error; with the code ENOENT where there is no such program
 */
export async function* runBzip2(input: Readable): AsyncGenerator<Uint8Array> {
  const child = spawn('bzip2', ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  ended.catch(() => undefined);
  // What it says by its exit status is the reason; a broken pipe only follows from that.
  child.stdin.on('error', () => undefined);
  input.once('error', (error) => child.stdout.destroy(error));
  input.pipe(child.stdin);
  try {
    try {
      for await (const chunk of child.stdout) yield chunk as Uint8Array;
    } catch (error) {
      // That there is no such program says more than that its output ended early.
      child.kill('SIGKILL');
      await ended;
      throw error;
    }
    const status = await ended;
    if (status !== 0) throw new Error(`bzip2 ended with ${String(status)}`);
  } finally {
    child.kill('SIGKILL');
  }
}
