import { Trash2, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { SnapshotView } from '../../../contract/runs.ts';
import type { Failure } from '../../../contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { Panel } from '../../components/layout.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatDuration, formatInstant, formatWhen } from '../../format/dates.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { judgeRestorePoint } from '../../stores/snapshots-store.ts';

export function SnapshotPanel(props: { readonly snapshot: SnapshotView; readonly onClose: () => void }) {
  const { snapshots, operations, navigation, session } = useApplication();
  const now = useNow(60_000);
  const { snapshot } = props;
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  const [asking, setAsking] = useState<'restore' | 'delete' | null>(null);
  const [operationId, setOperationId] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const operation = useStore(operations, (state) =>
    operationId === null ? undefined : state.operations.get(operationId),
  );
  const restore = useAction((typed: string) =>
    snapshots.getState().restore(snapshot.id, typed, snapshot.runSucceeded),
  );
  const remove = useAction((typed: string) => snapshots.getState().remove(snapshot.id, typed));
  const state = judgeRestorePoint(snapshot, now);
  const left = Date.parse(snapshot.keptUntil) - now;
  const follow = async (typed: string): Promise<void> => {
    const started = await restore.run(typed);
    if (started === null) return;
    setAsking(null);
    setFailure(null);
    setOperationId(started.operationId);
    const ended = await operations.getState().wait(started.operationId);
    if (!ended.ok) setFailure(ended.failure);
    await snapshots.getState().refresh();
  };
  return (
    <Panel
      label={`Restore point of ${snapshot.endpointName}`}
      title={snapshot.endpointName}
      subtitle={`Restore point of ${formatInstant(snapshot.takenAt)}`}
      onClose={props.onClose}
    >
      <div className="scroll">
        {state === 'unproven' && (
          <Note tone="warn" title="Not proven">
            <p>The hypervisor never showed this snapshot when it was read back. Do not rely on it.</p>
          </Note>
        )}
        {snapshot.restoredAt !== null && (
          <Note tone="info" title={`Restored ${formatWhen(snapshot.restoredAt, now)}`} icon={Undo2} />
        )}
        {failure !== null && (
          <FailureNote failure={failure} what={`${snapshot.endpointName} was not restored`} />
        )}
        {operation !== undefined && <OperationProgress operation={operation} />}
        <Facts
          facts={[
            { label: 'Snapshot', value: <code className="breakable">{snapshot.name}</code> },
            { label: 'On', value: `${snapshot.hypervisorName}, disk of ${snapshot.vm}` },
            {
              label: 'Proven',
              value: snapshot.provenAt === null ? 'Never' : formatWhen(snapshot.provenAt, now),
            },
            {
              label: 'Kept until',
              value: `${formatInstant(snapshot.keptUntil)}${left > 0 && state !== 'deleted' ? `, ${formatDuration(left)} left` : ''}`,
            },
            {
              label: 'Run',
              value: (
                <button
                  type="button"
                  className="link"
                  onClick={() => navigation.getState().go('runs', snapshot.runId)}
                >
                  {snapshot.runSucceeded ? 'Ended well' : 'Open the run'}
                </button>
              ),
            },
          ]}
        />
        <h3>What you lose by going back</h3>
        {snapshot.wouldLose.length === 0 ? (
          <p className="soft">No package has changed since, as far as the last scan knows.</p>
        ) : (
          <ul className="diff" aria-label="Packages that go back">
            {snapshot.wouldLose.map((change) => (
              <li key={change.name}>
                <span className="diff-name">{change.name}</span>
                {change.to !== null && (
                  <code className="diff-out">
                    <span aria-label="loses">−</span> {change.to}
                  </code>
                )}
                <code className="diff-in">
                  <span aria-label="gets">+</span> {change.from ?? 'not installed'}
                </code>
              </li>
            ))}
          </ul>
        )}
        <p className="soft small">
          Everything else written to its disk since {formatInstant(snapshot.takenAt)} is lost as well: files,
          logs, databases.
        </p>
        {isEngineer && state !== 'deleted' && (
          <div className="panel-actions">
            <Button
              kind="danger"
              icon={Undo2}
              disabled={state === 'unproven' || operation?.status === 'running'}
              onPress={() => setAsking('restore')}
            >
              Restore {snapshot.endpointName}
            </Button>
            <Button kind="quiet" icon={Trash2} onPress={() => setAsking('delete')}>
              Delete this restore point
            </Button>
          </div>
        )}
      </div>
      {asking === 'restore' && (
        <ConfirmDialog
          title={`Restore ${snapshot.endpointName}`}
          name={snapshot.endpointName}
          nameLabel="Name of the endpoint"
          actionLabel="Restore"
          alsoConfirm={
            snapshot.runSucceeded
              ? 'The run after this snapshot succeeded. I want to go back all the same.'
              : undefined
          }
          busy={restore.busy}
          failure={restore.failure}
          onConfirm={(typed) => void follow(typed)}
          onClose={() => setAsking(null)}
        >
          <p>
            {snapshot.endpointName} is switched off and its disk goes back to{' '}
            {formatInstant(snapshot.takenAt)}.{' '}
            {snapshot.wouldLose.length === 0
              ? 'Everything written since is lost.'
              : `${countOf(snapshot.wouldLose.length, 'package goes', 'packages go')} back, and everything else written since is lost.`}
          </p>
        </ConfirmDialog>
      )}
      {asking === 'delete' && (
        <ConfirmDialog
          title="Delete this restore point"
          name={snapshot.endpointName}
          nameLabel="Name of the endpoint"
          actionLabel="Delete"
          busy={remove.busy}
          failure={remove.failure}
          onConfirm={(typed) =>
            void remove.run(typed).then((value) => {
              if (value !== null) setAsking(null);
            })
          }
          onClose={() => setAsking(null)}
        >
          <p>
            The snapshot of {formatInstant(snapshot.takenAt)} is removed from {snapshot.hypervisorName}.
            Afterwards {snapshot.endpointName} can&apos;t go back to it.
          </p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}
