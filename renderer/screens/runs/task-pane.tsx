import { ArrowDownToLine, Camera, RotateCw } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { TaskView } from '../../../contract/runs.ts';
import { Button } from '../../components/button.tsx';
import { VersionChange } from '../../components/facts.tsx';
import { FailureText } from '../../components/notes.tsx';
import { RaciStrip } from '../../components/raci-strip.tsx';
import { Status } from '../../components/status.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { formatClockSeconds, formatDuration } from '../../format/dates.ts';
import { formatCount, formatShare } from '../../format/figures.ts';
import { STEP_WORDS, TASK_STATE_MEANING, TASK_STATES } from '../../format/words.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { Resolve } from './resolve.tsx';

/** One endpoint's part of the run: what it says, what changed there, and what a person must do about it. */
export function TaskPane(props: { readonly task: TaskView; readonly runId: string }) {
  const { task } = props;
  const { navigation } = useApplication();
  const asks = task.failure !== null || task.status === 'needs-attention';
  const [tab, setTab] = useState(asks ? 'what-to-do' : 'journal');
  const changes = task.changes;
  return (
    <section className="task" aria-label={`Task on ${task.endpointName}`}>
      <header className="task-head">
        <h3>
          <button
            type="button"
            className="link"
            onClick={() => navigation.getState().go('endpoints', task.endpointId, 'history')}
          >
            {task.endpointName}
          </button>
        </h3>
        <Status state={task.status} progress={task.progress} strong />
        <TaskActivity task={task} />
        <span className="spacer" />
        {task.snapshotName !== null && (
          <span className="soft task-fact" title={task.snapshotName}>
            <Camera aria-hidden size={14} />
            {task.snapshotProven ? 'Snapshot proven' : 'Snapshot not proven'}
          </span>
        )}
        {task.rebootPending && (
          <span className="tone-warn task-fact">
            <RotateCw aria-hidden size={14} />
            Reboot pending
          </span>
        )}
      </header>
      {task.step !== null && (
        <RaciStrip
          about={{ kind: 'run-step', id: props.runId, endpointId: task.endpointId, step: task.step }}
          stamp={task.status}
        />
      )}
      <Tabs
        label="About this task"
        chosen={tab}
        onChoose={setTab}
        tabs={[
          ...(asks
            ? [
                {
                  id: 'what-to-do',
                  title: task.status === 'needs-attention' ? 'Settle it' : 'What to do',
                  content: <WhatToDo task={task} runId={props.runId} />,
                },
              ]
            : []),
          { id: 'journal', title: 'Journal', content: <Journal task={task} /> },
          {
            id: 'changes',
            title: 'Changes',
            ...(changes === null ? {} : { count: formatCount(changes.length) }),
            content: <Changes task={task} />,
          },
        ]}
      />
    </section>
  );
}

function WhatToDo(props: { readonly task: TaskView; readonly runId: string }) {
  const { task } = props;
  return (
    <div className="scroll what-to-do">
      {task.failure !== null && (
        <FailureText
          what={task.status === 'refused' ? 'Refused: nothing was touched' : TASK_STATE_MEANING[task.status]}
          tone={TASK_STATES[task.status].tone}
          failure={{ ...task.failure, subject: { endpoint: task.endpointName, run: props.runId } }}
        />
      )}
      {task.status === 'needs-attention' && <Resolve task={task} runId={props.runId} />}
    </div>
  );
}

function TaskActivity(props: { readonly task: TaskView }) {
  const now = useNow();
  const { task } = props;
  if (task.status === 'running') {
    const share = task.progress === null ? '' : ` ${formatShare(task.progress, 1)}`;
    const step = task.step === null ? '' : `${STEP_WORDS[task.step]}: `;
    return (
      <span className="task-activity" aria-live="polite">
        {step}
        {task.activity}
        <span className="figures">{share}</span>
      </span>
    );
  }
  if (task.startedAt === null) return <span className="soft">{TASK_STATE_MEANING[task.status]}</span>;
  const end = task.endedAt === null ? now : Date.parse(task.endedAt);
  return (
    <span className="soft">
      {task.failure === null && `${TASK_STATE_MEANING[task.status]} `}Took{' '}
      {formatDuration(end - Date.parse(task.startedAt))}.
    </span>
  );
}

/** Follows the end while the reader is at the end; stays where the reader scrolled to otherwise. */
function Journal(props: { readonly task: TaskView }) {
  const { runs } = useApplication();
  const journal = useStore(runs, (state) => state.journal);
  const list = useRef<HTMLOListElement>(null);
  const [following, setFollowing] = useState(true);
  const entries = useMemo(
    () => journal.filter((entry) => entry.endpointId === props.task.endpointId),
    [journal, props.task.endpointId],
  );
  useEffect(() => {
    const element = list.current;
    if (element !== null && following) element.scrollTop = element.scrollHeight;
  }, [entries, following]);
  if (entries.length === 0) return <p className="soft journal-none">Nothing was written yet.</p>;
  return (
    <div className="journal-frame">
      <ol
        ref={list}
        className="journal"
        tabIndex={0}
        aria-label="Journal"
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          setFollowing(scrollHeight - scrollTop - clientHeight < 24);
        }}
      >
        {entries.map((entry) => (
          <li key={entry.seq} title={`Entry ${entry.seq}, ${entry.kind}, hash ${entry.hash.slice(0, 16)}`}>
            <time dateTime={entry.at}>{formatClockSeconds(entry.at)}</time>
            <span className="journal-step">{entry.step === null ? '' : STEP_WORDS[entry.step]}</span>
            <span>{entry.text}</span>
          </li>
        ))}
      </ol>
      {!following && (
        <div className="journal-follow">
          <Button icon={ArrowDownToLine} onPress={() => setFollowing(true)}>
            Follow the end
          </Button>
        </div>
      )}
    </div>
  );
}

function Changes(props: { readonly task: TaskView }) {
  const { changes } = props.task;
  if (changes === null) {
    return <p className="soft journal-none">Known when the inventory was read again after the install.</p>;
  }
  if (changes.length === 0) {
    return <p className="soft journal-none">The inventories before and after are the same.</p>;
  }
  return (
    <div className="changes" tabIndex={0} role="region" aria-label="Changes">
      {props.task.status === 'restored' && (
        <p className="soft changes-note">Read after the install, before the restore took it back.</p>
      )}
      <table className="plain-table">
        <thead>
          <tr>
            <th>Package</th>
            <th>Change</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={`${change.name}:${change.arch}`}>
              <td>
                {change.name}
                <span className="soft"> {change.arch}</span>
              </td>
              <td>
                <VersionChange from={change.from} to={change.to} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
