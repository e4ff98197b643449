import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one index of packages names. */
export interface IndexCount {
  /** Below the vendor's mirror. */
  readonly index: string;
  readonly packages: number;
  readonly bytes: number;
}

/**
 * Counts what each `Packages` index on a medium names, with xz and a few lines of its own: a second opinion on what the
 * product says a mirror holds.
 *
 * @throws Error when an index can't be unpacked
 */
export function countIndexes(media: string): IndexCount[] {
  const bundles = join(media, 'bundles');
  const manifest = readdirSync(bundles, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('manifest.tsv'),
  );
  if (manifest === undefined) throw new Error(`${media} has no manifest`);
  return readFileSync(join(bundles, manifest), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, sha256, index] = /^([0-9a-f]{64}) \d+ index (\S+\/Packages\.(?:xz|gz))$/.exec(line) ?? [];
      return index === undefined || sha256 === undefined
        ? []
        : [{ index, ...countPackages(join(media, 'blobs', sha256.slice(0, 2), sha256), index) }];
    });
}

function countPackages(file: string, index: string): { packages: number; bytes: number } {
  const [program, ...args] = index.endsWith('.xz')
    ? ['xz', '--format=xz', '-dc']
    : ['gzip', '-dc', '--suffix', ''];
  const { status, stdout } = spawnSync(program ?? '', args, {
    input: readFileSync(file),
    maxBuffer: 1024 ** 3,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${index} can't be unpacked by ${program ?? ''}`);
  const sizes = [...stdout.matchAll(/^Size: (\d+)$/gm)].map((match) => Number(match[1]));
  return { packages: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
