import { BundleError } from '../../contract/errors.ts';
import { checkOwnRoot } from '../core/bundle/verify.ts';
import type { ImportCatalogue } from './import-port.ts';
import { nodeCrypto } from './node-crypto.ts';

/** What two people compare by telephone: SHA-256 of the root file's bytes, lower-case hex. */
export function rootFingerprint(bytes: Uint8Array): string {
  return nodeCrypto.sha256(bytes);
}

/**
 * Pins the root of trust of a site, once, after a person confirmed its fingerprint (step 1 of docs/FORMAT-bundle.md).
 *
 * @param fingerprint what the person confirmed; blanks and case don't matter
 * @throws BundleError BUNDLE_ROOT_FINGERPRINT_MISMATCH, BUNDLE_ROOT_ALREADY_PINNED, BUNDLE_METADATA_INVALID,
 *   BUNDLE_SIGNATURE_UNTRUSTED, BUNDLE_THRESHOLD_NOT_MET
 */
export function pinRoot(options: {
  readonly catalogue: Pick<ImportCatalogue, 'loadTrust' | 'pinRoot'>;
  readonly rootBytes: Uint8Array;
  readonly fingerprint: string;
  readonly by: string;
  readonly now: string;
}): { readonly version: number; readonly fingerprint: string } {
  const actual = rootFingerprint(options.rootBytes);
  if (options.fingerprint.replaceAll(/[\s:-]/g, '').toLowerCase() !== actual) {
    throw new BundleError(
      'BUNDLE_ROOT_FINGERPRINT_MISMATCH',
      'The fingerprint is not that of this root file.',
      {
        hint: 'Ask your supplier for the fingerprint by another way than the medium, and compare every group.',
        subject: { fingerprint: actual },
      },
    );
  }
  const pinned = options.catalogue.loadTrust()?.roots[0];
  if (pinned !== undefined) {
    throw new BundleError(
      'BUNDLE_ROOT_ALREADY_PINNED',
      `This site already trusts a root (version ${pinned.version}).`,
      {
        hint: 'A new root must come with a bundle, signed by the keyholders of the old one.',
      },
    );
  }
  const root = checkOwnRoot(options.rootBytes, 'root.json', nodeCrypto);
  options.catalogue.pinRoot({ version: root.version, bytes: options.rootBytes }, options.by, options.now);
  return { version: root.version, fingerprint: actual };
}
