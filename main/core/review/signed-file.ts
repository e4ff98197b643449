import { ReviewError } from '../../../contract/errors.ts';
import type { ReviewCrypto } from './crypto-port.ts';
import { parseEnvelope, preAuthEncode } from './dsse.ts';

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

export const REVIEW_LIMITS = {
  /** Of a decision file and of a pack: 64 MiB. */
  bytes: 64 * 1024 * 1024,
  /** A reviewer's clock may be this much ahead of the site's: 24 hours, in milliseconds. */
  clockSkewMs: 86_400_000,
} as const;

export type Refuse = (code: ReviewError['code'], message: string, hint: string) => ReviewError;

export interface Opened {
  readonly payload: Uint8Array;
  readonly signer: EnrolledKey;
}

/**
 * Whose signature holds over which bytes of an envelope; nothing of them is parsed.
 *
 * @param input.what for messages: `decision`, `policy`
 * @throws ReviewError REVIEW_FILE_TOO_LARGE, REVIEW_FILE_UNREADABLE, REVIEW_TYPE_UNKNOWN, REVIEW_KEY_NOT_ENROLLED, REVIEW_SIGNATURE_BAD
 */
export function openSigned(
  input: { readonly bytes: Uint8Array; readonly file: string; readonly type: string; readonly what: string },
  keys: readonly EnrolledKey[],
  crypto: ReviewCrypto,
): Opened {
  const { bytes, file, type, what } = input;
  if (bytes.length > REVIEW_LIMITS.bytes) {
    throw new ReviewError('REVIEW_FILE_TOO_LARGE', `${file} is larger than any ${what} file.`, {
      hint: 'Do not use this file.',
      subject: { file },
    });
  }
  const envelope = parseEnvelope(readText(bytes, file, crypto), file, crypto);
  if (envelope.payloadType !== type) {
    throw new ReviewError(
      'REVIEW_TYPE_UNKNOWN',
      `${file} is no ${what}: it holds ${JSON.stringify(envelope.payloadType.slice(0, 100))}.`,
      { hint: `Choose the file of the ${what} that the customer signed.`, subject: { file } },
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

/** The name of a key in an envelope: SHA-256 of its 32 bytes in hex. */
export function keyIdOf(publicKey: string, crypto: Pick<ReviewCrypto, 'sha256'>): string {
  return crypto.sha256(Uint8Array.from(publicKey.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
}

export const badSignature = (file: string): ReviewError =>
  new ReviewError('REVIEW_SIGNATURE_BAD', `The signature of ${file} does not hold: the file was changed.`, {
    hint: 'Ask for the file again. Do not use this one.',
    subject: { file },
  });

export const notEnrolled = (file: string): ReviewError =>
  new ReviewError('REVIEW_KEY_NOT_ENROLLED', `${file} is signed with a key that this site does not know.`, {
    hint: 'Enrol the key first, after comparing its fingerprint with its owner by telephone or letter.',
    subject: { file },
  });

export function requireLiveKey(key: EnrolledKey, now: string, refuse: Refuse): void {
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

export function readText(bytes: Uint8Array, file: string, crypto: ReviewCrypto): string {
  try {
    return crypto.decodeUtf8(bytes);
  } catch {
    throw new ReviewError('REVIEW_FILE_UNREADABLE', `${file} is not text in UTF-8.`, {
      hint: 'Ask for the file again: it may have been saved by another program.',
      subject: { file },
    });
  }
}
