import type { PlanView } from '../../../contract/runs.ts';
import { Note } from '../../components/notes.tsx';
import { countOf } from '../../format/figures.ts';
import { REBOOT_POLICY_WORDS, SNAPSHOT_MODE_WORDS } from '../../format/words.ts';

const FEW = 60;

export function PlannedEndpoints(props: { readonly endpoints: PlanView['endpoints'] }) {
  const shown = props.endpoints.slice(0, FEW);
  const rest = props.endpoints.length - shown.length;
  return (
    <>
      <table className="plain-table">
        <thead>
          <tr>
            <th>Endpoint</th>
            <th>Snapshot</th>
            <th>If it goes wrong</th>
            <th>Reboot</th>
            <th className="cell-end">Packages</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((endpoint) => (
            <tr key={endpoint.endpointId}>
              <td>
                {endpoint.endpointName}
                <span className="soft"> {endpoint.codename}</span>
              </td>
              <td title={SNAPSHOT_MODE_WORDS[endpoint.snapshotMode].means}>
                {SNAPSHOT_MODE_WORDS[endpoint.snapshotMode].word}
              </td>
              <td>{endpoint.restoreOnFailure ? 'Restore' : 'Leave it'}</td>
              <td>{REBOOT_POLICY_WORDS[endpoint.rebootPolicy]}</td>
              <td className="cell-end">{endpoint.packages.length}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 && <p className="soft small">And {countOf(rest, 'more endpoint', 'more endpoints')}.</p>}
    </>
  );
}

export function LeftOut(props: { readonly leftOut: PlanView['leftOut'] }) {
  if (props.leftOut.length === 0) return null;
  return (
    <section>
      <h3>Left out</h3>
      <Note
        tone="warn"
        title={`${countOf(props.leftOut.length, 'endpoint is', 'endpoints are')} not in the plan`}
      >
        <ul className="plain-list">
          {props.leftOut.map((row) => (
            <li key={row.endpointId}>
              <strong>{row.endpointName}</strong>: {row.message} <code>{row.code}</code>
            </li>
          ))}
        </ul>
      </Note>
    </section>
  );
}
