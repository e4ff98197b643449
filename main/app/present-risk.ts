import type { RiskView } from '../../contract/risk.ts';
import type { JudgedRisk } from '../catalogue/risk-store.ts';

export function presentRisk(risk: JudgedRisk): RiskView {
  return {
    rule: risk.rule,
    kev: risk.kev ?? 'unknown',
    kevDue: risk.kevDue,
    exploited: risk.exploited,
    epss: risk.epss,
    cvss:
      risk.cvss === null
        ? null
        : { base: risk.cvss.base, version: risk.cvss.version, source: risk.cvssSource ?? '' },
  };
}
