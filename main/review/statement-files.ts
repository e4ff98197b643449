import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ReviewError } from '../../contract/errors.ts';
import { canonicalJson } from '../core/plan.ts';
import { DELEGATION_TYPE, parseDelegation } from '../core/review/delegation.ts';
import { EMERGENCY_TYPE, parseEmergency } from '../core/review/emergency.ts';
import { DEFAULT_POLICY, parsePolicy, POLICY_TYPE } from '../core/review/policy.ts';
import { formatEnvelope, preAuthEncode } from '../core/review/dsse.ts';
import { keyIdOf } from '../core/review/signed-file.ts';
import { reviewCrypto } from './node-crypto.ts';
import type { ReviewerKey } from './reviewer-key.ts';

export {
  canonicalJson,
  DEFAULT_POLICY,
  DELEGATION_TYPE,
  EMERGENCY_TYPE,
  parseDelegation,
  parseEmergency,
  parsePolicy,
  POLICY_TYPE,
};

/** Text of a signed statement: a policy, a delegation, an emergency request. */
export function signStatement(type: string, payload: string, key: ReviewerKey): string {
  const bytes = reviewCrypto.encodeUtf8(payload);
  const signature = key.sign(preAuthEncode(type, bytes, reviewCrypto));
  const keyId = keyIdOf(key.publicKey, reviewCrypto);
  return formatEnvelope(
    { payloadType: type, payload: bytes, signatures: [{ keyId, signature }] },
    reviewCrypto,
  );
}

/** A draft as a person wrote it. @throws ReviewError REVIEW_FILE_UNREADABLE */
export function readDraft(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new ReviewError('REVIEW_FILE_UNREADABLE', `${basename(file)} cannot be read as JSON.`, {
      hint: 'Make a new draft and change that.',
      subject: { file },
      cause: error,
    });
  }
}
