import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { BundleCrypto, StatedKey } from '../core/bundle/crypto-port.ts';

/** The cryptography that bundle verification takes as a parameter, by Node's own OpenSSL. */
export const nodeCrypto: BundleCrypto = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  verifySignature(key, message, signatureHex) {
    if (!/^(?:[0-9a-f]{2}){8,160}$/.test(signatureHex)) return false;
    try {
      const opened = openKey(key);
      if (opened === null) return false;
      return verify(opened.hash, message, opened.key, Buffer.from(signatureHex, 'hex'));
    } catch (error) {
      // OpenSSL refuses what is no point of the curve, or no PEM at all: no signature can hold under such a key.
      if (error instanceof Error) return false;
      throw error;
    }
  },
  encodeUtf8: (text) => new TextEncoder().encode(text),
  decodeUtf8: (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
};

function openKey({
  keytype,
  scheme,
  keyval,
}: StatedKey): { readonly key: KeyObject; readonly hash: 'sha256' | null } | null {
  if (keytype === 'ed25519' && scheme === 'ed25519') {
    if (!/^[0-9a-f]{64}$/.test(keyval.public)) return null;
    const x = Buffer.from(keyval.public, 'hex').toString('base64url');
    return { key: createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } }), hash: null };
  }
  if (keytype === 'ecdsa' && scheme === 'ecdsa-sha2-nistp256') {
    const key = createPublicKey({ format: 'pem', key: keyval.public });
    const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    return isP256 ? { key, hash: 'sha256' } : null;
  }
  return null;
}
