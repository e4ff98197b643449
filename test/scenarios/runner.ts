import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Ended, Run } from './programs.ts';
import { expand, parseCommand, parseStep, valueAt, type Deed, type Script, type Step } from './script.ts';

/** A verb that a story may use beside those of script.ts, for example to build a lab. */
export type Verb = (rest: string, story: Story) => Promise<void> | void;

/** One story while it runs: its folder, its variables, its last command. */
export class Story {
  readonly folder: string;
  readonly values: Map<string, string>;
  readonly env = new Map<string, string>();
  readonly #program: Run;
  #last: Ended | undefined;
  #stdin: string | undefined;

  constructor(folder: string, program: Run) {
    this.folder = folder;
    this.#program = program;
    this.values = new Map([['WORK', folder]]);
    this.setVariable('SALLYPORT_DATA', join(folder, 'site'));
  }

  setVariable(name: string, value: string): void {
    this.values.set(name, value);
    if (value === '') this.env.delete(name);
    else this.env.set(name, value);
  }

  /** Runs every step. @throws Error that names the story's line and shows what the last command said */
  async run(script: Script, verbs: Readonly<Record<string, Verb>> = {}): Promise<void> {
    for (const [name, text] of script.files) {
      const path = join(this.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode: 0o600 });
    }
    for (const step of script.steps) {
      try {
        await this.#take(step, verbs);
      } catch (error) {
        throw new Error(this.#explain(step, error), { cause: error });
      }
    }
  }

  async #take(step: Step, verbs: Readonly<Record<string, Verb>>): Promise<void> {
    const deed = parseStep(step.text);
    if (deed.verb === 'sallyport' || deed.verb === 'exit') {
      const { exit, words } = parseCommand(deed, this.values);
      const { folder, env } = this;
      const stdin = this.#stdin ?? '';
      this.#stdin = undefined;
      this.#last = await this.#program({ words, folder, env: Object.fromEntries(env), stdin });
      if (this.#last.exit !== exit) throw new Error(`it ended with ${this.#last.exit}, not ${exit}`);
      return;
    }
    const rest = expand(deed.rest, this.values);
    switch (deed.verb) {
      case 'stdout':
      case 'stderr':
        return this.#match(deed, rest);
      case 'json':
        return this.#checkJson(rest);
      case 'keep':
        return this.#keep(rest);
      case 'exists':
        if (existsSync(resolve(this.folder, rest)) === deed.negated) {
          throw new Error(deed.negated ? `${rest} is there` : `${rest} is not there`);
        }
        return;
      case 'env': {
        const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(rest) ?? [];
        if (name === undefined || value === undefined) throw new Error('write: env NAME=TEXT');
        return this.setVariable(name, value);
      }
      case 'stdin':
        this.#stdin = readFileSync(resolve(this.folder, rest), 'utf8');
        return;
      default: {
        const verb = verbs[deed.verb];
        if (verb === undefined) throw new Error(`no such verb: ${deed.verb}`);
        await verb(rest, this);
      }
    }
  }

  #match({ verb, negated }: Deed, pattern: string): void {
    const text = verb === 'stdout' ? this.#ended().stdout : this.#ended().stderr;
    if (new RegExp(pattern, 'm').test(text) === negated) {
      throw new Error(`${verb} ${negated ? 'matches' : 'does not match'} ${pattern}`);
    }
  }

  #checkJson(rest: string): void {
    const [, path, how, wanted] = /^(\S*)\s+([=~#])\s+(.*)$/.exec(rest) ?? [];
    if (path === undefined || how === undefined || wanted === undefined)
      throw new Error('write: json PATH = TEXT');
    const value = valueAt(JSON.parse(this.#ended().stdout), path === '.' ? '' : path);
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    const holds =
      how === '='
        ? shown === wanted
        : how === '~'
          ? new RegExp(wanted).test(shown ?? '')
          : Array.isArray(value) && value.length === Number(wanted);
    if (!holds) throw new Error(`the value there is ${shown ?? 'missing'}`);
  }

  #keep(rest: string): void {
    const [, name, path] = /^([A-Z][A-Z0-9_]*)\s+(\S+)$/.exec(rest) ?? [];
    if (name === undefined || path === undefined) throw new Error('write: keep NAME PATH');
    const value = valueAt(JSON.parse(this.#ended().stdout), path);
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new Error(`there is no text at ${path}`);
    this.values.set(name, String(value));
  }

  #ended(): Ended {
    if (this.#last === undefined) throw new Error('no command has run yet');
    return this.#last;
  }

  #explain(step: Step, error: unknown): string {
    const reason = error instanceof Error ? error.message : String(error);
    const last =
      this.#last === undefined
        ? ''
        : `\n$ sallyport ${this.#last.words.join(' ')}\n[exit ${this.#last.exit}]\n[stdout]\n${this.#last.stdout}[stderr]\n${this.#last.stderr}`;
    return `line ${step.line}: ${step.text}\n${reason}${last}`;
  }
}
