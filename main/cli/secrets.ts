import { ContractError } from '../../contract/errors.ts';
import { usageError } from './usage.ts';
import type { World } from './world.ts';

export interface SecretSource {
  /** For people: `the passphrase of Ann`. */
  readonly what: string;
  /** Value of the option that names a file, and the option's name for messages. */
  readonly file?: string | undefined;
  readonly option: string;
  /** Environment variable that may hold it. */
  readonly variable?: string;
  /** A new secret is asked for twice. */
  readonly isNew?: boolean;
}

/** Reads secrets from a file, the environment or a terminal without echo; never from the command line itself. */
export class Secrets {
  readonly #world: World;
  readonly #passphraseFile: string | undefined;
  #stdinTakenBy: string | undefined;
  readonly #ofPersons = new Map<string, Promise<string>>();

  constructor(world: World, passphraseFile?: string) {
    this.#world = world;
    this.#passphraseFile = passphraseFile;
  }

  /**
   * One line: passphrase or password. A newline at the end of a file is not part of it.
   *
   * @throws CONTRACT_INPUT_INVALID when there is no source
   */
  async readLine(source: SecretSource): Promise<string> {
    const fromFile = source.file === undefined ? undefined : await this.#readFile(source.file, source);
    const value = fromFile ?? this.#fromEnvironment(source) ?? (await this.#ask(source));
    if (value === '') throw usageError(`No text was given for ${source.what}.`);
    if (/[\r\n]/.test(value)) throw usageError(`More than one line was given for ${source.what}.`);
    return value;
  }

  /** The passphrase of whoever acts: `--passphrase-file`, SALLYPORT_PASSPHRASE, or asked for, once. */
  ofPerson(person: string, isNew = false): Promise<string> {
    const known = this.#ofPersons.get(person);
    if (known !== undefined) return known;
    const read = this.readLine({
      what: `the passphrase of ${person}`,
      file: this.#passphraseFile,
      option: '--passphrase-file',
      variable: 'SALLYPORT_PASSPHRASE',
      isNew,
    });
    this.#ofPersons.set(person, read);
    return read;
  }

  /** A whole file: a private key. */
  async readWhole(file: string, option: string): Promise<string> {
    return `${await this.#readFile(file, { option })}\n`;
  }

  async #readFile(path: string, source: { readonly option: string }): Promise<string> {
    if (path === '-') {
      if (this.#stdinTakenBy !== undefined) {
        throw usageError(`Both ${this.#stdinTakenBy} and ${source.option} want to read the standard input.`);
      }
      this.#stdinTakenBy = source.option;
    }
    let bytes: Uint8Array;
    try {
      bytes = await this.#world.readFile(path);
    } catch (cause) {
      throw new ContractError(
        'CONTRACT_INPUT_INVALID',
        `The file of ${source.option} can't be read: ${path}.`,
        { cause, hint: 'Check the path and that you may read it.' },
      );
    }
    if (await this.#world.isReadableByOthers(path)) {
      this.#world.writeErr(`warning: other users of this machine can read ${path}\n`);
    }
    return new TextDecoder().decode(bytes).replace(/\r?\n$/, '');
  }

  #fromEnvironment(source: SecretSource): string | undefined {
    const value = source.variable === undefined ? undefined : this.#world.env[source.variable];
    return value === '' ? undefined : value;
  }

  async #ask(source: SecretSource): Promise<string> {
    if (!this.#world.terminal.canAsk) {
      const variable = source.variable === undefined ? '' : ` or set ${source.variable}`;
      throw usageError(
        `There is no terminal to ask for ${source.what}.`,
        `Give ${source.option} FILE${variable}.`,
      );
    }
    const first = await this.#world.askSecret(`${capitalize(source.what)}: `);
    if (source.isNew === true && (await this.#world.askSecret('Again, to be sure: ')) !== first) {
      throw usageError('The two entries differ.');
    }
    return first;
  }
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
