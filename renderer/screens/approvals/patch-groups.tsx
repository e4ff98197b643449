import { ShieldAlert } from 'lucide-react';
import { useMemo } from 'react';
import type { ApprovalDetail } from '../../../contract/runs.ts';
import { RiskBadge, RiskScores } from '../../components/risk.tsx';
import { Badge } from '../../components/status.tsx';
import { countOf, formatBytes } from '../../format/figures.ts';
import { capitalise, toneOfSeverity } from '../../format/words.ts';

type ApprovedPatch = ApprovalDetail['patches'][number];

export interface SourceGroup {
  readonly source: string;
  readonly to: string;
  readonly severity: string;
  readonly urgency: string;
  readonly cves: readonly string[];
  readonly size: number;
  readonly patches: readonly ApprovedPatch[];
}

/** Binary packages of one source at one version are one thing to decide on. */
export function groupBySource(patches: readonly ApprovedPatch[]): SourceGroup[] {
  const groups = new Map<string, ApprovedPatch[]>();
  for (const patch of patches) {
    const key = `${patch.source} ${patch.to}`;
    groups.set(key, [...(groups.get(key) ?? []), patch]);
  }
  return [...groups.values()]
    .map((members) => {
      const [first] = members;
      return {
        source: first?.source ?? '',
        to: first?.to ?? '',
        severity: first?.severity ?? '',
        urgency: first?.urgency ?? '',
        cves: [...new Set(members.flatMap((patch) => patch.cves))].sort(),
        size: members.reduce((sum, patch) => sum + patch.size, 0),
        patches: members,
      };
    })
    .sort((a, b) => b.cves.length - a.cves.length || a.source.localeCompare(b.source, 'en'));
}

export function ApprovedPatches(props: { readonly detail: ApprovalDetail }) {
  const { patches } = props.detail;
  const parts = useMemo(() => {
    const requested = patches.filter((patch) => patch.requested);
    return {
      security: groupBySource(requested.filter((patch) => patch.security)),
      other: groupBySource(requested.filter((patch) => !patch.security)),
      pulledIn: groupBySource(patches.filter((patch) => !patch.requested)),
    };
  }, [patches]);
  return (
    <>
      <PatchSection title="Security patches" groups={parts.security} />
      <PatchSection title="Other patches" groups={parts.other} />
      <PatchSection
        title="Also pulled in"
        lead="Nobody asked for these by name; the package manager needs them for the rest. They are part of what you approve."
        groups={parts.pulledIn}
      />
    </>
  );
}

function PatchSection(props: {
  readonly title: string;
  readonly lead?: string;
  readonly groups: readonly SourceGroup[];
}) {
  if (props.groups.length === 0) return null;
  const count = props.groups.reduce((sum, group) => sum + group.patches.length, 0);
  return (
    <section>
      <h3>
        {props.title} <span className="soft">{countOf(count, 'package')}</span>
      </h3>
      {props.lead !== undefined && <p className="soft small">{props.lead}</p>}
      <ul className="patch-groups">
        {props.groups.map((group) => (
          <PatchGroup key={`${group.source}${group.to}`} group={group} />
        ))}
      </ul>
    </section>
  );
}

/** Rules that say attacks are known. */
const EXPLOITED: ReadonlySet<string> = new Set(['ransomware', 'exploited', 'vendor-exploited']);

function PatchGroup(props: { readonly group: SourceGroup }) {
  const { group } = props;
  const security = group.patches.some((patch) => patch.security);
  const exploited = group.patches.find((patch) => EXPLOITED.has(patch.risk.rule));
  const scored = group.patches.find((patch) => patch.security);
  return (
    <li>
      <details className="patch-group">
        <summary>
          <span className="patch-source">
            <strong>{group.source}</strong>
            <code>{group.to}</code>
          </span>
          <span className="patch-why">
            {security && exploited !== undefined && (
              <RiskBadge risk={exploited.risk} severity={exploited.severity} />
            )}
            {security && (
              <Badge tone={toneOfSeverity(group.severity)} icon={ShieldAlert}>
                {group.severity === 'not stated' ? 'Security' : capitalise(group.severity)}
              </Badge>
            )}
            <span className="patch-cves">{group.cves.length > 0 && countOf(group.cves.length, 'CVE')}</span>
            <span className="patch-size figures">{formatBytes(group.size)}</span>
          </span>
        </summary>
        <div className="patch-more">
          {group.cves.length > 0 && <p className="cves">{group.cves.join(', ')}</p>}
          {scored !== undefined && <RiskScores risk={scored.risk} />}
          <table className="plain-table">
            <thead>
              <tr>
                <th>Package</th>
                <th>From</th>
                <th className="cell-end">Endpoints</th>
              </tr>
            </thead>
            <tbody>
              {group.patches.map((patch) => (
                <tr key={`${patch.package}:${patch.arch}`}>
                  <td>
                    {patch.package}
                    <span className="soft"> {patch.arch}</span>
                  </td>
                  <td>
                    {[...new Set(patch.endpoints.map((endpoint) => endpoint.from ?? 'not installed'))].map(
                      (from) => (
                        <code key={from} className="from-version">
                          {from}
                        </code>
                      ),
                    )}
                  </td>
                  <td
                    className="cell-end"
                    title={patch.endpoints.map((endpoint) => endpoint.name).join(', ')}
                  >
                    {patch.endpoints.length}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </li>
  );
}
