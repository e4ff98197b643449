import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../../../contract/runs.ts';
import { createRunsStore, sortRuns, withLiveProgress } from '../../../../renderer/stores/runs-store.ts';
import { createFakeClient, fail } from '../../../e2e/gallery/fake-client.ts';
import { anId } from '../../../e2e/gallery/fixtures/made-up.ts';
import { journalOf, runById, RUNS } from '../../../e2e/gallery/fixtures/runs.ts';
import { busySite } from '../../../e2e/gallery/site-answers.ts';

const RUN = anId(5, 1);

function tasks() {
  const view = runById(RUN);
  if (view === null) throw new Error('no run');
  return view.tasks;
}

describe('the store of runs', () => {
  test('reads the journal to its end, each entry once', async () => {
    const all = journalOf(RUN, 0).entries;
    const pages: number[] = [];
    const client = createFakeClient({
      ...busySite('Ada Whitfield'),
      'runs.journal': ({ afterRow }) => {
        const from = afterRow ?? 0;
        pages.push(from);
        const entries: JournalEntry[] = all.slice(from, from + 40);
        return { lastRow: from + entries.length, entries };
      },
    });
    const store = createRunsStore(client);
    await store.getState().openRun(RUN);
    await store.getState().openRun(RUN);
    expect(store.getState().journal).toEqual(all);
    expect(pages.at(-1)).toBe(all.length);
  });

  test('forgets what another run left behind', async () => {
    const store = createRunsStore(createFakeClient(busySite('Ada Whitfield')));
    await store.getState().openRun(RUN);
    expect(store.getState().journal.length).toBeGreaterThan(0);
    await store.getState().openRun(anId(5, 2));
    expect(store.getState().journal).toEqual([]);
    expect(store.getState().run.value?.run.id).toBe(anId(5, 2));
  });

  test('takes progress of the run that is open, and of no other', async () => {
    const client = createFakeClient(busySite('Ada Whitfield'));
    const store = createRunsStore(client);
    await store.getState().openRun(RUN);
    const running = tasks().find((task) => task.status === 'running' && task.step === 'install');
    if (running === undefined) throw new Error('no running task');
    const message = {
      kind: 'task-progress',
      step: 'install',
      activity: 'Setting up sudo',
      progress: 0.9,
    } as const;
    client.say({ ...message, runId: anId(5, 2), endpointId: running.endpointId });
    expect(store.getState().live.size).toBe(0);
    client.say({ ...message, runId: RUN, endpointId: running.endpointId });
    const live = store.getState().live.get(running.endpointId);
    expect(withLiveProgress(running, live)).toMatchObject({ activity: 'Setting up sudo', progress: 0.9 });
  });

  test('does not let a stale message move a task back', () => {
    const running = tasks().find((task) => task.status === 'running' && task.step === 'install');
    const done = tasks().find((task) => task.status === 'succeeded');
    if (running === undefined || done === undefined) throw new Error('no such task');
    const stale = { step: 'stage', activity: 'Sending', progress: 0.1 } as const;
    expect(withLiveProgress(running, stale)).toBe(running);
    expect(withLiveProgress(done, { ...stale, step: 'clean-up' })).toBe(done);
  });

  test('keeps the failure of a stop for the person who pressed it', async () => {
    const client = createFakeClient({
      ...busySite('Ada Whitfield'),
      'runs.cancel': () => fail('RUN_NOT_FOUND', 'That run has ended.'),
    });
    const reply = await createRunsStore(client).getState().cancel(RUN);
    expect(reply).toMatchObject({ ok: false, failure: { code: 'RUN_NOT_FOUND' } });
  });

  test('lists what still runs before what has ended, then the newest', () => {
    const sorted = sortRuns([...RUNS].reverse());
    expect(sorted[0]?.status).toBe('running');
    const ended = sorted.filter((run) => run.status === 'ended').map((run) => run.startedAt);
    expect(ended).toEqual([...ended].sort().reverse());
  });
});
