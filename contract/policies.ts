import { z } from 'zod';
import { Id, Instant, Name, Sha256 } from './vocabulary.ts';

/** Patch groups and whose they are; what customers sign beside decisions. */

export const GroupView = z.strictObject({
  name: Name,
  /** '': nobody said yet. */
  customer: z.string(),
  endpoints: z.number(),
  /** Of the policy in force; `null`: the customer has signed none, so nothing goes without an explicit yes. */
  policySha256: Sha256.nullable(),
});
export type GroupView = z.infer<typeof GroupView>;

export const SetGroup = z.strictObject({ name: Name, customer: z.string().trim().max(120) });

const text = z.string().max(2_000);
const Match = z.strictObject({
  kind: z.enum(['package', 'kb', 'pattern']),
  value: z.string().trim().min(1).max(256),
});
const PatchClass = z.enum(['security', 'other']);

/** What a customer wants for a group; main/core/review/policy.ts says what each field does. */
export const PolicyTerms = z.strictObject({
  mode: z.enum(['opt-in', 'opt-out']),
  noticeHours: z.number().int().min(1).max(2_160),
  approvers: z.number().int().min(1).max(5),
  classes: z.array(PatchClass).min(1),
  exclusions: z.array(z.strictObject({ match: Match, reason: text.min(3) })).max(1_000),
  standing: z
    .array(
      z.strictObject({ match: Match, classes: z.array(PatchClass).min(1), until: Instant, reason: text }),
    )
    .max(1_000),
  emergency: z.boolean(),
});
export type PolicyTerms = z.infer<typeof PolicyTerms>;

export const PolicyView = z.strictObject({
  sha256: Sha256,
  group: z.string(),
  customer: z.string(),
  version: z.number(),
  terms: PolicyTerms,
  signedBy: z.string(),
  signedAt: Instant,
  importedAt: Instant,
  importedBy: z.string(),
  inForce: z.boolean(),
  /** Base64 Ed25519 signature over the envelope's pre-authentication encoding. */
  signature: z.string(),
});
export type PolicyView = z.infer<typeof PolicyView>;

export const DelegationView = z.strictObject({
  sha256: Sha256,
  from: z.strictObject({ id: Id, name: z.string() }),
  to: z.strictObject({ id: Id, name: z.string() }),
  validFrom: Instant,
  validUntil: Instant,
  reason: z.string(),
  state: z.enum(['counts', 'not yet', 'ended', 'revoked']),
  revokedAt: Instant.nullable(),
  revokedReason: z.string().nullable(),
  importedAt: Instant,
});
export type DelegationView = z.infer<typeof DelegationView>;

export const EmergencyView = z.strictObject({
  sha256: Sha256,
  customer: z.string(),
  groups: z.array(z.string()),
  names: z.array(
    z.strictObject({
      kind: z.enum(['package', 'kb', 'cve']),
      value: z.string(),
      version: z.string().nullable(),
    }),
  ),
  pullsIn: z.boolean(),
  reason: z.string(),
  requestedAt: Instant,
  requestedBy: z.string(),
  until: Instant,
  state: z.enum(['counts', 'ended']),
  /** Its clock: from the request, or from the vendor's release where that was later and is known. */
  clockFrom: Instant,
  /** Approvals that rest on it, newest first. */
  approvals: z.array(Id),
  importedAt: Instant,
});
export type EmergencyView = z.infer<typeof EmergencyView>;

export const SettledPack = z.strictObject({
  packId: Id,
  approvalId: Id,
  status: z.enum(['granted', 'partly', 'rejected']),
  /** Pairs of endpoint and package, by what covers them. */
  approved: z.number(),
  standing: z.number(),
  silence: z.number(),
  left: z.number(),
  operationId: Id.nullable(),
});
export type SettledPack = z.infer<typeof SettledPack>;
