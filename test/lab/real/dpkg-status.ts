import { readFileSync } from 'node:fs';
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
  const key = ({ name, architecture }: DpkgEntry): string => `${name}:${architecture}`;
  return entries.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** What dpkg has on a machine, read from its disk: no SSH and no program of the endpoint takes part. */
export function readPackages(layout: LabLayout, vm: string): DpkgEntry[] {
  return parseDpkgStatus(readFileSync(hostPath(layout, `${DISKS_ROOT}/${vm}/var/lib/dpkg/status`), 'utf8'));
}

/** Packages that differ between two lists, by name and architecture; null where one has none. */
export function comparePackages(
  before: readonly DpkgEntry[],
  after: readonly DpkgEntry[],
): { readonly package: string; readonly before: string | null; readonly after: string | null }[] {
  const index = (entries: readonly DpkgEntry[]): Map<string, string> =>
    new Map(
      entries.map(({ name, architecture, version, state }) => [
        `${name}:${architecture}`,
        state === 'installed' ? version : `${version} (${state})`,
      ]),
    );
  const [old, fresh] = [index(before), index(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .sort()
    .map((name) => ({ package: name, before: old.get(name) ?? null, after: fresh.get(name) ?? null }))
    .filter((change) => change.before !== change.after);
}
