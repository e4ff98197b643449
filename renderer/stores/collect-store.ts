import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type {
  BuiltBundle,
  CollectSources,
  CollectView,
  NeedsListView,
  SiteRegisterView,
} from '../../contract/collect.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** The Collect workspace: keys, sources, needs-lists and what was built. */
export interface CollectState {
  readonly view: Loaded<CollectView>;
  readonly needs: Loaded<NeedsListView[]>;
  readonly built: Loaded<BuiltBundle[]>;
  /** What sites were given. */
  readonly register: Loaded<SiteRegisterView[]>;
  /** Needs-lists that the next bundle is for. */
  readonly chosen: ReadonlySet<string>;
  /** The build that was begun last from this window. */
  readonly buildId: string | null;
  readonly refresh: () => Promise<void>;
  readonly choose: (id: string, on: boolean) => void;
  readonly createKeys: (folder: string, passphrase: string) => Promise<Reply<CollectView>>;
  readonly useKeys: (folder: string) => Promise<Reply<CollectView>>;
  readonly setSources: (sources: CollectSources) => Promise<Reply<CollectView>>;
  readonly openNeeds: (file: string) => Promise<Reply<NeedsListView>>;
  readonly dropNeeds: (id: string) => Promise<Reply<OutputOf<'collect.dropNeeds'>>>;
  readonly takeBack: (input: InputOf<'collect.takeBack'>) => Promise<Reply<OutputOf<'collect.takeBack'>>>;
  readonly build: (input: InputOf<'collect.build'>) => Promise<Reply<{ operationId: string }>>;
  readonly forgetBuild: () => void;
  readonly listMedia: () => Promise<Reply<OutputOf<'media.list'>>>;
  readonly writeToMedium: (
    input: InputOf<'collect.writeToMedium'>,
  ) => Promise<Reply<{ operationId: string }>>;
  readonly pickFolder: (title: string) => Promise<Reply<{ path: string | null }>>;
  readonly pickFile: (title: string, extension: string) => Promise<Reply<{ path: string | null }>>;
}
export type CollectStore = StoreApi<CollectState>;

export function createCollectStore(client: Client): CollectStore {
  const store = createStore<CollectState>()((set, get) => {
    const takeView = (reply: Reply<CollectView>): Reply<CollectView> => {
      if (reply.ok) set({ view: { value: reply.value, failure: null, loading: false } });
      return reply;
    };
    return {
      view: NOT_LOADED,
      needs: NOT_LOADED,
      built: NOT_LOADED,
      register: NOT_LOADED,
      chosen: new Set(),
      buildId: null,
      async refresh() {
        set({
          view: beginLoading(get().view),
          needs: beginLoading(get().needs),
          built: beginLoading(get().built),
          register: beginLoading(get().register),
        });
        const [view, needs, built, register] = await Promise.all([
          client.invoke('collect.get', {}),
          client.invoke('collect.needs', {}),
          client.invoke('collect.built', {}),
          client.invoke('collect.register', {}),
        ]);
        const known = new Set(needs.ok ? needs.value.map((list) => list.id) : get().chosen);
        set({
          view: endLoading(get().view, view),
          needs: endLoading(get().needs, needs),
          built: endLoading(get().built, built),
          register: endLoading(get().register, register),
          chosen: new Set([...get().chosen].filter((id) => known.has(id))),
        });
      },
      choose(id, on) {
        const chosen = new Set(get().chosen);
        if (on) chosen.add(id);
        else chosen.delete(id);
        set({ chosen });
      },
      createKeys: async (folder, passphrase) =>
        takeView(await client.invoke('collect.createKeys', { folder, passphrase })),
      useKeys: async (folder) => takeView(await client.invoke('collect.useKeys', { folder })),
      async setSources(sources) {
        const reply = takeView(await client.invoke('collect.setSources', sources));
        if (reply.ok) await get().refresh();
        return reply;
      },
      async openNeeds(file) {
        const reply = await client.invoke('collect.openNeeds', { file });
        if (reply.ok) {
          get().choose(reply.value.id, true);
          await get().refresh();
        }
        return reply;
      },
      async dropNeeds(id) {
        const reply = await client.invoke('collect.dropNeeds', { id });
        if (reply.ok) await get().refresh();
        return reply;
      },
      async takeBack(input) {
        const reply = await client.invoke('collect.takeBack', input);
        if (reply.ok) await get().refresh();
        return reply;
      },
      async build(input) {
        const reply = await client.invoke('collect.build', input);
        if (reply.ok) set({ buildId: reply.value.operationId });
        return reply;
      },
      listMedia: () => client.invoke('media.list', {}),
      writeToMedium: (input) => client.invoke('collect.writeToMedium', input),
      forgetBuild: () => set({ buildId: null }),
      pickFolder: (title) => client.invokeShell('shell.pickFolder', { title }),
      pickFile: (title, extension) =>
        client.invokeShell('shell.pickFile', {
          title,
          purpose: 'open',
          suggestedName: '',
          filters: extension === '' ? [] : [{ name: title, extensions: [extension] }],
        }),
    };
  });
  refreshOn(client, ['collect'], () => {
    if (store.getState().view.value !== null) void store.getState().refresh();
  });
  return store;
}
