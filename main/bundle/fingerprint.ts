import * as core from '../core/fingerprint.ts';
import { nodeCrypto } from './node-crypto.ts';

/** Fingerprints in forms that two people can compare (main/core/fingerprint.ts), with Node's own SHA-256. */

export const { fingerprintGroups } = core;

/** The 24 words of a fingerprint. */
export function fingerprintWords(hex: string): string[] {
  return core.fingerprintWords(hex, nodeCrypto);
}

/** 64 lower-case digits; `null` when the text is neither digits nor words, or when the words don't fit each other. */
export function readFingerprint(text: string): string | null {
  return core.readFingerprint(text, nodeCrypto);
}
