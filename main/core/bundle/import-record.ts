import type { Advisory, Ecosystem } from '../advisory.ts';
import type { PackageRecord } from '../apt/packages-index.ts';
import type { PinPriority } from '../apt/candidate.ts';
import type { RiskList } from '../risk/risk-list.ts';
import type { ModuleFacts } from '../rpm/modules.ts';
import type { BundledAgent, BundledFile } from './contents.ts';
import type { MalwareSummary, VendorCheck } from './checks.ts';
import type { Arrival } from './custody.ts';
import type { ManifestObject } from './manifest.ts';
import type { Provenance } from './provenance.ts';
import type { TrustState } from './trust.ts';
import type { RoleSignature } from './verify.ts';

/** A patch as an index names it, whatever its vendor. */
export type IndexedPatch = Omit<
  PackageRecord,
  'multiArch' | 'preDepends' | 'depends' | 'provides' | 'breaks' | 'conflicts'
>;

/** A file that a repository has beside its release file and its index. */
export type RepositoryFileRecord = BundledFile & { readonly size: number };

/** A repository as an import found it, checked against its signed release. */
export interface ImportedRepository {
  readonly ecosystem: Ecosystem;
  readonly distribution: string;
  readonly codename: string;
  readonly root: string;
  readonly suite: string;
  readonly component: string;
  readonly arch: string;
  readonly origin: string;
  readonly label: string;
  readonly releaseDate: string;
  readonly validUntil: string | null;
  readonly pin: PinPriority;
  readonly release: { readonly path: string; readonly sha256: string; readonly size: number };
  readonly index: { readonly path: string; readonly sha256: string; readonly size: number };
  readonly files?: readonly RepositoryFileRecord[];
  /** What the vendor says in a file of the repository; empty when that file was read before. */
  readonly advisories?: readonly Advisory[];
  /** Of its modules document; `null` when it has none, or that was read before. */
  readonly modules?: { readonly document: string; readonly facts: ModuleFacts } | null;
}

/** Logical path that the file names of a repository's index begin at. */
export function baseOf(repository: Pick<ImportedRepository, 'ecosystem' | 'root' | 'suite'>): string {
  return repository.ecosystem === 'rpm' ? `${repository.root}/${repository.suite}` : repository.root;
}

/** All that one import changes, for one transaction. */
export interface ImportRecord {
  readonly bundle: {
    readonly stream: string;
    readonly seq: number;
    readonly base: number;
    readonly createdAt: string;
    readonly importedAt: string;
    readonly importedBy: string;
    readonly manifestSha256: string;
    readonly objects: number;
    readonly bytes: number;
    readonly signatures: readonly RoleSignature[];
    readonly missing: readonly string[];
    readonly staleReason: string | null;
    readonly provenance: Provenance | null;
    readonly malware: MalwareSummary | null;
    readonly vendorChecks: readonly VendorCheck[];
  };
  /** The medium that made it whole. */
  readonly arrival: Arrival;
  readonly objects: readonly ManifestObject[];
  readonly repositories: readonly ImportedRepository[];
  readonly agents: readonly BundledAgent[];
  readonly advisories: readonly Advisory[];
  /** `null`: the bundle brings none. */
  readonly risk: RiskList | null;
  readonly trust: TrustState;
}
