import { PolicyError, ReviewError } from '../../../contract/errors.ts';
import type { ReviewCrypto } from './crypto-port.ts';
import { DECISION_TYPE, parseDecision, requireCompleteRows, type DecisionFile } from './decision-file.ts';
import { parseEnvelope, preAuthEncode } from './dsse.ts';
import type { ReviewPack } from './review-pack.ts';
import { parseSshSignature, verifySshSignature } from './sshsig.ts';

/** A key that a person of the customer signs decisions with, compared once with what they said or wrote. */
export interface EnrolledKey {
  readonly personId: string;
  readonly personName: string;
  /** The person has the role approver now. */
  readonly mayApprove: boolean;
  /** Who compared the fingerprint. */
  readonly enrolledBy: string;
  /** Ed25519, 32 bytes in hex. */
  readonly publicKey: string;
  /** ISO-8601. */
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly revokedAt: string | null;
}

/** A pack that this site gave out. */
export interface SentPack {
  readonly pack: ReviewPack;
  /** Of its payload's bytes. */
  readonly sha256: string;
  readonly requestedBy: string;
  /** A later pack for the same approval, or `null`. */
  readonly supersededBy: string | null;
  /** Whether the approval that the pack is about still waits. */
  readonly isOpen: boolean;
}

/** A decision that was taken in before. */
export interface KnownDecision {
  readonly packId: string;
  readonly personId: string;
  /** Of the payload's bytes. */
  readonly sha256: string;
}

/** What the site knows when a decision file comes in. */
export interface ReviewSite {
  readonly siteId: string;
  /** ISO-8601; never before the site's time floor. */
  readonly now: string;
  findPack(packId: string): SentPack | undefined;
  readonly keys: readonly EnrolledKey[];
  readonly known: readonly KnownDecision[];
}

/** A file as it came: an envelope, or a plain payload with a signature by ssh-keygen beside it. */
export type DecisionInput =
  | { readonly kind: 'envelope'; readonly file: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'ssh';
      readonly file: string;
      readonly bytes: Uint8Array;
      readonly signature: Uint8Array;
      readonly signatureFile: string;
    };

export interface JudgedDecision {
  readonly decision: DecisionFile;
  /** The exact bytes that were signed. */
  readonly payload: Uint8Array;
  readonly sha256: string;
  readonly signer: EnrolledKey;
  readonly sent: SentPack;
}

export const REVIEW_LIMITS = {
  /** Of a decision file and of a pack: 64 MiB. */
  bytes: 64 * 1024 * 1024,
  /** A reviewer's clock may be this much ahead of the site's: 24 hours, in milliseconds. */
  clockSkewMs: 86_400_000,
} as const;

/**
 * Whether a decision file binds this site, and whose word it is. Pure: every way to be wrong has an answer of its own
 * (docs/FORMAT-review.md has the table). Signatures are judged before the payload is parsed.
 *
 * @throws ReviewError; PolicyError POLICY_SAME_PERSON
 */
