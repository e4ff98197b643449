import type { Advisory } from '../core/advisory.ts';
import type { BundledAgent, BundledRepository } from '../core/bundle/contents.ts';
import type { ManifestObject } from '../core/bundle/manifest.ts';
import type { CveStatement } from '../core/risk/risk-list.ts';
import type { NeedsList } from '../core/needs-list.ts';
import type { FetchContext } from './fetch-file.ts';

/** A file that a vendor indexes but that is not to be had. */
export interface MissingFile {
  readonly path: string;
  readonly sha256: string;
  readonly reason: string;
}

export interface CollectRequest {
  readonly needs: NeedsList;
  /** Hashes of objects that the site has: not fetched, and left out of `objects`. */
  readonly held: ReadonlySet<string>;
  readonly context: FetchContext;
  readonly onProgress: (progress: CollectProgress) => void;
  readonly signal: AbortSignal | undefined;
}

export interface CollectProgress {
  readonly phase: 'indexes' | 'packages' | 'changelogs';
  /** Bytes for packages, pieces otherwise. */
  readonly done: number;
  readonly total: number;
}

/** Some packages, each counted once however many indexes name it. */
export interface Amount {
  readonly packages: number;
  readonly bytes: number;
}

/** Adds up packages, those of one hash once. */
export function amountOf(files: Iterable<{ readonly sha256: string; readonly size: number }>): Amount {
  const sizes = new Map([...files].map(({ sha256, size }) => [sha256, size]));
  return { packages: sizes.size, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
}

/** A vendor's release as it was found and verified. */
export interface CollectedRelease {
  readonly root: string;
  readonly suite: string;
  /** ISO-8601. */
  readonly releaseDate: string;
  readonly validUntil: string | null;
  /** Fingerprints of the vendor's keys that signed; empty where the vendor signs no such file. */
  readonly signedBy: readonly string[];
  /** All packages that its signed indexes name, of the architectures asked for: what a mirror of it holds. */
  readonly offered?: Amount;
  /** Those of them in this bundle. */
  readonly carried?: Amount;
}

export interface CollectedContent {
  /** Vendor files of this source; each lies in the download folder by its hash (`downloadPath`). */
  readonly objects: readonly ManifestObject[];
  readonly repositories: readonly BundledRepository[];
  readonly releases: readonly CollectedRelease[];
  readonly advisories: readonly Advisory[];
  /** What the vendor says of CVEs beside what fixes them; absent where it says nothing. */
  readonly statements?: readonly CveStatement[];
  /** Newer versions of installed packages, and packages they newly depend on. */
  readonly upgrades: number;
  readonly additions: number;
  /** Packages left out because the site has them. */
  readonly alreadyHeld: number;
  /** Bytes of these. */
  readonly heldBytes?: number;
  /** Packages that came from the source now; the others lay in the download folder already. */
  readonly downloaded?: Amount;
  readonly missing: readonly MissingFile[];
  readonly unmet: readonly string[];
  readonly withoutChangelog: readonly string[];
  /** Packages of our own agent among the objects. */
  readonly agents?: readonly BundledAgent[];
  /** Advisories that stand in a vendor's document among the objects, and the CVEs that they name. */
  readonly documents?: number;
  readonly documentCves?: ReadonlySet<string>;
}

/** Of a source that brings objects alone. */
export const NOTHING_ELSE: CollectedContent = {
  objects: [],
  repositories: [],
  releases: [],
  advisories: [],
  upgrades: 0,
  additions: 0,
  alreadyHeld: 0,
  missing: [],
  unmet: [],
  withoutChangelog: [],
};

/**
 * The port to one kind of vendor content. It fetches what a needs-list asks for, verifies it against the vendor's own
 * signed metadata and says what it found; numbering, signing and writing the bundle are not its business.
 *
 * @throws CollectError; ContractError CONTRACT_CANCELLED. What was fetched stays in the download folder.
 */
export interface ContentSource {
  collect(request: CollectRequest): Promise<CollectedContent>;
}

/** What several sources found, as one. */
export function joinContent(parts: readonly CollectedContent[]): CollectedContent {
  const sum = (of: (part: CollectedContent) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  return {
    objects: parts.flatMap((part) => part.objects),
    repositories: parts.flatMap((part) => part.repositories),
    releases: parts.flatMap((part) => part.releases),
    advisories: parts.flatMap((part) => part.advisories),
    statements: parts.flatMap((part) => part.statements ?? []),
    upgrades: sum((part) => part.upgrades),
    additions: sum((part) => part.additions),
    alreadyHeld: sum((part) => part.alreadyHeld),
    heldBytes: sum((part) => part.heldBytes ?? 0),
    downloaded: {
      packages: sum((part) => part.downloaded?.packages ?? 0),
      bytes: sum((part) => part.downloaded?.bytes ?? 0),
    },
    missing: parts.flatMap((part) => part.missing),
    unmet: parts.flatMap((part) => part.unmet),
    withoutChangelog: parts.flatMap((part) => part.withoutChangelog),
    agents: parts.flatMap((part) => part.agents ?? []),
    documents: sum((part) => part.documents ?? 0),
    documentCves: new Set(parts.flatMap((part) => [...(part.documentCves ?? [])])),
  };
}
