import { CollectError, type BundleError } from '../../../contract/errors.ts';
import type { ManifestObject } from './manifest.ts';

/** A file below `blobs/` of some medium: an object, or one part of an object that is too large for one file. */
export interface Piece {
  /** `<sha256 of the object>`, for a part with `.p001`, `.p002` ... behind it. */
  readonly name: string;
  /** SHA-256 of the object that it belongs to. */
  readonly object: string;
  /** Number of the part, from 1; 0 for an object in one piece. */
  readonly part: number;
  /** Where it begins in the object, in bytes. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  /** Of the piece's own bytes. */
  readonly sha256: string;
  /** Medium that carries it, from 1. */
  readonly volume: number;
}

/** How objects lie on media, where that is not plainly one file an object on one medium. */
export interface Layout {
  readonly volumes: number;
  /** Bytes of every part but an object's last. */
  readonly partBytes: number;
  /** Sorted by name. */
  readonly pieces: readonly Piece[];
}

type Sized = Pick<ManifestObject, 'sha256' | 'size'>;

const GIB = 1024 ** 3;

export const LAYOUT_LIMITS = {
  volumes: 999,
  parts: 999,
  /** A part: at least a block of a file system, at most what FAT32 holds in a file. */
  leastPartBytes: 4_096,
  mostPartBytes: 4 * GIB - 1,
} as const;

/** Parts are this long unless asked for otherwise: what is read again after an interruption. */
export const DEFAULT_PART_BYTES = GIB;
/** What a small file takes on the media: the usual cluster of exFAT on large ones. */
const CLUSTER_BYTES = 128 * 1024;

/** The one name of a piece. */
const nameOf = (object: string, part: number): string =>
  part === 0 ? object : `${object}.p${String(part).padStart(3, '0')}`;

export const partCount = (size: number, partBytes: number): number =>
  size <= partBytes ? 0 : Math.ceil(size / partBytes);

const distinct = (objects: readonly Sized[]): Sized[] => [
  ...new Map(objects.map((item) => [item.sha256, item])).values(),
];

/** Every file below `blobs/` on any medium of a bundle, by name. */
export function piecesOf(manifest: {
  readonly objects: readonly Sized[];
  readonly layout?: Layout;
}): readonly Piece[] {
  if (manifest.layout !== undefined) return manifest.layout.pieces;
  return distinct(manifest.objects).map(({ sha256, size }) => ({
    name: sha256,
    object: sha256,
    part: 0,
    offset: 0,
    size,
    sha256,
    volume: 1,
  }));
}

export const volumesOf = (manifest: { readonly layout?: Layout }): number => manifest.layout?.volumes ?? 1;

/**
 * Decides what lies where. Objects are cut into parts and put on the first medium that has room, in the order given.
 *
 * @param partHashes SHA-256 of each part of the objects that are larger than a part
 * @param volumeBytes capacity of one medium; `null` for one medium of any size
 * @returns nothing when each object lies in one piece on one medium: the plain form
 * @throws CollectError COLLECT_VOLUME_TOO_SMALL
 */
