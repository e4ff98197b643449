import type { CommandResult } from '../../../main/remote/remote-shell.ts';

/** Answers of simulated programs. */

export function say(stdout: string, exitCode = 0): CommandResult {
  return { exitCode, stdout, stderr: '' };
}

export function complain(stderr: string, exitCode = 1): CommandResult {
  return { exitCode, stdout: '', stderr: `${stderr}\n` };
}

export const NO_SPACE = 'No space left on device';

/** Builds what a script of the driver prints: parts under a head line each. */
export class Parts {
  readonly #lines: string[] = [];

  /** Lines as they are. */
  add(name: string, lines: readonly string[]): this {
    this.#lines.push(`#sallyport ${name}`, ...lines);
    return this;
  }

  /** Text that others wrote: a blank before each line. */
  quote(name: string, lines: readonly string[]): this {
    return this.add(
      name,
      lines.map((line) => ` ${line}`),
    );
  }

  /** As the scripts' `free_text` does: quoted, and an empty line after it. */
  freeText(name: string, lines: readonly string[]): this {
    return this.add(name, [...lines.map((line) => ` ${line}`), '']);
  }

  done(exitCode = 0): CommandResult {
    return say(this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`, exitCode);
  }
}
