import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { BundleCrypto } from './bundle/crypto-port.ts';

/**
 * A fingerprint (SHA-256) in forms that two people can compare by telephone. The words follow BIP-39
 * (https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki): 24 words of a list of 2048, eleven bits each, of which the last
 * eight bits are a checksum, so that a word that was misheard is noticed. No two words of the list share their first four letters.
 */

const BITS = 11;

type Hash = Pick<BundleCrypto, 'sha256'>;

/** Sixteen groups of four digits. */
export function fingerprintGroups(hex: string): string {
  return hex.replace(/(.{4})(?=.)/g, '$1 ');
}

/** The 24 words of a fingerprint. */
export function fingerprintWords(hex: string, hash: Hash): string[] {
  const bytes = bytesOf(hex.match(/../g) ?? [], 16);
  const bits = [...bytes, checksum(bytes, hash)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(new RegExp(`.{${BITS}}`, 'g')) ?? []).map(
    (piece) => wordlist[Number.parseInt(piece, 2)] ?? '',
  );
}

/**
 * Reads a fingerprint as people pass it on: digits in groups, with colons or in capitals, or its words.
 *
 * @returns 64 lower-case digits; `null` when it is neither, or when its words don't fit each other
 */
export function readFingerprint(text: string, crypto: Hash): string | null {
  const digits = text.replace(/[\s:-]/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  const bits = words
    .map((word) => wordlist.indexOf(word))
    .map((index) => (index < 0 ? '' : index.toString(2).padStart(BITS, '0')))
    .join('');
  if (bits.length !== 264) return null;
  const bytes = bytesOf(bits.match(/.{8}/g) ?? [], 2);
  const hash = bytes.subarray(0, 32);
  if (bytes[32] !== checksum(hash, crypto)) return null;
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const bytesOf = (pieces: readonly string[], base: number): Uint8Array =>
  Uint8Array.from(pieces, (piece) => Number.parseInt(piece, base));

function checksum(bytes: Uint8Array, hash: Hash): number {
  return Number.parseInt(hash.sha256(bytes).slice(0, 2), 16);
}
