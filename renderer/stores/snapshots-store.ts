import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Reply } from '../../contract/channels.ts';
import type { SnapshotView } from '../../contract/runs.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

export interface SnapshotsState {
  readonly list: Loaded<SnapshotView[]>;
  readonly refresh: () => Promise<void>;
  readonly restore: (
    id: string,
    confirmName: string,
    evenAfterSuccess: boolean,
  ) => Promise<Reply<{ operationId: string }>>;
  readonly remove: (id: string, confirmName: string) => Promise<Reply<SnapshotView>>;
}
export type SnapshotsStore = StoreApi<SnapshotsState>;

export function createSnapshotsStore(client: Client): SnapshotsStore {
  const store = createStore<SnapshotsState>()((set, get) => ({
    list: NOT_LOADED,
    async refresh() {
      set({ list: beginLoading(get().list) });
      const reply = await client.invoke('snapshots.list', {});
      set({ list: endLoading(get().list, reply) });
    },
    restore: (id, confirmName, evenAfterSuccess) =>
      client.invoke('snapshots.restore', { id, confirmName, evenAfterSuccess }),
    async remove(id, confirmName) {
      const reply = await client.invoke('snapshots.delete', { id, confirmName });
      if (reply.ok) await get().refresh();
      return reply;
    },
  }));
  refreshOn(client, ['snapshots', 'runs'], () => {
    if (store.getState().list.value !== null) void store.getState().refresh();
  });
  return store;
}

/** What a restore point is worth now. */
export type RestorePointState = 'ready' | 'unproven' | 'deleted' | 'past-keeping';

export function judgeRestorePoint(snapshot: SnapshotView, now: number): RestorePointState {
  if (snapshot.deletedAt !== null) return 'deleted';
  if (snapshot.provenAt === null) return 'unproven';
  return Date.parse(snapshot.keptUntil) < now ? 'past-keeping' : 'ready';
}
