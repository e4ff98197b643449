import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { isSafePath } from '../core/bundle/logical-path.ts';
import type { ManifestObject } from '../core/bundle/manifest.ts';
import { amountOf, type Amount, type CollectProgress, type MissingFile } from './content-source.ts';
import { downloadVerified, type DownloadOptions } from './download.ts';
import type { MirrorFinder } from './mirrors.ts';

const PARALLEL_DOWNLOADS = 4;

export interface FetchContext {
  readonly findMirror: MirrorFinder;
  readonly keyring: string;
  /** Where files named by their hash are kept between builds. */
  readonly downloadDir: string;
  readonly now: string;
  readonly download: DownloadOptions;
}

/** The file of an object in the download folder. */
export const downloadPath = (dir: string, sha256: string): string => join(dir, sha256.slice(0, 2), sha256);

/** Puts bytes in the download folder. @returns their hash and size */
export function keepBytes(
  downloadDir: string,
  bytes: Uint8Array,
): { readonly sha256: string; readonly size: number } {
  const sha256 = nodeCrypto.sha256(bytes);
  const target = downloadPath(downloadDir, sha256);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, bytes);
  return { sha256, size: bytes.length };
}

/** A package that a signed index names. */
export interface WantedFile {
  /** Logical path in the bundle. */
  readonly path: string;
  readonly url: URL;
  readonly sha256: string;
  readonly size: number;
}

export interface FetchedFiles {
  readonly objects: readonly ManifestObject[];
  /** Sorted by path. */
  readonly missing: readonly MissingFile[];
  readonly alreadyHeld: number;
  readonly heldBytes: number;
  /** Those that came from the source now. */
  readonly downloaded: Amount;
  /** By hash: those whose file is on this machine now. */
  readonly onDisk: ReadonlySet<string>;
}

/**
 * Fetches packages, several at a time, each verified by hash and size. One that can't be had is reported and stops nothing.
 *
 * @throws ContractError CONTRACT_CANCELLED
 */
export async function fetchPackages(
  files: Iterable<WantedFile>,
  held: ReadonlySet<string>,
  context: FetchContext,
  onProgress: (progress: CollectProgress) => void,
  signal: AbortSignal | undefined,
): Promise<FetchedFiles> {
  const wanted = new Map<string, WantedFile>();
  const missing: MissingFile[] = [];
  let alreadyHeld = 0;
  let heldBytes = 0;
  for (const file of new Map([...files].map((item) => [item.sha256, item])).values()) {
    const { path, sha256 } = file;
    if (held.has(sha256)) {
      alreadyHeld += 1;
      heldBytes += file.size;
    } else if (!isSafePath(path))
      missing.push({ path: path.slice(0, 1_024), sha256, reason: 'its name is unsafe' });
    else wanted.set(path, file);
  }
  const total = [...wanted.values()].reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  onProgress({ phase: 'packages', done, total });
  const objects: ManifestObject[] = [];
  const onDisk = new Set<string>();
  const downloaded: WantedFile[] = [];
  const queue = [...wanted.values()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { path, url, sha256, size } = next;
      const outcome = await downloadVerified(url, downloadPath(context.downloadDir, sha256), next, {
        ...context.download,
        onBytes: (bytes) => {
          done += bytes;
          onProgress({ phase: 'packages', done, total });
        },
      });
      if (outcome.kind === 'done') {
        onDisk.add(sha256);
        if (!outcome.wasCached) downloaded.push(next);
        objects.push({ sha256, size, class: 'package', path });
      } else {
        missing.push({ path, sha256, reason: outcome.reason.slice(0, 1_000) });
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_DOWNLOADS }, work));
  signal?.throwIfAborted();
  return {
    objects,
    missing: missing.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    alreadyHeld,
    heldBytes,
    downloaded: amountOf(downloaded),
    onDisk,
  };
}
