import { z } from 'zod';
import { Id, Instant, Sha256 } from './vocabulary.ts';

/** Keys that customers sign decisions with, as the site keeps them. */

/** How the site came to know that the key is the person's own. */
export const COMPARED_WAYS = ['in-person', 'letter', 'telephone'] as const;
export type ComparedWay = (typeof COMPARED_WAYS)[number];

/** A key that a customer signs decisions with, and whose it is. */
export const ReviewKeyView = z.strictObject({
  /** SHA-256 of the key's 32 bytes: its fingerprint. */
  id: Sha256,
  /** The same as 24 words. */
  words: z.array(z.string()),
  personId: Id,
  personName: z.string(),
  /** Customers on record for the person; empty: none are. */
  customers: z.array(z.string()),
  enrolledAt: Instant,
  enrolledBy: z.string(),
  /** `null`: enrolled before it was asked, or by somebody who did not say. */
  compared: z.enum(COMPARED_WAYS).nullable(),
  validUntil: Instant.nullable(),
  revokedAt: Instant.nullable(),
  revokedBy: z.string().nullable(),
  revokedReason: z.string().nullable(),
  /** At the site's time, which never goes back behind what was proven to have passed. */
  state: z.enum(['counts', 'expired', 'revoked']),
});
export type ReviewKeyView = z.infer<typeof ReviewKeyView>;

const publicKey = z.string().trim().min(1).max(2_000);

/** `publicKey`: 64 hexadecimal digits, the text of an enrolment sheet, or a line of ssh-keygen's `.pub` file. `fingerprint`: as its owner said or wrote it. */
export const EnrolReviewer = z.strictObject({
  name: z.string().trim().min(1).max(120),
  publicKey,
  fingerprint: z.string().trim().min(1).max(400),
  validUntil: Instant.nullable().default(null),
  compared: z.enum(COMPARED_WAYS).nullable().default(null),
  /** For whom the person speaks from now on; `null`: what is on record stays. A service manager says so. */
  customers: z.array(z.string().trim().min(1).max(120)).max(100).nullable().default(null),
});

export const RevokeReviewer = z.strictObject({ id: Sha256, reason: z.string().trim().min(3).max(500) });

/** One of the two: a file on the medium, or what was pasted. */
export const ReadEnrolment = z.union([
  z.strictObject({ file: z.string().min(1).max(4_096) }),
  z.strictObject({ text: publicKey }),
]);

/** Says nothing of the fingerprint: that has to come from the key's owner, not from the medium that brought the key. */
export const Enrolment = z.strictObject({
  /** Empty when it says none, as a `.pub` file. */
  name: z.string(),
  /** Ed25519, 32 bytes in hex. */
  publicKey: Sha256,
  /** This very key when it is enrolled already, whatever became of it. */
  known: ReviewKeyView.nullable(),
});
export type Enrolment = z.infer<typeof Enrolment>;
