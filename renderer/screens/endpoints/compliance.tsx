import { useMemo } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { EndpointSummary } from '../../../contract/endpoints.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { measureCompliance, type GroupCompliance } from '../../stores/endpoint-filter.ts';

const PARTS = [
  { key: 'clear', word: 'up to date', tone: 'good' },
  { key: 'findings', word: 'other findings', tone: 'warn' },
  { key: 'security', word: 'security findings', tone: 'bad' },
  { key: 'unknown', word: 'not scanned', tone: 'quiet' },
] as const;

/** Per group one bar: how much of it has nothing missing. A press filters by the group. */
export function ComplianceBars(props: {
  readonly endpoints: readonly EndpointSummary[];
  readonly chosen: string | null;
  readonly onChoose: (group: string | null) => void;
}) {
  const groups = useMemo(() => measureCompliance(props.endpoints), [props.endpoints]);
  return (
    <div className="compliance" role="group" aria-label="Compliance by group">
      {groups.map((group) => (
        <AriaButton
          key={group.group}
          className="compliance-group"
          aria-pressed={props.chosen === group.group}
          onPress={() => props.onChoose(props.chosen === group.group ? null : group.group)}
        >
          <span className="compliance-name">{group.group}</span>
          <span className="compliance-figure">
            {formatCount(group.clear)} of {formatCount(group.total)}
            <span className="unseen">: {describeGroup(group)}</span>
          </span>
          <span className="compliance-bar" aria-hidden>
            {PARTS.map(({ key, tone }) =>
              group[key] === 0 ? null : (
                <span key={key} className={`bar-${tone}`} style={{ flexGrow: group[key] }} />
              ),
            )}
          </span>
        </AriaButton>
      ))}
    </div>
  );
}

/** The totals of the site, and what the colours of the bars mean. */
export function ComplianceTotals(props: { readonly endpoints: readonly EndpointSummary[] }) {
  const groups = useMemo(() => measureCompliance(props.endpoints), [props.endpoints]);
  return (
    <ul className="legend">
      {PARTS.map(({ key, word, tone }) => {
        const count = groups.reduce((sum, group) => sum + group[key], 0);
        return count === 0 ? null : (
          <li key={key}>
            <span className={`swatch bar-${tone}`} aria-hidden />
            {formatCount(count)} {word}
          </li>
        );
      })}
    </ul>
  );
}

function describeGroup(group: GroupCompliance): string {
  return `${countOf(group.total, 'endpoint')}, ${PARTS.map(({ key, word }) => `${formatCount(group[key])} ${word}`).join(', ')}`;
}
