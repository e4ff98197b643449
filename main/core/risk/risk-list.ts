import { z } from 'zod';
import { BundleError } from '../../../contract/errors.ts';
import { ECOSYSTEMS } from '../advisory.ts';
import { CVSS_VERSIONS } from './cvss.ts';
import { CVE_ID, DAY } from './kev.ts';

/**
 * Our own object `sallyport/risk.json`: how dangerous CVEs are, by whom, as of when. Known exploitation (CISA) is carried
 * whole, likelihoods (FIRST) only for CVEs that bundles of the stream speak of, scores and the vendors' own words as the
 * advisories state them. What nobody says is absent: it is unknown, not zero.
 */

const text = (max: number): z.ZodString => z.string().max(max).min(1);
const share = z.number().min(0).max(1);

const feedSchema = z.strictObject({
  feed: z.enum(['cisa-kev', 'first-epss']),
  /** CISA's `catalogVersion`; FIRST's `model_version`. */
  version: text(64),
  /** When the source made it. */
  date: z.iso.datetime(),
  document: text(1_024),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  retrievedAt: z.iso.datetime(),
});

const rowSchema = z.strictObject({
  cve: z.string().regex(CVE_ID),
  kev: z
    .strictObject({
      dateAdded: z.string().regex(DAY),
      dueDate: z.string().regex(DAY).nullable(),
      ransomware: z.boolean(),
    })
    .optional(),
  epss: z.strictObject({ score: share, percentile: share.nullable() }).optional(),
  cvss: z
    .array(
      z.strictObject({
        version: z.enum(CVSS_VERSIONS),
        base: z.number().min(0).max(10),
        vector: text(512),
        /** Who scored it: `Red Hat`, `NVD`. */
        source: text(128),
      }),
    )
    .max(64)
    .optional(),
  /** What a vendor says of attacks; `null` where it says nothing. */
  vendor: z
    .array(
      z.strictObject({
        source: text(128),
        exploited: z.boolean().nullable(),
        disclosed: z.boolean().nullable(),
      }),
    )
    .max(64)
    .optional(),
  /** Packages that a vendor says it never affected. */
  notAffected: z
    .array(
      z.strictObject({
        source: text(128),
        ecosystem: z.enum(ECOSYSTEMS),
        distribution: text(64),
        codename: text(64),
        package: text(256),
      }),
    )
    .max(10_000)
    .optional(),
});

const riskSchema = z.strictObject({
  format: z.literal('sallyport-risk/1'),
  feeds: z.array(feedSchema).max(16),
  rows: z.array(rowSchema).max(1_000_000),
});

export type RiskFeed = Readonly<z.infer<typeof feedSchema>>;
export type RiskRow = Readonly<z.infer<typeof rowSchema>>;
export interface RiskList {
  readonly feeds: readonly RiskFeed[];
  readonly rows: readonly RiskRow[];
}

/** What an advisory says of a CVE beside what fixes it; readers of vendor documents return these. */
export type CveStatement = Pick<RiskRow, 'cve' | 'cvss' | 'vendor' | 'notAffected'>;

/** @throws BundleError BUNDLE_CONTENT_UNREADABLE */
export function parseRiskList(json: string, file: string): RiskList {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // The schema below refuses null with the same code.
  }
  const parsed = riskSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new BundleError(
    'BUNDLE_CONTENT_UNREADABLE',
    `${file} is malformed at ${issue?.path.join('.') || 'its top level'}.`,
    { subject: { file } },
  );
}

/** Equal lists have equal bytes: rows sorted by CVE, one line each. */
export function formatRiskList({ feeds, rows }: RiskList): string {
  const sorted = rows.toSorted((a, b) => (a.cve < b.cve ? -1 : a.cve > b.cve ? 1 : 0));
  const lines = sorted.map((row) => JSON.stringify(row)).join(',\n');
  return `{"format":"sallyport-risk/1","feeds":${JSON.stringify(feeds)},"rows":[\n${lines}\n]}\n`;
}
