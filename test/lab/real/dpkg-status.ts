import { readdirSync, readFileSync } from 'node:fs';
import { hostPath } from './host.ts';
import { DISKS_ROOT, type LabLayout } from './layout.ts';

/** One package as dpkg's database has it. `state` is the last word of its Status field, `installed` when all is well. */
export type DpkgEntry = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly state: string;
};

/** Parses /var/lib/dpkg/status (deb822 paragraphs, see dpkg(1) and deb822(5)), sorted by name and architecture. */
export function parseDpkgStatus(text: string): DpkgEntry[] {
  const entries: DpkgEntry[] = [];
  for (const paragraph of text.split(/\n{2,}/)) {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1]?.trim();
    const name = field('Package');
    const state = field('Status')?.split(' ').at(-1);
    if (name === undefined || state === undefined) continue;
    entries.push({ name, version: field('Version') ?? '', architecture: field('Architecture') ?? '', state });
  }
  return sortEntries(entries);
}

/**
 * Lays dpkg's journal over its database: each file of /var/lib/dpkg/updates, named by its number, holds a newer paragraph of one package.
 * After dpkg was killed the database alone still tells how things were before.
 */
export function applyDpkgUpdates(
  entries: readonly DpkgEntry[],
  updates: readonly { readonly name: string; readonly text: string }[],
): DpkgEntry[] {
  const byPackage = new Map(entries.map((entry) => [packageKey(entry), entry]));
  const inOrder = updates
    .filter(({ name }) => /^\d+$/.test(name))
    .sort((a, b) => Number(a.name) - Number(b.name));
  for (const { text } of inOrder) {
    for (const entry of parseDpkgStatus(text)) byPackage.set(packageKey(entry), entry);
  }
  return sortEntries([...byPackage.values()]);
}

/** What dpkg has on a machine, read from its disk: no SSH and no program of the endpoint takes part. */
export function readPackages(layout: LabLayout, vm: string): DpkgEntry[] {
  const database = hostPath(layout, `${DISKS_ROOT}/${vm}/var/lib/dpkg`);
  const updates = readdirSync(`${database}/updates`).map((name) => ({
    name,
    text: readFileSync(`${database}/updates/${name}`, 'utf8'),
  }));
  return applyDpkgUpdates(parseDpkgStatus(readFileSync(`${database}/status`, 'utf8')), updates);
}

function packageKey({ name, architecture }: DpkgEntry): string {
  return `${name}:${architecture}`;
}

function sortEntries(entries: DpkgEntry[]): DpkgEntry[] {
  return entries.sort((a, b) => (packageKey(a) < packageKey(b) ? -1 : 1));
}

/** Packages that differ between two lists, by name and architecture; null where one has none. */
export function comparePackages(
  before: readonly DpkgEntry[],
  after: readonly DpkgEntry[],
): { readonly package: string; readonly before: string | null; readonly after: string | null }[] {
  const index = (entries: readonly DpkgEntry[]): Map<string, string> =>
    new Map(
      entries.map((entry) => [
        packageKey(entry),
        entry.state === 'installed' ? entry.version : `${entry.version} (${entry.state})`,
      ]),
    );
  const [old, fresh] = [index(before), index(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .sort()
    .map((name) => ({ package: name, before: old.get(name) ?? null, after: fresh.get(name) ?? null }))
    .filter((change) => change.before !== change.after);
}
