import { useState } from 'react';
import { useStore } from 'zustand';
import type { DelegationView } from '../../../contract/policies.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { RevokeForm } from '../../components/revoke-form.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { sayDelegation, sayEmergency } from '../../format/policy.ts';
import { useApplication } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { ImportSigned } from './import-signed.tsx';

/** Who decides for whom, until when; a delegation comes signed by whom it is from. */
export function Delegations() {
  const { policies, session } = useApplication();
  const { value, failure } = useStore(policies, (state) => state.delegations);
  const mayChange = useStore(session, (state) => holdsRole(state, 'engineer', 'service-manager'));
  const [revoking, setRevoking] = useState<DelegationView | null>(null);
  const rows = value ?? [];
  return (
    <>
      <section aria-label="Delegations">
        <h2>Delegations</h2>
        {failure !== null && <FailureNote failure={failure} what="The delegations could not be read" />}
        {rows.length === 0 ? (
          <p className="soft">Nobody decides for somebody else.</p>
        ) : (
          <table className="plain-table">
            <thead>
              <tr>
                <th>From</th>
                <th>To</th>
                <th>Why</th>
                <th>State</th>
                {mayChange && <th className="no-print">Change</th>}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.sha256}>
                  <td>{row.from.name}</td>
                  <td>{row.to.name}</td>
                  <td>{row.reason}</td>
                  <td>{sayDelegation(row)}</td>
                  {mayChange && (
                    <td className="no-print">
                      {(row.state === 'counts' || row.state === 'not yet') && (
                        <Button onPress={() => setRevoking(row)}>
                          {`Revoke ${row.from.name} to ${row.to.name}`}
                        </Button>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {revoking !== null && (
          <RevokeForm
            key={revoking.sha256}
            className="card"
            title={`Revoke: ${revoking.to.name} decides for ${revoking.from.name}`}
            otherwise="The delegation still counts"
            revoke={(reason) => policies.getState().revoke(revoking.sha256, reason)}
            onDone={() => setRevoking(null)}
          >
            <p>What was decided under it does not count any more. This cannot be undone.</p>
          </RevokeForm>
        )}
      </section>
      {mayChange && (
        <ImportSigned
          what="delegation"
          hint="An approver signs that another approver decides for them, until a day."
          take={(file) => policies.getState().importDelegation(file)}
          say={(row) => `${row.to.name} decides for ${row.from.name}. ${sayDelegation(row)}.`}
        />
      )}
    </>
  );
}

/** Patches that customers named out of cycle. */
export function Emergencies() {
  const { policies, session, navigation, operations } = useApplication();
  const { value, failure } = useStore(policies, (state) => state.emergencies);
  const [operationId, setOperationId] = useState('');
  const operation = useStore(operations, (state) => state.operations.get(operationId));
  const mayPlan = useStore(session, (state) => holdsRole(state, 'engineer'));
  const plan = useAction(async (sha256: string) => {
    const begun = await policies.getState().planEmergency(sha256);
    if (!begun.ok) return begun;
    setOperationId(begun.value.operationId);
    const ended = await operations.getState().wait(begun.value.operationId);
    await policies.getState().refresh();
    return ended;
  });
  const rows = value ?? [];
  return (
    <>
      <section aria-label="Emergency requests">
        <h2>Emergency requests</h2>
        {failure !== null && <FailureNote failure={failure} what="The requests could not be read" />}
        {plan.failure !== null && <FailureNote failure={plan.failure} what="No plan was made" />}
        {operation?.status === 'running' && (
          <OperationProgress
            operation={operation}
            onCancel={() => void operations.getState().cancel(operation.id)}
          />
        )}
        {rows.length === 0 ? (
          <p className="soft">No customer has named patches out of cycle.</p>
        ) : (
          <table className="plain-table">
            <thead>
              <tr>
                <th>Customer</th>
                <th>Patches</th>
                <th>Why</th>
                <th>Asked</th>
                <th>State</th>
                {mayPlan && <th className="no-print">Plan</th>}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.sha256}>
                  <td>
                    {row.customer}
                    <p className="soft">{row.groups.join(', ')}</p>
                  </td>
                  <td>
                    {sayEmergency(row)}
                    {row.pullsIn && <p className="soft">With what they pull in</p>}
                  </td>
                  <td>{row.reason}</td>
                  <td>
                    {formatInstant(row.requestedAt)}, by {row.requestedBy}
                  </td>
                  <td>
                    {row.state === 'counts' ? 'Counts until' : 'Ended'} {formatInstant(row.until)}
                  </td>
                  {mayPlan && (
                    <td className="no-print">
                      {row.approvals[0] !== undefined && (
                        <Button
                          onPress={() => navigation.getState().go('approvals', row.approvals[0] ?? null)}
                        >
                          {`Open the approval of ${row.names[0]?.value ?? 'it'}`}
                        </Button>
                      )}
                      {row.state === 'counts' && (
                        <Button busy={plan.busy} onPress={() => void plan.run(row.sha256)}>
                          {`Plan ${row.names[0]?.value ?? 'it'}`}
                        </Button>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      {mayPlan && (
        <ImportSigned
          what="emergency request"
          hint="A file in which the customer names patches that cannot wait for the next list."
          take={(file) => policies.getState().importEmergency(file)}
          say={(row) => `${row.customer} asks for ${sayEmergency(row)}, until ${formatInstant(row.until)}.`}
        />
      )}
    </>
  );
}
