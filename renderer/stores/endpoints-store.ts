import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { EndpointDetail, EndpointSummary } from '../../contract/endpoints.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';
import { NO_ENDPOINT_FILTER, type EndpointFilter } from './endpoint-filter.ts';

export interface EndpointsState {
  readonly list: Loaded<EndpointSummary[]>;
  readonly detail: Loaded<EndpointDetail>;
  readonly filter: EndpointFilter;
  readonly selected: ReadonlySet<string>;
  readonly refresh: () => Promise<void>;
  readonly openDetail: (id: string | null) => Promise<void>;
  readonly setFilter: (change: Partial<EndpointFilter>) => void;
  readonly toggle: (id: string) => void;
  readonly select: (ids: readonly string[]) => void;
  readonly add: (input: InputOf<'endpoints.add'>) => Promise<Reply<EndpointSummary>>;
  readonly readHostKey: (id: string) => Promise<Reply<OutputOf<'endpoints.readHostKey'>>>;
  readonly pinHostKey: (id: string, hostKey: string) => Promise<Reply<EndpointSummary>>;
  /** Starts a scan; an empty list scans every endpoint. */
  readonly scan: (ids: readonly string[]) => Promise<Reply<{ operationId: string }>>;
  readonly makePlan: (input: InputOf<'plans.make'>) => Promise<Reply<{ operationId: string }>>;
}
export type EndpointsStore = StoreApi<EndpointsState>;

export function createEndpointsStore(client: Client): EndpointsStore {
  const store = createStore<EndpointsState>()((set, get) => {
    /** Counts the openings, so that a slow answer for one endpoint never lands under the name of the next. */
    let opening = 0;
    let openId: string | null = null;
    const replace = (summary: EndpointSummary): void => {
      const { list } = get();
      const rows = list.value ?? [];
      const known = rows.some((row) => row.id === summary.id);
      const next = known ? rows.map((row) => (row.id === summary.id ? summary : row)) : [...rows, summary];
      set({ list: { ...list, value: next } });
    };
    return {
      list: NOT_LOADED,
      detail: NOT_LOADED,
      filter: NO_ENDPOINT_FILTER,
      selected: new Set(),
      async refresh() {
        set({ list: beginLoading(get().list) });
        const reply = await client.invoke('endpoints.list', {});
        set({ list: endLoading(get().list, reply) });
        if (openId !== null) await get().openDetail(openId);
      },
      async openDetail(id) {
        const mine = ++opening;
        if (id === null) {
          openId = null;
          set({ detail: NOT_LOADED });
          return;
        }
        const before = openId === id ? get().detail : NOT_LOADED;
        openId = id;
        set({ detail: beginLoading(before) });
        const reply = await client.invoke('endpoints.get', { id });
        if (mine === opening) set({ detail: endLoading(get().detail, reply) });
      },
      setFilter: (change) => set((state) => ({ filter: { ...state.filter, ...change } })),
      toggle(id) {
        const selected = new Set(get().selected);
        if (!selected.delete(id)) selected.add(id);
        set({ selected });
      },
      select: (ids) => set({ selected: new Set(ids) }),
      async add(input) {
        const reply = await client.invoke('endpoints.add', input);
        if (reply.ok) replace(reply.value);
        return reply;
      },
      readHostKey: (id) => client.invoke('endpoints.readHostKey', { id }),
      async pinHostKey(id, hostKey) {
        const reply = await client.invoke('endpoints.pinHostKey', { id, hostKey });
        if (reply.ok) {
          replace(reply.value);
          if (openId === id) await get().openDetail(id);
        }
        return reply;
      },
      scan: (ids) => client.invoke('endpoints.scan', { ids: [...ids] }),
      makePlan: (input) => client.invoke('plans.make', input),
    };
  });
  refreshOn(client, ['endpoints', 'catalogue'], () => {
    if (store.getState().list.value !== null) void store.getState().refresh();
  });
  return store;
}
