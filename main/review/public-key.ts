import { ContractError } from '../../contract/errors.ts';
import { readEnrolmentText } from '../../contract/vocabulary.ts';
import { keyIdOf } from '../core/review/judge-decision.ts';
import { reviewCrypto } from './node-crypto.ts';

const SSH_PREFIX = Buffer.from('0000000b7373682d6564323535313900000020', 'hex');

/**
 * An Ed25519 public key as people hand it over: 64 hexadecimal digits, the text of an enrolment sheet's
 * QR code, or the line of a `.pub` file that ssh-keygen wrote.
 *
 * @returns 32 bytes in hex
 * @throws ContractError CONTRACT_INPUT_INVALID
 */
export function parsePublicKey(text: string): string {
  const plain = text.replaceAll(/\s/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(plain)) return plain;
  const scanned = readEnrolmentText(text);
  if (scanned !== null) return scanned.publicKey;
  const match = /^ssh-ed25519 ([A-Za-z0-9+/]+={0,2})(?: |$)/.exec(text.trim());
  const blob = Buffer.from(match?.[1] ?? '', 'base64');
  if (blob.length === SSH_PREFIX.length + 32 && blob.subarray(0, SSH_PREFIX.length).equals(SSH_PREFIX)) {
    return blob.subarray(SSH_PREFIX.length).toString('hex');
  }
  throw new ContractError('CONTRACT_INPUT_INVALID', 'This is no Ed25519 public key.', {
    hint: 'Give the 64 digits from the enrolment sheet, the text of its QR code, or the line of a .pub file that begins with ssh-ed25519.',
  });
}

/** What people compare: SHA-256 of the key's 32 bytes. */
export function keyFingerprint(publicKey: string): string {
  return keyIdOf(publicKey, reviewCrypto);
}
