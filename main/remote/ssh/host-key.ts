import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';

/**
 * Kinds of host key in the order in which they are asked for. The client's order decides which key a server shows, so
 * pinning and connecting must use the same one. `ssh-rsa` (SHA-1 signatures) and DSA are left out.
 */
const KINDS: readonly { readonly kind: string; readonly algorithms: readonly ServerHostKeyAlgorithm[] }[] = [
  { kind: 'ssh-ed25519', algorithms: ['ssh-ed25519'] },
  { kind: 'ecdsa', algorithms: ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'] },
  { kind: 'ssh-rsa', algorithms: ['rsa-sha2-512', 'rsa-sha2-256'] },
];

/** Every algorithm accepted, best first. */
export const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = KINDS.flatMap(
  (entry) => entry.algorithms,
);

/** A host key as it was shown: fingerprint as OpenSSH prints it, and its kind. */
export interface ShownHostKey {
  readonly fingerprint: string;
  readonly kind: string;
}

/** @param blob the public key in SSH wire form (RFC 4253 section 6.6): a length-prefixed name, then the key */
export function describeHostKey(blob: Buffer): ShownHostKey {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  const name = blob.subarray(4, 4 + length).toString('latin1');
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return { fingerprint: `SHA256:${digest}`, kind: name.startsWith('ecdsa-') ? 'ecdsa' : name };
}

/**
 * Lists of algorithms to ask for when the key shown is not the pinned one: one list per other kind. A server that
 * gained an ed25519 key beside the pinned RSA key still holds the pinned key, and proves it when asked for that kind.
 */
export function otherKinds(shown: string): readonly (readonly ServerHostKeyAlgorithm[])[] {
  return KINDS.filter((entry) => entry.kind !== shown).map((entry) => entry.algorithms);
}
