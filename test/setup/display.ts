import { spawn } from 'node:child_process';
import { ensureDebianPackages, findProgram } from './debian-packages.ts';
import { SetupError } from './say.ts';

/** True where a window can be shown to a person (or the system needs no X server for it). */
export function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

/** A virtual display that nobody sees (Xvfb). It listens on no network port. */
export interface VirtualDisplay {
  /** For the environment of whoever draws on it: `:99`. */
  readonly name: string;
  close(): void;
}

export async function openVirtualDisplay(): Promise<VirtualDisplay> {
  if (findProgram('Xvfb') === undefined) ensureDebianPackages('a window without a display', ['xvfb']);
  const program = findProgram('Xvfb');
  if (program === undefined) throw new SetupError('Xvfb is not on the PATH; set DISPLAY or install xvfb.');
  const child = spawn(
    program,
    ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      // Its own process group: Ctrl+C in the terminal ends the window first, and this after it.
      detached: true,
    },
  );
  try {
    const number = await readDisplayNumber(child);
    return { name: `:${number}`, close: () => void child.kill() };
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** Runs a task with a display: the one that is there, or a virtual one that lives as long as the task. */
export async function withDisplay<T>(task: (virtual: boolean) => Promise<T>): Promise<T> {
  if (hasDisplay()) return task(false);
  const display = await openVirtualDisplay();
  try {
    process.env['DISPLAY'] = display.name;
    return await task(true);
  } finally {
    delete process.env['DISPLAY'];
    display.close();
  }
}

function readDisplayNumber(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    const pipe = child.stdio[3];
    if (pipe === null || pipe === undefined) throw new Error('no pipe to Xvfb');
    let text = '';
    pipe.on('data', (part: Buffer) => {
      text += part.toString();
      if (text.includes('\n')) resolve(text.trim());
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      reject(new SetupError(`Xvfb ended with code ${String(code)} before it had a display`)),
    );
  });
}
