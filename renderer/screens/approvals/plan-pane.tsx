import { Send } from 'lucide-react';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { PlanView } from '../../../contract/runs.ts';
import { Button } from '../../components/button.tsx';
import { Digest, Facts, VersionChange } from '../../components/facts.tsx';
import { FailureNote, Loading } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatWhenInside } from '../../format/dates.ts';
import { countOf, formatBytes } from '../../format/figures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { LeftOut, PlannedEndpoints } from './plan-parts.tsx';

interface PlannedChange {
  readonly key: string;
  readonly name: string;
  readonly from: string | null;
  readonly to: string;
  readonly requested: boolean;
  readonly endpoints: number;
}

/** One row for each change, however many endpoints it comes to. */
export function listChanges(plan: PlanView): PlannedChange[] {
  const changes = new Map<string, PlannedChange>();
  for (const endpoint of plan.endpoints) {
    for (const patch of endpoint.packages) {
      const key = `${patch.name}:${patch.arch} ${patch.from ?? ''} ${patch.to}`;
      const known = changes.get(key);
      changes.set(key, {
        key,
        name: patch.name,
        from: patch.from,
        to: patch.to,
        requested: patch.requested,
        endpoints: (known?.endpoints ?? 0) + 1,
      });
    }
  }
  return [...changes.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** A plan that nobody asked an approval for yet, once it is there. */
export function PlanPane(props: { readonly mayAsk: boolean }) {
  const { approvals } = useApplication();
  const { value, failure } = useStore(approvals, (state) => state.plan);
  if (value !== null) return <OpenPlan plan={value} mayAsk={props.mayAsk} />;
  return (
    <div className="detail">
      {failure === null ? <Loading what="the plan" /> : <FailureNote failure={failure} />}
    </div>
  );
}

function OpenPlan(props: { readonly plan: PlanView; readonly mayAsk: boolean }) {
  const { approvals, navigation } = useApplication();
  const now = useNow(60_000);
  const { plan } = props;
  const changes = useMemo(() => listChanges(plan), [plan]);
  const ask = useAction(() => approvals.getState().request(plan.id));
  return (
    <div className="detail detail-with-bar">
      <div className="detail-columns scroll">
        <div className="detail-main">
          <header className="detail-head">
            <div>
              <h2>
                {countOf(changes.length, 'patch', 'patches')} on {countOf(plan.endpoints.length, 'endpoint')}
              </h2>
              <span className="soft">Plan, not asked for yet</span>
            </div>
          </header>
          <section>
            <h3>What it changes</h3>
            <table className="plain-table table-changes">
              <thead>
                <tr>
                  <th>Package</th>
                  <th>Change</th>
                  <th className="cell-end">Endpoints</th>
                </tr>
              </thead>
              <tbody>
                {changes.map((change) => (
                  <tr key={change.key}>
                    <td>
                      {change.name}
                      {!change.requested && <span className="soft">, pulled in</span>}
                    </td>
                    <td>
                      <VersionChange from={change.from} to={change.to} />
                    </td>
                    <td className="cell-end">{change.endpoints}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <section>
            <h3>Endpoints</h3>
            <PlannedEndpoints endpoints={plan.endpoints} />
          </section>
          <LeftOut leftOut={plan.leftOut} />
        </div>
        <aside className="detail-facts" aria-label="Facts of this plan">
          <Facts
            stacked
            facts={[
              {
                label: 'Made by',
                value: `${plan.createdBy}, ${formatWhenInside(plan.createdAt, now)}`,
              },
              { label: 'To install', value: `${countOf(plan.packages, 'package')} in all` },
              { label: 'To transfer', value: formatBytes(plan.bytes) },
            ]}
          />
          <h3>Digest</h3>
          <Digest digest={plan.digest} label="Digest of the plan" />
        </aside>
      </div>
      <section className="decision-bar" aria-label="Decision">
        {ask.failure !== null && <FailureNote failure={ask.failure} what="Nobody was asked" />}
        <div className="decision-row">
          <p>
            {props.mayAsk
              ? 'Somebody else must approve it before it can run.'
              : 'An engineer can ask for its approval.'}
          </p>
          <span className="spacer" />
          {props.mayAsk && (
            <Button
              kind="primary"
              icon={Send}
              busy={ask.busy}
              onPress={() =>
                void ask.run().then((approval) => {
                  if (approval !== null) navigation.getState().openObject('approvals', approval.id);
                })
              }
            >
              Ask for approval
            </Button>
          )}
        </div>
      </section>
    </div>
  );
}
