import { StoreError } from '../../contract/errors.ts';
import { piecesOf, type Piece } from '../core/bundle/layout.ts';
import type { Manifest } from '../core/bundle/manifest.ts';
import type { ImportContent, ObjectPart } from './import-port.ts';
import { MediaReader } from './media-reader.ts';
import { blobPath } from './read-metadata.ts';

/** Left free on the disk of the content store, for the database and everyone else. */
const RESERVED_BYTES = 256 * 1024 * 1024;

/** Longer objects are copied one after the other, and so are parts, however short. */
const LONG_BYTES = 64 * 1024 * 1024;

export interface CopyResult {
  /** Distinct objects that were in the store before. */
  readonly reused: number;
  /** Media that carry what is still missing, by number; empty when all is there. */
  readonly missingVolumes: readonly number[];
  readonly missingBytes: number;
}

interface Wanted {
  readonly sha256: string;
  readonly size: number;
  readonly path: string;
  readonly pieces: readonly Piece[];
  /** Numbers of its parts that are here; empty for an object in one piece. */
  readonly done: ReadonlySet<number>;
}

const partOf = ({ part, offset, size, sha256 }: Piece): ObjectPart => ({
  number: part,
  offset,
  size,
  sha256,
});

/**
 * Step 11: each object is hashed while it is copied, an object in parts part by part. What is in the store, and parts
 * that an interrupted or earlier import brought, are not read again.
 *
 * @param volume the medium at hand
 * @throws BundleError, StoreError STORE_FULL, ContractError CONTRACT_CANCELLED; what was copied is kept
 */
export async function copyObjects(
  media: MediaReader,
  manifest: Manifest,
  volume: number,
  content: ImportContent,
  options: {
    readonly onBytes: (done: number, total: number) => void;
    readonly checkCancelled: () => void;
    readonly signal?: AbortSignal;
  },
): Promise<CopyResult> {
  const wanted = findWanted(manifest, content);
  const here = wanted.map((item) => ({
    ...item,
    pieces: item.pieces.filter((piece) => piece.volume === volume && !item.done.has(piece.part)),
  }));
  const needed = here.flatMap((item) => item.pieces).reduce((sum, piece) => sum + piece.size, 0);
  if (needed + RESERVED_BYTES > content.freeBytes()) {
    throw new StoreError(
      'STORE_FULL',
      `The content store needs ${needed} bytes more than the disk has free.`,
      { hint: 'Make space where the content store lies, then import again.', retry: 'same' },
    );
  }
  const total = piecesOf(manifest)
    .filter((piece) => piece.volume === volume)
    .reduce((sum, piece) => sum + piece.size, 0);
  let done = total - needed;
  const copyOptions = {
    onBytes: (bytes: number) => {
      done += bytes;
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  options.onBytes(done, total);
  const copyOne = async ({ item, piece }: Copy): Promise<void> => {
    const file = blobPath(piece.name);
    try {
      const { fd } = media.open(file);
      const source = { fd, name: `${item.path} (${file})` };
      try {
        if (piece.part === 0) await content.copyVerified(source, item, copyOptions);
        else await content.copyPart(source, item.sha256, partOf(piece), copyOptions);
      } finally {
        MediaReader.close(fd);
      }
    } catch (error) {
      throw media.explainLoss(error, file);
    }
    options.onBytes(done, total);
  };
  const copies = here.flatMap((item) => item.pieces.map((piece): Copy => ({ item, piece })));
  // What is long goes alone: of such pieces a process that dies leaves no more than one to be read again.
  const [long, short] = [copies.filter(isLong), copies.filter((copy) => !isLong(copy))];
  await copySideBySide(short, content.width, copyOne, options.checkCancelled);
  await copySideBySide(long, 1, copyOne, options.checkCancelled);
  const missing: Piece[] = [];
  for (const item of wanted) {
    if (content.has(item.sha256, item.size)) continue;
    const parts = content.partsOf(item.sha256, item.pieces.map(partOf));
    const absent = item.pieces.filter((piece) => !parts.has(piece.part));
    if (absent.length > 0) missing.push(...absent);
    else await content.joinParts(item, options.signal);
  }
  content.flush();
  return {
    reused: new Set(manifest.objects.map((item) => item.sha256)).size - wanted.length,
    missingVolumes: [...new Set(missing.map((piece) => piece.volume))].sort((a, b) => a - b),
    missingBytes: missing.reduce((sum, piece) => sum + piece.size, 0),
  };
}

interface Copy {
  readonly item: Wanted;
  readonly piece: Piece;
}

const isLong = ({ piece }: Copy): boolean => piece.part > 0 || piece.size > LONG_BYTES;

/** After one has failed no other is begun; those under way end first. @throws what the first one threw */
async function copySideBySide(
  copies: readonly Copy[],
  width: number,
  copyOne: (copy: Copy) => Promise<void>,
  checkCancelled: () => void,
): Promise<void> {
  const left = copies.values();
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (const copy of left) {
      if (failures.length > 0) return;
      try {
        checkCancelled();
        await copyOne(copy);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  if (failures.length > 0) throw failures[0];
}

/** Objects that the store lacks, each with its pieces. */
function findWanted(manifest: Manifest, content: ImportContent): Wanted[] {
  const pieces = new Map<string, Piece[]>();
  for (const piece of piecesOf(manifest)) {
    const list = pieces.get(piece.object);
    if (list === undefined) pieces.set(piece.object, [piece]);
    else list.push(piece);
  }
  return [...new Map(manifest.objects.map((item) => [item.sha256, item])).values()]
    .filter((item) => !content.has(item.sha256, item.size))
    .map((item) => {
      const own = pieces.get(item.sha256) ?? [];
      const isWhole = own[0]?.part === 0;
      return {
        ...item,
        pieces: own,
        done: isWhole ? new Set<number>() : content.partsOf(item.sha256, own.map(partOf)),
      };
    });
}
