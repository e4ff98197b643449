import { z } from 'zod';
import { CollectError } from '../../../contract/errors.ts';

/** One row of CISA's catalogue of known exploited vulnerabilities. */
export interface KevEntry {
  readonly cve: string;
  /** `2025-08-25`: when CISA listed it. */
  readonly dateAdded: string;
  /** When United States agencies must have fixed it. */
  readonly dueDate: string | null;
  /** `true` only where CISA says `Known`; it never says that ransomware does not use one. */
  readonly ransomware: boolean;
}

interface KevCatalogue {
  /** `2025.08.25` */
  readonly version: string;
  /** ISO-8601, UTC. */
  readonly date: string;
  readonly entries: readonly KevEntry[];
}

export const CVE_ID = /^CVE-[0-9]{4}-[0-9]{4,19}$/;
export const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

const kevSchema = z.looseObject({
  catalogVersion: z.string().max(64).min(1),
  dateReleased: z.string().max(64),
  count: z.number().int().min(0),
  vulnerabilities: z
    .array(
      z.looseObject({
        cveID: z.string().regex(CVE_ID),
        dateAdded: z.string().regex(DAY),
        dueDate: z.string().regex(DAY).optional(),
        knownRansomwareCampaignUse: z.string().max(64).optional(),
      }),
    )
    .max(200_000),
});

/**
 * Reads CISA's JSON by its published schema (https://www.cisa.gov/known-exploited-vulnerabilities-catalog).
 *
 * `count` is not compared with the rows: CISA publishes catalogues where they differ by one.
 *
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function parseKev(json: string, file: string): KevCatalogue {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // The schema below refuses null with the same code.
  }
  const parsed = kevSchema.safeParse(value);
  const released = Date.parse(parsed.success ? parsed.data.dateReleased : '');
  if (!parsed.success || Number.isNaN(released)) {
    const place = parsed.success ? 'dateReleased' : parsed.error.issues[0]?.path.join('.');
    throw new CollectError(
      'COLLECT_ADVISORIES_INVALID',
      `${file} is not CISA's catalogue of known exploited vulnerabilities: it is malformed at ${place || 'its top level'}.`,
      { hint: 'Give CISA’s JSON file, unchanged.', subject: { file } },
    );
  }
  const entries = new Map<string, KevEntry>();
  for (const row of parsed.data.vulnerabilities) {
    entries.set(row.cveID, {
      cve: row.cveID,
      dateAdded: row.dateAdded,
      dueDate: row.dueDate ?? null,
      ransomware: row.knownRansomwareCampaignUse === 'Known',
    });
  }
  return {
    version: parsed.data.catalogVersion,
    date: new Date(released).toISOString(),
    entries: [...entries.values()],
  };
}
