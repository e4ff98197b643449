import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ContractError, ReviewError } from '../../contract/errors.ts';
import { composeDecision, requireDecisionSize } from '../core/review/compose-decision.ts';
import { DECISION_TYPE } from '../core/review/decision-file.ts';
import { formatEnvelope, parseEnvelope, preAuthEncode } from '../core/review/dsse.ts';
import { keyIdOf, REVIEW_LIMITS } from '../core/review/judge-decision.ts';
import { PACK_TYPE, parsePack, type ReviewPack } from '../core/review/review-pack.ts';
import { SSH_NAMESPACE } from '../core/review/sshsig.ts';
import { reviewCrypto } from './node-crypto.ts';
import { PACK_ENTRY, PACK_ZIP } from './pack-zip.ts';
import type { ReviewerKey } from './reviewer-key.ts';
import { isZip, readZip, requireEntry } from './zip-reader.ts';

export { composeDecision, SSH_NAMESPACE };

export interface OpenedPack {
  readonly pack: ReviewPack;
  /** Of the payload. */
  readonly sha256: string;
  /** Of the key that signed it. */
  readonly siteFingerprint: string;
}

/**
 * Opens a review pack on the customer's machine: the ZIP file that the site exported, or the envelope alone. Of a ZIP file one entry is
 * taken and nothing else looked at. Its envelope carries the site's public key; that it is the right one,
 * only a person can say, who compares the fingerprint with the site once. Nothing is parsed before the signature holds.
 *
 * @throws ReviewError REVIEW_FILE_UNREADABLE, REVIEW_FILE_TOO_LARGE, REVIEW_ZIP_*, REVIEW_TYPE_UNKNOWN, REVIEW_SIGNATURE_BAD,
 *   REVIEW_VERSION_UNKNOWN, REVIEW_CONTENT_INVALID
 */
export function openPack(file: string): OpenedPack {
  return openEnvelope(readPackFile(file), file);
}

/**
 * The same for an envelope that has been read, or that was kept.
 *
 * @param file for messages
 * @throws ReviewError as `openPack`
 */
export function openEnvelope(text: string, file: string): OpenedPack {
  const name = basename(file);
  const envelope = parseEnvelope(text, name, reviewCrypto);
  if (envelope.payloadType !== PACK_TYPE) {
    throw new ReviewError('REVIEW_TYPE_UNKNOWN', `${name} is no review pack.`, {
      hint: 'Choose the file that the site exported for review.',
      subject: { file },
    });
  }
  const [first] = envelope.signatures;
  const publicKey = first?.keyId ?? '';
  const message = preAuthEncode(PACK_TYPE, envelope.payload, reviewCrypto);
  const signature = Buffer.from(first?.signature ?? []).toString('hex');
  if (envelope.signatures.length !== 1 || !reviewCrypto.verifyEd25519(publicKey, message, signature)) {
    throw new ReviewError(
      'REVIEW_SIGNATURE_BAD',
      `The signature of ${name} does not hold: the file was changed.`,
      {
        hint: 'Ask the site for the pack again. Do not decide on this one.',
        subject: { file },
      },
    );
  }
  return {
    pack: parsePack(reviewCrypto.decodeUtf8(envelope.payload), name),
    sha256: reviewCrypto.sha256(envelope.payload),
    siteFingerprint: keyIdOf(publicKey, reviewCrypto),
  };
}

/** Text of the file that goes back to the site. @throws ReviewError REVIEW_FILE_TOO_LARGE */
export function signDecision(payload: string, key: ReviewerKey): string {
  const bytes = reviewCrypto.encodeUtf8(payload);
  const signature = key.sign(preAuthEncode(DECISION_TYPE, bytes, reviewCrypto));
  const keyId = keyIdOf(key.publicKey, reviewCrypto);
  const text = formatEnvelope(
    { payloadType: DECISION_TYPE, payload: bytes, signatures: [{ keyId, signature }] },
    reviewCrypto,
  );
  requireDecisionSize(text);
  return text;
}

/** @throws ContractError CONTRACT_CONFLICT: nothing is overwritten */
export function writeNewFile(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content, { flag: 'wx' });
  } catch (error) {
    throw new ContractError('CONTRACT_CONFLICT', `${file} cannot be written as a new file.`, {
      hint: 'Choose another name, or another folder.',
      subject: { file },
      cause: error,
    });
  }
}

/** The signed envelope of a pack, from its ZIP file or alone, within bounds; nothing of it is judged. */
export function readPackFile(file: string): string {
  const name = basename(file);
  const refuse = (code: ReviewError['code'], why: string, cause?: unknown): ReviewError =>
    new ReviewError(code, `${name} ${why}.`, {
      hint: 'Ask the site for the pack again.',
      subject: { file },
      ...(cause === undefined ? {} : { cause }),
    });
  let bytes: Buffer;
  try {
    const { size } = statSync(file);
    if (size > PACK_ZIP.file) throw refuse('REVIEW_FILE_TOO_LARGE', 'is larger than any review pack');
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof ReviewError) throw error;
    throw refuse('REVIEW_FILE_UNREADABLE', 'cannot be read', error);
  }
  if (isZip(bytes)) bytes = requireEntry(readZip(bytes, name, PACK_ZIP), PACK_ENTRY, name).read();
  if (bytes.length > REVIEW_LIMITS.bytes) {
    throw refuse('REVIEW_FILE_TOO_LARGE', 'is larger than any review pack');
  }
  try {
    return reviewCrypto.decodeUtf8(bytes);
  } catch (error) {
    throw refuse('REVIEW_FILE_UNREADABLE', 'cannot be read as text', error);
  }
}
