import type { EpssScore } from './epss.ts';
import type { KevEntry } from './kev.ts';
import type { CveStatement, RiskFeed, RiskList, RiskRow } from './risk-list.ts';

/**
 * Puts together what one bundle says of CVEs. Known exploitation is carried whole, also of CVEs that no advisory at hand
 * names: it is small, and an older bundle may have named them.
 *
 * @param cves of the advisories of this bundle and of those before it: what likelihoods are kept of
 */
export function composeRisk(input: {
  readonly feeds: readonly RiskFeed[];
  readonly kev: readonly KevEntry[];
  readonly epss: readonly EpssScore[];
  readonly statements: readonly CveStatement[];
  readonly cves: ReadonlySet<string>;
}): RiskList {
  const rows = new Map<string, RiskRow>();
  const add = (cve: string, more: Omit<RiskRow, 'cve'>): void => {
    rows.set(cve, { ...rows.get(cve), ...more, cve });
  };
  for (const { cve, ...kev } of input.kev) add(cve, { kev });
  for (const { cve, ...epss } of input.epss) if (input.cves.has(cve)) add(cve, { epss });
  for (const { cve, cvss = [], vendor = [], notAffected = [] } of input.statements) {
    const known = rows.get(cve);
    const merged = {
      cvss: unite([...(known?.cvss ?? []), ...cvss]).slice(0, 64),
      vendor: unite([...(known?.vendor ?? []), ...vendor]).slice(0, 64),
      notAffected: unite([...(known?.notAffected ?? []), ...notAffected]).slice(0, 10_000),
    };
    add(cve, {
      ...(merged.cvss.length === 0 ? {} : { cvss: merged.cvss }),
      ...(merged.vendor.length === 0 ? {} : { vendor: merged.vendor }),
      ...(merged.notAffected.length === 0 ? {} : { notAffected: merged.notAffected }),
    });
  }
  return { feeds: input.feeds, rows: [...rows.values()] };
}

/** Each once, in a stable order. */
function unite<T>(items: readonly T[]): T[] {
  const byText = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...byText.keys()].sort().flatMap((key) => byText.get(key) ?? []);
}
