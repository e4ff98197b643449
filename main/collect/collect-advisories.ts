import { BundleError } from '../../contract/errors.ts';
import type { Advisory } from '../core/advisory.ts';
import { parseChangelog } from '../core/apt/changelog.ts';
import type { Offer } from '../core/apt/resolve.ts';
import type { NeededPlatform } from '../core/needs-list.ts';
import { compareDebVersions } from '../core/version/deb.ts';
import { findChangelog } from '../bundle/deb-archive.ts';

/** Entries of one changelog that are kept: big jumps of upstream versions bring hundreds. */
const MAX_ENTRIES = 200;
const MAX_BODY = 4_000;

export interface UpgradedPackage {
  readonly offer: Offer;
  /** Of the .deb on this machine. */
  readonly file: string;
}

/**
 * Reads from the packages' own changelogs what their new versions fix: one statement for each entry that is newer than
 * the oldest installed version of the source. They name the CVEs that an entry mentions; they state no severity.
 *
 * @returns statements, and the sources whose changelog was found in none of their packages
 */
export async function readChangelogAdvisories(
  platform: NeededPlatform,
  upgrades: readonly UpgradedPackage[],
  onSource: (done: number, total: number) => void,
  signal: AbortSignal | undefined,
): Promise<{ readonly advisories: Advisory[]; readonly withoutChangelog: string[] }> {
  const bySource = new Map<string, UpgradedPackage[]>();
  for (const upgrade of upgrades) {
    const list = bySource.get(upgrade.offer.source);
    if (list === undefined) bySource.set(upgrade.offer.source, [upgrade]);
    else list.push(upgrade);
  }
  const { id: distribution, codename } = platform.distribution;
  const advisories: Advisory[] = [];
  const withoutChangelog: string[] = [];
  let done = 0;
  for (const source of [...bySource.keys()].sort()) {
    signal?.throwIfAborted();
    const packages = bySource.get(source) ?? [];
    const newest = packages
      .map(({ offer }) => offer.sourceVersion)
      .reduce((a, b) => (compareDebVersions(a, b) >= 0 ? a : b));
    const oldest = oldestInstalled(platform, packages);
    // Smallest first: any package of the source that has the changelog will do.
    const candidates = packages
      .filter(({ offer }) => offer.sourceVersion === newest)
      .toSorted((a, b) => a.offer.size - b.offer.size);
    const found = oldest === null ? null : await firstChangelog(candidates, source, newest);
    if (found === null) withoutChangelog.push(source);
    for (const entry of found === null ? [] : parseChangelog(found.text, oldest).slice(0, MAX_ENTRIES)) {
      if (entry.source !== source) continue;
      advisories.push({
        id: `changelog:${codename}/${source}/${entry.version}`.slice(0, 512),
        advisory: null,
        type: entry.cves.length > 0 ? 'security' : 'not stated',
        ecosystem: 'deb',
        distribution,
        codename,
        source,
        of: 'source',
        fixedVersion: entry.version,
        urgency: entry.urgency.slice(0, 32),
        severity: 'not stated',
        cves: entry.cves,
        title: titleOf(entry.text, `${source} ${entry.version}`),
        body: entry.text.slice(0, MAX_BODY),
        publishedAt: entry.date,
        provenance: { kind: 'changelog', document: found?.document ?? '', sha256: found?.sha256 ?? '' },
      });
    }
    done += 1;
    onSource(done, bySource.size);
  }
  return { advisories, withoutChangelog };
}

async function firstChangelog(
  candidates: readonly UpgradedPackage[],
  source: string,
  version: string,
): Promise<{ readonly text: string; readonly document: string; readonly sha256: string } | null> {
  // Upstream's changelog lies beside Debian's; only the latter begins with an entry for this very source version.
  const isOfThisSource = (text: string): boolean => text.startsWith(`${source} (${version})`);
  for (const { file, offer } of candidates) {
    try {
      const text = await findChangelog(file, isOfThisSource);
      if (text !== null) return { text, document: offer.filename, sha256: offer.sha256 };
    } catch (error) {
      // Its explanation is lost, the package is not: its hash holds, and dpkg on the endpoint reads it.
      if (!(error instanceof BundleError)) throw error;
    }
  }
  return null;
}

function oldestInstalled(platform: NeededPlatform, packages: readonly UpgradedPackage[]): string | null {
  const names = new Set(packages.map(({ offer }) => offer.name));
  let oldest: string | null = null;
  for (const item of platform.packages) {
    if (!names.has(item.name)) continue;
    if (oldest === null || compareDebVersions(item.sourceVersion, oldest) < 0) oldest = item.sourceVersion;
  }
  return oldest;
}

function titleOf(text: string, fallback: string): string {
  const line = text
    .split('\n')
    .map((item) => item.replace(/^\s*\*?\s*/, '').trim())
    .find((item) => item !== '' && !/^\[.*\]$/.test(item));
  return (line ?? fallback).slice(0, 200);
}
