import { useEffect, useState } from 'react';
import type { BundleDiffView } from '../../../contract/risk.ts';
import type { Failure } from '../../../contract/errors.ts';
import { FailureNote, Loading } from '../../components/notes.tsx';
import { countOf, formatCount } from '../../format/figures.ts';
import { capitalise } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';

/** Longer lists say how many more there are. */
const SHOWN = 30;
const GRAVEST = 10;

/** What a bundle brings beside the one before it. */
export function BundleDiff(props: { readonly from: string; readonly to: string }) {
  const { catalogue } = useApplication();
  const { from, to } = props;
  const [diff, setDiff] = useState<BundleDiffView | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    let current = true;
    setDiff(null);
    setFailure(null);
    void catalogue
      .getState()
      .diff(from, to)
      .then((reply) => {
        if (!current) return;
        if (reply.ok) setDiff(reply.value);
        else setFailure(reply.failure);
      });
    return () => {
      current = false;
    };
  }, [catalogue, from, to]);
  if (failure !== null) return <FailureNote failure={failure} what="The bundles could not be compared" />;
  if (diff === null) return <Loading what="the bundle before" />;
  const rows = [
    ...diff.changed.map(({ from: old, to: patch }) => ({ patch, before: old.version })),
    ...diff.added.map((patch) => ({ patch, before: null })),
  ];
  return (
    <>
      <p className="soft">
        {countOf(diff.added.length, 'patch', 'patches')} added, {formatCount(diff.changed.length)} newer,{' '}
        {diff.gone === null
          ? 'what the site had is left out'
          : `${formatCount(diff.gone.length)} no longer in it`}
        ; {countOf(diff.advisories.length, 'new advisory', 'new advisories')},{' '}
        {countOf(diff.cves.length, 'CVE')} newly covered.
      </p>
      <NewAdvisories advisories={diff.advisories} />
      <ul className="plain-list">
        {rows.slice(0, SHOWN).map(({ patch, before }) => (
          <li key={patch.id}>
            {patch.package}{' '}
            <code className="soft">{before === null ? patch.version : `${before} → ${patch.version}`}</code>
          </li>
        ))}
      </ul>
      {rows.length > SHOWN && <p className="soft">And {formatCount(rows.length - SHOWN)} more.</p>}
    </>
  );
}

const GRAVITY = ['critical', 'high', 'medium', 'low'];
const gravityOf = (severity: string): number => {
  const at = GRAVITY.indexOf(severity);
  return at < 0 ? GRAVITY.length : at;
};

/** The gravest first, with the CVEs that they fix. */
function NewAdvisories(props: { readonly advisories: BundleDiffView['advisories'] }) {
  const sorted = props.advisories.toSorted((a, b) => gravityOf(a.severity) - gravityOf(b.severity));
  if (sorted.length === 0) return null;
  return (
    <>
      <table className="plain-table">
        <thead>
          <tr>
            <th>New advisory</th>
            <th>Severity</th>
            <th>CVEs</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, GRAVEST).map((advisory) => (
            <tr key={advisory.id}>
              <td>
                {advisory.title}
                {advisory.advisory !== null && <span className="field-hint">{advisory.advisory}</span>}
              </td>
              <td>{capitalise(advisory.severity)}</td>
              <td className="mono">{listCves(advisory.cves)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > GRAVEST && (
        <p className="soft">And {countOf(sorted.length - GRAVEST, 'advisory', 'advisories')} more.</p>
      )}
    </>
  );
}

const listCves = (cves: readonly string[]): string =>
  cves.length <= 3
    ? cves.join(' ')
    : `${cves.slice(0, 3).join(' ')} and ${formatCount(cves.length - 3)} more`;
