import type { ModuleStates } from '../inventory.ts';
import type { ModuleFacts } from './modules.ts';

/** What tells packages of module streams apart; of a package of an index, or of the catalogue. */
interface Build {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
}

const moduleOf = (stream: string): string => stream.slice(0, stream.indexOf(':'));

/** Streams in force: those that were enabled, and the defaults of modules that nobody enabled or disabled. */
export function activeStreams(
  states: ModuleStates | undefined,
  defaults: readonly string[],
): ReadonlySet<string> {
  const enabled = states?.enabled ?? [];
  const decided = new Set([...enabled.map(moduleOf), ...(states?.disabled ?? [])]);
  return new Set([...enabled, ...defaults.filter((stream) => !decided.has(moduleOf(stream)))]);
}

/**
 * The rule by which dnf hides packages: one that belongs to streams of modules is there only if one of them is active,
 * and an active stream hides packages of the same names that belong to no module. What a hidden package merely
 * provides by another name is not looked at here.
 *
 * Source: dnf's documentation, "Modularity", section "Package filtering".
 */
export class StreamFilter {
  readonly #streams = new Map<string, string[]>();
  readonly #hidden = new Set<string>();
  readonly #active: ReadonlySet<string>;

  constructor(facts: ModuleFacts | undefined, active: ReadonlySet<string>) {
    this.#active = active;
    for (const item of facts?.packages ?? []) {
      const key = keyOf(item);
      const list = this.#streams.get(key);
      if (list === undefined) this.#streams.set(key, [item.module]);
      else list.push(item.module);
      if (active.has(item.module)) this.#hidden.add(item.name);
    }
  }

  /** Streams that a package belongs to; empty for one of no module. */
  streamsOf(build: Build): readonly string[] {
    return this.#streams.get(keyOf(build)) ?? [];
  }

  isVisible(build: Build): boolean {
    const streams = this.streamsOf(build);
    if (streams.length > 0) return streams.some((stream) => this.#active.has(stream));
    return !this.#hidden.has(build.name);
  }
}

const keyOf = (build: Build): string => `${build.name} ${build.version} ${build.arch}`;
