/** A public key as metadata states it. Which types and schemes count is for the verifier to say. */
export interface StatedKey {
  readonly keytype: string;
  readonly scheme: string;
  readonly keyval: { readonly public: string };
}

/** What verification needs of the outside; comes in as a parameter, so that core stays free of I/O and of Node. */
export interface BundleCrypto {
  /** SHA-256 in lower-case hex. */
  sha256(bytes: Uint8Array): string;
  /**
   * Whether a signature in hex holds under a key: `ed25519` (RFC 8032; 32 bytes in hex) or `ecdsa-sha2-nistp256`
   * (a PEM of a P-256 key; a DER signature over the SHA-256). False for any other kind and for anything malformed.
   */
  verifySignature(key: StatedKey, message: Uint8Array, signatureHex: string): boolean;
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
