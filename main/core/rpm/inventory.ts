import { PatchDriverError } from '../../../contract/errors.ts';
import type { InstalledPackage, Inventory, ModuleStates } from '../inventory.ts';
import { formatRpmVersion } from '../version/rpm.ts';
import { sourceOf } from './primary.ts';
import { rpmCodename } from './repositories.ts';

/**
 * Format of `rpm -qa --qf`, which lists the installed packages. Fields that a package lacks come as `(none)`.
 *
 * Source: rpm(8), "Query options"; tags as `rpm --querytags` names them.
 */
export const RPM_QUERY_FORMAT = String.raw`%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n`;

/**
 * Reads what `rpm -qa` printed with {@link RPM_QUERY_FORMAT}. Keys of vendors, which rpm keeps as packages, are no packages.
 *
 * @returns sorted by name, architecture and version
 * @throws PatchDriverError PATCHING_OUTPUT_UNREADABLE
 */
export function parseRpmQuery(text: string): InstalledPackage[] {
  const packages: InstalledPackage[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [name = '', epoch = '', version = '', release = '', arch = '', sourceRpm, ...more] =
      line.split('\t');
    if (sourceRpm === undefined || more.length > 0 || !/^\d+$/.test(epoch) || name === '') {
      throw new PatchDriverError(
        'PATCHING_OUTPUT_UNREADABLE',
        'The list of installed packages is malformed.',
        {
          subject: { line: JSON.stringify(line.slice(0, 200)) },
        },
      );
    }
    if (name === 'gpg-pubkey') continue;
    const evr = formatRpmVersion(epoch, version, release);
    packages.push({
      name,
      version: evr,
      arch,
      ...sourceOf(sourceRpm, name, evr),
      status: 'package is installed',
    });
  }
  const keyOf = (item: InstalledPackage): string => `${item.name}\0${item.arch}\0${item.version}`;
  return packages.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/**
 * Reads the files below /etc/dnf/modules.d, one after the other: which streams of modules somebody enabled, and which
 * modules they disabled.
 *
 * Source: dnf's documentation, "Modularity".
 */
export function parseModuleStates(text: string): ModuleStates {
  const enabled: string[] = [];
  const disabled: string[] = [];
  for (const section of text.split(/^\[/m).slice(1)) {
    const valueOf = (key: string): string =>
      new RegExp(String.raw`^${key}\s*=\s*(.*)$`, 'm').exec(section)?.[1]?.trim() ?? '';
    const name = valueOf('name') || section.slice(0, Math.max(section.indexOf(']'), 0));
    const state = valueOf('state');
    // `installed` is how older versions said that a profile of an enabled stream is there.
    if (/^(?:enabled|installed|1|true)$/.test(state) && valueOf('stream') !== '')
      enabled.push(`${name}:${valueOf('stream')}`);
    if (state === 'disabled') disabled.push(name);
  }
  return { enabled: enabled.sort(), disabled: disabled.sort() };
}

/**
 * Puts together what an endpoint with RPM packages says about itself.
 *
 * @param said texts of os-release(5), of `rpm -qa` by {@link RPM_QUERY_FORMAT}, and of all files below /etc/dnf/modules.d
 */
export function makeRpmInventory(
  said: { readonly osRelease: string; readonly packages: string; readonly modules: string },
  facts: Pick<
    Inventory,
    'arch' | 'kernel' | 'held' | 'rebootRequired' | 'rebootReasons' | 'clock' | 'bootMarker'
  >,
): Inventory {
  const valueOf = (key: string): string =>
    new RegExp(String.raw`^${key}=(["']?)(.*)\1$`, 'm').exec(said.osRelease)?.[2] ?? '';
  const distribution = valueOf('ID');
  return {
    platform: 'dnf',
    distribution,
    codename: rpmCodename(distribution, valueOf('VERSION_ID')),
    prettyName: valueOf('PRETTY_NAME'),
    ...facts,
    packages: parseRpmQuery(said.packages),
    modules: parseModuleStates(said.modules),
  };
}