export function judgeDecision(input: DecisionInput, site: ReviewSite, crypto: ReviewCrypto): JudgedDecision {
  const { file } = input;
  const refuse = (code: ReviewError['code'], message: string, hint: string): ReviewError =>
    new ReviewError(code, message, { hint, subject: { file } });
  if (input.bytes.length > REVIEW_LIMITS.bytes) {
    throw refuse(
      'REVIEW_FILE_TOO_LARGE',
      `${file} is larger than any decision file.`,
      'Do not use this file.',
    );
  }
  const { signer, payload } = openDecision(input, site.keys, crypto);
  requireLiveKey(signer, site.now, refuse);
  const decision = parseDecision(readText(payload, file, crypto), file);
  const sha256 = crypto.sha256(payload);

  if (decision.siteId !== site.siteId) {
    throw refuse(
      'REVIEW_OTHER_SITE',
      `${file} answers a pack of another site.`,
      'Import it where the pack came from.',
    );
  }
  const sent = site.findPack(decision.packId);
  if (sent === undefined) {
    throw refuse(
      'REVIEW_PACK_UNKNOWN',
      `This site never gave out pack ${decision.packId}.`,
      'Export a new pack.',
    );
  }
  if (site.known.some((item) => item.sha256 === sha256)) {
    throw refuse('REVIEW_REPLAYED', `${file} was imported before.`, 'There is nothing to do.');
  }
  requireSamePack(decision, sent, refuse);
  if (site.known.some((item) => item.packId === decision.packId && item.personId === signer.personId)) {
    throw refuse(
      'REVIEW_CONFLICTING',
      `${signer.personName} has answered this pack before, and differently.`,
      'Ask which is meant, then export a new pack for one clear answer.',
    );
  }
  if (sent.supersededBy !== null) {
    throw refuse(
      'REVIEW_PACK_SUPERSEDED',
      'A newer pack replaced the one that this answers.',
      'Decide on the newer pack.',
    );
  }
  if (!sent.isOpen) {
    throw refuse(
      'REVIEW_DECIDED_ALREADY',
      'What this pack asked has been decided or withdrawn.',
      'There is nothing to do.',
    );
  }
  requireTimely(decision, sent, site.now, refuse);
  if (!signer.mayApprove) {
    throw refuse(
      'REVIEW_NOT_APPROVER',
      `${signer.personName} does not have the role approver.`,
      'An approver has to decide.',
    );
  }
  if (sent.requestedBy === signer.personId) {
    throw new PolicyError('POLICY_SAME_PERSON', 'Whoever asks for an approval cannot grant or reject it.', {
      hint: 'Another person with the role approver has to decide.',
    });
  }
  if (sent.requestedBy === signer.enrolledBy) {
    throw new PolicyError(
      'POLICY_SAME_PERSON',
      `Whoever asks for an approval cannot have vouched for the key of ${signer.personName} as well.`,
      { hint: 'Somebody else at the site has to ask, or to enrol the key.' },
    );
  }
  requireCompleteRows(decision.rows, sent.pack, decision.decidedAt);
  return { decision, payload, sha256, signer, sent };
}

type Refuse = (code: ReviewError['code'], message: string, hint: string) => ReviewError;

interface Opened {
  readonly payload: Uint8Array;
  readonly signer: EnrolledKey;
}

/**
 * Whose signature holds over which bytes; nothing of them is parsed.
 *
 * @throws ReviewError REVIEW_FILE_UNREADABLE, REVIEW_TYPE_UNKNOWN, REVIEW_KEY_NOT_ENROLLED, REVIEW_SIGNATURE_*
 */
export function openDecision(
  input: DecisionInput,
  keys: readonly EnrolledKey[],
  crypto: ReviewCrypto,
): Opened {
  return input.kind === 'envelope' ? openEnvelope(input, keys, crypto) : openSsh(input, keys, crypto);
}

