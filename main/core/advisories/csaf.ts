import { z } from 'zod';
import type { Advisory, Severity } from '../advisory.ts';
import { scoreCvss } from '../risk/cvss.ts';
import { CVE_ID } from '../risk/kev.ts';
import type { CveStatement } from '../risk/risk-list.ts';
import { readProducts, type CsafProduct } from './csaf-products.ts';
import {
  invalidDocument,
  MAX_BODY,
  MAX_TITLE,
  type AdvisoryDocument,
  type AdvisoryReading,
  type WantedRelease,
} from './reading.ts';

const ids = z.array(z.string().max(1_024)).max(500_000).optional();
const vector = z.looseObject({ vectorString: z.string().max(512) }).optional();

const csafSchema = z.looseObject({
  document: z.looseObject({
    category: z.string(),
    csaf_version: z.string(),
    title: z.string(),
    publisher: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
    aggregate_severity: z.looseObject({ text: z.string() }).optional(),
    notes: z
      .array(z.looseObject({ category: z.string(), text: z.string() }))
      .max(1_000)
      .optional(),
    tracking: z.looseObject({
      id: z.string().min(1).max(128),
      initial_release_date: z.string(),
      status: z.string().optional(),
    }),
  }),
  product_tree: z.unknown().optional(),
  vulnerabilities: z
    .array(
      z.looseObject({
        cve: z.string().optional(),
        product_status: z.looseObject({ fixed: ids, known_not_affected: ids }).optional(),
        scores: z
          .array(z.looseObject({ cvss_v2: vector, cvss_v3: vector, cvss_v4: vector }))
          .max(100_000)
          .optional(),
        threats: z
          .array(z.looseObject({ category: z.string(), details: z.string() }))
          .max(100_000)
          .optional(),
      }),
    )
    .max(10_000)
    .optional(),
});
type Csaf = z.infer<typeof csafSchema>;
type Vulnerability = NonNullable<Csaf['vulnerabilities']>[number];

/** Red Hat's and SUSE's words, which are the same four. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  important: 'high',
  moderate: 'medium',
  low: 'low',
};

/**
 * A security advisory or a VEX statement in the Common Security Advisory Framework 2.0
 * (https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html), as Red Hat and SUSE write them: products `fixed` become
 * statements about binary packages; products `known_not_affected` go to what is known of the CVE.
 *
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function readCsaf(
  value: unknown,
  wanted: readonly WantedRelease[],
  document: AdvisoryDocument,
): AdvisoryReading {
  const parsed = csafSchema.safeParse(value);
  if (!parsed.success)
    throw invalidDocument(document, 'a CSAF document', parsed.error.issues[0]?.path.join('.'));
  const csaf = parsed.data;
  const products = readProducts(csaf.product_tree, document);
  const releases = new Map(wanted.map((one) => [`${one.distribution} ${one.codename}`, one]));
  /** Products of a release that is looked after, of a package that it has. Sources are no package of an endpoint. */
  const relevant = (productIds: readonly string[] | undefined): CsafProduct[] =>
    (productIds ?? []).flatMap((id) => {
      const product = products.get(id);
      if (product === undefined || product.arch === 'src') return [];
      const release = releases.get(`${product.distribution} ${product.codename}`);
      return release?.packages.has(product.package) === true ? [product] : [];
    });

  const fixes = new Map<string, { readonly product: CsafProduct; readonly cves: Set<string> }>();
  const statements: CveStatement[] = [];
  for (const vulnerability of csaf.vulnerabilities ?? []) {
    const cve = CVE_ID.test(vulnerability.cve ?? '') ? (vulnerability.cve ?? '') : null;
    const fixed = relevant(vulnerability.product_status?.fixed).filter((item) => item.evr !== null);
    for (const product of fixed) {
      const key = `${product.distribution} ${product.codename} ${product.package} ${product.evr ?? ''}`;
      const known = fixes.get(key) ?? { product, cves: new Set<string>() };
      if (cve !== null) known.cves.add(cve);
      fixes.set(key, known);
    }
    const notAffected = relevant(vulnerability.product_status?.known_not_affected);
    if (cve !== null && (fixed.length > 0 || notAffected.length > 0))
      statements.push(statementOf(cve, vulnerability, notAffected, publisherOf(csaf)));
  }
  return {
    advisories: [...fixes.values()].map(({ product, cves }) =>
      advisoryOf(csaf, product, [...cves].sort(), document),
    ),
    statements,
  };
}

function advisoryOf(
  { document: head }: Csaf,
  product: CsafProduct,
  cves: string[],
  document: AdvisoryDocument,
): Advisory {
  const name = head.tracking.id;
  const released = Date.parse(head.tracking.initial_release_date);
  const fixedVersion = product.evr ?? '';
  return {
    id: `csaf:${product.distribution}/${product.codename}/${name}/${product.package}/${fixedVersion}`.slice(
      0,
      512,
    ),
    // A VEX document is about a CVE and no advisory of its own.
    advisory: head.category === 'csaf_security_advisory' ? name : null,
    type: 'security',
    ecosystem: 'rpm',
    distribution: product.distribution,
    codename: product.codename,
    source: product.package,
    of: 'binary',
    fixedVersion,
    urgency: null,
    severity: SEVERITIES[head.aggregate_severity?.text.toLowerCase() ?? ''] ?? 'not stated',
    cves,
    title: head.title.slice(0, MAX_TITLE),
    body: (
      head.notes?.find((note) => note.category === 'general' || note.category === 'description')?.text ?? ''
    ).slice(0, MAX_BODY),
    publishedAt: Number.isNaN(released) ? null : new Date(released).toISOString(),
    provenance: { kind: 'csaf', document: document.name, sha256: document.sha256 },
  };
}

function publisherOf({ document: head }: Csaf): string {
  return head.publisher.name.replace(/ Product Security$/, '').slice(0, 128);
}

function statementOf(
  cve: string,
  vulnerability: Vulnerability,
  notAffected: readonly CsafProduct[],
  source: string,
): CveStatement {
  const vectors = new Set(
    (vulnerability.scores ?? []).flatMap((score) =>
      [score.cvss_v2, score.cvss_v3, score.cvss_v4].flatMap((item) => item?.vectorString ?? []),
    ),
  );
  const cvss = [...vectors].flatMap((item) => {
    const score = scoreCvss(item);
    return score === null ? [] : [{ ...score, source }];
  });
  const status = vulnerability.threats?.find((threat) => threat.category === 'exploit_status')?.details;
  const packages = new Map(
    notAffected.map((item) => [`${item.distribution} ${item.codename} ${item.package}`, item]),
  );
  return {
    cve,
    ...(cvss.length === 0 ? {} : { cvss: cvss.slice(0, 64) }),
    ...(status === undefined
      ? {}
      : {
          vendor: [
            {
              source,
              exploited: saysYes(status, 'Exploited'),
              disclosed: saysYes(status, 'Publicly Disclosed'),
            },
          ],
        }),
    ...(packages.size === 0
      ? {}
      : {
          notAffected: [...packages.values()].map((item) => ({
            source,
            ecosystem: 'rpm' as const,
            distribution: item.distribution,
            codename: item.codename,
            package: item.package,
          })),
        }),
  };
}

/** `Publicly Disclosed:No;Exploited:Yes;...`; `null` where the word is not there. */
function saysYes(status: string, word: string): boolean | null {
  const answer = new RegExp(`${word}:\\s*(yes|no)`, 'i').exec(status)?.[1]?.toLowerCase();
  return answer === undefined ? null : answer === 'yes';
}
