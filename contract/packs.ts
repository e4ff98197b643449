import { z } from 'zod';
import { Instant, Name, Sha256 } from './vocabulary.ts';

/** The customer's own desk: packs that were opened, and the key that decisions are signed with. */

/**
 * `open`: decisions are being taken. `decided`: signed; the file can be written again, and is the same. `late`: the cut-off passed before
 * it was signed. `superseded`: a newer pack of the same approval was opened.
 */
const DESK_PACK_STATES = ['open', 'decided', 'late', 'superseded'] as const;

/** What a pack says of the key that signs here now; `not-said`: nothing, or there is no such key. */
const KEY_AT_SITE = ['enrolled', 'expired', 'revoked', 'not-enrolled', 'not-said'] as const;
export type KeyAtSite = (typeof KEY_AT_SITE)[number];

export const DeskPackView = z.strictObject({
  /** Of the pack's bytes and of the key that signed them. */
  id: Sha256,
  packId: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  marking: z.string(),
  customer: z.string(),
  createdAt: Instant,
  createdBy: z.string(),
  openedAt: Instant,
  cutOffAt: Instant,
  patches: z.number(),
  /** Rows of the draft. */
  decided: z.number(),
  state: z.enum(DESK_PACK_STATES),
  decidedAt: Instant.nullable(),
  /** Fingerprint of the key that signed the pack. */
  siteKey: Sha256,
  siteKeyWords: z.array(z.string()),
  /** `other`: a person compared another key for this site, so this pack is not to be decided on. */
  siteKeyState: z.enum(['trusted', 'to-compare', 'other']),
  myKey: z.enum(KEY_AT_SITE),
});
export type DeskPackView = z.infer<typeof DeskPackView>;

/** What becomes of the patches of a pack that are undecided; main/core/review/silence.ts says what each figure counts. */
export const Silence = z.strictObject({
  awaited: z.number(),
  yes: z.number(),
  no: z.number(),
  held: z.number(),
  standing: z.number(),
  out: z.number(),
});
export type Silence = z.infer<typeof Silence>;

export const SignedAnswer = z.strictObject({
  file: z.string(),
  /** Of the file: for a note beside it, or to be read out. */
  sha256: Sha256,
  approved: z.number(),
  rejected: z.number(),
  deferred: z.number(),
  asked: z.number(),
});

export const OwnKeyView = z.strictObject({
  fingerprint: Sha256,
  words: z.array(z.string()),
  /** Ed25519, 32 bytes in hex. */
  publicKey: z.string(),
  name: Name,
  madeAt: Instant,
  retiredAt: Instant.nullable(),
  retiredBecause: z.string().nullable(),
});
export type OwnKeyView = z.infer<typeof OwnKeyView>;

/** `current` is `null` before the first key was made. Retired keys are kept, newest first; they sign nothing any more. */
export const MyKeyView = z.strictObject({ current: OwnKeyView.nullable(), retired: z.array(OwnKeyView) });
export type MyKeyView = z.infer<typeof MyKeyView>;

const path = z.string().min(1).max(4_096);
export const BeginReview = z.strictObject({ name: Name.default('Review') });
export const DeskPackId = z.strictObject({ id: Sha256 });
export const TrustSite = z.strictObject({
  id: Sha256,
  /** As the site said or wrote it: digits, or its 24 words. Typed by a person, never taken from the pack. */
  fingerprint: z.string().trim().min(1).max(400),
});
export const ExportAnswer = z.strictObject({
  id: Sha256,
  file: path,
  /** Not needed to write again what is signed already. */
  passphrase: z.string().max(1_000).nullable().default(null),
});
export const CreateMyKey = z.strictObject({ name: Name, passphrase: z.string().min(1).max(1_000) });
export const RotateMyKey = CreateMyKey.extend({ reason: z.string().trim().min(3).max(500) });
export const ChangeMyPassphrase = z.strictObject({
  passphrase: z.string().min(1).max(1_000),
  newPassphrase: z.string().min(1).max(1_000),
});
/** A folder, or a new file. */
export const SaveMyKey = z.strictObject({ file: path });
/** The same; a name that ends in `.html` makes the sheet to print. */
export const SaveEnrolment = SaveMyKey.extend({ marking: z.string().trim().max(128).default('') });
export const SavedFile = z.strictObject({ file: z.string() });
export const ImportMyKey = z.strictObject({ file: path, passphrase: z.string().min(1).max(1_000) });
