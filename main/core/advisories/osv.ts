import { z } from 'zod';
import type { Advisory, Severity } from '../advisory.ts';
import { scoreCvss } from '../risk/cvss.ts';
import { CVE_ID } from '../risk/kev.ts';
import type { CveStatement } from '../risk/risk-list.ts';
import {
  codenameOf,
  invalidDocument,
  MAX_BODY,
  MAX_TITLE,
  type AdvisoryDocument,
  type AdvisoryReading,
  type WantedRelease,
} from './reading.ts';

const severitySchema = z.array(z.looseObject({ type: z.string(), score: z.string().max(512) })).max(64);

const entrySchema = z.looseObject({
  schema_version: z.string().optional(),
  id: z.string().min(1).max(128),
  modified: z.string(),
  published: z.string().optional(),
  withdrawn: z.string().optional(),
  aliases: z.array(z.string()).max(10_000).optional(),
  upstream: z.array(z.string()).max(10_000).optional(),
  related: z.array(z.string()).max(10_000).optional(),
  summary: z.string().optional(),
  details: z.string().optional(),
  severity: severitySchema.optional(),
  affected: z
    .array(
      z.looseObject({
        package: z.looseObject({ ecosystem: z.string(), name: z.string().max(256) }).optional(),
        ranges: z
          .array(
            z.looseObject({
              type: z.string(),
              events: z.array(z.looseObject({ fixed: z.string().max(256).optional() })).max(10_000),
            }),
          )
          .max(10_000)
          .optional(),
        severity: severitySchema.optional(),
      }),
    )
    .max(100_000)
    .optional(),
});

type Entry = z.infer<typeof entrySchema>;
interface Release {
  readonly distribution: string;
  readonly codename: string;
  readonly ecosystem: 'deb' | 'rpm';
}

/** Ecosystems of the OSV schema whose packages we patch: the name before the colon, and the distribution's own id. */
const RPM_ECOSYSTEMS: Readonly<Record<string, string>> = {
  AlmaLinux: 'almalinux',
  'Rocky Linux': 'rocky',
};

const UBUNTU_PRIORITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  negligible: 'unimportant',
};

/**
 * Entries of the Open Source Vulnerability format, version 1 (https://ossf.github.io/osv-schema/): one document, or a list
 * of them. Ranges of type `ECOSYSTEM` count; each `fixed` event is one statement. Withdrawn entries say nothing.
 *
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function readOsv(
  value: unknown,
  wanted: readonly WantedRelease[],
  document: AdvisoryDocument,
): AdvisoryReading {
  const parsed = z.array(entrySchema).safeParse(Array.isArray(value) ? value : [value]);
  if (!parsed.success) {
    throw invalidDocument(
      document,
      'a document of the OSV format',
      parsed.error.issues[0]?.path.slice(1).join('.'),
    );
  }
  const advisories = new Map<string, Advisory>();
  const statements: CveStatement[] = [];
  for (const entry of parsed.data) {
    if (entry.withdrawn !== undefined) continue;
    const found = readEntry(entry, wanted, document);
    for (const advisory of found) advisories.set(advisory.id, advisory);
    if (found.length > 0) statements.push(...scoresOf(entry));
  }
  return { advisories: [...advisories.values()], statements };
}

function readEntry(entry: Entry, wanted: readonly WantedRelease[], document: AdvisoryDocument): Advisory[] {
  const published = Date.parse(entry.published ?? '');
  const cves = cvesOf(entry);
  // `DSA-5546-1`, `USN-7095-1`, `ALSA-2024:1` are the vendor's own names; `UBUNTU-CVE-…` is one of OSV's.
  const isVendorName = !/CVE-\d/.test(entry.id);
  return (entry.affected ?? []).flatMap((affected) => {
    const item = affected.package;
    const release = item === undefined ? null : releaseOf(item.ecosystem);
    if (item === undefined || release === null) return [];
    const wants = wanted.find(
      (one) => one.distribution === release.distribution && one.codename === release.codename,
    );
    const of = release.ecosystem === 'deb' ? 'source' : 'binary';
    if (wants?.[of === 'source' ? 'sources' : 'packages'].has(item.name) !== true) return [];
    const fixes = (affected.ranges ?? [])
      .filter((range) => range.type === 'ECOSYSTEM')
      .flatMap((range) => range.events.flatMap((event) => event.fixed ?? []));
    return [...new Set(fixes)]
      .filter((fixed) => fixed !== '' && fixed !== '0')
      .map((fixedVersion, index): Advisory => ({
        id: `osv:${release.codename}/${entry.id}/${item.name}${index === 0 ? '' : `/${index}`}`.slice(0, 512),
        advisory: isVendorName ? entry.id : null,
        type: 'security',
        ecosystem: release.ecosystem,
        distribution: release.distribution,
        codename: release.codename,
        source: item.name,
        of,
        fixedVersion,
        urgency: null,
        severity: severityOf([...(affected.severity ?? []), ...(entry.severity ?? [])]),
        cves,
        title: (entry.summary ?? `${entry.id} in ${item.name}`).slice(0, MAX_TITLE),
        body: (entry.details ?? '').slice(0, MAX_BODY),
        publishedAt: Number.isNaN(published) ? null : new Date(published).toISOString(),
        provenance: { kind: 'osv', document: document.name, sha256: document.sha256 },
      }));
  });
}

/** `Debian:12`, `Ubuntu:22.04:LTS`, `AlmaLinux:9`. Ubuntu Pro's own archives (`Ubuntu:Pro:...`) are not a site's. */
function releaseOf(ecosystem: string): Release | null {
  const [name = '', version = ''] = ecosystem.split(':');
  if (name === 'Debian' || name === 'Ubuntu') {
    const distribution = name.toLowerCase();
    return { distribution, codename: codenameOf(distribution, version), ecosystem: 'deb' };
  }
  const distribution = RPM_ECOSYSTEMS[name];
  return distribution === undefined ? null : { distribution, codename: version, ecosystem: 'rpm' };
}

function cvesOf(entry: Entry): string[] {
  const ids = [entry.id, ...(entry.aliases ?? []), ...(entry.upstream ?? []), ...(entry.related ?? [])];
  const cves = ids.flatMap((id) => /^(?:(?:UBUNTU|DEBIAN)-)?(CVE-.*)$/.exec(id)?.[1] ?? []);
  return [...new Set(cves.filter((cve) => CVE_ID.test(cve)))].sort();
}

/** Only the vendor's own word; a CVSS score is no severity of theirs. */
function severityOf(stated: readonly { readonly type: string; readonly score: string }[]): Severity {
  const word = stated.find((item) => item.type === 'Ubuntu')?.score.toLowerCase() ?? '';
  return UBUNTU_PRIORITIES[word] ?? 'not stated';
}

/** A vector belongs to a CVE only where the entry is about that one alone. OSV does not say who scored. */
function scoresOf(entry: Entry): CveStatement[] {
  const [cve, ...more] = cvesOf(entry);
  if (cve === undefined || more.length > 0) return [];
  const cvss = (entry.severity ?? []).flatMap((item) => {
    const score = item.type.startsWith('CVSS_') ? scoreCvss(item.score) : null;
    return score === null ? [] : [{ ...score, source: `OSV ${entry.id.replace(/[-_].*$/, '')}` }];
  });
  return cvss.length === 0 ? [] : [{ cve, cvss }];
}
