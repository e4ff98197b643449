import { trustOfFingerprint } from '../bundle/inspect-bundle.ts';
import { verifyBundle, type VerifyOptions, type VerifyReport } from '../bundle/verify-bundle.ts';
import { initialTrust } from '../core/bundle/trust.ts';
import { newestRootOf } from './signing-keys.ts';

export type { MediumVerdict, VerifyReport } from '../bundle/verify-bundle.ts';

/** The root that counts: the newest of a folder of signing keys, or the one on the media that has this fingerprint. */
export type TrustedRoot = { readonly keysDir: string } | { readonly fingerprint: string };

/**
 * Checks media where there is no site: on the machine that built them, or on any other.
 *
 * @throws CollectError COLLECT_KEY_INVALID; BundleError BUNDLE_ROOT_FINGERPRINT_MISMATCH; as `verifyBundle`
 */
export async function checkMedia(
  root: TrustedRoot,
  options: Omit<VerifyOptions, 'trust' | 'policy'>,
): Promise<VerifyReport> {
  const trust =
    'keysDir' in root
      ? initialTrust(newestRootOf(root.keysDir))
      : trustOfFingerprint(options.mediaDirs[0] ?? '', root.fingerprint);
  return await verifyBundle({ ...options, trust });
}
