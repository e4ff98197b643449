import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { MyDesk, NoticePage, NoticeView } from '../../contract/notices.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

export type NoticeFilter = 'all' | 'untold' | 'unanswered';

/** What waits for the person who is signed in, and who was asked and told of what. */
export interface NoticesState {
  readonly mine: Loaded<MyDesk>;
  readonly list: Loaded<NoticeView[]>;
  readonly filter: NoticeFilter;
  /** Counts up whenever something came of a notice. */
  readonly changes: number;
  readonly refreshMine: () => Promise<void>;
  readonly refreshList: () => Promise<void>;
  readonly show: (filter: NoticeFilter) => Promise<void>;
  /** What was on the screen of this person counts as seen. */
  readonly see: (ids: readonly string[]) => Promise<void>;
  readonly answer: (input: InputOf<'notices.answer'>) => Promise<Reply<NoticeView[]>>;
  readonly print: (ids: readonly string[]) => Promise<Reply<NoticePage[]>>;
  readonly record: (input: InputOf<'notices.record'>) => Promise<Reply<NoticeView[]>>;
  readonly drop: (ids: readonly string[], folder: string) => Promise<Reply<OutputOf<'notices.drop'>>>;
  readonly pickFolder: (title: string) => Promise<Reply<{ path: string | null }>>;
}
export type NoticesStore = StoreApi<NoticesState>;

/** Of so many notices a command takes word at once. */
const AT_ONCE = 5_000;

export function createNoticesStore(client: Client): NoticesStore {
  const store = createStore<NoticesState>()((set, get) => ({
    mine: NOT_LOADED,
    list: NOT_LOADED,
    filter: 'all',
    changes: 0,
    async refreshMine() {
      set({ mine: beginLoading(get().mine) });
      set({ mine: endLoading(get().mine, await client.invoke('notices.mine', {})) });
    },
    async refreshList() {
      const { filter } = get();
      set({ list: beginLoading(get().list) });
      const reply = await client.invoke('notices.list', { only: filter });
      // Another filter was chosen meanwhile: its own answer is on the way.
      if (get().filter === filter) set({ list: endLoading(get().list, reply) });
    },
    async show(filter) {
      set({ filter, list: NOT_LOADED });
      await get().refreshList();
    },
    async see(ids) {
      for (let from = 0; from < ids.length; from += AT_ONCE)
        await client.invoke('notices.see', { ids: ids.slice(from, from + AT_ONCE) });
    },
    answer: (input) => client.invoke('notices.answer', input),
    print: (ids) => client.invoke('notices.print', { ids: [...ids] }),
    record: (input) => client.invoke('notices.record', input),
    drop: (ids, folder) => client.invoke('notices.drop', { ids: [...ids], folder }),
    pickFolder: (title) => client.invokeShell('shell.pickFolder', { title }),
  }));
  refreshOn(client, ['notices', 'approvals', 'plans', 'incidents', 'site'], () => {
    if (store.getState().mine.value !== null) void store.getState().refreshMine();
    if (store.getState().list.value !== null) void store.getState().refreshList();
  });
  refreshOn(client, ['notices'], () => store.setState((state) => ({ changes: state.changes + 1 })));
  return store;
}
