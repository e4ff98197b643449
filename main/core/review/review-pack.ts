import { z } from 'zod';
import type { Plan } from '../plan.ts';
import { parsePayload } from './payload.ts';
import { policySchema } from './policy.ts';

/**
 * A review pack: everything that a customer needs to decide about one plan, far from the site. It is the payload of a
 * signed envelope; the site keeps its bytes for ever, because what the customer saw is what may be installed.
 */
export const PACK_TYPE = 'application/vnd.sallyport.review-pack+json';

const text = (max: number): z.ZodString => z.string().max(max);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const patchSchema = z.strictObject({
  /** Of the package file: what a decision binds. */
  sha256,
  package: text(256).min(1),
  arch: text(64),
  version: text(256).min(1),
  source: text(256),
  severity: text(64),
  urgency: text(64),
  security: z.boolean(),
  cves: z.array(text(32)).max(5_000),
  /** Bytes. */
  size: z.number().int().nonnegative(),
  /** Asked for, or pulled in by another patch of the list. */
  requested: z.boolean(),
  endpoints: z
    .array(z.strictObject({ id: text(64).min(1), name: text(256), from: text(256).nullable() }))
    .min(1)
    .max(100_000),
  /** Vendors' names of the advisories: DSA-5532-1, RHSA-2023:5997. */
  advisories: z.array(text(64)).max(1_000).default([]),
  kev: z.enum(['ransomware', 'listed', 'not listed', 'unknown']).default('unknown'),
  /** 0 to 1, and 0 to 10; the highest of its CVEs. `null`: nobody said. */
  epss: z.number().min(0).max(1).nullable().default(null),
  cvss: z.number().min(0).max(10).nullable().default(null),
  /** When the vendor released it, and the end of the 14 days; the first release counts, also after a deferral. */
  releasedAt: z.iso.datetime().nullable().default(null),
  dueAt: z.iso.datetime().nullable().default(null),
  reboot: z.enum(['yes', 'no', 'unknown']).default('unknown'),
  /** Names of packages of this list that nobody asked for and that come in because of it; `null`: the plan does not say what needs what. */
  pullsIn: z.array(text(256)).max(5_000).nullable().default(null),
  /** Beside the list that its group last approved: new in it, a newer version of what was in it, or the same again. */
  change: z.enum(['new', 'newer', 'again']).default('new'),
  /** What was said of this package last, or granted without a word: by silence at the cut-off, or by a standing approval. */
  previous: z
    .strictObject({
      version: text(256),
      verdict: z.enum(['approve', 'reject', 'defer', 'ask']),
      at: z.iso.datetime(),
      reason: text(2_000),
      by: z.enum(['word', 'silence', 'standing']).default('word'),
    })
    .nullable()
    .default(null),
  /** Deferred, and not installed since: in how many lists, since when, until when, and what protects meanwhile. */
  deferral: z
    .strictObject({
      times: z.number().int().min(1),
      since: z.iso.datetime(),
      until: z.iso.datetime(),
      control: text(2_000),
    })
    .nullable()
    .default(null),
  /** The provider is consulted: what its own check of the patch says. */
  quality: z
    .strictObject({
      verdict: z.enum(['no-concern', 'concern']),
      note: text(2_000),
      by: text(256),
      at: z.iso.datetime(),
    })
    .nullable()
    .default(null),
  /** Questions of an earlier pack with the site's answers. */
  answers: z
    .array(
      z.strictObject({ question: text(2_000), by: text(256), answer: text(2_000), answeredBy: text(256) }),
    )
    .max(100)
    .default([]),
  /** What the groups' policies say of it before anybody decides; the strictest of the groups counts. */
  standing: z.enum(['decide', 'approved', 'excluded', 'out-of-scope']).default('decide'),
});

