import { z } from 'zod';
import type { Advisory } from '../advisory.ts';
import {
  ADVISORY_CVE,
  invalidDocument,
  MAX_BODY,
  MAX_TITLE,
  type AdvisoryDocument,
  type AdvisoryReading,
  type WantedRelease,
} from './reading.ts';

const binarySchema = z.record(
  z.string(),
  z.looseObject({ version: z.string().max(256), pocket: z.string().max(64).optional() }),
);

const databaseSchema = z.record(
  z.string().regex(/^\d{1,6}-\d{1,3}$/),
  z.looseObject({
    title: z.string(),
    description: z.string().optional(),
    cves: z.array(z.string()).max(10_000).optional(),
    /** Seconds since 1970. */
    timestamp: z.number(),
    releases: z.record(
      z.string(),
      z.looseObject({
        sources: z.record(z.string(), z.looseObject({ version: z.string().max(256) })).optional(),
        binaries: binarySchema.optional(),
        allbinaries: binarySchema.optional(),
      }),
    ),
  }),
);

/**
 * Ubuntu's database of security notices (`database.json`; https://usn.ubuntu.com). It states no severity. Fixes that are
 * only in Ubuntu Pro's archives are said to be so.
 *
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function readUsnDatabase(
  value: unknown,
  wanted: readonly WantedRelease[],
  document: AdvisoryDocument,
): AdvisoryReading {
  const parsed = databaseSchema.safeParse(value);
  if (!parsed.success) {
    throw invalidDocument(
      document,
      "Ubuntu's database of security notices",
      parsed.error.issues[0]?.path.join('.'),
    );
  }
  const advisories: Advisory[] = [];
  for (const [number, notice] of Object.entries(parsed.data)) {
    for (const release of wanted) {
      const fixes = release.distribution === 'ubuntu' ? notice.releases[release.codename] : undefined;
      if (fixes === undefined) continue;
      const pockets = Object.values(fixes.allbinaries ?? fixes.binaries ?? {}).map((item) => item.pocket);
      const onlyPro = pockets.length > 0 && pockets.every((pocket) => pocket?.startsWith('esm') === true);
      for (const [source, { version }] of Object.entries(fixes.sources ?? {})) {
        if (!release.sources.has(source) || version === '') continue;
        advisories.push({
          id: `usn:${release.codename}/USN-${number}/${source}`.slice(0, 512),
          advisory: `USN-${number}`,
          type: 'security',
          ecosystem: 'deb',
          distribution: release.distribution,
          codename: release.codename,
          source,
          of: 'source',
          fixedVersion: version,
          urgency: null,
          severity: 'not stated',
          cves: [...new Set(notice.cves?.filter((cve) => ADVISORY_CVE.test(cve)))].sort(),
          title: `USN-${number}: ${notice.title}`.slice(0, MAX_TITLE),
          body: `${onlyPro ? 'Only in the archives of Ubuntu Pro.\n\n' : ''}${notice.description ?? ''}`.slice(
            0,
            MAX_BODY,
          ),
          publishedAt: dateOf(notice.timestamp),
          provenance: { kind: 'usn', document: document.name, sha256: document.sha256 },
        });
      }
    }
  }
  return { advisories, statements: [] };
}

function dateOf(seconds: number): string | null {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9_999 ? null : date.toISOString();
}
