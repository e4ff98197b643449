import { z } from 'zod';
import { ReviewError } from '../../../contract/errors.ts';
import type { ReviewCrypto } from './crypto-port.ts';

/**
 * The envelope around a review pack and around a decision file: DSSE, the Dead Simple Signing Envelope. What is signed is
 * not the JSON but the type and the bytes, so that no two readers can disagree about the text.
 * Source: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md (version 1).
 */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  /** Ed25519 signatures of 64 bytes; a key id is a hint and nothing more. */
  readonly signatures: readonly { readonly keyId: string; readonly signature: Uint8Array }[];
}

/** Signatures that an envelope may carry: a threshold of approvers, not a list to keep a machine busy with. */
const MAX_SIGNATURES = 16;

const envelopeSchema = z.strictObject({
  payloadType: z.string().min(1).max(200),
  payload: z.string(),
  signatures: z
    .array(z.strictObject({ keyid: z.string().max(200).default(''), sig: z.string().max(1_000) }))
    .min(1)
    .max(MAX_SIGNATURES),
});

/** The bytes that a signature covers: `DSSEv1 <length> <type> <length> <payload>`. */
export function preAuthEncode(
  payloadType: string,
  payload: Uint8Array,
  crypto: Pick<ReviewCrypto, 'encodeUtf8'>,
): Uint8Array {
  const type = crypto.encodeUtf8(payloadType);
  const head = crypto.encodeUtf8(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `);
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

export function formatEnvelope(envelope: Envelope, crypto: Pick<ReviewCrypto, 'encodeBase64'>): string {
  const signatures = envelope.signatures.map(({ keyId, signature }) => ({
    keyid: keyId,
    sig: crypto.encodeBase64(signature),
  }));
  const payload = crypto.encodeBase64(envelope.payload);
  return `${JSON.stringify({ payloadType: envelope.payloadType, payload, signatures })}\n`;
}

/**
 * Reads the envelope only: nothing of its payload is looked at.
 *
 * @param file name for messages
 * @throws ReviewError REVIEW_FILE_UNREADABLE
 */
export function parseEnvelope(
  text: string,
  file: string,
  crypto: Pick<ReviewCrypto, 'decodeBase64'>,
): Envelope {
  const unreadable = (why: string): ReviewError =>
    new ReviewError('REVIEW_FILE_UNREADABLE', `${file} is no signed file of Sallyport: ${why}.`, {
      hint: 'Ask for the file again: it may have been cut short, or saved by another program.',
      subject: { file },
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable('it is not JSON');
  }
  const parsed = envelopeSchema.safeParse(value);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join('.') ?? '';
    throw unreadable(`it is malformed at ${place === '' ? 'its top level' : place}`);
  }
  const payload = crypto.decodeBase64(parsed.data.payload);
  if (payload === null) throw unreadable('its payload is not Base64');
  return {
    payloadType: parsed.data.payloadType,
    payload,
    signatures: parsed.data.signatures.map(({ keyid, sig }) => {
      const signature = crypto.decodeBase64(sig);
      if (signature?.length !== 64) throw unreadable('a signature is not 64 bytes of Base64');
      return { keyId: keyid, signature };
    }),
  };
}
