import type { RiskRule } from '../../../contract/vocabulary.ts';
import type { Severity } from '../advisory.ts';
import type { CvssVersion } from './cvss.ts';

/**
 * What a patch or a finding is judged by. `null` and `not stated` mean that nobody said: each has a place of its own in
 * the order, and none of them counts as zero.
 */
export interface RiskFacts {
  /** Some CVE of it is known to be exploited, by CISA. `null`: no list was imported, or it names no CVE. */
  readonly kev: 'ransomware' | 'listed' | 'not listed' | null;
  /** A vendor says that some CVE of it is exploited. */
  readonly exploited: boolean | null;
  /** The vendor calls it a security fix, or it names CVEs. */
  readonly security: boolean;
  /** The vendor's word. */
  readonly severity: Severity;
  /** Highest of its CVEs, 0 to 1, in the model of the newest list. */
  readonly epss: number | null;
  /** Highest base score of its CVEs, all of one major version: 3 where there is one, else 4, else 2. */
  readonly cvss: { readonly base: number; readonly version: CvssVersion } | null;
  /** That lack it. */
  readonly endpoints: number;
  /** When the vendor released it. */
  readonly publishedAt: string | null;
}

const KEV_RANKS = { ransomware: 2, listed: 1, 'not listed': 0 } as const;
/** Where nothing is stated the fix may be grave: Cyber Essentials has it fixed within 14 days, as it has the grave ones. */
const SEVERITY_RANKS: Readonly<Record<Severity, number>> = {
  critical: 5,
  high: 4,
  'not stated': 3,
  medium: 2,
  low: 1,
  unimportant: 0,
};
/** Places of the unknown: below what is likely to be exploited, above what is not; below what Cyber Essentials calls high. */
const UNKNOWN_EPSS = 0.1;
const UNKNOWN_CVSS = 6.9;

/**
 * The first six rules as one whole number, higher is graver: known exploitation, the vendor's word on it, whether it is a
 * security fix at all, severity, EPSS, CVSS. Lexicographic: no number of lower points outweighs a higher rule.
 */
export function riskRank(facts: Omit<RiskFacts, 'endpoints' | 'publishedAt'>): number {
  let rank = facts.kev === null ? 0 : KEV_RANKS[facts.kev];
  rank = rank * 2 + (facts.exploited === true ? 1 : 0);
  rank = rank * 2 + (facts.security ? 1 : 0);
  rank = rank * 8 + SEVERITY_RANKS[facts.severity];
  rank = rank * 131_072 + Math.round((facts.epss ?? UNKNOWN_EPSS) * 100_000);
  return rank * 128 + Math.round((facts.cvss?.base ?? UNKNOWN_CVSS) * 10);
}

/** Of a patch that nothing is known of, and that is no security fix. */
export const PLAIN_RANK = riskRank({
  kev: null,
  exploited: null,
  security: false,
  severity: 'not stated',
  epss: null,
  cvss: null,
});

/**
 * Graver first: by {@link riskRank}, then more endpoints, then older. An unknown age counts as old. Two rows that are equal
 * in all of this are equal: callers break the tie by a name.
 */
export function compareRisk(a: RiskFacts, b: RiskFacts): number {
  const difference = riskRank(b) - riskRank(a) || b.endpoints - a.endpoints;
  if (difference !== 0) return difference;
  const [first, second] = [a.publishedAt ?? '', b.publishedAt ?? ''];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** The rule that placed a row, for people to see why it stands where it stands. */
export function decidingRule(facts: Omit<RiskFacts, 'endpoints' | 'publishedAt'>): RiskRule {
  if (facts.kev === 'ransomware') return 'ransomware';
  if (facts.kev === 'listed') return 'exploited';
  if (facts.exploited === true) return 'vendor-exploited';
  if (!facts.security) return 'none';
  if (facts.severity !== 'not stated') return 'severity';
  if (facts.epss !== null) return 'epss';
  if (facts.cvss !== null) return 'cvss';
  return 'security';
}
