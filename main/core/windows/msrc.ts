import { graverSeverity, type Advisory, type Severity } from '../advisory.ts';
import { MAX_TITLE, type AdvisoryDocument } from '../advisories/reading.ts';
import { scoreCvss } from '../risk/cvss.ts';
import type { CveStatement } from '../risk/risk-list.ts';
import { architectureOf, severityOf } from './compose-updates.ts';
import type { WindowsArchitecture } from './update-list.ts';

/** That an article's update brings a product to a build which fixes a CVE, as Microsoft's security response center says. */
export interface MsrcFix {
  /** `null` where the document tells of the update without the CVE. */
  readonly cve: string | null;
  /** `KB5034122` */
  readonly kb: string;
  /** `Windows 10 Version 22H2 for x64-based Systems` */
  readonly product: string;
  readonly arch: WindowsArchitecture;
  readonly fixedBuild: string | null;
  readonly severity: Severity;
  /** Articles that it replaces. */
  readonly supersedes: readonly string[];
  readonly title: string;
  /** ISO-8601, UTC. */
  readonly releasedAt: string | null;
}

export interface MsrcReading {
  readonly fixes: readonly MsrcFix[];
  /** Attacks, disclosure and scores of CVEs. */
  readonly statements: readonly CveStatement[];
}

export const MSRC = 'Microsoft';

/** Where statements about Windows updates belong in the catalogue: updates have no releases of a distribution. */
export const WINDOWS_RELEASE = { distribution: 'windows', codename: 'windows' } as const;

/** First version that has the fix, of an article: every file of it has. Sorts before whatever version a file is given. */
export const EVERY_FILE = '0';

/** Articles in a text: one, several apart by whatever sign, or none. `5034122; 5033372` */
export function articlesOf(text: string | undefined): string[] {
  return [
    ...new Set(
      [...(text ?? '').matchAll(/(?<![\d.])(?:KB)?(\d{6,8})(?![\d.])/gi)].map(
        (match) => `KB${match[1] ?? ''}`,
      ),
    ),
  ];
}

export function fixOf(raw: {
  readonly cve: string | undefined;
  readonly article: string | undefined;
  readonly product: string;
  readonly fixedBuild: string | undefined;
  readonly severity: string | undefined;
  readonly supersedes: string | undefined;
  readonly title: string;
  readonly releasedAt: string | undefined;
}): MsrcFix[] {
  const [kb] = articlesOf(raw.article);
  if (kb === undefined || raw.product === '') return [];
  const build = raw.fixedBuild?.trim() ?? '';
  return [
    {
      cve: /^CVE-\d{4}-\d{4,19}$/.test(raw.cve ?? '') ? (raw.cve ?? null) : null,
      kb,
      product: raw.product.slice(0, 200),
      arch: architectureOf(raw.product),
      fixedBuild: /^\d+(?:\.\d+){1,3}$/.test(build) && build.length <= 64 ? build : null,
      severity: severityOf(raw.severity),
      supersedes: articlesOf(raw.supersedes).filter((other) => other !== kb),
      title: raw.title.slice(0, MAX_TITLE),
      releasedAt: instantOf(raw.releasedAt),
    },
  ];
}

/** `Publicly Disclosed:No;Exploited:Yes;Latest Software Release:...`, as CVRF and CSAF write it. */
export function exploitationOf(text: string): {
  readonly exploited: boolean | null;
  readonly disclosed: boolean | null;
} {
  const yesOrNo = (name: string): boolean | null => {
    const word = new RegExp(`(?:^|;)\\s*${name}:\\s*(Yes|No)\\b`, 'i').exec(text)?.[1]?.toLowerCase();
    return word === undefined ? null : word === 'yes';
  };
  return { exploited: yesOrNo('Exploited'), disclosed: yesOrNo('Publicly Disclosed') };
}

/** `null` where it says nothing that counts. */
export function statementOf(
  cve: string | undefined,
  facts: { readonly exploited: boolean | null; readonly disclosed: boolean | null },
  vectors: Iterable<string>,
): CveStatement | null {
  if (cve === undefined || !/^CVE-\d{4}-\d{4,19}$/.test(cve)) return null;
  const cvss = [...new Set(vectors)].flatMap((vector) => {
    const score = scoreCvss(vector);
    return score === null ? [] : [{ ...score, source: MSRC }];
  });
  const isSaid = facts.exploited !== null || facts.disclosed !== null;
  if (cvss.length === 0 && !isSaid) return null;
  return {
    cve,
    ...(cvss.length === 0 ? {} : { cvss: cvss.slice(0, 64) }),
    ...(isSaid ? { vendor: [{ source: MSRC, ...facts }] } : {}),
  };
}

/** One statement an article: all that it fixes. */
export function advisoriesOfFixes(fixes: readonly MsrcFix[], document: AdvisoryDocument): Advisory[] {
  const byArticle = new Map<string, MsrcFix[]>();
  for (const fix of fixes) {
    const known = byArticle.get(fix.kb);
    if (known === undefined) byArticle.set(fix.kb, [fix]);
    else known.push(fix);
  }
  return [...byArticle.entries()].map(([kb, own]): Advisory => {
    const dates = own.flatMap((fix) => fix.releasedAt ?? []).sort();
    const titles = [...new Set(own.map((fix) => fix.title))];
    return {
      id: `msrc:${document.sha256.slice(0, 16)}/${kb}`,
      advisory: kb,
      type: 'security',
      ecosystem: 'windows',
      ...WINDOWS_RELEASE,
      source: kb,
      of: 'binary',
      fixedVersion: EVERY_FILE,
      urgency: null,
      severity: own.reduce<Severity>((worst, fix) => graverSeverity(worst, fix.severity), 'not stated'),
      cves: [...new Set(own.flatMap((fix) => fix.cve ?? []))].sort().slice(0, 5_000),
      title: (titles.length === 1 ? (titles[0] ?? '') : `${kb}: ${titles.length} vulnerabilities`).slice(
        0,
        MAX_TITLE,
      ),
      body: [...new Set(own.map((fix) => fix.product))].sort().join('\n').slice(0, 20_000),
      publishedAt: dates[0] ?? null,
      provenance: { kind: 'msrc', document: document.name, sha256: document.sha256 },
    };
  });
}

/** Microsoft writes UTC, with and without saying so. */
export function instantOf(text: string | undefined): string | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|\+00:00)?$/.exec(text?.trim() ?? '');
  if (match === null || Number.isNaN(Date.parse(`${match[1] ?? ''}Z`))) return null;
  return `${match[1] ?? ''}Z`;
}
