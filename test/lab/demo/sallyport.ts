import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a command of the product is run: where, as whom, on which site. */
export interface Place {
  /** Words before the command, for example those that enter a network namespace. */
  readonly prefix: readonly string[];
  readonly dataDir: string;
}

export interface Answer {
  readonly exitCode: number;
  /** The one JSON document on stdout. */
  readonly value: unknown;
}

const CLI = fileURLToPath(new URL('../../../main/cli/sallyport.ts', import.meta.url));

/**
 * Runs `sallyport` as its user would, in a process of its own, with `--json`.
 *
 * @param onLine told of each line of progress
 * @throws Error when the exit code is none of `expected`, with what it wrote to stderr
 */
export async function sallyport(
  place: Place,
  person: { readonly name: string; readonly passphrase: string },
  words: readonly string[],
  options: {
    readonly expected?: readonly number[];
    readonly onLine?: (line: string) => void;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answer> {
  const argv = [...place.prefix, process.execPath, CLI, '--data', place.dataDir, '--json', ...words];
  const [program, ...rest] = argv;
  if (program === undefined) throw new Error('there is no program to run');
  const child = spawn(program, rest, {
    env: {
      ...process.env,
      SALLYPORT_PERSON: person.name,
      SALLYPORT_PASSPHRASE: person.passphrase,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const line of text.split(/[\r\n]+/)) if (line.trim() !== '') options.onLine?.(line.trim());
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  if (!(options.expected ?? [0]).includes(exitCode)) {
    throw new Error(
      `sallyport ${words.join(' ')} ended with ${exitCode}:\n${stderr.slice(-2_000)}${stdout.slice(-2_000)}`,
    );
  }
  return { exitCode, value: stdout.trim() === '' ? null : (JSON.parse(stdout) as unknown) };
}
