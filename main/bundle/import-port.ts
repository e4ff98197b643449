import type { Ecosystem } from '../core/advisory.ts';
import type { KnownAgent } from '../core/bundle/agents.ts';
import type { ImportRecord, IndexedPatch } from '../core/bundle/import-record.ts';
import type { MalwareVerdict } from '../core/bundle/checks.ts';
import type { Arrival } from '../core/bundle/custody.ts';
import type { ManifestObject } from '../core/bundle/manifest.ts';
import type { TrustState } from '../core/bundle/trust.ts';
import type { BundleReference } from '../core/bundle/reference.ts';
import type { WindowsUpdate } from '../core/windows/update-list.ts';

/** What an import needs of the catalogue. Every call is one transaction of its own. */
export interface ImportCatalogue {
  /** `null` while no root is pinned. */
  loadTrust(): TrustState | null;
  pinRoot(root: { readonly version: number; readonly bytes: Uint8Array }, by: string, at: string): void;
  /** Adds roots that their predecessors vouch for. */
  acceptRoots(roots: readonly { readonly version: number; readonly bytes: Uint8Array }[], at: string): void;

  /** Whether this very index was read completely before. */
  hasIndex(sha256: string): boolean;
  /** Begins to read an index; its rows stay out of sight until a repository points at it. */
  beginIndex(sha256: string): void;
  /** @param ecosystem `deb` when absent */
  appendToIndex(sha256: string, records: readonly IndexedPatch[], ecosystem?: Ecosystem): void;
  /** Adds updates of Microsoft's list, and their files as patches. */
  appendWindowsUpdates(sha256: string, updates: readonly WindowsUpdate[]): void;
  finishIndex(sha256: string): void;
  /** Removes every trace of indexes that no repository points at. */
  discardUnusedIndexes(): void;

  /** Date of the release that the catalogue has now, for a repository of that root and suite. */
  releaseDateOf(root: string, suite: string): string | null;
  /** Whether the repository has a signature beside its release file, in the state that is in use here. */
  hasSignature(root: string, suite: string): boolean;
  /** Whether a repository has this very file beside its index, so that what it says is in the catalogue. */
  hasRepositoryFile(sha256: string): boolean;
  /** Size of an object that an earlier bundle brought, or `null`. */
  sizeOfHeld(sha256: string): number | null;
  /** Of these packages, those that none of the indexes lists under that root, file name, hash and size. */
  findUnlisted(
    packages: readonly ManifestObject[],
    indexes: readonly { readonly root: string; readonly sha256: string }[],
  ): readonly ManifestObject[];

  /** Versions of our own agent that bundles brought. */
  knownAgents(): readonly KnownAgent[];

  /** Notes a medium of a bundle of which others have not come yet. @param alongside in the same transaction */
  recordWaiting(
    bundle: BundleReference,
    objects: readonly ManifestObject[],
    arrival: Arrival,
    alongside?: () => void,
  ): void;
  /** Objects of bundles that wait for more media. */
  waitingObjects(): readonly string[];

  /** What an engine with this very database has said before, by hash. */
  knownVerdicts(engine: string, database: string): ReadonlyMap<string, MalwareVerdict['verdict']>;
  recordVerdicts(
    engine: { readonly engine: string; readonly database: string },
    verdicts: readonly MalwareVerdict[],
    at: string,
  ): void;

  /**
   * Switches the catalogue to what a bundle brought, records the bundle and moves the trust on: all or nothing.
   *
   * @param alongside what else belongs to it, in the same transaction
   */
  commitImport(record: ImportRecord, alongside?: () => void): void;
}

interface OpenFile {
  readonly fd: number;
  readonly name: string;
}

interface CopyOptions {
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** One part of an object, by number from 1. */
export interface ObjectPart {
  readonly number: number;
  readonly offset: number;
  readonly size: number;
  readonly sha256: string;
}

/** What an import needs of the content store. */
export interface ImportContent {
  /** How many copies it makes at once; more that are asked for wait. */
  readonly width: number;
  has(sha256: string, size: number): boolean;
  pathOf(sha256: string): string;
  freeBytes(): number;
  /** Removes what interrupted copies left, but for the parts of these objects. */
  cleanIncoming(keep: ReadonlySet<string>): void;
  /** Copies an open file, hashing what it writes; only whole and right content gets its name. */
  copyVerified(
    source: OpenFile,
    expected: { readonly sha256: string; readonly size: number },
    options: CopyOptions,
  ): Promise<void>;
  /** Numbers of an object's parts that are here, whole and on disk. */
  partsOf(sha256: string, parts: readonly ObjectPart[]): ReadonlySet<number>;
  /** Copies one part, which stays whatever happens afterwards. */
  copyPart(source: OpenFile, sha256: string, part: ObjectPart, options: CopyOptions): Promise<void>;
  /** Gives an object its name once all its parts are here, and its own hash holds. */
  joinParts(object: { readonly sha256: string; readonly size: number }, signal?: AbortSignal): Promise<void>;
  /** Moves an object out of the store, where nothing looks for it. @returns where it lies now */
  quarantine(sha256: string): string;
  /** Makes the names of all copied objects durable. */
  flush(): void;
}
