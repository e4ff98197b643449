import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, Reply } from '../../contract/channels.ts';
import type { RaciAbout, RaciMatrixView, RaciView } from '../../contract/raci.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** Who answers for what. */
export interface RaciState {
  readonly matrix: Loaded<RaciMatrixView>;
  readonly refresh: () => Promise<void>;
  readonly set: (input: InputOf<'raci.set'>) => Promise<Reply<RaciMatrixView>>;
  /** The letters of one thing as they are now. */
  readonly read: (about: RaciAbout) => Promise<Reply<RaciView>>;
}
export type RaciStore = StoreApi<RaciState>;

export function createRaciStore(client: Client): RaciStore {
  const store = createStore<RaciState>()((set, get) => ({
    matrix: NOT_LOADED,
    async refresh() {
      set({ matrix: beginLoading(get().matrix) });
      set({ matrix: endLoading(get().matrix, await client.invoke('raci.get', {})) });
    },
    async set(input) {
      const reply = await client.invoke('raci.set', input);
      if (reply.ok) set({ matrix: endLoading(get().matrix, reply) });
      return reply;
    },
    read: (about) => client.invoke('raci.of', { about }),
  }));
  refreshOn(client, ['site'], () => {
    if (store.getState().matrix.value !== null) void store.getState().refresh();
  });
  return store;
}
