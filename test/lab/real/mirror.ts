import { requireCommand, runCommand } from './command.ts';
import { LabError } from './lab-error.ts';

/** The two archives of Debian that a base names: `uri` without a trailing slash. */
export type DebianMirror = { readonly mainUri: string; readonly securityUri: string };

const TARGET_FORMAT = '$(ORIGIN)\t$(LABEL)\t$(REPO_URI)\t$(CODENAME)';

/**
 * Reads `apt-get indextargets` printed with {@link TARGET_FORMAT}, one index per line. Origin and label come from the signed
 * Release files, so a third party's repository is not taken for Debian's. Undefined when either archive is not there.
 */
export function parseIndexTargets(text: string): DebianMirror | undefined {
  const uriByLabel = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [origin, label, uri] = line.split('\t');
    if (origin !== 'Debian' || label === undefined || !uri || uriByLabel.has(label)) continue;
    uriByLabel.set(label, uri.replace(/\/+$/, ''));
  }
  const mainUri = uriByLabel.get('Debian');
  const securityUri = uriByLabel.get('Debian-Security');
  return mainUri === undefined || securityUri === undefined ? undefined : { mainUri, securityUri };
}

/** The Date field of an InRelease file, as written there; undefined when it has none. */
export function parseReleaseDate(inRelease: string): string | undefined {
  return /^Date: (.+)$/m.exec(inRelease)?.[1];
}

/**
 * Finds the machine's own Debian archives: SALLYPORT_LAB_MIRROR and SALLYPORT_LAB_SECURITY_MIRROR when both are set, else
 * apt's configuration. Runs `apt-get update` when apt has no lists yet, since only they tell which archive is which.
 */
export async function findDebianMirror(say: (text: string) => void): Promise<DebianMirror> {
  const mainUri = process.env['SALLYPORT_LAB_MIRROR'];
  const securityUri = process.env['SALLYPORT_LAB_SECURITY_MIRROR'];
  if (mainUri && securityUri) {
    return { mainUri: mainUri.replace(/\/+$/, ''), securityUri: securityUri.replace(/\/+$/, '') };
  }
  const argv = ['apt-get', 'indextargets', '--format', TARGET_FORMAT, 'Created-By: Packages'];
  const known = parseIndexTargets(await requireCommand(argv));
  if (known !== undefined) return known;
  say('apt has no package lists yet: apt-get update');
  await requireCommand(['apt-get', 'update', '-q']);
  const found = parseIndexTargets(await requireCommand(argv));
  if (found !== undefined) return found;
  throw new LabError(
    'LAB_PACKAGES_MISSING',
    "apt's configuration names no Debian archive with its security archive. Set SALLYPORT_LAB_MIRROR and SALLYPORT_LAB_SECURITY_MIRROR to their addresses.",
  );
}

/** Date of the signed Release file of a suite, or undefined when the archive does not serve it (or can't be reached). */
export async function fetchReleaseDate(
  mirror: DebianMirror,
  suite: string,
  scratchFile: string,
): Promise<string | undefined> {
  const url = `${mirror.mainUri}/dists/${suite}/InRelease`;
  const fetched = await runCommand(['/usr/lib/apt/apt-helper', 'download-file', url, scratchFile], {
    timeoutMs: 60_000,
  });
  if (fetched.code !== 0) return undefined;
  return parseReleaseDate(await requireCommand(['cat', scratchFile]));
}
