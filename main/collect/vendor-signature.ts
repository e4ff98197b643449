import { existsSync } from 'node:fs';
import { CollectError } from '../../contract/errors.ts';
import { readSignatures } from '../bundle/gpgv.ts';

/** A signature that holds: the fingerprint of the key that made it. */
export interface VendorSignature {
  readonly fingerprint: string;
  readonly signedAt: string;
}

/**
 * Verifies the vendor's signature on a release file with gpgv(1) and the vendor's keyring. One good
 * signature of a key in the keyring is enough, as for apt; signatures of keys that are not in it count for nothing; a
 * bad one refuses the file.
 *
 * @param name for messages
 * @throws CollectError COLLECT_VERIFIER_MISSING, COLLECT_KEYRING_MISSING, COLLECT_RELEASE_UNVERIFIED
 */
export async function verifyVendorSignature(
  content: Uint8Array,
  name: string,
  options: {
    readonly keyring: string;
    readonly gpgv?: string;
    /** File with a signature that stands apart; without it the content is clear-signed. */
    readonly signature?: string;
  },
): Promise<readonly VendorSignature[]> {
  if (!existsSync(options.keyring)) {
    throw new CollectError('COLLECT_KEYRING_MISSING', `There is no keyring at ${options.keyring}.`, {
      hint: 'Install the package debian-archive-keyring, or name the vendor’s keyring with --keyring.',
    });
  }
  const reading = await readSignatures(content, [options.keyring], {
    ...(options.gpgv === undefined ? {} : { program: options.gpgv }),
    ...(options.signature === undefined ? {} : { signature: options.signature }),
  });
  if (reading === null) {
    throw new CollectError('COLLECT_VERIFIER_MISSING', 'The program gpgv is not installed.', {
      hint: 'Install it (Debian: apt-get install gpgv). Without it the vendor’s signature cannot be checked.',
    });
  }
  if (reading.isSpoiled) throw unverified(name, 'a signature on it does not hold: it was changed on its way');
  if (reading.good.length === 0) throw unverified(name, `no key of ${options.keyring} has signed it`);
  return reading.good;
}

const unverified = (name: string, why: string): CollectError =>
  new CollectError('COLLECT_RELEASE_UNVERIFIED', `${name} is refused: ${why}.`, {
    hint: 'Check that the mirror is the right one and that the keyring is current.',
    subject: { file: name },
  });
