import { volumesOf } from '../core/bundle/layout.ts';
import type { Manifest, ObjectClass } from '../core/bundle/manifest.ts';
import {
  DEFAULT_STALENESS,
  initialTrust,
  type Freshness,
  type StalenessPolicy,
  type TrustState,
} from '../core/bundle/trust.ts';
import type { RoleSignature } from '../core/bundle/verify.ts';
import type { BundleReference } from '../core/bundle/reference.ts';
import { checkOwnRoot, rootFile } from '../core/bundle/verify.ts';
import { METADATA_LIMITS } from '../core/bundle/metadata.ts';
import { totalBytes } from '../core/bundle/manifest.ts';
import { BundleError } from '../../contract/errors.ts';
import { MediaReader } from './media-reader.ts';
import { nodeCrypto } from './node-crypto.ts';
import { rootFingerprint } from './trust-root.ts';
import { verifyMedium } from './verify-medium.ts';

/** The root that a medium offers for pinning: its oldest, checked against its own signatures only. */
export interface OfferedRoot {
  readonly bytes: Uint8Array;
  readonly version: number;
  readonly fingerprint: string;
  readonly expiresAt: string;
  readonly threshold: number;
  readonly keys: number;
}

/**
 * Reads the root that a medium offers, so that a person can compare its fingerprint.
 *
 * @throws BundleError BUNDLE_NOT_FOUND, BUNDLE_FILE_MISSING, BUNDLE_METADATA_INVALID, BUNDLE_SIGNATURE_UNTRUSTED
 */
export function readOfferedRoot(mediaDir: string): OfferedRoot {
  const media = new MediaReader(mediaDir);
  const version = media.listRootVersions()[0];
  if (version === undefined) {
    throw new BundleError('BUNDLE_FILE_MISSING', 'metadata/ has no root file.', {
      subject: { file: rootFile(1) },
    });
  }
  const bytes = media.read(rootFile(version), METADATA_LIMITS.root);
  const root = checkOwnRoot(bytes, rootFile(version), nodeCrypto);
  return {
    bytes,
    version: root.version,
    fingerprint: rootFingerprint(bytes),
    expiresAt: root.expires,
    threshold: root.roles.root.threshold,
    keys: root.roles.root.keyids.length,
  };
}

/**
 * Trust in the root on a medium that has a fingerprint which a person knows by another way, where no site has pinned one.
 *
 * @param fingerprint SHA-256 of the root file, lower-case hexadecimal
 * @throws BundleError BUNDLE_ROOT_FINGERPRINT_MISMATCH when no root on the medium has it; as {@link readOfferedRoot}
 */
export function trustOfFingerprint(mediaDir: string, fingerprint: string): TrustState {
  const media = new MediaReader(mediaDir);
  for (const version of media.listRootVersions()) {
    const bytes = media.read(rootFile(version), METADATA_LIMITS.root);
    if (rootFingerprint(bytes) !== fingerprint) continue;
    return initialTrust({ version: checkOwnRoot(bytes, rootFile(version), nodeCrypto).version, bytes });
  }
  throw new BundleError(
    'BUNDLE_ROOT_FINGERPRINT_MISMATCH',
    `No root in ${mediaDir} has the fingerprint that was given.`,
    {
      hint: 'Compare every group of it. If it is right, the medium is not signed under that root: do not use it.',
      subject: { fingerprint },
    },
  );
}

export interface BundleInspection {
  readonly bundle: BundleReference;
  readonly freshness: Freshness;
  readonly signatures: readonly RoleSignature[];
  readonly objects: number;
  readonly bytes: number;
  /** Objects and bytes of each class. */
  readonly classes: Readonly<Record<string, { readonly objects: number; readonly bytes: number }>>;
  readonly feeds: Readonly<Record<string, string>>;
  readonly manifest: Manifest;
  /** Which medium of how many this is. */
  readonly volume: number;
  readonly volumes: number;
}

/**
 * Verifies a medium's metadata and manifest, and that exactly its files are there, without reading an object or
 * changing anything. Objects' hashes are only checked by an import.
 *
 * @throws BundleError as {@link verifyMedium}
 */
export function inspectBundle(options: {
  readonly mediaDir: string;
  readonly trust: TrustState | null;
  readonly now: string;
  readonly policy?: StalenessPolicy;
}): BundleInspection {
  const media = new MediaReader(options.mediaDir);
  const policy = options.policy ?? DEFAULT_STALENESS;
  const { verified, manifest, medium } = verifyMedium(
    media,
    options.trust,
    options.now,
    policy,
    () => undefined,
  );
  const classes: Partial<Record<ObjectClass, { objects: number; bytes: number }>> = {};
  for (const item of manifest.objects) {
    const sum = (classes[item.class] ??= { objects: 0, bytes: 0 });
    sum.objects += 1;
    sum.bytes += item.size;
  }
  return {
    bundle: verified.bundle,
    freshness: verified.freshness,
    signatures: verified.signatures,
    objects: manifest.objects.length,
    bytes: totalBytes(manifest),
    classes,
    feeds: manifest.feeds,
    manifest,
    volume: medium.volume,
    volumes: volumesOf(manifest),
  };
}
