/** What a site looked for in a bundle beyond its own signature, and what it found. */

export interface MalwareSummary {
  readonly status: 'clean' | 'not-scanned';
  /** `ClamAV 1.4.6` */
  readonly engine: string | null;
  /** `daily:27500 main:62` */
  readonly database: string | null;
  /** Objects looked into for this import. */
  readonly scanned: number;
  /** Objects that are too large for the engine. */
  readonly tooLarge: number;
  /** Why nothing was scanned. */
  readonly reason: string | null;
}

export interface MalwareVerdict {
  readonly sha256: string;
  readonly verdict: 'clean' | 'infected';
  /** The engine's name for what it found. */
  readonly signature: string | null;
}

/** A vendor's signature, looked at once more at the site. */
export interface VendorCheck {
  /** `debian-security bookworm-security` */
  readonly name: string;
  readonly status: 'verified' | 'not-rechecked';
  /** Fingerprints of the vendor's keys whose signatures hold. */
  readonly keys: readonly string[];
  readonly note: string;
}

/** A vendor's key that a person of the site vouched for. */
export interface PinnedVendorKey {
  readonly fingerprint: string;
  /** Repository root that it counts for (`debian-security`); `*` for all. */
  readonly root: string;
  readonly userId: string;
  readonly bytes: Uint8Array;
  readonly pinnedBy: string;
  /** ISO-8601. */
  readonly pinnedAt: string;
}
