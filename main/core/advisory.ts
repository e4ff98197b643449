import { z } from 'zod';
import { BundleError } from '../../contract/errors.ts';

/**
 * A vendor's statement about one package: which version brings what. A document that speaks of several packages is
 * several statements that share its name. Severity is only ever the vendor's own word; where the vendor gives none it
 * is `not stated`, never derived from something else.
 */

/** How packages are named and their versions ordered. */
export const ECOSYSTEMS = ['deb', 'rpm', 'windows'] as const;
export type Ecosystem = (typeof ECOSYSTEMS)[number];

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'unimportant', 'not stated'] as const;
export type Severity = (typeof SEVERITIES)[number];

const text = (max: number): z.ZodString => z.string().max(max);

const advisorySchema = z.strictObject({
  /** `changelog:openssl/3.0.22-1~deb12u2` or `tracker:bookworm/openssl/CVE-2025-1`. */
  id: text(512).min(1),
  // What bundles of the first builders lack has a default: they stay readable for ever.
  /** The vendor's own name for the document: `DSA-5546-1`, `RHSA-2025:2399`, `KB5053602`; `null` where it has none. */
  advisory: text(128).min(1).nullable().default(null),
  type: z.enum(['security', 'bugfix', 'enhancement', 'not stated']).default('not stated'),
  ecosystem: z.enum(ECOSYSTEMS).default('deb'),
  distribution: text(64).min(1),
  /** Of the distribution release; where releases have numbers and no names, the number: `9`, `15.6`. */
  codename: text(64).min(1),
  /** Package that the statement speaks of, and whether that is a source package or a binary one. */
  source: text(256).min(1),
  of: z.enum(['source', 'binary']).default('source'),
  /** First version of that package that has the fix. */
  fixedVersion: text(256).min(1),
  /** How soon to take the upload, in the vendor's words (changelog); `null` when not given. */
  urgency: text(32).nullable(),
  severity: z.enum(SEVERITIES),
  cves: z.array(z.string().regex(/^(?:CVE|TEMP)-[0-9]{4,}-[0-9A-Z]{4,}$/)).max(5_000),
  title: text(500),
  body: text(20_000),
  publishedAt: z.iso.datetime().nullable(),
  /** Stream of a module that the package belongs to, `nodejs:18`; absent for all others. */
  module: text(256).optional(),
  /** The vendor says that it takes effect with a restart. */
  rebootSuggested: z.boolean().optional(),
  /** Where the statement was read, and the hash of that document. */
  provenance: z.strictObject({
    kind: z.enum(['changelog', 'tracker', 'dsa', 'usn', 'updateinfo', 'csaf', 'msrc', 'osv']),
    document: text(1_024),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});

const advisoriesSchema = z.strictObject({
  format: z.literal('sallyport-advisories/1'),
  advisories: z.array(advisorySchema).max(500_000),
});

type AdvisoryRow = z.infer<typeof advisorySchema>;
export type Advisory = Readonly<Omit<AdvisoryRow, 'cves'>> & { readonly cves: readonly string[] };

/** @throws BundleError BUNDLE_CONTENT_UNREADABLE */
export function parseAdvisories(json: string, file: string): readonly Advisory[] {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // The schema below refuses null with the same code.
  }
  const parsed = advisoriesSchema.safeParse(value);
  if (parsed.success) return parsed.data.advisories;
  const issue = parsed.error.issues[0];
  throw new BundleError(
    'BUNDLE_CONTENT_UNREADABLE',
    `${file} is malformed at ${issue?.path.join('.') || 'its top level'}.`,
    {
      subject: { file },
    },
  );
}

export function formatAdvisories(advisories: readonly Advisory[]): string {
  return `${JSON.stringify({ format: 'sallyport-advisories/1', advisories }, null, 1)}\n`;
}

/** The graver of two severities; `not stated` yields to every stated one. */
export function graverSeverity(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b) ? a : b;
}

const URGENCIES = ['low', 'medium', 'high', 'emergency', 'critical'];

/** The most pressing of the urgencies that changelogs give; `null` when none does. */
export function mostPressingUrgency(advisories: readonly Advisory[]): string | null {
  let best: string | null = null;
  for (const { provenance, urgency } of advisories) {
    if (provenance.kind !== 'changelog' || urgency === null) continue;
    if (best === null || URGENCIES.indexOf(urgency) > URGENCIES.indexOf(best)) best = urgency;
  }
  return best;
}

/** When the vendor first released what a row fixes; `null` when none of its statements says. */
export function firstRelease(advisories: readonly Advisory[]): string | null {
  return (
    advisories
      .filter((advisory) => advisory.type === 'security' || advisory.cves.length > 0)
      .flatMap((advisory) => advisory.publishedAt ?? [])
      .sort()[0] ?? null
  );
}
