import { METADATA_LIMITS, MAX_ROOTS } from '../core/bundle/metadata.ts';
import { parseManifest, type Manifest } from '../core/bundle/manifest.ts';
import { rootFile, type MetadataFiles } from '../core/bundle/verify.ts';
import { type BundleReference } from '../core/bundle/reference.ts';
import { BundleError } from '../../contract/errors.ts';
import { decodeText } from './decode-text.ts';
import type { MediaReader } from './media-reader.ts';
import { nodeCrypto } from './node-crypto.ts';

/** Step 1: the metadata files, each bounded. */
export function readMetadata(media: MediaReader): MetadataFiles {
  const roots = new Map<number, Uint8Array>();
  for (const version of media.listRootVersions().slice(-MAX_ROOTS)) {
    roots.set(version, media.read(rootFile(version), METADATA_LIMITS.root));
  }
  return {
    roots,
    timestamp: media.read('metadata/timestamp.json', METADATA_LIMITS.timestamp),
    snapshot: media.read('metadata/snapshot.json', METADATA_LIMITS.snapshot),
    targets: media.read('metadata/targets.json', METADATA_LIMITS.targets),
  };
}

/** Step 7: the manifest, parsed only once its length and hash are those that targets.json names. */
export function readManifest(media: MediaReader, bundle: BundleReference): Manifest {
  const file = bundle.manifestPath;
  const bytes = media.read(file, bundle.manifestSize);
  if (bytes.length !== bundle.manifestSize || nodeCrypto.sha256(bytes) !== bundle.manifestSha256) {
    throw new BundleError(
      'BUNDLE_HASH_MISMATCH',
      `${file} is not the file that metadata/targets.json names.`,
      {
        hint: 'It was changed or damaged. Copy the bundle to the medium again.',
        subject: { file },
      },
    );
  }
  const manifest = parseManifest(decodeText(bytes, file, 'BUNDLE_METADATA_INVALID'), file);
  if (
    manifest.stream !== bundle.stream ||
    manifest.seq !== bundle.seq ||
    manifest.base !== bundle.base ||
    manifest.createdAt !== bundle.createdAt
  ) {
    throw new BundleError(
      'BUNDLE_MIX_AND_MATCH',
      `${file} is not the manifest of the bundle that targets.json names.`,
      {
        hint: 'The bundle was built wrongly. Ask for a new one.',
        subject: { file },
      },
    );
  }
  return manifest;
}

/** Where an object lies on the medium, or a piece of one. @param name SHA-256, for a part with its suffix */
export const blobPath = (name: string): string => `blobs/${name.slice(0, 2)}/${name}`;
