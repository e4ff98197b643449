import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { blobPath } from '../bundle/read-metadata.ts';
import { formatVolume, VOLUME_FILE } from '../bundle/volume.ts';
import { partCount, piecesOf, volumesOf, type Piece } from '../core/bundle/layout.ts';
import type { Manifest, ManifestObject } from '../core/bundle/manifest.ts';
import { finishOutput, placeBlob } from './write-bundle.ts';

const BUFFER_BYTES = 256 * 1024;
const BYTES_PER_TURN = 16 * 1024 * 1024;

/** Folders of the media below the output: the output itself when there is one, else `volume-1`, `volume-2` ... */
const folderOf = (outDir: string, volumes: number, volume: number): string =>
  volumes === 1 ? outDir : join(outDir, `volume-${volume}`);

/** SHA-256 of each part of those objects that are longer than a part. */
export async function hashParts(
  objects: readonly ManifestObject[],
  partBytes: number,
  fileOf: (sha256: string) => string,
  signal: AbortSignal | undefined,
): Promise<Map<string, readonly string[]>> {
  const hashes = new Map<string, readonly string[]>();
  for (const { sha256, size } of objects) {
    const parts = partCount(size, partBytes);
    if (parts === 0 || hashes.has(sha256)) continue;
    const fd = openSync(fileOf(sha256), 'r');
    try {
      const own: string[] = [];
      for (let part = 0; part < parts; part += 1) {
        const hash = createHash('sha256');
        const bytes = Math.min(partBytes, size - part * partBytes);
        await readRange(fd, part * partBytes, bytes, signal, (piece) => hash.update(piece));
        own.push(hash.digest('hex'));
      }
      hashes.set(sha256, own);
    } finally {
      closeSync(fd);
    }
  }
  return hashes;
}

/**
 * Writes a bundle to its media: on each its pieces, then all the metadata.
 *
 * @param files metadata and manifest, by path on the medium
 * @returns the folders, one a medium
 */
export async function writeVolumes(
  outDir: string,
  bundle: {
    readonly manifest: Manifest;
    readonly manifestSha256: string;
    readonly files: ReadonlyMap<string, Uint8Array>;
  },
  fileOf: (sha256: string) => string,
  onBytes: (written: number) => void,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const { manifest, manifestSha256, files } = bundle;
  const volumes = volumesOf(manifest);
  let written = 0;
  for (const piece of piecesOf(manifest)) {
    signal?.throwIfAborted();
    const folder = folderOf(outDir, volumes, piece.volume);
    if (piece.part === 0) placeBlob(folder, piece.object, fileOf(piece.object));
    else await placePart(folder, piece, fileOf(piece.object), signal);
    written += piece.size;
    onBytes(written);
  }
  const folders: string[] = [];
  for (let volume = 1; volume <= volumes; volume += 1) {
    const folder = folderOf(outDir, volumes, volume);
    const own = new Map(files);
    if (volumes > 1)
      own.set(VOLUME_FILE, new TextEncoder().encode(formatVolume(manifest, manifestSha256, volume)));
    finishOutput(folder, own);
    folders.push(folder);
  }
  return folders;
}

async function placePart(
  folder: string,
  piece: Piece,
  source: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const target = join(folder, blobPath(piece.name));
  mkdirSync(dirname(target), { recursive: true });
  const from = openSync(source, 'r');
  const to = openSync(target, 'w');
  try {
    await readRange(from, piece.offset, piece.size, signal, (bytes) => {
      for (let done = 0; done < bytes.length;) done += writeSync(to, bytes, done);
    });
    fsyncSync(to);
  } finally {
    closeSync(to);
    closeSync(from);
  }
}

async function readRange(
  fd: number,
  offset: number,
  size: number,
  signal: AbortSignal | undefined,
  take: (piece: Buffer) => void,
): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  for (let done = 0, sinceTurn = 0; done < size;) {
    const count = readSync(fd, buffer, 0, Math.min(buffer.length, size - done), offset + done);
    if (count === 0) throw new Error('a downloaded file became shorter while it was written to the media');
    take(buffer.subarray(0, count));
    done += count;
    sinceTurn += count;
    if (sinceTurn >= BYTES_PER_TURN) {
      sinceTurn = 0;
      await setImmediate();
      signal?.throwIfAborted();
    }
  }
}
