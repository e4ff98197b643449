import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CollectError } from '../../contract/errors.ts';
import type { RepositoryRef } from '../core/needs-list.ts';

const run = promisify(execFile);

/** Base address of a repository, with a slash at its end: what stands before `dists/` and `pool/`. */
export type MirrorFinder = (repository: RepositoryRef) => URL;

export interface AptTarget {
  readonly base: string;
  readonly suite: string;
}

/** The repositories that this machine's own apt is set up with; empty where there is no apt. */
export async function readAptTargets(): Promise<readonly AptTarget[]> {
  let output: string;
  try {
    const result = await run(
      'apt-get',
      ['indextargets', '--format', '$(REPO_URI) $(RELEASE)', 'Created-By: Packages'],
      {
        env: { ...process.env, LC_ALL: 'C' },
        timeout: 30_000,
      },
    );
    output = result.stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new CollectError(
      'COLLECT_MIRROR_UNKNOWN',
      'This machine’s apt could not say which repositories it uses.',
      {
        hint: 'Name the base address of each repository as an option.',
        cause: error,
      },
    );
  }
  return output
    .split('\n')
    .map((line) => line.trim().split(' '))
    .flatMap(([base, suite]) =>
      base === undefined || suite === undefined || base === '' ? [] : [{ base, suite }],
    );
}

/**
 * Finds base addresses: from the option first, then from apt's own sources, by suite or else by the last part of the
 * address's path (`.../debian-security/`), so that suites this machine doesn't use itself are found on its mirror too.
 *
 * @param options by root: `{ debian: 'http://...' }`
 */
export function makeMirrorFinder(
  options: Readonly<Record<string, string>>,
  targets: readonly AptTarget[],
): MirrorFinder {
  return ({ root, suite }) => {
    const lastPart = (base: string): string | undefined => base.replace(/\/+$/, '').split('/').at(-1);
    const found =
      options[root] ??
      targets.find((target) => target.suite === suite && lastPart(target.base) === root)?.base ??
      targets.find((target) => lastPart(target.base) === root)?.base ??
      targets.find((target) => target.suite === suite)?.base;
    if (found === undefined) {
      throw new CollectError('COLLECT_MIRROR_UNKNOWN', `No mirror is known for ${root} ${suite}.`, {
        hint: `Give its base address with --mirror ${root}=ADDRESS, or set it up in this machine’s apt sources.`,
        subject: { root, suite },
      });
    }
    let url: URL;
    try {
      url = new URL(found.endsWith('/') ? found : `${found}/`);
    } catch (error) {
      throw new CollectError('COLLECT_MIRROR_UNKNOWN', `The mirror of ${root} is no address: ${found}`, {
        cause: error,
      });
    }
    if (!['http:', 'https:', 'file:'].includes(url.protocol)) {
      throw new CollectError(
        'COLLECT_MIRROR_UNKNOWN',
        `The mirror of ${root} is neither http, https nor file: ${url.protocol}`,
      );
    }
    return url;
  };
}

/** Address of a file below a base; each part is encoded, because names hold `+` and `~`. */
export function fileUrl(base: URL, path: string): URL {
  return new URL(path.split('/').map(encodeURIComponent).join('/'), base);
}
