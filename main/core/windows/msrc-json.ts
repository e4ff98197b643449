import { z } from 'zod';
import { invalidDocument, type AdvisoryDocument } from '../advisories/reading.ts';
import type { CveStatement } from '../risk/risk-list.ts';
import { exploitationOf, fixOf, statementOf, type MsrcFix, type MsrcReading } from './msrc.ts';

const word = z.string().max(2_000).optional();

const deploymentSchema = z.looseObject({
  articleName: word,
  product: word,
  severity: word,
  supercedence: word,
  fixedBuildNumber: word,
  releaseDate: word,
  cveNumber: word,
  downloadName: word,
});
const vulnerabilitySchema = z.looseObject({
  cveNumber: z.string().max(64),
  cveTitle: word,
  exploited: word,
  publiclyDisclosed: word,
  vectorString: word,
});
const sugSchema = z.looseObject({ value: z.array(z.unknown()).max(1_000_000) });

/**
 * A page of the security update guide's OData (https://api.msrc.microsoft.com/sug/v2.0): `deployment` and
 * `affectedProduct` rows tell which article brings which product to which build and what it replaces, `vulnerability` rows
 * tell of attacks and scores. Rows of other kinds are passed over.
 *
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function readMsrcSug(value: unknown, document: AdvisoryDocument): MsrcReading {
  const page = sugSchema.safeParse(value);
  if (!page.success) throw invalidDocument(document, 'a page of Microsoft’s update guide');
  const fixes: MsrcFix[] = [];
  const statements: CveStatement[] = [];
  for (const row of page.data.value) {
    const vulnerability = vulnerabilitySchema.safeParse(row);
    const deployment = deploymentSchema.safeParse(row);
    if (deployment.success && deployment.data.articleName !== undefined) {
      const { data } = deployment;
      fixes.push(
        ...fixOf({
          cve: data.cveNumber,
          article: data.articleName,
          product: data.product ?? '',
          fixedBuild: data.fixedBuildNumber,
          severity: data.severity,
          supersedes: data.supercedence,
          title: data.downloadName ?? '',
          releasedAt: data.releaseDate,
        }),
      );
    } else if (vulnerability.success) {
      const { cveNumber, exploited, publiclyDisclosed, vectorString } = vulnerability.data;
      const facts = { exploited: yesOrNo(exploited), disclosed: yesOrNo(publiclyDisclosed) };
      const statement = statementOf(cveNumber, facts, vectorString === undefined ? [] : [vectorString]);
      if (statement !== null) statements.push(statement);
    }
  }
  return { fixes, statements };
}

function yesOrNo(text: string | undefined): boolean | null {
  const given = text?.trim().toLowerCase();
  return given === 'yes' ? true : given === 'no' ? false : null;
}

interface Branch {
  readonly name?: string | undefined;
  readonly product?: { readonly name: string; readonly product_id: string } | undefined;
  readonly branches?: readonly Branch[] | undefined;
}
const branchSchema: z.ZodType<Branch> = z.looseObject({
  name: z.string().max(1_024).optional(),
  product: z.looseObject({ name: z.string().max(1_024), product_id: z.string().max(256) }).optional(),
  get branches() {
    return z.array(branchSchema).max(100_000).optional();
  },
});

const csafSchema = z.looseObject({
  document: z.looseObject({
    publisher: z.looseObject({ name: z.string() }),
    aggregate_severity: z.looseObject({ text: z.string().max(64) }).optional(),
    tracking: z.looseObject({ initial_release_date: word }),
  }),
  product_tree: z.looseObject({ branches: z.array(branchSchema).max(100_000).optional() }).optional(),
  vulnerabilities: z
    .array(
      z.looseObject({
        cve: z.string().max(64).optional(),
        title: word,
        threats: z
          .array(z.looseObject({ category: z.string(), details: z.string().max(2_000) }))
          .max(100_000)
          .optional(),
        scores: z
          .array(z.looseObject({ cvss_v3: z.looseObject({ vectorString: z.string().max(512) }).optional() }))
          .max(100_000)
          .optional(),
        remediations: z
          .array(
            z.looseObject({
              category: z.string(),
              date: word,
              details: word,
              url: word,
              product_ids: z.array(z.string().max(256)).max(100_000).optional(),
            }),
          )
          .max(100_000)
          .optional(),
      }),
    )
    .max(10_000)
    .optional(),
});

/** Of a support page or of the update catalogue: their addresses end in the article. */
const articleOfAddress = (text: string): string | undefined =>
  /\/(?:help|kb)\/(\d{6,8})\b|[?&]q=KB(\d{6,8})\b/i
    .exec(text)
    ?.slice(1)
    .find((part) => part !== undefined);

/**
 * A Microsoft advisory in CSAF 2.0 (https://msrc.microsoft.com/csaf), one document a CVE. A vendor fix says
 * `<build>:<kind>:<address>`; the article stands in the address. CSAF has no place for supersedence.
 *
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function readMsrcCsaf(value: unknown, document: AdvisoryDocument): MsrcReading {
  const parsed = csafSchema.safeParse(value);
  if (!parsed.success)
    throw invalidDocument(document, 'a CSAF document of Microsoft', parsed.error.issues[0]?.path.join('.'));
  const { document: head, product_tree: tree, vulnerabilities } = parsed.data;
  const products = new Map<string, string>();
  const open: Branch[] = [...(tree?.branches ?? [])];
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    for (const below of branch.branches ?? []) {
      open.push(below);
      // Versions are branches of the product: `Windows Server 2022 <10.0.20348.3207` is Windows Server 2022.
      if (below.product !== undefined)
        products.set(below.product.product_id, branch.name ?? below.product.name);
    }
  }
  const fixes: MsrcFix[] = [];
  const statements: CveStatement[] = [];
  for (const { cve, title, threats, scores, remediations } of vulnerabilities ?? []) {
    const status = threats?.find((threat) => threat.category === 'exploit_status')?.details ?? '';
    const vectors = (scores ?? []).flatMap((score) => score.cvss_v3?.vectorString ?? []);
    const statement = statementOf(cve, exploitationOf(status), vectors);
    if (statement !== null) statements.push(statement);
    for (const remediation of remediations ?? []) {
      if (remediation.category !== 'vendor_fix') continue;
      const [build = '', ...rest] = (remediation.details ?? '').split(':');
      const article = articleOfAddress(`${rest.join(':')} ${remediation.url ?? ''}`);
      for (const id of remediation.product_ids ?? []) {
        fixes.push(
          ...fixOf({
            cve,
            article,
            product: products.get(id) ?? '',
            fixedBuild: build,
            severity: head.aggregate_severity?.text,
            supersedes: undefined,
            title: title ?? '',
            releasedAt: remediation.date ?? head.tracking.initial_release_date,
          }),
        );
      }
    }
  }
  return { fixes, statements };
}
