/** The arguments and options of one call, already checked by the parser of the command line. */
export class Input {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** @throws when the command did not declare it as required: a bug of ours */
  text(name: string): string {
    const value = this.maybe(name);
    if (value === undefined) throw new Error(`the command line did not ask for "${name}"`);
    return value;
  }

  maybe(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  whole(name: string): number | undefined {
    const value = this.#values[name];
    return typeof value === 'number' ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }

  /** What was said of a switch that has an opposite: `undefined` when it was not mentioned. */
  said(name: string): boolean | undefined {
    const value = this.#values[name];
    return typeof value === 'boolean' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }
}
