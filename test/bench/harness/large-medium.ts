import { randomFillSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../setup/paths.ts';
import { testRoot, writeTestBundle } from '../../support/bundle-builder.ts';

const MIB = 1024 * 1024;

/** A bundle of packages whose content is random bytes, kept between runs. */
export interface LargeMedium {
  readonly dir: string;
  readonly root: Uint8Array;
  /** Relative to `dir`, with the hash that is also its name. */
  readonly objects: readonly { readonly path: string; readonly sha256: string }[];
  /** Lines for `sha256sum -c`. */
  readonly sums: string;
  readonly bytes: number;
}

/** Packages of many sizes, most of them small, as in a Debian archive: 16 KiB to 48 MiB, in the same order every time. */
const sizeOf = (index: number): number =>
  index % 50 === 7 ? 32 * MIB + index * 1_000 : 16 * 1024 * (1 + ((index * 37) % 100));

/** @param bytes about how many; kept under the given name */
export function largeMedium(name: string, bytes: number, seq = 1): LargeMedium {
  const dir = join(cacheDir, 'bench', `${name}-${seq}`);
  const done = join(cacheDir, 'bench', `${name}-${seq}.done`);
  const root = testRoot();
  const stamp = String(bytes);
  if (read(done) !== stamp) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    const packages: { name: string; version: string; content: Uint8Array }[] = [];
    for (let index = 0, total = 0; total < bytes; index += 1) {
      const content = contentOf(index);
      total += content.length;
      packages.push({ name: `package-${String(index).padStart(5, '0')}`, version: '1.0-1', content });
    }
    writeTestBundle(dir, { packages, seq, roots: new Map([[1, root]]) });
    writeFileSync(done, stamp);
  }
  const objects = readdirSync(join(dir, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ path: `blobs/${entry.name.slice(0, 2)}/${entry.name}`, sha256: entry.name }));
  return {
    dir,
    root,
    objects,
    sums: objects.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''),
    bytes,
  };
}

/** Random, and every one another: the same bytes twice would be one object. */
function contentOf(index: number): Uint8Array {
  const content = Buffer.allocUnsafe(sizeOf(index));
  randomFillSync(content);
  content.writeUInt32LE(index, 0);
  return content;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
