import { createHash } from 'node:crypto';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import type { ReviewCrypto } from '../core/review/crypto-port.ts';

/** The cryptography that review files take as a parameter, by Node's own OpenSSL. */
export const reviewCrypto: ReviewCrypto = {
  ...nodeCrypto,
  verifyEd25519: (publicKey, message, signature) =>
    nodeCrypto.verifySignature(
      { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: publicKey } },
      message,
      signature,
    ),
  sha512: (bytes) => createHash('sha512').update(bytes).digest('hex'),
  encodeBase64: (bytes) => Buffer.from(bytes).toString('base64'),
  decodeBase64(text) {
    const bytes = Buffer.from(text, 'base64');
    return bytes.toString('base64') === text ? bytes : null;
  },
};
