import type { RiskView } from '../../contract/risk.ts';

/** The rule that places a row, in a few words. */
export function describeRisk(risk: RiskView, severity: string): string {
  switch (risk.rule) {
    case 'ransomware':
      return `exploited, by ransomware${due(risk)}`;
    case 'exploited':
      return `exploited (CISA)${due(risk)}`;
    case 'vendor-exploited':
      return 'exploited (vendor)';
    case 'severity':
      return `${severity} (vendor)`;
    case 'epss':
      return `EPSS ${percent(risk.epss)}`;
    case 'cvss':
      return `CVSS ${risk.cvss === null ? 'unknown' : `${risk.cvss.base.toFixed(1)} (${risk.cvss.version})`}`;
    case 'security':
      return 'security, nothing more known';
    case 'none':
      return '-';
  }
}

/** `12.3 %`, `unknown`. */
export function percent(share: number | null): string {
  return share === null ? 'unknown' : `${(share * 100).toFixed(share < 0.001 ? 2 : 1)} %`;
}

function due(risk: RiskView): string {
  return risk.kevDue === null ? '' : `, due ${risk.kevDue}`;
}
