import { z } from 'zod';
import { Id, Instant, Sha256 } from './vocabulary.ts';

export const ReviewPackView = z.strictObject({
  id: Id,
  approvalId: Id,
  sha256: Sha256,
  createdAt: Instant,
  cutOffAt: Instant,
  approvers: z.number(),
  patches: z.number(),
  supersededBy: Id.nullable(),
  /** Who has answered so far. */
  answeredBy: z.array(z.string()),
});
export type ReviewPackView = z.infer<typeof ReviewPackView>;

export const ExportedPack = z.strictObject({
  pack: ReviewPackView,
  file: z.string(),
  bytes: z.number(),
  /** Of the site's own key, for the customer to compare once. */
  siteKeyFingerprint: Sha256,
  /** The same in words, to be read out. */
  siteKeyWords: z.array(z.string()),
  /** Of the page for browsers in it, to be told with the key; `null`: the file has none. */
  pageSha256: Sha256.nullable(),
});
export type ExportedPack = z.infer<typeof ExportedPack>;

/** `waiting`: more approvers have to answer. `partly`: the operation makes a plan of what was approved, and no more. */
export const ImportedDecision = z.strictObject({
  packId: Id,
  approvalId: Id,
  decidedBy: z.string(),
  status: z.enum(['granted', 'partly', 'rejected', 'waiting']),
  approved: z.number(),
  rejected: z.number(),
  deferred: z.number(),
  waitingFor: z.number(),
  operationId: Id.nullable(),
});
export type ImportedDecision = z.infer<typeof ImportedDecision>;

export const VERDICTS = ['approve', 'reject', 'defer', 'ask'] as const;
export const Verdict = z.enum(VERDICTS);
export type Verdict = z.infer<typeof Verdict>;

/** A verdict as it is being thought about; signed, it is a row of a decision file. */
export const DraftRow = z.strictObject({
  /** SHA-256 of the package file. */
  patch: Sha256,
  verdict: Verdict,
  /** Reject, defer: why. Ask: the question. */
  reason: z.string().max(2_000).default(''),
  /** Defer: until when. */
  until: Instant.nullable().default(null),
  /** Defer: what protects meanwhile. */
  control: z.string().max(2_000).default(''),
});
export type DraftRow = z.infer<typeof DraftRow>;

/** A row of a list to decide: everything a decision needs, but for the names of the endpoints. */
export const ReviewRow = z.strictObject({
  patch: Sha256,
  package: z.string(),
  arch: z.string(),
  version: z.string(),
  source: z.string(),
  severity: z.string(),
  urgency: z.string(),
  security: z.boolean(),
  cves: z.array(z.string()),
  advisories: z.array(z.string()),
  kev: z.enum(['ransomware', 'listed', 'not listed', 'unknown']),
  epss: z.number().nullable(),
  cvss: z.number().nullable(),
  /** Bytes. */
  size: z.number(),
  requested: z.boolean(),
  /** What nobody asked for and comes in because of it; `null`: not known. */
  pullsIn: z.array(z.string()).nullable(),
  reboot: z.enum(['yes', 'no', 'unknown']),
  releasedAt: Instant.nullable(),
  dueAt: Instant.nullable(),
  /** Whether the 14 days run for it, also where nobody knows since when. */
  timed: z.boolean(),
  change: z.enum(['new', 'newer', 'again']),
  previous: z
    .strictObject({
      ...{ version: z.string(), verdict: Verdict, at: Instant, reason: z.string() },
      /** A person's word, or what was granted without one. */
      by: z.enum(['word', 'silence', 'standing']),
    })
    .nullable(),
  deferral: z
    .strictObject({ times: z.number(), since: Instant, until: Instant, control: z.string() })
    .nullable(),
  quality: z
    .strictObject({
      verdict: z.enum(['no-concern', 'concern']),
      note: z.string(),
      by: z.string(),
      at: Instant,
    })
    .nullable(),
  answers: z.array(
    z.strictObject({ question: z.string(), by: z.string(), answer: z.string(), answeredBy: z.string() }),
  ),
  standing: z.enum(['decide', 'approved', 'excluded', 'out-of-scope']),
  /** How many, and the groups that they belong to. */
  endpoints: z.number(),
  groups: z.array(z.string()),
});
export type ReviewRow = z.infer<typeof ReviewRow>;

/** What a pack says of itself; the head of the list. */
export const ReviewHead = z.strictObject({
  packId: Id,
  /** Of the pack's payload. */
  sha256: Sha256,
  siteName: z.string(),
  marking: z.string(),
  customer: z.string(),
  createdAt: Instant,
  createdBy: z.string(),
  cutOffAt: Instant,
  approvers: z.number(),
  planDigest: Sha256,
  singleOperator: z.boolean(),
  groups: z.array(
    z.strictObject({
      name: z.string(),
      /** `default`: the customer has signed no policy for it, so nothing goes without an explicit yes. */
      mode: z.enum(['opt-in', 'opt-out', 'default']),
      approvers: z.number(),
      endpoints: z.number(),
      exclusions: z.number(),
      standing: z.number(),
    }),
  ),
  diff: z
    .strictObject({
      sinceAt: Instant,
      new: z.number(),
      newer: z.number(),
      again: z.number(),
      gone: z.array(z.strictObject({ package: z.string(), version: z.string() })),
    })
    .nullable(),
  evidence: z.array(z.strictObject({ label: z.string(), text: z.string() })),
});
export type ReviewHead = z.infer<typeof ReviewHead>;

/** Rows `from` and following of a list, so many, the most pressing first: a window draws the first while the rest is being read. */
export const SheetPart = z.strictObject({
  from: z.number().int().min(0),
  count: z.number().int().min(1).max(10_000),
});
export type SheetPart = z.infer<typeof SheetPart>;

/** A list to decide, opened: in the queue of the site, in the Review workspace and in the page in a browser alike. */
export const ReviewSheet = z.strictObject({
  head: ReviewHead,
  /** All of them in the order of the pack, or the part that was asked for, the most pressing first. */
  rows: z.array(ReviewRow),
  /** How many rows the whole list has. */
  total: z.number(),
  /** Of the rows that are here. */
  draft: z.array(DraftRow),
  mayDecide: z.boolean(),
  mayNotDecideBecause: z.string().nullable(),
});
export type ReviewSheet = z.infer<typeof ReviewSheet>;

/** What the list does not carry for each row. */
export const ReviewPatchDetail = z.strictObject({
  patch: Sha256,
  endpoints: z.array(
    z.strictObject({
      name: z.string(),
      group: z.string(),
      from: z.string().nullable(),
      snapshotMode: z.string(),
      rebootPolicy: z.string(),
    }),
  ),
});
export type ReviewPatchDetail = z.infer<typeof ReviewPatchDetail>;
