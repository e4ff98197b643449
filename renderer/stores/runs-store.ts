import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, Reply } from '../../contract/channels.ts';
import type { JournalEntry, RunSummary, RunView, TaskView } from '../../contract/runs.ts';
import type { Step } from '../../contract/vocabulary.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** What a task does this moment. Carried by messages only: a lost one is made good by the next. */
export interface LiveProgress {
  readonly step: Step;
  readonly activity: string;
  readonly progress: number | null;
}

export interface RunsState {
  readonly list: Loaded<RunSummary[]>;
  readonly run: Loaded<RunView>;
  readonly journal: readonly JournalEntry[];
  /** By endpoint, of the run that is open. */
  readonly live: ReadonlyMap<string, LiveProgress>;
  readonly refresh: () => Promise<void>;
  readonly openRun: (id: string | null) => Promise<void>;
  readonly cancel: (id: string) => Promise<Reply<RunSummary>>;
  readonly resolve: (input: InputOf<'runs.resolve'>) => Promise<Reply<RunView>>;
}
export type RunsStore = StoreApi<RunsState>;

export function createRunsStore(client: Client): RunsStore {
  const store = createStore<RunsState>()((set, get) => {
    let openId: string | null = null;
    let lastRow = 0;
    let reading = false;
    let readAgain = false;
    /** Reads on where it stopped; one reader at a time, so that no entry comes in twice. */
    const readJournal = async (): Promise<void> => {
      if (reading) {
        readAgain = true;
        return;
      }
      reading = true;
      try {
        do {
          readAgain = false;
          const runId = openId;
          if (runId === null) return;
          const reply = await client.invoke('runs.journal', { runId, afterRow: lastRow });
          if (runId !== openId) {
            readAgain = true;
          } else if (reply.ok && reply.value.entries.length > 0) {
            lastRow = reply.value.lastRow;
            set({ journal: [...get().journal, ...reply.value.entries] });
            readAgain = true;
          }
        } while (readAgain);
      } finally {
        reading = false;
      }
    };
    client.subscribe((topic) => {
      if (topic.kind !== 'task-progress' || topic.runId !== openId) return;
      const { step, activity, progress } = topic;
      set({ live: new Map(get().live).set(topic.endpointId, { step, activity, progress }) });
    });
    return {
      list: NOT_LOADED,
      run: NOT_LOADED,
      journal: [],
      live: new Map(),
      async refresh() {
        set({ list: beginLoading(get().list) });
        const reply = await client.invoke('runs.list', {});
        set({ list: endLoading(get().list, reply) });
        if (openId !== null) await get().openRun(openId);
      },
      async openRun(id) {
        if (id !== openId) {
          openId = id;
          lastRow = 0;
          set({ run: NOT_LOADED, journal: [], live: new Map() });
        }
        if (id === null) return;
        set({ run: beginLoading(get().run) });
        const [reply] = await Promise.all([client.invoke('runs.get', { id }), readJournal()]);
        if (id === openId) set({ run: endLoading(get().run, reply) });
      },
      async cancel(id) {
        const reply = await client.invoke('runs.cancel', { id });
        await get().refresh();
        return reply;
      },
      async resolve(input) {
        const reply = await client.invoke('runs.resolve', input);
        if (reply.ok && input.runId === openId)
          set({ run: { value: reply.value, failure: null, loading: false } });
        await get().refresh();
        return reply;
      },
    };
  });
  refreshOn(client, ['runs'], () => {
    if (store.getState().list.value !== null) void store.getState().refresh();
  });
  return store;
}

/** The task as its last reading says, with what came in since. A message about another step than the task's is stale. */
export function withLiveProgress(task: TaskView, live: LiveProgress | undefined): TaskView {
  if (live === undefined || task.status !== 'running' || live.step !== task.step) return task;
  return { ...task, activity: live.activity, progress: live.progress };
}

/** Newest first; what still runs before what has ended. */
export function sortRuns(runs: readonly RunSummary[]): RunSummary[] {
  return [...runs].sort((a, b) => {
    const running = Number(b.status !== 'ended') - Number(a.status !== 'ended');
    return running === 0 ? b.startedAt.localeCompare(a.startedAt) : running;
  });
}
