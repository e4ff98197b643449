import { createHash, createPublicKey, verify } from 'node:crypto';
import type { BundleCrypto } from '../core/bundle/crypto-port.ts';

/** The cryptography that bundle verification takes as a parameter, by Node's own OpenSSL. */
export const nodeCrypto: BundleCrypto = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  verifyEd25519(publicKeyHex, message, signatureHex) {
    const x = Buffer.from(publicKeyHex, 'hex');
    const signature = Buffer.from(signatureHex, 'hex');
    if (x.length !== 32 || signature.length !== 64) return false;
    try {
      const key = createPublicKey({
        format: 'jwk',
        key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') },
      });
      return verify(null, message, key, signature);
    } catch (error) {
      // OpenSSL refuses 32 bytes that are no point of the curve: no signature can hold under such a key.
      if (error instanceof Error) return false;
      throw error;
    }
  },
  encodeUtf8: (text) => new TextEncoder().encode(text),
  decodeUtf8: (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
};
