import { BundleError } from '../../contract/errors.ts';
import type { Manifest } from '../core/bundle/manifest.ts';
import type { JudgePlace } from '../core/bundle/place.ts';
import type { StalenessPolicy, TrustState } from '../core/bundle/trust.ts';
import { followRoots, rootFile, verifyMetadata, type VerifiedMetadata } from '../core/bundle/verify.ts';
import type { MediaReader } from './media-reader.ts';
import { nodeCrypto } from './node-crypto.ts';
import { blobPath, readManifest, readMetadata } from './read-metadata.ts';
import { contentOfMedium, VOLUME_FILE, type MediumContent } from './volume.ts';

export interface VerifiedMedium {
  readonly verified: VerifiedMetadata;
  readonly manifest: Manifest;
  readonly medium: MediumContent;
  /** Every file that the medium must have: path to size in bytes, `null` where the file is judged by what is in it. */
  readonly expected: ReadonlyMap<string, number | null>;
}

/**
 * Steps 1 to 7: what the signed metadata and the manifest say that this medium carries. What it really carries is not
 * looked at.
 *
 * @param judgePlace refuses a bundle that is not the next one of its stream
 * @throws BundleError
 */
export function readMedium(
  media: MediaReader,
  trust: TrustState | null,
  now: string,
  policy: StalenessPolicy,
  options: {
    readonly onRoots?: (roots: TrustState['roots']) => void;
    readonly judgePlace?: JudgePlace;
  } = {},
): VerifiedMedium {
  if (trust === null) {
    throw new BundleError('BUNDLE_ROOT_UNPINNED', 'This site has not pinned a root of trust yet.', {
      hint: 'Compare the fingerprint of the bundle’s root with your supplier by telephone and pin it first.',
    });
  }
  const files = readMetadata(media);
  const newRoots = followRoots(trust, files.roots, nodeCrypto);
  options.onRoots?.(newRoots);
  const moved = { ...trust, roots: [...trust.roots, ...newRoots] };
  const verified = verifyMetadata(moved, files, now, policy, nodeCrypto, options.judgePlace);
  const manifest = readManifest(media, verified.bundle);
  const medium = contentOfMedium(media, manifest, verified.bundle.manifestSha256);
  const expected = new Map<string, number | null>([
    ['metadata/timestamp.json', null],
    ['metadata/snapshot.json', null],
    ['metadata/targets.json', null],
    [verified.bundle.manifestPath, verified.bundle.manifestSize],
  ]);
  const newest = moved.roots.at(-1)?.version ?? 0;
  for (const version of files.roots.keys()) if (version <= newest) expected.set(rootFile(version), null);
  if (media.has(VOLUME_FILE)) expected.set(VOLUME_FILE, null);
  for (const piece of medium.pieces) expected.set(blobPath(piece.name), piece.size);
  return { verified, manifest, medium, expected };
}

/**
 * Steps 1 to 8: all that can be said before an object is touched. Exactly the files that this medium of the bundle has,
 * no more, no fewer.
 *
 * @throws BundleError
 */
export function verifyMedium(
  media: MediaReader,
  trust: TrustState | null,
  now: string,
  policy: StalenessPolicy,
  onRoots: (roots: TrustState['roots']) => void,
): VerifiedMedium {
  const read = readMedium(media, trust, now, policy, { onRoots });
  media.checkTree(read.expected);
  return read;
}