export const headSchema = z.strictObject({
  format: z.literal('sallyport-review-pack/1'),
  packId: text(64).min(1),
  siteId: text(64).min(1),
  siteName: text(256),
  /** Protective marking, for example OFFICIAL. */
  marking: text(128),
  approvalId: text(64).min(1),
  planId: text(64).min(1),
  planDigest: sha256,
  /** Random: a decision answers one pack and no other. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  createdAt: z.iso.datetime(),
  createdBy: text(256),
  /** The last moment at which a decision counts. */
  cutOffAt: z.iso.datetime(),
  /** Different persons that must approve. */
  approvers: z.number().int().min(1).max(5),
  customer: text(120).default(''),
  /** One person both asks and answers for the site: whoever reads the pack must know. */
  singleOperator: z.boolean().default(false),
  /** The groups that the endpoints belong to, each with the policy in force; `null`: the customer has signed none. */
  groups: z
    .array(
      z.strictObject({
        name: text(80).min(1),
        policySha256: sha256.nullable(),
        policy: policySchema.nullable(),
      }),
    )
    .max(1_000)
    .default([]),
  /** On which terms each endpoint is patched, and when it was read last. */
  endpoints: z
    .array(
      z.strictObject({
        id: text(64).min(1),
        name: text(256),
        group: text(80),
        snapshotMode: z.enum(['hard', 'soft', 'disabled']),
        restoreOnFailure: z.boolean(),
        rebootPolicy: z.enum(['never', 'if-required', 'always']),
        scannedAt: z.iso.datetime().nullable(),
      }),
    )
    .max(100_000)
    .default([]),
  /** Beside the lists that its groups last approved, in whole or in part; the oldest is named. `null`: this is the first. */
  diff: z
    .strictObject({
      sincePackId: text(64),
      sinceAt: z.iso.datetime(),
      new: z.number().int().min(0),
      newer: z.number().int().min(0),
      again: z.number().int().min(0),
      /** In that list and not in this one. */
      gone: z.array(z.strictObject({ package: text(256), version: text(256) })).max(200_000),
    })
    .nullable()
    .default(null),
  /** Where what is said here comes from: bundles with their custody, age of the lists, scans. */
  evidence: z
    .array(z.strictObject({ label: text(200), text: text(4_000) }))
    .max(200)
    .default([]),
  /** Keys of the customer's reviewers as they stood when the pack was made; absent: the site did not say. */
  reviewers: z
    .array(
      z.strictObject({
        /** Fingerprint. */
        key: sha256,
        validUntil: z.iso.datetime().nullable(),
        revokedAt: z.iso.datetime().nullable(),
      }),
    )
    .max(10_000)
    .optional(),
});

export const MOST_PATCHES = 200_000;
const packSchema = headSchema.extend({ patches: z.array(patchSchema).min(1).max(MOST_PATCHES) });
export const PACK_FORMAT = 'sallyport-review-pack';

export type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type ReviewPack = DeepReadonly<z.infer<typeof packSchema>>;
export type PackPatch = ReviewPack['patches'][number];
/** A pack without its rows. */
export type PackHead = Omit<ReviewPack, 'patches'>;

/** What is known of one package version, for a row of the pack. */
export type PatchFacts = Omit<
  PackPatch,
  'sha256' | 'package' | 'arch' | 'version' | 'requested' | 'endpoints'
>;

/** One row for each distinct package file of a plan, sorted by source, then package. */
export function patchesOf(plan: Plan, factsOf: (sha256: string, name: string) => PatchFacts): PackPatch[] {
  const rows = new Map<string, PackPatch & { endpoints: PackPatch['endpoints'][number][] }>();
  for (const { endpointId: id, endpointName: name, packages } of plan.endpoints) {
    for (const item of packages) {
      let row = rows.get(item.sha256);
      if (row === undefined) {
        row = {
          ...factsOf(item.sha256, item.name),
          ...{ sha256: item.sha256, package: item.name, arch: item.arch, version: item.to },
          ...{ requested: item.requested, endpoints: [] },
        };
        rows.set(item.sha256, row);
      } else if (item.requested && !row.requested) {
        row = { ...row, requested: true };
        rows.set(item.sha256, row);
      }
      row.endpoints.push({ id, name, from: item.from });
    }
  }
  const key = (row: PackPatch): string => `${row.source}\n${row.package}\n${row.arch}\n${row.sha256}`;
  return [...rows.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/**
 * Reads a pack whose signature holds, or whose reader was told that it does not.
 *
 * @throws ReviewError REVIEW_VERSION_UNKNOWN, REVIEW_CONTENT_INVALID
 */
export function parsePack(json: string, file: string): ReviewPack {
  return parsePayload(packSchema, PACK_FORMAT, json, file);
}

/** Of a patch of which nothing is known but what the vendor's index says. */
export const UNKNOWN_FACTS: Omit<
  PatchFacts,
  'source' | 'severity' | 'urgency' | 'security' | 'cves' | 'size'
> = {
  ...{ advisories: [], kev: 'unknown', epss: null, cvss: null, releasedAt: null, dueAt: null },
  ...{ reboot: 'unknown', pullsIn: null, change: 'new', previous: null, deferral: null, quality: null },
  ...{ answers: [], standing: 'decide' },
};
