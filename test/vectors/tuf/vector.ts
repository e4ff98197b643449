import type { ErrorCode } from '../../../contract/errors.ts';
import { BUILDER_2, root } from './media.ts';

/** A test vector of docs/FORMAT-bundle.md, appendix A: a site that pinned a root and is handed one medium after another. */

export interface Step {
  /** What the site's clock shows. */
  readonly now: string;
  /** Stated by a person, for a bundle that needs it. */
  readonly reason?: string;
  /** The metadata on the medium, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** A code, or that the bundle's metadata was accepted. */
  readonly expect: ErrorCode | 'accepted';
  /** Version of the root that rules afterwards. */
  readonly root: number;
}

export interface Vector {
  readonly name: string;
  /** Section of the TUF specification 1.0, or of our format. */
  readonly section: string;
  readonly about: string;
  readonly pinned: string;
  readonly steps: readonly Step[];
}

const NOW = '2026-11-25T00:00:00Z';
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export function step(
  files: ReadonlyMap<string, string>,
  expect: Step['expect'],
  more: { readonly now?: string; readonly reason?: string; readonly root?: number } = {},
): Step {
  return {
    now: more.now ?? NOW,
    ...(more.reason === undefined ? {} : { reason: more.reason }),
    files: Object.fromEntries(files),
    expect,
    root: more.root ?? 1,
  };
}

export function vector(
  name: string,
  section: string,
  about: string,
  steps: readonly Step[],
  pinned = root(1),
): Vector {
  return { name, section, about, pinned: text(pinned), steps };
}

export const versions = (timestamp: number, snapshot: number, targets: number) => ({
  timestamp,
  snapshot,
  targets,
});
export const chain = (...roots: Uint8Array[]): Map<number, Uint8Array> =>
  new Map(roots.map((bytes, index) => [index + 1, bytes]));

/** Builder key replaced: what a thief of the old one drove up binds no longer. */
export const NEW_BUILDER = {
  timestamp: { keys: [BUILDER_2], threshold: 1 },
  snapshot: { keys: [BUILDER_2], threshold: 1 },
};
export const BY_NEW_BUILDER = { timestamp: [BUILDER_2], snapshot: [BUILDER_2] };

/** The committed form of a vector. */
export const formatVector = (item: Vector): string => `${JSON.stringify(item, null, 1)}\n`;
