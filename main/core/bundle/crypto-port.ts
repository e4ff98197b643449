/** What verification needs of the outside; comes in as a parameter, so that core stays free of I/O and of Node. */
export interface BundleCrypto {
  /** SHA-256 in lower-case hex. */
  sha256(bytes: Uint8Array): string;
  /** Ed25519 (RFC 8032): 32-byte public key and 64-byte signature in hex. False for anything malformed. */
  verifyEd25519(publicKeyHex: string, message: Uint8Array, signatureHex: string): boolean;
  encodeUtf8(text: string): Uint8Array;
  /** Throws on bytes that are not UTF-8. */
  decodeUtf8(bytes: Uint8Array): string;
}

/** A key that signs, on the connected side. */
export interface BundleSigner {
  readonly keyId: string;
  /** Ed25519 signature in hex. */
  sign(message: Uint8Array): string;
}
