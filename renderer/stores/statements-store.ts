import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { DeskSite, DeskStatement } from '../../contract/statements.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** The Review workspace: what the customer signs beside decisions. Passphrases pass through and are kept nowhere. */
export interface StatementsState {
  /** Sites whose key was compared, with their groups. */
  readonly sites: Loaded<DeskSite[]>;
  /** Newest first. */
  readonly list: Loaded<DeskStatement[]>;
  readonly refresh: () => Promise<void>;
  readonly readKey: (input: InputOf<'statements.readKey'>) => Promise<Reply<OutputOf<'statements.readKey'>>>;
  readonly signPolicy: (input: InputOf<'statements.signPolicy'>) => Promise<Reply<DeskStatement>>;
  readonly signDelegation: (input: InputOf<'statements.signDelegation'>) => Promise<Reply<DeskStatement>>;
  readonly signEmergency: (input: InputOf<'statements.signEmergency'>) => Promise<Reply<DeskStatement>>;
  readonly write: (sha256: string, file: string) => Promise<Reply<DeskStatement>>;
  readonly pickFile: (
    title: string,
    purpose: 'open' | 'save',
    suggestedName?: string,
  ) => Promise<Reply<{ path: string | null }>>;
}
export type StatementsStore = StoreApi<StatementsState>;

export function createStatementsStore(client: Client): StatementsStore {
  const store = createStore<StatementsState>()((set, get) => {
    /** Also after a refusal: what was signed and could not be written is in the list. */
    const after = async <T>(call: Promise<Reply<T>>): Promise<Reply<T>> => {
      const reply = await call;
      await get().refresh();
      return reply;
    };
    return {
      sites: NOT_LOADED,
      list: NOT_LOADED,
      async refresh() {
        set({ sites: beginLoading(get().sites), list: beginLoading(get().list) });
        const [sites, list] = await Promise.all([
          client.invoke('statements.sites', {}),
          client.invoke('statements.list', {}),
        ]);
        set({ sites: endLoading(get().sites, sites), list: endLoading(get().list, list) });
      },
      readKey: (input) => client.invoke('statements.readKey', input),
      signPolicy: (input) => after(client.invoke('statements.signPolicy', input)),
      signDelegation: (input) => after(client.invoke('statements.signDelegation', input)),
      signEmergency: (input) => after(client.invoke('statements.signEmergency', input)),
      write: (sha256, file) => after(client.invoke('statements.write', { sha256, file })),
      pickFile: (title, purpose, suggestedName = '') =>
        client.invokeShell('shell.pickFile', { title, purpose, suggestedName, filters: [] }),
    };
  });
  refreshOn(client, ['desk'], () => {
    if (store.getState().list.value !== null) void store.getState().refresh();
  });
  return store;
}
