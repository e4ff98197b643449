import { KEEP_REASONS, type KeepReason } from '../../contract/vocabulary.ts';

/**
 * Which objects of the content store nobody will ask for again. Conservative by construction: only four classes are ever
 * taken, and each reason to keep beats every reason to take.
 */

export interface StoredObject {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly class: string;
  /**
   * For a package: `offered` while it is the newest that a repository offers, `superseded` when a newer one is offered, and
   * here, `withdrawn` when no repository names it any more. For a release or an index: `offered` while a repository points
   * at it, else `superseded`. For a version of our agent: `offered` while it is the newest or pinned.
   */
  readonly standing: 'offered' | 'superseded' | 'withdrawn';
}

/** Hashes of what is needed, by why. */
export type Needs = Readonly<Record<KeepReason, ReadonlySet<string>>>;

export interface Garbage<T extends StoredObject> {
  readonly objects: readonly T[];
  readonly bytes: number;
  /** Superseded, and kept for the first reason that holds. */
  readonly kept: readonly { readonly object: T; readonly reason: KeepReason }[];
}

const COLLECTABLE = new Set(['package', 'index', 'release', 'agent']);

export function findGarbage<T extends StoredObject>(stored: readonly T[], needs: Needs): Garbage<T> {
  const objects: T[] = [];
  const kept: { object: T; reason: KeepReason }[] = [];
  for (const object of stored) {
    if (!COLLECTABLE.has(object.class) || object.standing === 'offered') continue;
    const reason = KEEP_REASONS.find((item) => needs[item].has(object.sha256));
    if (reason === undefined) objects.push(object);
    else kept.push({ object, reason });
  }
  return { objects, kept, bytes: objects.reduce((sum, object) => sum + object.size, 0) };
}
