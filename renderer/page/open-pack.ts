import { ReviewError } from '../../contract/errors.ts';
import type { DraftRow } from '../../contract/reviews.ts';
import { composeDecision, requireDecisionSize } from '../../main/core/review/compose-decision.ts';
import { DECISION_TYPE } from '../../main/core/review/decision-file.ts';
import { formatEnvelope, parseEnvelope, preAuthEncode } from '../../main/core/review/dsse.ts';
import { keyIdOf } from '../../main/core/review/judge-decision.ts';
import { PACK_TYPE, parsePack, type ReviewPack } from '../../main/core/review/review-pack.ts';
import { pageCrypto, verifyEd25519 } from './browser-crypto.ts';
import type { PageKey } from './reviewer-key.ts';

export interface OpenedPack {
  readonly pack: ReviewPack;
  /** Of the payload. */
  readonly sha256: string;
  /** SHA-256 of the key that signed it. */
  readonly siteFingerprint: string;
}

const NAME = 'The pack in this page';

/**
 * Opens the pack that the site put into this page. Nothing of it is parsed before its signature holds; that the key is the site's, only
 * the person in front of it can say.
 *
 * @throws ReviewError REVIEW_FILE_UNREADABLE, REVIEW_TYPE_UNKNOWN, REVIEW_SIGNATURE_BAD, REVIEW_VERSION_UNKNOWN, REVIEW_CONTENT_INVALID
 */
export async function openPack(text: string): Promise<OpenedPack> {
  const envelope = parseEnvelope(text, NAME, pageCrypto);
  if (envelope.payloadType !== PACK_TYPE) {
    throw new ReviewError('REVIEW_TYPE_UNKNOWN', `${NAME} is no review pack.`, {
      hint: 'Ask the site for the file again.',
    });
  }
  const [first] = envelope.signatures;
  const publicKey = first?.keyId ?? '';
  const message = preAuthEncode(PACK_TYPE, envelope.payload, pageCrypto);
  const holds = await verifyEd25519(publicKey, message, first?.signature ?? new Uint8Array());
  if (envelope.signatures.length !== 1 || !holds) {
    throw new ReviewError('REVIEW_SIGNATURE_BAD', 'The signature does not hold: this file was changed.', {
      hint: 'Ask the site for the pack again. Do not decide on this one.',
    });
  }
  return {
    pack: parsePack(pageCrypto.decodeUtf8(envelope.payload), NAME),
    sha256: pageCrypto.sha256(envelope.payload),
    siteFingerprint: keyIdOf(publicKey, pageCrypto),
  };
}

/** By the clock of this machine: the site takes nothing in after the cut-off. @param at ISO 8601 */
export const isLate = (pack: Pick<ReviewPack, 'cutOffAt'>, at: string): boolean =>
  Date.parse(pack.cutOffAt) < Date.parse(at);

/**
 * Text of the decision file that goes back to the site.
 *
 * @param decidedAt ISO 8601
 * @throws ReviewError REVIEW_LATE, REVIEW_FILE_TOO_LARGE, and as `composeDecision`
 */
export async function signDecision(
  opened: OpenedPack,
  rows: readonly DraftRow[],
  key: PageKey,
  decidedAt: string,
): Promise<string> {
  if (isLate(opened.pack, decidedAt)) {
    throw new ReviewError('REVIEW_LATE', 'The cut-off of this list has passed.', {
      hint: 'Ask the site for a new pack. What silence means after the cut-off, your policy says.',
    });
  }
  const payload = pageCrypto.encodeUtf8(composeDecision(opened, rows, { decidedBy: key.name, decidedAt }));
  const signature = await key.sign(preAuthEncode(DECISION_TYPE, payload, pageCrypto));
  const keyId = keyIdOf(key.publicKey, pageCrypto);
  const text = formatEnvelope(
    { payloadType: DECISION_TYPE, payload, signatures: [{ keyId, signature }] },
    pageCrypto,
  );
  requireDecisionSize(text);
  return text;
}
