import { Flame, ShieldAlert, Skull } from 'lucide-react';
import type { RiskView } from '../../contract/risk.ts';
import { describeRisk, formatLikelihood, formatScore } from '../format/risk.ts';
import { Badge } from './status.tsx';

/** Why a row stands where it stands: one word, one icon, and the reason on hover and for a screen reader. */
export function RiskBadge(props: { readonly risk: RiskView; readonly severity: string }) {
  const { word, tone, reason } = describeRisk(props.risk, props.severity);
  if (props.risk.rule === 'none') return <span className="soft">{word}</span>;
  const icon =
    props.risk.rule === 'ransomware' ? Skull : props.risk.rule.endsWith('exploited') ? Flame : ShieldAlert;
  return (
    <span title={reason}>
      <Badge tone={tone} icon={icon}>
        {word}
      </Badge>
    </span>
  );
}

/** The two scores beside each other; `unknown` is said, never shown as 0. */
export function RiskScores(props: { readonly risk: RiskView }) {
  const { risk } = props;
  return (
    <span className="risk-scores">
      <span>EPSS {formatLikelihood(risk.epss)}</span>
      <span>
        CVSS {formatScore(risk)}
        {risk.cvss !== null && ` (${risk.cvss.version})`}
      </span>
    </span>
  );
}
