import { z } from 'zod';
import { CollectError } from '../../../contract/errors.ts';
import type { Advisory, Severity } from '../advisory.ts';

/**
 * The Debian security tracker's JSON: `{source: {CVE: {description?, releases: {codename: {status, fixed_version?,
 * urgency}}}}}`. A fixed version of `0` says that the release was never affected.
 */
const trackerSchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.looseObject({
      description: z.string().optional(),
      releases: z.record(
        z.string(),
        z.looseObject({
          status: z.string(),
          fixed_version: z.string().optional(),
          urgency: z.string().optional(),
        }),
      ),
    }),
  ),
);

const SEVERITY_OF_URGENCY: Readonly<Record<string, Severity>> = {
  high: 'high',
  medium: 'medium',
  low: 'low',
  unimportant: 'unimportant',
};

/**
 * Statements of the tracker on the given sources of a release that name a fixed version.
 *
 * @param sha256 of the document, for the provenance of each row
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function parseTracker(
  json: string,
  wanted: { readonly distribution: string; readonly codename: string; readonly sources: ReadonlySet<string> },
  document: { readonly name: string; readonly sha256: string },
): Advisory[] {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // The schema below refuses null with the same code.
  }
  const parsed = trackerSchema.safeParse(value);
  if (!parsed.success) {
    throw new CollectError(
      'COLLECT_ADVISORIES_INVALID',
      `${document.name} is not the security tracker's JSON.`,
      {
        hint: 'Give the file that the tracker serves as its JSON data, unchanged.',
      },
    );
  }
  const advisories: Advisory[] = [];
  for (const source of [...wanted.sources].sort()) {
    for (const [id, statement] of Object.entries(parsed.data[source] ?? {})) {
      const release = statement.releases[wanted.codename];
      if (release?.fixed_version === undefined || release.fixed_version === '0') continue;
      if (!/^(?:CVE|TEMP)-\d{4,}-[0-9A-Z]{4,}$/.test(id)) continue;
      advisories.push({
        id: `tracker:${wanted.codename}/${source}/${id}`,
        advisory: null,
        type: 'security',
        ecosystem: 'deb',
        distribution: wanted.distribution,
        codename: wanted.codename,
        source,
        of: 'source',
        fixedVersion: release.fixed_version,
        urgency: release.urgency?.slice(0, 32) ?? null,
        severity: SEVERITY_OF_URGENCY[release.urgency?.replace(/\*+$/, '') ?? ''] ?? 'not stated',
        cves: [id],
        title: `${id} in ${source}`,
        body: (statement.description ?? '').slice(0, 20_000),
        publishedAt: null,
        provenance: { kind: 'tracker', document: document.name, sha256: document.sha256 },
      });
    }
  }
  return advisories;
}
