import { spawn } from 'node:child_process';
import { LabError } from './lab-error.ts';

export type CommandOptions = {
  /** Text for standard input; without it, standard input is empty. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each piece of output as it comes. */
  readonly onOutput?: (text: string) => void;
  readonly timeoutMs?: number;
};

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

const ENVIRONMENT = { LC_ALL: 'C.UTF-8', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/** Runs a program to its end and tells how it ended, whatever its exit code (127 when it does not exist, 128+n after signal n is told as 255). */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [file, ...args] = argv;
  if (file === undefined) throw new Error('runCommand needs a program');
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...ENVIRONMENT, ...options.env },
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onOutput?.(text);
    });
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: `${stderr}${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 255, stdout, stderr }));
    // A program that does not read its input closes the pipe: that is its right.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a program that has to succeed, and returns its standard output. Throws LAB_FAILED with what it said. */
export async function requireCommand(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await runCommand(argv, options);
  if (result.code !== 0) {
    const said = `${result.stdout}${result.stderr}`.trim().split('\n').slice(-12).join('\n');
    throw new LabError('LAB_FAILED', `${argv.join(' ')} ended with ${result.code}: ${said}`);
  }
  return result.stdout;
}

/** Waits until `probe` gives a value, asking every `everyMs`; undefined after `forMs`. */
export async function waitFor<T>(
  probe: () => Promise<T | undefined> | T | undefined,
  { forMs, everyMs = 20 }: { readonly forMs: number; readonly everyMs?: number },
): Promise<T | undefined> {
  const end = Date.now() + forMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() >= end) return undefined;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