function openEnvelope(
  { bytes, file }: Extract<DecisionInput, { kind: 'envelope' }>,
  keys: readonly EnrolledKey[],
  crypto: ReviewCrypto,
): Opened {
  const envelope = parseEnvelope(readText(bytes, file, crypto), file, crypto);
  if (envelope.payloadType !== DECISION_TYPE) {
    throw new ReviewError(
      'REVIEW_TYPE_UNKNOWN',
      `${file} is no decision: it holds ${JSON.stringify(envelope.payloadType.slice(0, 100))}.`,
      { hint: 'Choose the file that the customer exported after deciding.', subject: { file } },
    );
  }
  const message = preAuthEncode(envelope.payloadType, envelope.payload, crypto);
  for (const { signature } of envelope.signatures) {
    const hex = Array.from(signature, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const signer = keys.find((key) => crypto.verifyEd25519(key.publicKey, message, hex));
    if (signer !== undefined) return { payload: envelope.payload, signer };
  }
  const claimed = new Set(envelope.signatures.map((item) => item.keyId));
  const known = keys.some((key) => claimed.has(keyIdOf(key.publicKey, crypto)));
  throw known ? badSignature(file) : notEnrolled(file);
}

function openSsh(
  input: Extract<DecisionInput, { kind: 'ssh' }>,
  keys: readonly EnrolledKey[],
  crypto: ReviewCrypto,
): Opened {
  const { signatureFile, file, bytes } = input;
  const signature = parseSshSignature(
    readText(input.signature, signatureFile, crypto),
    signatureFile,
    crypto,
  );
  const signer = keys.find((key) => key.publicKey === signature.publicKey);
  if (signer === undefined) throw notEnrolled(file);
  if (!verifySshSignature(signature, bytes, crypto)) throw badSignature(file);
  return { payload: bytes, signer };
}

/** The name of a key in an envelope: SHA-256 of its 32 bytes in hex. */
export function keyIdOf(publicKey: string, crypto: Pick<ReviewCrypto, 'sha256'>): string {
  return crypto.sha256(Uint8Array.from(publicKey.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
}

const badSignature = (file: string): ReviewError =>
  new ReviewError('REVIEW_SIGNATURE_BAD', `The signature of ${file} does not hold: the file was changed.`, {
    hint: 'Ask for the file again. Do not use this one.',
    subject: { file },
  });

const notEnrolled = (file: string): ReviewError =>
  new ReviewError('REVIEW_KEY_NOT_ENROLLED', `${file} is signed with a key that this site does not know.`, {
    hint: 'Enrol the key first, after comparing its fingerprint with its owner by telephone or letter.',
    subject: { file },
  });

function requireLiveKey(key: EnrolledKey, now: string, refuse: Refuse): void {
  const at = Date.parse(now);
  if (key.revokedAt !== null) {
    throw refuse(
      'REVIEW_KEY_REVOKED',
      `The key of ${key.personName} was revoked.`,
      'Enrol a new key, then decide again.',
    );
  }
  if (at < Date.parse(key.validFrom)) {
    throw refuse(
      'REVIEW_KEY_NOT_YET_VALID',
      `The key of ${key.personName} is valid from ${key.validFrom}.`,
      'Wait, or enrol another key.',
    );
  }
  if (key.validUntil !== null && at >= Date.parse(key.validUntil)) {
    throw refuse(
      'REVIEW_KEY_EXPIRED',
      `The key of ${key.personName} was valid until ${key.validUntil}.`,
      'Enrol a new key, then decide again.',
    );
  }
}

function requireSamePack(decision: DecisionFile, sent: SentPack, refuse: Refuse): void {
  const { pack } = sent;
  const again = 'Export a new pack and have it decided.';
  if (decision.packSha256 !== sent.sha256) {
    throw refuse(
      'REVIEW_PACK_DIFFERS',
      'What the customer saw is not the pack that this site gave out.',
      again,
    );
  }
  if (decision.planDigest !== pack.planDigest) {
    throw refuse('REVIEW_PLAN_DIFFERS', 'The decision names another plan than its pack.', again);
  }
  if (decision.nonce !== pack.nonce) {
    throw refuse('REVIEW_NONCE_DIFFERS', 'The decision does not carry the number of its pack.', again);
  }
  if (decision.cutOffAt !== pack.cutOffAt) {
    throw refuse('REVIEW_CUT_OFF_DIFFERS', 'The decision names another cut-off than its pack.', again);
  }
}

function requireTimely(decision: DecisionFile, { pack }: SentPack, now: string, refuse: Refuse): void {
  const decidedAt = Date.parse(decision.decidedAt);
  if (Date.parse(now) > Date.parse(pack.cutOffAt)) {
    throw refuse(
      'REVIEW_LATE',
      `The cut-off was ${pack.cutOffAt}.`,
      'Export a new pack with a later cut-off.',
    );
  }
  const isAhead = decidedAt > Date.parse(now) + REVIEW_LIMITS.clockSkewMs;
  if (isAhead || decidedAt < Date.parse(pack.createdAt) - REVIEW_LIMITS.clockSkewMs) {
    throw refuse(
      'REVIEW_CLOCK_WRONG',
      `The decision says it was made at ${decision.decidedAt}, which cannot be.`,
      'Correct the clock of the machine it was made on, then decide again.',
    );
  }
}

function readText(bytes: Uint8Array, file: string, crypto: ReviewCrypto): string {
  try {
    return crypto.decodeUtf8(bytes);
  } catch {
    throw new ReviewError('REVIEW_FILE_UNREADABLE', `${file} is not text in UTF-8.`, {
      hint: 'Ask for the file again: it may have been saved by another program.',
      subject: { file },
    });
  }
}
