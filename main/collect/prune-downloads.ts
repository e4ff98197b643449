import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { downloadPath } from './fetch-file.ts';

/** What a download folder keeps between builds. */
export interface PruneRules {
  /** Days without use after which a file goes. */
  readonly keepDays: number;
  /** Bytes that the folder may have; the longest unused goes first. `null`: any number. */
  readonly maxBytes: number | null;
}

export const DEFAULT_PRUNE_RULES: PruneRules = { keepDays: 60, maxBytes: null };

export interface PrunedDownloads {
  /** Files that were removed, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** What the folder has now, bytes. */
  readonly leftBytes: number;
}

const DAY_MS = 86_400_000;
/** Another build may be working with what was used within it. */
const IN_USE_MS = DAY_MS;

interface Kept {
  readonly file: string;
  readonly bytes: number;
  readonly usedAt: number;
}

/**
 * Removes from a download folder what no build has used for long, and what is beyond its size. Only files named as
 * {@link downloadPath} names them are looked at, unfinished ones among them: a person may have put other things beside them.
 *
 * @param used hashes of what the build that has just ended is made of: these stay, and count as used now
 * @param now ISO-8601
 * @returns what went; files that can't be removed stay, and are counted as left
 */
export function pruneDownloads(
  dir: string,
  used: Iterable<string>,
  now: string,
  rules: PruneRules,
): PrunedDownloads {
  const time = Date.parse(now);
  const ours = new Set<string>();
  for (const sha256 of used) {
    const file = downloadPath(dir, sha256);
    ours.add(file);
    touch(file, time);
  }
  const files = listDownloads(dir).toSorted((a, b) => a.usedAt - b.usedAt);
  let left = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let [removed, bytes] = [0, 0];
  for (const { file, bytes: size, usedAt } of files) {
    const unused = time - usedAt;
    const isTooOld = unused > Math.max(rules.keepDays * DAY_MS, IN_USE_MS);
    const isTooMuch = rules.maxBytes !== null && left > rules.maxBytes && unused > IN_USE_MS;
    if (ours.has(file) || (!isTooOld && !isTooMuch) || !remove(file)) continue;
    removed += 1;
    bytes += size;
    left -= size;
  }
  return { files: removed, bytes, leftBytes: left };
}

/** Says that a file was used. A file system that keeps no such time only loses a later saving. */
function touch(file: string, time: number): void {
  try {
    utimesSync(file, time / 1_000, time / 1_000);
  } catch {
    // It lies elsewhere, or its folder is not to be written to.
  }
}

function listDownloads(dir: string): Kept[] {
  const names = (folder: string): string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  return names(dir)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .flatMap((prefix) =>
      names(join(dir, prefix))
        // SHA-256, or SHA-512 where a vendor gives no other.
        .filter((name) => /^(?:[0-9a-f]{64}|[0-9a-f]{128})(?:\.part)?$/.test(name) && name.startsWith(prefix))
        .flatMap((name): Kept[] => {
          const file = join(dir, prefix, name);
          const found = statSync(file, { throwIfNoEntry: false });
          return found?.isFile() === true ? [{ file, bytes: found.size, usedAt: found.mtimeMs }] : [];
        }),
    );
}

function remove(file: string): boolean {
  try {
    rmSync(file);
    return true;
  } catch {
    return false;
  }
}
