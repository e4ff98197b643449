import { z } from 'zod';
import { Id, Instant, Sha256 } from './vocabulary.ts';

/** A key that a customer signs decisions with, and whose it is. */
export const ReviewKeyView = z.strictObject({
  /** SHA-256 of the key's 32 bytes: its fingerprint. */
  id: Sha256,
  personId: Id,
  personName: z.string(),
  enrolledAt: Instant,
  enrolledBy: z.string(),
  validUntil: Instant.nullable(),
  revokedAt: Instant.nullable(),
  revokedReason: z.string().nullable(),
});
export type ReviewKeyView = z.infer<typeof ReviewKeyView>;

/** `publicKey`: 64 hexadecimal digits, or a line of ssh-keygen's `.pub` file. `fingerprint`: as its owner said or wrote it. */
export const EnrolReviewer = z.strictObject({
  name: z.string().trim().min(1).max(120),
  publicKey: z.string().trim().min(1).max(2_000),
  fingerprint: z.string().trim().min(1).max(200),
  validUntil: Instant.nullable().default(null),
});

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
});

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
