import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { KeyStatusView, RehearsalView, RootPlanView } from '../../contract/keys.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** The keys that sites trust. Passphrases pass through and are kept nowhere. */
export interface KeysState {
  /** Inside it `null` while nobody said where the keys are. */
  readonly status: Loaded<{ readonly keys: KeyStatusView | null }>;
  readonly refresh: () => Promise<void>;
  readonly hold: (input: InputOf<'collect.holdCeremony'>) => Promise<Reply<{ operationId: string }>>;
  readonly rehearse: (medium: string, passphrase: string) => Promise<Reply<RehearsalView>>;
  readonly draft: (input: InputOf<'collect.draftRoot'>) => Promise<Reply<KeyStatusView>>;
  readonly readDraft: (file: string) => Promise<Reply<RootPlanView>>;
  readonly sign: (input: InputOf<'collect.signDraft'>) => Promise<Reply<OutputOf<'collect.signDraft'>>>;
  readonly accept: (files: string[]) => Promise<Reply<KeyStatusView>>;
  readonly drop: () => Promise<Reply<KeyStatusView>>;
  /** Saves what the window would print as a PDF; `null` inside when nobody chose where. */
  readonly savePdf: (suggestedName: string) => Promise<Reply<{ path: string | null }>>;
}
export type KeysStore = StoreApi<KeysState>;

export function createKeysStore(client: Client): KeysStore {
  const store = createStore<KeysState>()((set, get) => {
    const take = (reply: Reply<KeyStatusView>): Reply<KeyStatusView> => {
      if (reply.ok) set({ status: endLoading(get().status, { ok: true, value: { keys: reply.value } }) });
      return reply;
    };
    return {
      status: NOT_LOADED,
      async refresh() {
        set({ status: beginLoading(get().status) });
        const reply = await client.invoke('collect.keyStatus', {});
        set({
          status: endLoading(get().status, reply.ok ? { ok: true, value: { keys: reply.value } } : reply),
        });
      },
      hold: (input) => client.invoke('collect.holdCeremony', input),
      rehearse: (medium, passphrase) => client.invoke('collect.rehearse', { medium, passphrase }),
      draft: async (input) => take(await client.invoke('collect.draftRoot', input)),
      readDraft: (file) => client.invoke('collect.readDraft', { file }),
      async sign(input) {
        const reply = await client.invoke('collect.signDraft', input);
        if (reply.ok) await get().refresh();
        return reply;
      },
      accept: async (files) => take(await client.invoke('collect.acceptDraft', { files })),
      drop: async () => take(await client.invoke('collect.dropDraft', {})),
      savePdf: (suggestedName) =>
        client.invokeShell('shell.savePdf', { title: 'Save the key cards', suggestedName }),
    };
  });
  refreshOn(client, ['collect'], () => {
    if (store.getState().status.value !== null) void store.getState().refresh();
  });
  return store;
}
