import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { Enrolment, ReviewKeyView } from '../../contract/reviewers.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** Keys that customers sign decisions with, and for whom their owners speak. */
export interface ReviewersState {
  /** Oldest first, those that count no more among them. */
  readonly keys: Loaded<ReviewKeyView[]>;
  /** Customers that patch groups belong to. */
  readonly customers: readonly string[];
  readonly refresh: () => Promise<void>;
  readonly read: (input: InputOf<'reviewers.read'>) => Promise<Reply<Enrolment>>;
  readonly enrol: (input: InputOf<'reviewers.enrol'>) => Promise<Reply<ReviewKeyView>>;
  readonly revoke: (id: string, reason: string) => Promise<Reply<ReviewKeyView>>;
  readonly setCustomers: (
    input: InputOf<'persons.setCustomers'>,
  ) => Promise<Reply<OutputOf<'persons.setCustomers'>>>;
  readonly pickFile: () => Promise<Reply<{ path: string | null }>>;
}
export type ReviewersStore = StoreApi<ReviewersState>;

export function createReviewersStore(client: Client): ReviewersStore {
  const store = createStore<ReviewersState>()((set, get) => {
    const after = async <T>(reply: Promise<Reply<T>>): Promise<Reply<T>> => {
      const answer = await reply;
      if (answer.ok) await get().refresh();
      return answer;
    };
    return {
      keys: NOT_LOADED,
      customers: [],
      async refresh() {
        set(({ keys }) => ({ keys: beginLoading(keys) }));
        const [keys, groups] = await Promise.all([
          client.invoke('reviewers.list', {}),
          client.invoke('groups.list', {}),
        ]);
        set((before) => ({
          keys: endLoading(before.keys, keys),
          customers: groups.ok
            ? [...new Set(groups.value.map(({ customer }) => customer))].filter((name) => name !== '').sort()
            : before.customers,
        }));
      },
      read: (input) => client.invoke('reviewers.read', input),
      enrol: (input) => after(client.invoke('reviewers.enrol', input)),
      revoke: (id, reason) => after(client.invoke('reviewers.revoke', { id, reason })),
      setCustomers: (input) => after(client.invoke('persons.setCustomers', input)),
      pickFile: () =>
        client.invokeShell('shell.pickFile', {
          ...{ title: 'Enrolment file', purpose: 'open', suggestedName: '' },
          filters: [{ name: 'Enrolment file', extensions: ['txt', 'pub'] }],
        }),
    };
  });
  refreshOn(client, ['site', 'approvals'], () => {
    if (store.getState().keys.value !== null) void store.getState().refresh();
  });
  return store;
}
