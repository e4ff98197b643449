import type { InstalledPackage } from '../inventory.ts';
import { parseSourceField, parseStanzas } from './stanza.ts';

/** Reads dpkg's own status file (/var/lib/dpkg/status). */
export function parseDpkgStatus(text: string): InstalledPackage[] {
  const packages: InstalledPackage[] = [];
  for (const stanza of parseStanzas(text)) {
    const name = stanza.get('package');
    const version = stanza.get('version');
    if (name === undefined || version === undefined) continue;
    packages.push({
      name,
      version,
      arch: stanza.get('architecture') ?? '',
      ...parseSourceField(stanza.get('source'), name, version),
      status: stanza.get('status') ?? '',
    });
  }
  return packages.sort(byNameAndArch);
}

/** Whether dpkg holds any version of it unpacked: removed packages that only kept their settings don't count. */
export function isPresent(status: string): boolean {
  const state = status.split(' ').at(-1);
  return state !== 'config-files' && state !== 'not-installed';
}

/** Whether the administrator put it on hold: the first word of dpkg's status. */
export function isHeld(status: string): boolean {
  return status.startsWith('hold ');
}

function byNameAndArch(a: InstalledPackage, b: InstalledPackage): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.arch < b.arch ? -1 : a.arch > b.arch ? 1 : 0;
}
