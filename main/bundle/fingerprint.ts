import { wordlist } from '@scure/bip39/wordlists/english.js';
import { nodeCrypto } from './node-crypto.ts';

/**
 * A fingerprint (SHA-256) in forms that two people can compare by telephone. The words follow BIP-39
 * (https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki): 24 words of a list of 2048, eleven bits each, of which the last
 * eight bits are a checksum, so that a word that was misheard is noticed. No two words of the list share their first four letters.
 */

const BITS = 11;

/** Sixteen groups of four digits. */
export function fingerprintGroups(hex: string): string {
  return hex.replace(/(.{4})(?=.)/g, '$1 ');
}

/** The 24 words of a fingerprint. */
export function fingerprintWords(hex: string): string[] {
  const bytes = Buffer.from(hex, 'hex');
  const bits = [...bytes, checksum(bytes)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(new RegExp(`.{${BITS}}`, 'g')) ?? []).map(
    (piece) => wordlist[Number.parseInt(piece, 2)] ?? '',
  );
}

/**
 * Reads a fingerprint as people pass it on: digits in groups, with colons or in capitals, or its words.
 *
 * @returns 64 lower-case digits; `null` when it is neither, or when its words don't fit each other
 */
export function readFingerprint(text: string): string | null {
  const digits = text.replace(/[\s:-]/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  const bits = words
    .map((word) => wordlist.indexOf(word))
    .map((index) => (index < 0 ? '' : index.toString(2).padStart(BITS, '0')))
    .join('');
  if (bits.length !== 264) return null;
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((piece) => Number.parseInt(piece, 2)));
  const hash = bytes.subarray(0, 32);
  return bytes[32] === checksum(hash) ? hash.toString('hex') : null;
}

function checksum(bytes: Uint8Array): number {
  return Number.parseInt(nodeCrypto.sha256(bytes).slice(0, 2), 16);
}
