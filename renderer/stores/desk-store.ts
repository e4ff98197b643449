import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { DeskPackView, MyKeyView } from '../../contract/packs.ts';
import type { SheetPart } from '../../contract/reviews.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** The Review workspace: packs that were opened, and the key that signs. Passphrases pass through and are kept nowhere. */
export interface DeskState {
  readonly packs: Loaded<DeskPackView[]>;
  readonly key: Loaded<MyKeyView>;
  readonly refresh: () => Promise<void>;
  readonly open: (file: string) => Promise<Reply<DeskPackView>>;
  readonly sheet: (id: string, part: SheetPart) => Promise<Reply<OutputOf<'packs.sheet'>>>;
  readonly silence: (id: string) => Promise<Reply<OutputOf<'packs.silence'>>>;
  readonly patch: (id: string, patch: string) => Promise<Reply<OutputOf<'packs.patch'>>>;
  readonly draft: (input: InputOf<'packs.draft'>) => Promise<Reply<DeskPackView>>;
  readonly trustSite: (id: string, fingerprint: string) => Promise<Reply<DeskPackView>>;
  readonly exportAnswer: (input: InputOf<'packs.export'>) => Promise<Reply<OutputOf<'packs.export'>>>;
  readonly createKey: (input: InputOf<'myKey.create'>) => Promise<Reply<MyKeyView>>;
  readonly rotateKey: (input: InputOf<'myKey.rotate'>) => Promise<Reply<MyKeyView>>;
  readonly importKey: (input: InputOf<'myKey.import'>) => Promise<Reply<MyKeyView>>;
  readonly changePassphrase: (input: InputOf<'myKey.changePassphrase'>) => Promise<Reply<MyKeyView>>;
  readonly exportKey: (file: string) => Promise<Reply<{ file: string }>>;
  readonly saveEnrolment: (input: InputOf<'myKey.saveEnrolment'>) => Promise<Reply<{ file: string }>>;
  readonly pickFile: (
    title: string,
    purpose: 'open' | 'save',
    suggestedName?: string,
  ) => Promise<Reply<{ path: string | null }>>;
}
export type DeskStore = StoreApi<DeskState>;

export function createDeskStore(client: Client): DeskStore {
  const store = createStore<DeskState>()((set, get) => {
    const afterwards = async <T>(reply: Reply<T>): Promise<Reply<T>> => {
      if (reply.ok) await get().refresh();
      return reply;
    };
    return {
      packs: NOT_LOADED,
      key: NOT_LOADED,
      async refresh() {
        set({ packs: beginLoading(get().packs), key: beginLoading(get().key) });
        const [packs, key] = await Promise.all([
          client.invoke('packs.list', {}),
          client.invoke('myKey.get', {}),
        ]);
        set({ packs: endLoading(get().packs, packs), key: endLoading(get().key, key) });
      },
      open: async (file) => afterwards(await client.invoke('packs.open', { file })),
      sheet: (id, part) => client.invoke('packs.sheet', { id, part }),
      silence: (id) => client.invoke('packs.silence', { id }),
      patch: (id, patch) => client.invoke('packs.patch', { id, patch }),
      // The engine tells of the change, upon which everything is read again: once, not at each of the two.
      draft: async (input) => {
        const reply = await client.invoke('packs.draft', input);
        const { packs } = get();
        if (reply.ok && packs.value !== null) {
          const value = packs.value.map((pack) => (pack.id === reply.value.id ? reply.value : pack));
          set({ packs: { ...packs, value } });
        }
        return reply;
      },
      trustSite: async (id, fingerprint) =>
        afterwards(await client.invoke('packs.trustSite', { id, fingerprint })),
      exportAnswer: async (input) => afterwards(await client.invoke('packs.export', input)),
      createKey: async (input) => afterwards(await client.invoke('myKey.create', input)),
      rotateKey: async (input) => afterwards(await client.invoke('myKey.rotate', input)),
      importKey: async (input) => afterwards(await client.invoke('myKey.import', input)),
      changePassphrase: async (input) => afterwards(await client.invoke('myKey.changePassphrase', input)),
      exportKey: (file) => client.invoke('myKey.export', { file }),
      saveEnrolment: (input) => client.invoke('myKey.saveEnrolment', input),
      pickFile: (title, purpose, suggestedName = '') =>
        client.invokeShell('shell.pickFile', { title, purpose, suggestedName, filters: [] }),
    };
  });
  refreshOn(client, ['desk'], () => {
    if (store.getState().packs.value !== null) void store.getState().refresh();
  });
  return store;
}
