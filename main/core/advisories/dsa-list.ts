import type { Advisory } from '../advisory.ts';
import {
  ADVISORY_CVE,
  invalidDocument,
  MAX_TITLE,
  type AdvisoryDocument,
  type AdvisoryReading,
  type WantedRelease,
} from './reading.ts';

const HEADING =
  /^\[(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})\] (D[SL]A-\d{1,6}(?:-\d{1,3})?) (\S+)(?: - )?(.{0,200})$/;
const FIXED = /^\t\[([a-z]+)\] - ([a-z0-9][a-z0-9+.-]*) (\S+)/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Heading {
  readonly name: string;
  readonly publishedAt: string;
  readonly title: string;
  readonly cves: string[];
}

/**
 * The Debian security team's list of its advisories: `data/DSA/list` of the security tracker, and `data/DLA/list`, which
 * is written alike. It names advisories, CVEs and fixed versions; it states no severity.
 *
 * Source: https://security-team.debian.org/security_tracker.html
 *
 * @throws CollectError COLLECT_ADVISORIES_INVALID when no line is the heading of an advisory
 */
export function readDsaList(
  text: string,
  wanted: readonly WantedRelease[],
  document: AdvisoryDocument,
): AdvisoryReading {
  const advisories: Advisory[] = [];
  let heading: Heading | null = null;
  let hasHeading = false;
  for (const line of text.split('\n')) {
    const next = HEADING.exec(line);
    if (next !== null) {
      hasHeading = true;
      const month = MONTHS.indexOf(next[2] ?? '');
      const time = Date.UTC(Number(next[3]), Math.max(0, month), Number(next[1]));
      heading = {
        name: next[4] ?? '',
        publishedAt: new Date(time).toISOString(),
        title: `${next[4] ?? ''} ${next[5] ?? ''}: ${next[6] ?? ''}`.slice(0, MAX_TITLE),
        cves: [],
      };
      continue;
    }
    if (heading === null) continue;
    if (line.startsWith('\t{')) {
      heading.cves.push(...line.slice(2, line.indexOf('}')).split(' ').filter(isCve));
      continue;
    }
    const [, codename, source, fixedVersion = ''] = FIXED.exec(line) ?? [];
    // `<not-affected>`, `<end-of-life>`: there is no version to take.
    if (source === undefined || fixedVersion.startsWith('<')) continue;
    for (const release of wanted) {
      if (release.distribution !== 'debian' || release.codename !== codename) continue;
      if (!release.sources.has(source)) continue;
      advisories.push({
        id: `dsa:${codename}/${heading.name}/${source}`,
        advisory: heading.name,
        type: 'security',
        ecosystem: 'deb',
        distribution: release.distribution,
        codename,
        source,
        of: 'source',
        fixedVersion: fixedVersion.slice(0, 256),
        urgency: null,
        severity: 'not stated',
        cves: [...new Set(heading.cves)].sort(),
        title: heading.title,
        body: '',
        publishedAt: heading.publishedAt,
        provenance: { kind: 'dsa', document: document.name, sha256: document.sha256 },
      });
    }
  }
  if (!hasHeading) throw invalidDocument(document, 'a list of Debian security advisories');
  return { advisories, statements: [] };
}

function isCve(text: string): boolean {
  return ADVISORY_CVE.test(text);
}
