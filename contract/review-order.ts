import type { ReviewRow } from './reviews.ts';

const SEVERITY: readonly (readonly string[])[] = [
  ['low', 'negligible'],
  ['medium', 'moderate'],
  ['high', 'important'],
  ['critical', 'emergency'],
];

/**
 * How pressing a patch is, as one number to order by, 0 and up: what is exploited first, then what the vendor calls severe, then the
 * scores. Here because the engine sends lists in this order and windows sort by it: the two must never differ.
 */
export function riskOf(row: Pick<ReviewRow, 'kev' | 'security' | 'severity' | 'epss' | 'cvss'>): number {
  const exploited = row.kev === 'ransomware' ? 2 : row.kev === 'listed' ? 1 : 0;
  const word = row.severity.toLowerCase();
  const severity = SEVERITY.findIndex((words) => words.includes(word)) + 1;
  const scores = (row.epss ?? 0) * 100 + (row.cvss ?? 0) / 10;
  return exploited * 1_000_000 + (row.security ? 100_000 : 0) + severity * 10_000 + scores;
}
