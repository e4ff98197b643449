import type { BundleCrypto } from '../bundle/crypto-port.ts';

/** What reading signed review files needs of the outside. */
export interface ReviewCrypto extends Omit<BundleCrypto, 'verifySignature'> {
  /** Ed25519 (RFC 8032): 32-byte public key and 64-byte signature in hex. False for anything malformed. */
  verifyEd25519(publicKeyHex: string, message: Uint8Array, signatureHex: string): boolean;
  /** SHA-512 in lower-case hex. */
  sha512(bytes: Uint8Array): string;
  /** RFC 4648, section 4, with padding. */
  encodeBase64(bytes: Uint8Array): string;
  /** `null` for anything that no encoder writes: two texts for one sequence of bytes would be two names for it. */
  decodeBase64(text: string): Uint8Array | null;
}
