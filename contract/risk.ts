import { z } from 'zod';
import { ClockAdvice, ClockState, Instant, KeepReason, RiskRule, Sha256 } from './vocabulary.ts';

/** How dangerous what a patch fixes is, and which rule places it. `null` and `unknown`: nobody said. */
export const RiskView = z.strictObject({
  rule: RiskRule,
  kev: z.enum(['ransomware', 'listed', 'not listed', 'unknown']),
  /** Earliest day by which CISA wants it fixed; `null` where none is given. */
  kevDue: z.string().nullable(),
  /** A vendor's word on attacks. */
  exploited: z.boolean().nullable(),
  /** 0 to 1, highest of its CVEs, in the model of the newest list. */
  epss: z.number().nullable(),
  cvss: z.strictObject({ base: z.number(), version: z.string(), source: z.string() }).nullable(),
});
export type RiskView = z.infer<typeof RiskView>;

const CveView = z.strictObject({
  cve: z.string(),
  kev: z
    .strictObject({ dateAdded: z.string(), dueDate: z.string().nullable(), ransomware: z.boolean() })
    .nullable(),
  epss: z
    .strictObject({
      score: z.number(),
      percentile: z.number().nullable(),
      model: z.string(),
      date: Instant,
      /** Of the newest list's model: only such scores are compared. */
      current: z.boolean(),
    })
    .nullable(),
  cvss: z.array(
    z.strictObject({ version: z.string(), base: z.number(), vector: z.string(), source: z.string() }),
  ),
  vendor: z.array(
    z.strictObject({
      source: z.string(),
      exploited: z.boolean().nullable(),
      disclosed: z.boolean().nullable(),
    }),
  ),
  /** Vendors that say this package was never affected. */
  notAffected: z.array(z.string()),
});
export type CveView = z.infer<typeof CveView>;

const AdvisoryView = z.strictObject({
  id: z.string(),
  /** The vendor's own name for the document. */
  advisory: z.string().nullable(),
  type: z.string(),
  title: z.string(),
  body: z.string(),
  severity: z.string(),
  urgency: z.string().nullable(),
  fixedVersion: z.string(),
  publishedAt: Instant.nullable(),
  cves: z.array(z.string()),
  provenance: z.strictObject({ kind: z.string(), document: z.string(), sha256: z.string() }),
});
export type AdvisoryView = z.infer<typeof AdvisoryView>;

const PatchNameView = z.strictObject({ id: z.number(), version: z.string(), carried: z.boolean() });

/** What is known of a patch beside its row. */
export const PatchDetail = z.strictObject({
  id: z.number(),
  risk: RiskView,
  publishedAt: Instant.nullable(),
  advisories: z.array(AdvisoryView),
  cves: z.array(CveView),
  supersedes: z.array(PatchNameView),
  supersededBy: z.array(PatchNameView),
});
export type PatchDetail = z.infer<typeof PatchDetail>;

const FeedView = z.strictObject({
  feed: z.enum(['cisa-kev', 'first-epss']),
  version: z.string().nullable(),
  /** `null`: no bundle brought it yet. */
  date: Instant.nullable(),
  ageDays: z.number().nullable(),
  bundle: z.string().nullable(),
});
export type FeedView = z.infer<typeof FeedView>;

const CurrencyView = z.strictObject({
  distribution: z.string(),
  codename: z.string(),
  rhythm: z.enum(['monthly', 'continuous']),
  releasedAt: Instant,
  expectedAt: Instant.nullable(),
  dueAt: Instant,
  state: ClockState,
  advice: ClockAdvice,
});
export type CurrencyView = z.infer<typeof CurrencyView>;

const FixView = z.strictObject({
  patchId: z.number(),
  package: z.string(),
  version: z.string(),
  severity: z.string(),
  risk: RiskView,
  endpoints: z.number(),
  releasedAt: Instant.nullable(),
  dueAt: Instant.nullable(),
  state: ClockState,
  advice: ClockAdvice,
});
export type FixView = z.infer<typeof FixView>;

export const ClocksView = z.strictObject({
  /** Of each vendor's release that the catalogue has, the worst first. */
  currency: z.array(CurrencyView),
  fixes: z.strictObject({
    /** Patches under the 14 days, by state. */
    counts: z.record(ClockState, z.number()),
    /** The first of them, the worst first. */
    first: z.array(FixView),
  }),
  feeds: z.array(FeedView),
});
export type ClocksView = z.infer<typeof ClocksView>;

const DiffPatchView = z.strictObject({
  id: z.number(),
  package: z.string(),
  arch: z.string(),
  version: z.string(),
  codename: z.string(),
  size: z.number(),
});
export type DiffPatchView = z.infer<typeof DiffPatchView>;

export const BundleDiffView = z.strictObject({
  from: z.string(),
  to: z.string(),
  added: z.array(DiffPatchView),
  changed: z.array(z.strictObject({ from: DiffPatchView, to: DiffPatchView })),
  /** `null`: the second bundle leaves out what the site has, and so does not say that anything is gone. */
  gone: z.array(DiffPatchView).nullable(),
  advisories: z.array(
    z.strictObject({
      id: z.string(),
      advisory: z.string().nullable(),
      title: z.string(),
      severity: z.string(),
      cves: z.array(z.string()),
    }),
  ),
  cves: z.array(z.string()),
});
export type BundleDiffView = z.infer<typeof BundleDiffView>;

const StoredObjectView = z.strictObject({
  sha256: Sha256,
  class: z.string(),
  /** Package and version, or the place of an index or a release. */
  name: z.string(),
  size: z.number(),
});

export const GarbageView = z.strictObject({
  objects: z.array(StoredObjectView),
  bytes: z.number(),
  kept: z.array(z.strictObject({ object: StoredObjectView, reason: KeepReason })),
});
export type GarbageView = z.infer<typeof GarbageView>;
