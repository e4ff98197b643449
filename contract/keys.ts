import { z } from 'zod';
import { Instant, Sha256 } from './vocabulary.ts';

/** The keys that sites trust: a root with a threshold of keyholders, and the keys of the building machine. */

const path = z.string().min(1).max(4_096);
const passphrase = z.string().min(1).max(1_000);
const KeyUse = z.enum(['root', 'release', 'builder']);
/** Why a key that counted once does not any more. */
const Revocation = z.enum(['replaced', 'lost', 'compromised']);

export const KeyDraftView = z.strictObject({
  /** Where the draft lies; keyholders elsewhere sign a copy of it. */
  file: z.string(),
  version: z.number(),
  signedBy: z.array(z.string()),
  /** Signatures still wanted, of the keyholders of the root before and of this one. */
  missing: z.strictObject({ old: z.number(), new: z.number() }),
  /** Who has not signed and whose signature would help. */
  couldSign: z.array(z.string()),
  isComplete: z.boolean(),
});
export type KeyDraftView = z.infer<typeof KeyDraftView>;

/** What a root, or the draft of one, says of keys. */
export const RootPlanView = z.strictObject({
  version: z.number(),
  /** Keyholders who must sign a change. */
  threshold: z.number(),
  keys: z.array(z.strictObject({ use: KeyUse, name: z.string(), keyId: z.string(), replaceBy: Instant })),
  revoked: z.array(z.strictObject({ use: KeyUse, name: z.string(), why: Revocation, at: Instant })),
});
export type RootPlanView = z.infer<typeof RootPlanView>;

export const KeyStatusView = RootPlanView.extend({
  folder: z.string(),
  /** Of the first root: what sites compare before they pin. */
  fingerprint: Sha256,
  /** The same in 24 words, for the telephone. */
  fingerprintWords: z.array(z.string()),
  expiresAt: Instant,
  draft: KeyDraftView.nullable(),
  /** Sentences: how the keys stand and what to do next, the most pressing first. */
  advice: z.array(z.string()),
});
export type KeyStatusView = z.infer<typeof KeyStatusView>;

/** A new keyholder: a person, the folder of the medium that is theirs alone, and a passphrase that only they know. */
export const NewKeyholder = z.strictObject({ name: z.string().min(1).max(60), folder: path, passphrase });

export const HoldCeremony = z.strictObject({
  /** Of the building machine: new or empty. */
  folder: path,
  /** Seals the keys in that folder. */
  passphrase,
  holders: z.array(NewKeyholder).min(1).max(16),
  threshold: z.number().int().min(1).max(16),
  /** A second release key on a medium for the safe, for when the first is lost. */
  spare: NewKeyholder.nullable().default(null),
  /** For a laboratory: keys of several holders on one disk. */
  allowSameDisk: z.boolean().default(false),
});

export const DraftRoot = z.strictObject({
  addHolders: z.array(NewKeyholder).max(16),
  removeHolders: z.array(z.strictObject({ name: z.string().min(1).max(60), why: Revocation })).max(16),
  threshold: z.number().int().min(1).max(16).nullable(),
  /** Keys of the building machine to make anew, and why the old ones go. */
  renew: z.array(z.strictObject({ use: z.enum(['release', 'builder']), why: Revocation })).max(2),
  /** Of the building machine; only where a key of it is made anew. */
  passphrase: passphrase.nullable(),
  allowSameDisk: z.boolean().default(false),
});

export const SignDraft = z.strictObject({
  /** A copy of the draft; `null`: that in the folder of the keys, which counts at once when it has signatures enough. */
  file: path.nullable(),
  /** Folder of the keyholder's medium. */
  medium: path,
  passphrase,
});
export const SignedDraft = z.strictObject({
  version: z.number(),
  /** Name that the key file states. */
  holder: z.string().nullable(),
  /** Whether the root is in force now. `false` too for a copy that is to be brought back. */
  isComplete: z.boolean(),
});

/** What a rehearsal showed: the key opens and signs. */
export const RehearsalView = z.strictObject({
  holder: z.string().nullable(),
  keyId: z.string(),
  /** Whether the newest root names the key as a keyholder's; `null` when none was at hand. */
  counts: z.boolean().nullable(),
  rootVersion: z.number().nullable(),
});
export type RehearsalView = z.infer<typeof RehearsalView>;
