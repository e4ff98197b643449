import { z } from 'zod';
import { BundleError } from '../../contract/errors.ts';
import { piecesOf, volumesOf, type Piece } from '../core/bundle/layout.ts';
import type { Manifest } from '../core/bundle/manifest.ts';
import type { MediaReader } from './media-reader.ts';
import { nodeCrypto } from './node-crypto.ts';

/** Says which medium of a set this is. Not signed: it only chooses among what the signed manifest says. */
export const VOLUME_FILE = 'VOLUME.json';
const MAX_VOLUME_BYTES = 4_096;

const volumeSchema = z.strictObject({
  format: z.literal('sallyport-volume/1'),
  /** SHA-256 of the manifest: the same on every medium of the set. */
  set: z.string().regex(/^[0-9a-f]{64}$/),
  /** `<stream>/<seq>`, for people. */
  bundle: z.string().max(64),
  volume: z.int().min(1).max(999),
  volumes: z.int().min(1).max(999),
  /** Files below `blobs/` of this medium, and their bytes. */
  files: z.int().min(0),
  bytes: z.int().min(0),
});
export type Volume = Readonly<z.infer<typeof volumeSchema>>;

/** The text of one medium's VOLUME.json. */
export function formatVolume(manifest: Manifest, manifestSha256: string, volume: number): string {
  const pieces = piecesOf(manifest).filter((piece) => piece.volume === volume);
  const value: Volume = {
    format: 'sallyport-volume/1',
    set: manifestSha256,
    bundle: `${manifest.stream}/${manifest.seq}`,
    volume,
    volumes: volumesOf(manifest),
    files: pieces.length,
    bytes: pieces.reduce((sum, piece) => sum + piece.size, 0),
  };
  return `${JSON.stringify(value, null, 1)}\n`;
}

/**
 * Reads a medium's VOLUME.json, if there is one.
 *
 * @throws BundleError BUNDLE_METADATA_INVALID, BUNDLE_TOO_LARGE
 */
export function readVolume(media: MediaReader): Volume | null {
  if (!media.has(VOLUME_FILE)) return null;
  const bytes = media.read(VOLUME_FILE, MAX_VOLUME_BYTES);
  let value: unknown = null;
  try {
    value = JSON.parse(nodeCrypto.decodeUtf8(bytes));
  } catch {
    // The schema refuses null with the same code.
  }
  const parsed = volumeSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BundleError('BUNDLE_METADATA_INVALID', `${VOLUME_FILE} is malformed.`, {
    hint: 'Copy the bundle to the medium again.',
    subject: { file: VOLUME_FILE },
  });
}

export interface MediumContent {
  readonly volume: number;
  /** What lies below `blobs/`. */
  readonly pieces: readonly Piece[];
}

/**
 * Which medium of its set this is and what it must carry, by the signed manifest.
 *
 * @throws BundleError BUNDLE_FILE_MISSING, BUNDLE_METADATA_INVALID, BUNDLE_MIX_AND_MATCH
 */
export function contentOfMedium(
  media: MediaReader,
  manifest: Manifest,
  manifestSha256: string,
): MediumContent {
  const volumes = volumesOf(manifest);
  const named = readVolume(media);
  if (named === null && volumes > 1) {
    throw new BundleError('BUNDLE_FILE_MISSING', `${VOLUME_FILE} is not on the medium.`, {
      hint: `The bundle lies on ${volumes} media, and this file says which this is. Copy it to the medium again.`,
      subject: { file: VOLUME_FILE },
    });
  }
  if (
    named !== null &&
    (named.set !== manifestSha256 || named.volumes !== volumes || named.volume > volumes)
  ) {
    throw new BundleError('BUNDLE_MIX_AND_MATCH', `${VOLUME_FILE} is of another bundle than the metadata.`, {
      hint: 'Files of two media were mixed. Copy the bundle to the medium again.',
      subject: { file: VOLUME_FILE },
    });
  }
  const volume = named?.volume ?? 1;
  return { volume, pieces: piecesOf(manifest).filter((piece) => piece.volume === volume) };
}
