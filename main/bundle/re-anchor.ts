import { BundleError, CodedError } from '../../contract/errors.ts';
import { anchorAt, type GivenUp } from '../core/bundle/re-anchor.ts';
import type { BundleReference } from '../core/bundle/reference.ts';
import { DEFAULT_STALENESS, initialTrust, type TrustState } from '../core/bundle/trust.ts';
import { trustOfFingerprint } from './inspect-bundle.ts';
import { MediaReader } from './media-reader.ts';
import { rootFingerprint } from './trust-root.ts';
import { readMedium, type VerifiedMedium } from './verify-medium.ts';

/**
 * The trust that a site would have if it began anew at this medium, which two persons vouch for: its signed metadata is
 * verified under the root that has the fingerprint, and nothing older than it is taken afterwards.
 *
 * @param options.fingerprint of a root on the medium, SHA-256 in lower-case hexadecimal
 * @throws BundleError BUNDLE_ROOT_UNPINNED, BUNDLE_ROOT_FINGERPRINT_MISMATCH, BUNDLE_ROLLBACK for a bundle whose number the
 *   site has already; as `verifyMedium`
 */
export function readAnchor(options: {
  readonly mediaDir: string;
  readonly fingerprint: string;
  readonly trust: TrustState | null;
  readonly now: string;
}): {
  readonly bundle: BundleReference;
  readonly next: TrustState;
  readonly givesUp: readonly GivenUp[];
} {
  const { mediaDir, fingerprint, trust, now } = options;
  if (trust === null) {
    throw new BundleError('BUNDLE_ROOT_UNPINNED', 'This site has not pinned a root of trust yet.', {
      hint: 'There is nothing to give up: pin the root with `sallyport trust pin`.',
    });
  }
  const media = new MediaReader(mediaDir);
  const verify = (from: TrustState): VerifiedMedium => {
    const read = readMedium(media, { ...from, timeFloor: trust.timeFloor }, now, DEFAULT_STALENESS, {
      judgePlace: () => undefined,
    });
    media.checkTree(read.expected);
    return read;
  };
  const { verified } =
    continued(trust, fingerprint, verify) ?? verify(trustOfFingerprint(mediaDir, fingerprint));
  const { bundle } = verified;
  const known = trust.streams[bundle.stream];
  if (known !== undefined && bundle.seq <= known.seq) {
    throw new BundleError(
      'BUNDLE_ROLLBACK',
      `The medium has bundle ${bundle.stream}/${bundle.seq}, but this site has imported ${known.seq} of that stream.`,
      {
        hint: 'Numbers of a stream are never given up. Use a newer medium, or have one built in a stream of another name.',
        subject: { file: bundle.manifestPath },
      },
    );
  }
  return { bundle, ...anchorAt(trust, verified.nextTrust) };
}

/** The medium under the root that the site has, if that leads to the root that was compared. */
function continued(
  trust: TrustState,
  fingerprint: string,
  verify: (from: TrustState) => VerifiedMedium,
): VerifiedMedium | null {
  const last = trust.roots.at(-1);
  if (last === undefined) return null;
  try {
    const read = verify(initialTrust(last));
    const isThere = read.verified.nextTrust.roots.some(({ bytes }) => rootFingerprint(bytes) === fingerprint);
    return isThere ? read : null;
  } catch (error) {
    // Then the site's own root does not lead there, and the fingerprint alone decides.
    if (error instanceof CodedError) return null;
    throw error;
  }
}
