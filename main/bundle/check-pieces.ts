import { BundleError } from '../../contract/errors.ts';
import type { Piece } from '../core/bundle/layout.ts';
import type { ManifestObject } from '../core/bundle/manifest.ts';
import { mediumError } from '../core/bundle/medium-error.ts';
import { HashCounter, HashThread, type FileHash, type HashAnswer } from './hash-thread.ts';
import { MediaReader } from './media-reader.ts';
import { blobPath } from './read-metadata.ts';

/** One medium of a bundle, with what it must carry. */
export interface MediumPieces {
  readonly media: MediaReader;
  readonly pieces: readonly Piece[];
  /** Every object of the bundle, wherever it lies. */
  readonly objects: readonly ManifestObject[];
  /** Files that are known to be wrong, and are not read. */
  readonly bad: Set<string>;
}

/** A batch goes to a thread at once: many small objects, or one large one. */
const BATCH_BYTES = 8 * 1024 * 1024;
const BATCH_FILES = 64;
/** Each thread has one batch at work and one in hand. */
const BATCHES_A_THREAD = 2;
const REPORT_EVERY_MS = 100;

interface Located<M extends MediumPieces> {
  readonly medium: M;
  readonly piece: Piece;
}

/** An object, or those of its parts that are at hand. */
interface Work<M extends MediumPieces> {
  readonly object: Pick<ManifestObject, 'sha256' | 'path'>;
  readonly parts: readonly Located<M>[];
  /** All its parts are at hand: then they must be the object together. */
  readonly whole: boolean;
}

export interface CheckOptions<M extends MediumPieces> {
  readonly threads: number;
  readonly onFinding: (medium: M, error: BundleError) => void;
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends it early, without an error. */
  readonly signal?: AbortSignal;
}

/**
 * Hashes every piece of these media, several at a time, and the objects whose parts are all at hand as a whole too.
 *
 * @param sets of media, each of one bundle
 * @returns bytes that were read
 * @throws BundleError BUNDLE_MEDIUM_LOST
 */
export async function checkPieces<M extends MediumPieces>(
  sets: readonly (readonly M[])[],
  options: CheckOptions<M>,
): Promise<number> {
  const works = sets.flatMap((set) => worksOf(set));
  const total = works.reduce((sum, work) => sum + bytesOf(work), 0);
  const batches = batchesOf(works);
  const counter = new HashCounter();
  const stop = (): void => counter.stop();
  options.signal?.addEventListener('abort', stop);
  if (options.signal?.aborted === true) stop();
  const report = (): void => options.onProgress?.(Math.min(counter.bytes, total), total);
  const timer = setInterval(report, REPORT_EVERY_MS);
  const threads = Array.from({ length: Math.min(options.threads, batches.length) }, () => {
    return new HashThread(counter);
  });
  try {
    report();
    await Promise.all(
      threads
        .flatMap((thread) => Array.from({ length: BATCHES_A_THREAD }, () => thread))
        .map((thread) => work(thread, batches, counter, options)),
    );
    report();
  } finally {
    counter.stop();
    clearInterval(timer);
    options.signal?.removeEventListener('abort', stop);
    await Promise.all(threads.map((thread) => thread.close()));
  }
  return counter.bytes;
}

async function work<M extends MediumPieces>(
  thread: HashThread,
  batches: Work<M>[][],
  counter: HashCounter,
  options: CheckOptions<M>,
): Promise<void> {
  for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
    if (counter.isStopped) return;
    const opened = batch.map((item) => open(item, options));
    try {
      const answers = await thread.hash(
        opened.map(({ files, isWhole }) => ({
          files: files.map(({ fd, size }) => ({ fd, size })),
          whole: isWhole,
        })),
      );
      opened.forEach((item, index) => judge(item, answers[index], options));
    } catch (error) {
      counter.stop();
      throw error;
    } finally {
      for (const { files } of opened) for (const { fd } of files) MediaReader.close(fd);
    }
  }
}

interface Opened<M extends MediumPieces> {
  readonly work: Work<M>;
  readonly files: readonly (Located<M> & { readonly fd: number; readonly size: number })[];
  readonly isWhole: boolean;
}

