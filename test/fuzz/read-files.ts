import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file below a folder: path to bytes. */
export function readBundleFiles(dir: string): Map<string, Uint8Array> {
  return new Map(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(dir, path).replaceAll('\\', '/'), readFileSync(path)]),
  );
}
