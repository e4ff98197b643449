import { ListPlus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { OutputOf } from '../../../contract/channels.ts';
import type { PatchView } from '../../../contract/catalogue.ts';
import type { PatchDetail } from '../../../contract/risk.ts';
import type { Failure } from '../../../contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { Facts } from '../../components/facts.tsx';
import { Panel } from '../../components/layout.tsx';
import { FailureNote, Loading, Note } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { countOf, formatBytes } from '../../format/figures.ts';
import { capitalise } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';
import { PatchFacts } from './patch-facts.tsx';

/** What a patch is, whom it closes holes for, and the way to a plan of it alone. */
export function PatchPanel(props: {
  readonly patch: PatchView;
  readonly mayPlan: boolean;
  readonly onClose: () => void;
}) {
  const { catalogue, endpoints, navigation, operations } = useApplication();
  const { patch } = props;
  const [needed, setNeeded] = useState<OutputOf<'catalogue.endpointsOf'> | null>(null);
  const [detail, setDetail] = useState<PatchDetail | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [operationId, setOperationId] = useState<string | null>(null);
  const operation = useStore(operations, (state) =>
    operationId === null ? undefined : state.operations.get(operationId),
  );
  useEffect(() => {
    let current = true;
    void catalogue
      .getState()
      .detailOf(patch.id)
      .then((reply) => {
        if (!current) return;
        if (reply.ok) setDetail(reply.value);
        else setFailure(reply.failure);
      });
    void catalogue
      .getState()
      .endpointsOf(patch.id)
      .then((reply) => {
        if (!current) return;
        if (reply.ok) setNeeded(reply.value);
        else setFailure(reply.failure);
      });
    return () => {
      current = false;
    };
  }, [catalogue, patch.id]);
  const plan = async (): Promise<void> => {
    setFailure(null);
    const started = await endpoints.getState().makePlan({ packages: [patch.package] });
    if (!started.ok) {
      setFailure(started.failure);
      return;
    }
    setOperationId(started.value.operationId);
    const ended = await operations.getState().wait(started.value.operationId);
    if (ended.ok) {
      const { planId } = ended.value.result;
      navigation.getState().go('approvals', typeof planId === 'string' ? planId : null);
    } else {
      setOperationId(null);
      if (ended.failure.code !== 'CONTRACT_CANCELLED') setFailure(ended.failure);
    }
  };
  return (
    <Panel
      label={`Patch ${patch.package}`}
      title={patch.package}
      subtitle={patch.description}
      onClose={props.onClose}
      actions={
        props.mayPlan &&
        patch.carried &&
        patch.endpoints > 0 && (
          <Button icon={ListPlus} onPress={() => void plan()} busy={operation?.status === 'running'}>
            Plan
          </Button>
        )
      }
    >
      <div className="scroll">
        {failure !== null && <FailureNote failure={failure} />}
        {operation !== undefined && (
          <OperationProgress
            operation={operation}
            onCancel={() => void operations.getState().cancel(operation.id)}
          />
        )}
        {!patch.carried && (
          <Note tone="warn" title="Not carried">
            <p>
              An index names it, but no imported bundle holds the file. Export a needs-list for the next
              bundle.
            </p>
          </Note>
        )}
        {detail === null ? (
          failure === null && <Loading what="what vendors say" />
        ) : (
          <PatchFacts detail={detail} severity={patch.severity} />
        )}
        <h3>Package</h3>
        <Facts
          facts={[
            { label: 'Version', value: <code>{patch.version}</code> },
            { label: 'Architecture', value: patch.arch },
            { label: 'Source', value: patch.source },
            { label: 'Repository', value: `${patch.repository}, ${patch.codename}` },
            { label: 'Section', value: patch.section },
            {
              label: 'Severity',
              value:
                patch.severity === '' || patch.severity === 'not stated'
                  ? 'The vendor states none'
                  : capitalise(patch.severity),
            },
            {
              label: 'Urgency',
              value:
                patch.urgency === '' || patch.urgency === 'not stated'
                  ? 'The vendor states none'
                  : capitalise(patch.urgency),
            },
            {
              label: 'Size',
              value: `${formatBytes(patch.size)}, ${formatBytes(patch.installedSize)} installed`,
            },
            { label: 'SHA-256', value: <code className="breakable">{patch.sha256}</code> },
          ]}
        />
        <h3>{countOf(patch.endpoints, 'endpoint needs it', 'endpoints need it')}</h3>
        {needed === null ? (
          failure === null && <Loading what="the endpoints" />
        ) : (
          <ul className="needed-list">
            {needed.map((row) => (
              <li key={row.endpointId}>
                <Button
                  kind="quiet"
                  onPress={() => navigation.getState().go('endpoints', row.endpointId, 'findings')}
                >
                  {row.endpointName}
                </Button>
                <code className="soft">has {row.installed}</code>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}