function open<M extends MediumPieces>(item: Work<M>, options: CheckOptions<M>): Opened<M> {
  const files: (Located<M> & { fd: number; size: number })[] = [];
  for (const part of item.parts) {
    const file = blobPath(part.piece.name);
    try {
      files.push({ ...part, ...part.medium.media.open(file) });
    } catch (error) {
      const explained = part.medium.media.explainLoss(error, file);
      if (!(explained instanceof BundleError) || explained.code === 'BUNDLE_MEDIUM_LOST') {
        for (const { fd } of files) MediaReader.close(fd);
        throw explained;
      }
      options.onFinding(part.medium, explained);
    }
  }
  return { work: item, files, isWhole: item.whole && files.length === item.parts.length };
}

function judge<M extends MediumPieces>(
  { work: item, files, isWhole }: Opened<M>,
  answer: HashAnswer | undefined,
  options: CheckOptions<M>,
): void {
  let isRight = true;
  files.forEach(({ medium, piece }, index) => {
    const hash = answer?.files[index];
    const error = hash === undefined ? null : faultOf(item, piece, hash);
    if (error === null) return;
    isRight = false;
    if (error.code === 'BUNDLE_MEDIUM_LOST') throw error;
    if (hash !== undefined && 'errno' in hash && hash.errno === 'ECANCELED') return;
    options.onFinding(medium, error);
  });
  const [first] = files;
  if (!isWhole || !isRight || first === undefined || answer?.whole === item.object.sha256) return;
  options.onFinding(
    first.medium,
    new BundleError(
      'BUNDLE_HASH_MISMATCH',
      `${item.object.path}: its parts are right one by one, and together they are another file.`,
      {
        hint: 'The bundle was built wrongly. Ask for a new one.',
        subject: { file: blobPath(first.piece.name) },
      },
    ),
  );
}

function faultOf(item: Work<MediumPieces>, piece: Piece, hash: FileHash): BundleError | null {
  const file = blobPath(piece.name);
  if ('errno' in hash) return mediumError(hash.errno, file, undefined);
  const subject = { file };
  if (hash.bytes !== piece.size) {
    return new BundleError('BUNDLE_FILE_CHANGED', `${file} changed while it was read.`, {
      hint: 'Nothing else may write to the medium while it is checked.',
      subject,
    });
  }
  if (hash.sha256 === piece.sha256) return null;
  return new BundleError(
    'BUNDLE_HASH_MISMATCH',
    `${file} (${item.object.path}) is not the file that the manifest names: its SHA-256 differs.`,
    { hint: 'The file was changed or damaged on the medium. Copy the bundle again.', subject },
  );
}

/** What is to be read of media of one bundle. */
function worksOf<M extends MediumPieces>(set: readonly M[]): Work<M>[] {
  const located = new Map<string, Map<string, Located<M>>>();
  for (const medium of set) {
    for (const piece of medium.pieces) {
      if (medium.bad.has(blobPath(piece.name))) continue;
      const parts = located.get(piece.object) ?? new Map<string, Located<M>>();
      // A medium that was given twice is read twice: each must be good by its own.
      const name = parts.has(piece.name) ? `${piece.name} ${parts.size}` : piece.name;
      located.set(piece.object, parts.set(name, { medium, piece }));
    }
  }
  const paths = new Map(set[0]?.objects.map((item) => [item.sha256, item]) ?? []);
  return [...located].map(([sha256, parts]): Work<M> => {
    const list = [...parts.values()].toSorted((a, b) => a.piece.part - b.piece.part);
    const size = paths.get(sha256)?.size ?? -1;
    const isParted = list.some(({ piece }) => piece.part > 0);
    const isComplete = list.reduce((sum, { piece }) => sum + piece.size, 0) === size;
    return {
      object: { sha256, path: paths.get(sha256)?.path ?? sha256 },
      parts: list,
      whole: isParted && isComplete,
    };
  });
}

const bytesOf = (item: Work<MediumPieces>): number =>
  item.parts.reduce((sum, { piece }) => sum + piece.size, 0);

/** Taken from the end: the largest first, so that no thread is left alone with one at the end. */
function batchesOf<M extends MediumPieces>(works: readonly Work<M>[]): Work<M>[][] {
  const batches: Work<M>[][] = [];
  let bytes = Infinity;
  for (const item of works.toSorted((a, b) => bytesOf(a) - bytesOf(b))) {
    const last = batches.at(-1);
    if (last === undefined || bytes + bytesOf(item) > BATCH_BYTES || last.length >= BATCH_FILES) {
      batches.push([item]);
      bytes = 0;
    } else last.push(item);
    bytes += bytesOf(item);
  }
  return batches;
}