export function planLayout(
  objects: readonly Sized[],
  partHashes: ReadonlyMap<string, readonly string[]>,
  options: {
    readonly partBytes: number;
    readonly volumeBytes: number | null;
    readonly clusterBytes?: number;
  },
): Layout | undefined {
  const { partBytes, volumeBytes } = options;
  const longest = objects.reduce((most, { size }) => Math.max(most, size), 0);
  if (
    partBytes < LAYOUT_LIMITS.leastPartBytes ||
    partBytes > LAYOUT_LIMITS.mostPartBytes ||
    partCount(longest, partBytes) > LAYOUT_LIMITS.parts
  ) {
    throw new CollectError('COLLECT_VOLUME_TOO_SMALL', `Parts of ${partBytes} bytes can't be made.`, {
      hint: 'A part has 4 KiB to 4 GiB less one byte, and an object at most 999 of them.',
    });
  }
  const cluster = options.clusterBytes ?? CLUSTER_BYTES;
  const onMedium = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / cluster) * cluster;
  const wanted = distinct(objects).flatMap(({ sha256, size }): Omit<Piece, 'volume'>[] => {
    const parts = partCount(size, partBytes);
    if (parts === 0) return [{ name: sha256, object: sha256, part: 0, offset: 0, size, sha256 }];
    return Array.from({ length: parts }, (_, index) => ({
      name: nameOf(sha256, index + 1),
      object: sha256,
      part: index + 1,
      offset: index * partBytes,
      size: Math.min(partBytes, size - index * partBytes),
      sha256: partHashes.get(sha256)?.[index] ?? '',
    }));
  });
  // The metadata lies on every medium: manifest lines, roots, and room for folders.
  const metadataBytes = onMedium(1024 * 1024 + 400 * (objects.length + wanted.length));
  const capacity = volumeBytes === null ? Infinity : volumeBytes - metadataBytes;
  const used: number[] = [0];
  const pieces = wanted.map((piece): Piece => {
    const bytes = onMedium(piece.size);
    if (bytes > capacity) {
      throw new CollectError(
        'COLLECT_VOLUME_TOO_SMALL',
        `A medium of ${volumeBytes ?? 0} bytes has no room for a piece of ${piece.size} bytes beside the metadata.`,
        { hint: 'Use larger media, or a smaller --part-size.' },
      );
    }
    const found = used.findIndex((sum) => sum + bytes <= capacity);
    const index = found === -1 ? used.push(0) - 1 : found;
    used[index] = (used[index] ?? 0) + bytes;
    return { ...piece, volume: index + 1 };
  });
  if (used.length > LAYOUT_LIMITS.volumes) {
    throw new CollectError('COLLECT_VOLUME_TOO_SMALL', `The bundle would need ${used.length} media.`, {
      hint: 'Use larger media.',
    });
  }
  if (used.length === 1 && pieces.every((piece) => piece.part === 0)) return undefined;
  return { volumes: used.length, partBytes, pieces: pieces.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** Lines of the manifest, behind those of the objects. */
export const formatPieces = ({ pieces }: Layout): string[] =>
  pieces.map(({ volume, name, part, sha256 }) => `@${volume} ${name}${part === 0 ? '' : ` ${sha256}`}`);

const LINE = /^@([1-9]\d{0,2}) ([0-9a-f]{64})(?:\.p(\d{3}) ([0-9a-f]{64}))?$/;

/**
 * Reads the pieces of a manifest: each object whole or in all its parts, nothing twice, nothing else.
 *
 * @param invalid makes the error, from the reason
 * @throws BundleError BUNDLE_METADATA_INVALID
 */
export function parsePieces(
  lines: readonly string[],
  header: { readonly volumes: number; readonly partBytes: number },
  objects: readonly Sized[],
  invalid: (why: string) => BundleError,
): Layout {
  const { volumes, partBytes } = header;
  if (volumes < 1 || volumes > LAYOUT_LIMITS.volumes) throw invalid('its number of media is out of bounds');
  if (partBytes < LAYOUT_LIMITS.leastPartBytes || partBytes > LAYOUT_LIMITS.mostPartBytes)
    throw invalid('its size of parts is out of bounds');
  const sizes = new Map(objects.map((item) => [item.sha256, item.size]));
  const seenVolumes = new Set<number>();
  const nextPart = new Map<string, number>();
  let previous = '';
  const pieces = lines.map((line): Piece => {
    const match = LINE.exec(line);
    const object = match?.[2] ?? '';
    const size = sizes.get(object);
    if (match === null || size === undefined) throw invalid('a line of its pieces is malformed');
    const [part, volume] = [Number(match[3] ?? '0'), Number(match[1])];
    const parts = partCount(size, partBytes);
    const name = nameOf(object, part);
    if (parts > LAYOUT_LIMITS.parts || volume > volumes) throw invalid(`${name} is out of bounds`);
    if (name <= previous) throw invalid('its pieces are not sorted by name');
    previous = name;
    if (part !== (parts === 0 ? 0 : (nextPart.get(object) ?? 1)) || part > parts)
      throw invalid(`${name} is not the next piece of its object`);
    nextPart.set(object, part + 1);
    seenVolumes.add(volume);
    const offset = part === 0 ? 0 : (part - 1) * partBytes;
    return {
      name,
      object,
      part,
      offset,
      size: part === 0 ? size : Math.min(partBytes, size - offset),
      sha256: match[4] ?? object,
      volume,
    };
  });
  for (const [sha256, size] of sizes) {
    if (nextPart.get(sha256) !== partCount(size, partBytes) + 1)
      throw invalid('it lacks pieces of an object');
  }
  if (seenVolumes.size !== volumes) throw invalid('a medium of it would carry nothing');
  return { volumes, partBytes, pieces };
}
