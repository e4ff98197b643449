import { ListPlus, Play } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import type { RunSummary } from '../../../contract/runs.ts';
import { Button } from '../../components/button.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { ObjectList } from '../../components/object-list.tsx';
import { Ring, StatusIcon } from '../../components/status.tsx';
import { formatWhen } from '../../format/dates.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { TASK_STATE_ORDER, TASK_STATES } from '../../format/words.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { sortRuns } from '../../stores/runs-store.ts';
import { RunPane } from './run-pane.tsx';

export function RunsScreen() {
  const { runs, navigation } = useApplication();
  const now = useNow(60_000);
  const list = useStore(runs, (state) => state.list);
  const openId = useStore(navigation, (state) => state.open.runs ?? null);
  const sorted = useMemo(() => sortRuns(list.value ?? []), [list.value]);
  const groups = useMemo(
    () =>
      [
        { title: 'Under way', items: sorted.filter((run) => run.status !== 'ended') },
        { title: 'Ended', items: sorted.filter((run) => run.status === 'ended') },
      ].filter((group) => group.items.length > 0),
    [sorted],
  );
  const chosen = sorted.find((run) => run.id === openId) ?? sorted[0];
  const chosenId = chosen?.id ?? null;
  useEffect(() => void runs.getState().openRun(chosenId), [runs, chosenId]);
  if (list.value === null) {
    return list.failure === null ? <Loading what="the runs" /> : <FailureNote failure={list.failure} />;
  }
  const running = list.value.filter((run) => run.status === 'running').length;
  return (
    <div className="master">
      <ScreenHead
        title="Runs"
        summary={
          list.value.length === 0
            ? 'None yet'
            : `${countOf(list.value.length, 'run')}, ${running === 0 ? 'none' : formatCount(running)} under way`
        }
      />
      {chosen === undefined ? (
        <Empty
          icon={Play}
          title="No run yet"
          action={
            <Button icon={ListPlus} onPress={() => navigation.getState().go('approvals')}>
              Go to the approvals
            </Button>
          }
        >
          <p>
            A run starts from an approved plan: snapshot, install, check, and keep or restore, endpoint by
            endpoint.
          </p>
        </Empty>
      ) : (
        <div className="queue queue-narrow">
          <ObjectList
            label="Runs"
            groups={groups}
            keyOf={(run) => run.id}
            chosen={chosen.id}
            onChoose={(run) => navigation.getState().openObject('runs', run.id)}
            onOpen={() => document.querySelector<HTMLElement>('.run .table')?.focus()}
          >
            {(run) => <RunLine run={run} now={now} />}
          </ObjectList>
          <RunPane key={chosen.id} />
        </div>
      )}
    </div>
  );
}

function RunLine(props: { readonly run: RunSummary; readonly now: number }) {
  const { run } = props;
  const counted = TASK_STATE_ORDER.filter((state) => (run.outcomes[state] ?? 0) > 0);
  return (
    <>
      <div className="object-line">
        <strong>{formatWhen(run.startedAt, props.now)}</strong>
        {run.status === 'running' && <Ring progress={null} />}
      </div>
      <div className="object-line soft">
        <span>
          {countOf(run.endpoints, 'endpoint')}, by {run.startedBy}
        </span>
      </div>
      <div className="object-line run-counts">
        {counted.map((state) => (
          <span
            key={state}
            className={`status tone-${TASK_STATES[state].tone}`}
            title={TASK_STATES[state].word}
          >
            <StatusIcon state={state} size={14} />
            <span className="figures">{formatCount(run.outcomes[state] ?? 0)}</span>
            <span className="unseen"> {TASK_STATES[state].word}</span>
          </span>
        ))}
      </div>
    </>
  );
}
