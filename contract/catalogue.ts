import { z } from 'zod';
import { CustodyView } from './custody.ts';
import { RiskView } from './risk.ts';
import { Ecosystem, Id, Instant, SeverityWord, Sha256 } from './vocabulary.ts';

export const BundleView = z.strictObject({
  id: z.string(),
  stream: z.string(),
  seq: z.number(),
  /** Signed time of the bundle. */
  createdAt: Instant,
  importedAt: Instant.nullable(),
  importedBy: z.string().nullable(),
  objects: z.number(),
  bytes: z.number(),
  manifestSha256: Sha256,
  /** Each key that signed, by role. */
  signatures: z.array(z.strictObject({ role: z.string(), keyId: z.string(), version: z.number() })),
  repositories: z.array(
    z.strictObject({
      name: z.string(),
      suite: z.string(),
      codename: z.string(),
      arch: z.string(),
      releaseDate: Instant,
      validUntil: Instant.nullable(),
      packages: z.number(),
    }),
  ),
  /** Named by an index but not to be had when the bundle was built. */
  missing: z.array(z.string()),
  custody: CustodyView,
});
export type BundleView = z.infer<typeof BundleView>;

export const TrustView = z.strictObject({
  /** `null`: no root is pinned yet. */
  root: z
    .strictObject({
      version: z.number(),
      fingerprint: Sha256,
      expiresAt: Instant,
      threshold: z.number(),
      keys: z.number(),
    })
    .nullable(),
  /** Newest time that any accepted signature vouches for: the clock may not lie before it. */
  timeFloor: Instant.nullable(),
});
export type TrustView = z.infer<typeof TrustView>;

/** Trust that begins anew at a medium: proposed by one person, counted once another has confirmed it. */
export const ReAnchorView = z.strictObject({
  id: Id,
  status: z.enum(['proposed', 'confirmed', 'lapsed']),
  proposedBy: z.string(),
  proposedAt: Instant,
  reason: z.string(),
  fingerprint: Sha256,
  rootVersion: z.number(),
  /** Bundle on the medium, `main/12`, and its manifest. */
  bundle: z.string(),
  manifestSha256: Sha256,
  /** What the site knows and would know no more; empty where everything only rises. */
  givesUp: z.array(z.strictObject({ what: z.string(), from: z.number(), to: z.number() })),
  confirmedBy: z.string().nullable(),
  confirmedAt: Instant.nullable(),
});
export type ReAnchorView = z.infer<typeof ReAnchorView>;

/** A version of our own agent that a bundle brought. */
export const AgentView = z.strictObject({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  sha256: Sha256,
  /** Bytes. */
  size: z.number(),
  /** Bundle that brought it first, `main/12`. */
  bundle: z.string(),
  importedAt: Instant,
  /** Its package is in the content store. */
  held: z.boolean(),
  newest: z.boolean(),
  /** Who keeps it from garbage collection; `null` for nobody. */
  pinnedBy: z.string().nullable(),
});
export type AgentView = z.infer<typeof AgentView>;
export const PinAgent = z.strictObject({ version: z.string().min(1).max(100), pinned: z.boolean() });

export const PatchView = z.strictObject({
  id: z.number(),
  package: z.string(),
  version: z.string(),
  arch: z.string(),
  source: z.string(),
  repository: z.string(),
  codename: z.string(),
  section: z.string(),
  description: z.string(),
  size: z.number(),
  installedSize: z.number(),
  sha256: Sha256,
  carried: z.boolean(),
  security: z.boolean(),
  severity: z.string(),
  urgency: z.string(),
  cves: z.array(z.string()),
  /** The vendor's names of documents about it: `ALSA-2022:4940`. */
  advisories: z.array(z.string()),
  risk: RiskView,
  /** A newer version of it is offered for the same release. */
  superseded: z.boolean(),
  /** Of Windows updates: articles that replace it directly, and that it replaces. */
  supersededBy: z.array(z.string()),
  supersedes: z.array(z.string()),
  /** Endpoints that this patch is a finding of. */
  endpoints: z.number(),
});
export type PatchView = z.infer<typeof PatchView>;

/** What patches are searched by. Each list narrows to what is in it; an empty one narrows nothing. */
const patchFilter = {
  search: z.string().max(200).default(''),
  onlyCarried: z.boolean().default(true),
  onlyNeeded: z.boolean().default(false),
  onlySecurity: z.boolean().default(false),
  /** Known to be exploited, by CISA. */
  onlyExploited: z.boolean().default(false),
  hideSuperseded: z.boolean().default(false),
  ecosystems: z.array(Ecosystem).default([]),
  /** The vendor's word on security patches. */
  severities: z.array(SeverityWord).default([]),
  /** Released by the vendor in so many days; security patches alone say when they were. */
  releasedWithinDays: z.number().int().min(1).max(36_500).nullable().default(null),
} as const;
export const FilterPatches = z.strictObject(patchFilter);
export const SearchPatches = z.strictObject({
  ...patchFilter,
  /** `best`: what fits the words best, or by name. `risk`: gravest first (main/core/risk/order.ts). */
  sort: z.enum(['best', 'risk']).default('best'),
  limit: z.number().int().min(1).max(60_000).default(500),
  offset: z.number().int().min(0).default(0),
});
export const PatchPage = z.strictObject({ total: z.number(), patches: z.array(PatchView) });
/** How many of the patches that a filter lets through are of each kind. */
export const PatchFacets = z.strictObject({
  total: z.number(),
  security: z.number(),
  exploited: z.number(),
  superseded: z.number(),
  carried: z.number(),
  ecosystems: z.partialRecord(Ecosystem, z.number()),
  /** Of the security patches. */
  severities: z.partialRecord(SeverityWord, z.number()),
});
export type PatchFacets = z.infer<typeof PatchFacets>;
export const PatchEndpoints = z.array(
  z.strictObject({ endpointId: Id, endpointName: z.string(), installed: z.string() }),
);
