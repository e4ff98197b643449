import type { Advisory } from '../advisory.ts';
import type { PinPriority } from '../apt/candidate.ts';
import type { RiskList } from '../risk/risk-list.ts';
import type { ManifestObject } from './manifest.ts';
import type { TrustState } from './trust.ts';
import type { RoleSignature } from './verify.ts';

/** A repository as an import found it, checked against its signed release. */
export interface ImportedRepository {
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
  };
  readonly objects: readonly ManifestObject[];
  readonly repositories: readonly ImportedRepository[];
  readonly advisories: readonly Advisory[];
  /** `null`: the bundle brings none. */
  readonly risk: RiskList | null;
  readonly trust: TrustState;
}
