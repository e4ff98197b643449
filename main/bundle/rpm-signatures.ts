import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files in one call: a command line has room for some thousand of our names. */
const AT_ONCE = 200;

export type RpmSignatures =
  | { readonly kind: 'checked'; readonly refused: ReadonlySet<string> }
  /** rpm's own tool is not on this machine. */
  | { readonly kind: 'not possible' }
  /** rpm takes none of the keys. */
  | { readonly kind: 'keys refused'; readonly cause: unknown };

/**
 * Lets rpm itself check packages: the vendor's signature over each header and the digests of header and payload, with
 * nothing but the vendor's keys in its key store.
 *
 * Source: rpmkeys(8); `_pkgverify_level all` demands a signature as well as a digest.
 *
 * @param keyFiles public keys in ASCII armour
 * @returns of the files those that don't hold
 */
export async function checkRpmSignatures(
  files: readonly string[],
  keyFiles: readonly string[],
): Promise<RpmSignatures> {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-rpm-'));
  const options = ['--dbpath', dir, '--define', '_pkgverify_level all', '--define', '_pkgverify_flags 0'];
  try {
    try {
      await run('rpmkeys', [...options, '--import', ...keyFiles], { timeout: 60_000 });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        return { kind: 'not possible' };
      return { kind: 'keys refused', cause: error };
    }
    const refused = new Set<string>();
    for (let from = 0; from < files.length; from += AT_ONCE) {
      const part = files.slice(from, from + AT_ONCE);
      if (await holds(options, part)) continue;
      for (const file of part) if (!(await holds(options, [file]))) refused.add(file);
    }
    return { kind: 'checked', refused };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function holds(options: readonly string[], files: readonly string[]): Promise<boolean> {
  try {
    await run('rpmkeys', [...options, '--checksig', ...files], { maxBuffer: 16 * 1024 * 1024 });
    return true;
  } catch {
    return false;
  }
}
