import { CircleStop } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { RunView, TaskView } from '../../../contract/runs.ts';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { FailureNote, Loading } from '../../components/notes.tsx';
import { Status } from '../../components/status.tsx';
import { rowsOf } from '../../components/table-sort.ts';
import { useAction } from '../../components/use-action.ts';
import { formatDuration, formatInstant, formatWhenInside } from '../../format/dates.ts';
import { countOf, shortenDigest } from '../../format/figures.ts';
import { TASK_STATE_ORDER } from '../../format/words.ts';
import { PoliciesOf } from '../../policy/policies-of.tsx';
import { useApplication, useNow } from '../../stores/context.tsx';
import { withLiveProgress } from '../../stores/runs-store.ts';
import { holdsRole } from '../../stores/session-store.ts';
import { laneColumns } from './lanes.tsx';
import { TaskPane } from './task-pane.tsx';

export function RunPane() {
  const { runs } = useApplication();
  const run = useStore(runs, (state) => state.run);
  const live = useStore(runs, (state) => state.live);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const tasks = useMemo(
    () => (run.value?.tasks ?? []).map((task) => withLiveProgress(task, live.get(task.endpointId))),
    [run.value, live],
  );
  const rows = useMemo(() => rowsOf(tasks), [tasks]);
  const goesBack = tasks.some((task) => task.steps.some((step) => step.step === 'restore'));
  const columns = useMemo(() => laneColumns(goesBack), [goesBack]);
  if (run.value === null) {
    return (
      <div className="detail">
        {run.failure === null ? <Loading what="the run" /> : <FailureNote failure={run.failure} />}
      </div>
    );
  }
  const chosen = tasks.find((task) => task.endpointId === chosenId) ?? pickTask(tasks);
  return (
    <div className="detail run">
      <RunHead view={run.value} />
      <DataTable
        label="Endpoints of this run, step by step"
        columns={columns}
        rows={rows}
        keyOf={(task) => task.endpointId}
        activeKey={chosen?.endpointId ?? null}
        activeIndex={tasks.findIndex((task) => task.endpointId === chosen?.endpointId)}
        onActivate={(task) => setChosenId(task.endpointId)}
        onOpen={() => document.querySelector<HTMLElement>('.task [role=tab][aria-selected=true]')?.focus()}
        rowHeight={36}
      />
      {chosen !== undefined && <TaskPane key={chosen.endpointId} task={chosen} runId={run.value.run.id} />}
    </div>
  );
}

/** What a person would look at first: what needs them, then what went wrong, then what is under way. */
function pickTask(tasks: readonly TaskView[]): TaskView | undefined {
  for (const state of TASK_STATE_ORDER) {
    const found = tasks.find((task) => task.status === state);
    if (found !== undefined) return found;
  }
  return tasks[0];
}

function RunHead(props: { readonly view: RunView }) {
  const { runs, session, navigation } = useApplication();
  const now = useNow();
  const { run, tasks } = props.view;
  const mayStop = useStore(session, (state) => holdsRole(state, 'engineer', 'service-manager'));
  const [asking, setAsking] = useState(false);
  const stop = useAction(() => runs.getState().cancel(run.id));
  const counts = TASK_STATE_ORDER.map((state) => ({
    state,
    count: tasks.filter((task) => task.status === state).length,
  })).filter(({ count }) => count > 0);
  const waiting = tasks.filter((task) => task.status === 'waiting').length;
  const underWay = tasks.filter((task) => task.status === 'running').length;
  const ended = run.status === 'ended';
  const length = (run.endedAt === null ? now : Date.parse(run.endedAt)) - Date.parse(run.startedAt);
  return (
    <header className="run-head">
      <div className="run-title">
        <h2 title={formatInstant(run.startedAt)}>Run of {formatWhenInside(run.startedAt, now)}</h2>
        <p className="soft">
          {ended ? 'Took' : 'Under way for'} {formatDuration(length)}. Started by {run.startedBy}, approved by{' '}
          {run.approvedBy}.{' '}
          <button
            type="button"
            className="link"
            onClick={() => navigation.getState().go('approvals', run.approvalId)}
          >
            Digest {shortenDigest(run.planDigest)}
          </button>
        </p>
        <PoliciesOf approvalId={run.approvalId} stamp={run.id} />
      </div>
      {!ended && mayStop && !asking && (
        <Button icon={CircleStop} disabled={run.cancelRequested} onPress={() => setAsking(true)}>
          {run.cancelRequested ? 'Stopping between steps' : 'Stop'}
        </Button>
      )}
      <div className="outcomes">
        {counts.map(({ state, count }) => (
          <Status key={state} state={state} count={count} strong />
        ))}
      </div>
      {asking && !run.cancelRequested && (
        <div className="note tone-warn stop-note" role="group" aria-label="Stop the run">
          <CircleStop aria-hidden size={17} />
          <div className="note-body">
            <p>
              Stopping takes effect between steps. {countOf(underWay, 'endpoint')} under way{' '}
              {underWay === 1 ? 'finishes its' : 'finish their'} step and {underWay === 1 ? 'goes' : 'go'} no
              further; {countOf(waiting, 'endpoint')} that {waiting === 1 ? 'waits is' : 'wait are'} not
              touched. No install is torn down in the middle.
            </p>
            <div className="note-foot">
              <Button
                kind="danger"
                busy={stop.busy}
                onPress={() => void stop.run().then(() => setAsking(false))}
              >
                Stop the run
              </Button>
              <Button onPress={() => setAsking(false)}>Let it go on</Button>
            </div>
          </div>
        </div>
      )}
      {stop.failure !== null && <FailureNote failure={stop.failure} what="The run was not stopped" />}
    </header>
  );
}
