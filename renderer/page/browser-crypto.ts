import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ReviewCrypto } from '../../main/core/review/crypto-port.ts';

/** Bytes that WebCrypto takes: in memory of their own. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The part of the review files' cryptography that needs no key, and so need not be waited for. */
export const pageCrypto = {
  sha256: (bytes) => bytesToHex(sha256(bytes)),
  sha512: (bytes) => bytesToHex(sha512(bytes)),
  encodeUtf8: (text) => new TextEncoder().encode(text),
  decodeUtf8: (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
  encodeBase64,
  decodeBase64: (text) => {
    const bytes = decodeBase64(text);
    // Two texts for one sequence of bytes would be two names for it.
    return bytes !== null && encodeBase64(bytes) === text ? bytes : null;
  },
} as const satisfies Omit<ReviewCrypto, 'verifyEd25519'>;

/** `null` when this browser can sign and verify; else what it lacks, in words. */
export async function whyNoSignatures(subtle: SubtleCrypto | undefined): Promise<string | null> {
  if (subtle === undefined) {
    return 'This browser gives the page no cryptography. Open the file from a disk or a medium, not from inside another program.';
  }
  try {
    await subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    return null;
  } catch {
    return 'This browser cannot make signatures with Ed25519. Chrome and Edge can from version 137, Firefox from 129, Safari from 17.';
  }
}

/** Ed25519 with WebCrypto: 32-byte public key in hex. False for anything malformed. */
export async function verifyEd25519(
  publicKey: string,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(publicKey) || signature.length !== 64) return false;
  try {
    const key = await crypto.subtle.importKey('raw', hexToBytes(publicKey), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, own(signature), own(message));
  } catch {
    // The browser refuses what is no point of the curve: no signature can hold under such a key.
    return false;
  }
}

export function hexToBytes(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function own(bytes: Uint8Array): Bytes {
  return Uint8Array.from(bytes);
}

export function encodeBase64(bytes: Uint8Array): string {
  // A call takes only so many arguments.
  const STEP = 0x6000;
  let text = '';
  for (let at = 0; at < bytes.length; at += STEP) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + STEP)));
  }
  return text;
}

export function decodeBase64(text: string): Bytes | null {
  let raw: string;
  try {
    raw = atob(text);
  } catch {
    return null;
  }
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

/** Base64 for JSON Web Keys. */
export const toBase64Url = (bytes: Uint8Array): string =>
  encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

export const fromBase64Url = (text: string): Bytes | null =>
  decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
