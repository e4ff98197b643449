import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { EndpointSummary } from '../../../contract/endpoints.ts';
import type { Failure } from '../../../contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { RadioField } from '../../components/fields.tsx';
import { Panel } from '../../components/layout.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';

type Reach = 'security' | 'everything';

/** Freezes what will be installed where. The endpoints themselves say what their package manager would really do. */
export function MakePlan(props: { readonly endpoints: readonly EndpointSummary[] }) {
  const { endpoints, operations, navigation } = useApplication();
  const selected = useStore(endpoints, (state) => state.selected);
  const [reach, setReach] = useState<Reach>('everything');
  const [operationId, setOperationId] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const operation = useStore(operations, (state) =>
    operationId === null ? undefined : state.operations.get(operationId),
  );
  const chosen =
    selected.size === 0 ? props.endpoints : props.endpoints.filter((row) => selected.has(row.id));
  const count = (row: EndpointSummary): number =>
    reach === 'security' ? row.findings.security : row.findings.total;
  const withFindings = chosen.filter((row) => count(row) > 0);
  const notCarried = withFindings.reduce((sum, row) => sum + row.findings.notCarried, 0);
  const { go, openSection } = navigation.getState();

  const make = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    const started = await endpoints.getState().makePlan({
      endpointIds: withFindings.map((row) => row.id),
      onlySecurity: reach === 'security',
    });
    if (!started.ok) {
      setFailure(started.failure);
      setBusy(false);
      return;
    }
    setOperationId(started.value.operationId);
    const ended = await operations.getState().wait(started.value.operationId);
    setBusy(false);
    if (!ended.ok) {
      setOperationId(null);
      if (ended.failure.code !== 'CONTRACT_CANCELLED') setFailure(ended.failure);
      return;
    }
    const { planId } = ended.value.result;
    endpoints.getState().select([]);
    openSection('endpoints', 'findings');
    go('approvals', typeof planId === 'string' ? planId : null);
  };
  // The first field takes the focus, as the panel came because somebody asked for it.
  useEffect(() => document.querySelector<HTMLElement>('.panel input')?.focus(), []);

  return (
    <Panel label="Make a plan" title="Make a plan" onClose={() => openSection('endpoints', 'findings')}>
      <div className="scroll form">
        <p>
          A plan says exactly which packages come onto which endpoints, and what else they pull in. Making it
          changes nothing on the endpoints.
        </p>
        <RadioField
          label="What to install"
          value={reach}
          onChange={setReach}
          choices={[
            {
              value: 'everything',
              label: 'Everything the catalogue carries',
              hint: 'All findings of these endpoints, security or not.',
            },
            {
              value: 'security',
              label: 'Security patches only',
              hint: 'And what they need to be installed.',
            },
          ]}
        />
        <div className="field">
          <span className="label">
            {selected.size === 0
              ? `On every endpoint with findings: ${countOf(withFindings.length, 'endpoint')}`
              : `On ${countOf(withFindings.length, 'endpoint')} of the ${countOf(selected.size, 'endpoint')} you selected`}
          </span>
          {withFindings.length === 0 ? (
            <p className="soft">None of them has such a finding.</p>
          ) : (
            <ul className="plan-endpoints" tabIndex={0} aria-label="Endpoints of the plan">
              {withFindings.map((row) => (
                <li key={row.id}>
                  <span>{row.name}</span>
                  <span className="soft">{countOf(count(row), 'finding')}</span>
                </li>
              ))}
            </ul>
          )}
        </div>
        {notCarried > 0 && (
          <Note tone="warn">
            <p>
              {countOf(notCarried, 'finding is', 'findings are')} not carried by any imported bundle and can't
              be part of the plan.
            </p>
          </Note>
        )}
        {failure !== null && <FailureNote failure={failure} what="No plan was made" />}
        {operation !== undefined && (
          <OperationProgress
            operation={operation}
            onCancel={() => void operations.getState().cancel(operation.id)}
          />
        )}
        <div className="form-foot">
          <Button onPress={() => openSection('endpoints', 'findings')}>Close</Button>
          <Button kind="primary" disabled={withFindings.length === 0} busy={busy} onPress={() => void make()}>
            Make the plan
          </Button>
        </div>
      </div>
    </Panel>
  );
}
