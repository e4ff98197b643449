import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { BundleView, PatchFacets, PatchView, TrustView } from '../../contract/catalogue.ts';
import type { BundleDiffView, ClocksView, GarbageView, PatchDetail } from '../../contract/risk.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';
import type { Failure } from '../../contract/errors.ts';

/** Rows come in pages as they scroll into view: tens of thousands of them never cross the bridge at once. */
export const PATCH_PAGE_SIZE = 500;

export interface PatchFilter {
  readonly search: string;
  readonly onlyCarried: boolean;
  readonly onlyNeeded: boolean;
  readonly onlySecurity: boolean;
  readonly onlyExploited: boolean;
  readonly hideSuperseded: boolean;
  /** Kinds of packages; none: all. */
  readonly ecosystems: readonly Ecosystem[];
  readonly severities: readonly Severity[];
  /** Released in so many days; `null`: whenever. */
  readonly releasedWithinDays: number | null;
  readonly sort: 'best' | 'risk';
}
export type Ecosystem = NonNullable<InputOf<'catalogue.search'>['ecosystems']>[number];
export type Severity = NonNullable<InputOf<'catalogue.search'>['severities']>[number];

export interface PatchPages {
  readonly total: number | null;
  readonly rows: ReadonlyMap<number, PatchView>;
  readonly failure: Failure | null;
}

export type Inspection = OutputOf<'bundles.inspect'>;
export type Medium = OutputOf<'media.list'>[number];

export interface CatalogueState {
  readonly bundles: Loaded<BundleView[]>;
  readonly trust: Loaded<TrustView>;
  readonly filter: PatchFilter;
  readonly patches: PatchPages;
  /** Counts of what the filter lets through; `null` until they are here. */
  readonly facets: PatchFacets | null;
  readonly clocks: Loaded<ClocksView>;
  readonly refresh: () => Promise<void>;
  readonly setFilter: (change: Partial<PatchFilter>) => void;
  /** Makes sure that the rows from `first` to `last` are here or on their way. */
  readonly need: (first: number, last: number) => void;
  readonly detailOf: (id: number) => Promise<Reply<PatchDetail>>;
  readonly diff: (from: string, to: string) => Promise<Reply<BundleDiffView>>;
  readonly garbage: () => Promise<Reply<GarbageView>>;
  readonly collectGarbage: () => Promise<Reply<GarbageView>>;
  readonly endpointsOf: (id: number) => Promise<Reply<OutputOf<'catalogue.endpointsOf'>>>;
  readonly inspect: (folder: string) => Promise<Reply<Inspection>>;
  readonly pinRoot: (folder: string, fingerprint: string) => Promise<Reply<TrustView>>;
  readonly listMedia: () => Promise<Reply<Medium[]>>;
  readonly importBundle: (input: InputOf<'bundles.import'>) => Promise<Reply<{ operationId: string }>>;
  readonly exportNeeds: (file: string) => Promise<Reply<OutputOf<'needsList.export'>>>;
  /** Asks the person; `null` path when they cancel. */
  readonly pickFolder: () => Promise<Reply<{ path: string | null }>>;
  readonly pickNeedsFile: () => Promise<Reply<{ path: string | null }>>;
}
export type CatalogueStore = StoreApi<CatalogueState>;

const NO_PAGES: PatchPages = { total: null, rows: new Map(), failure: null };

export function createCatalogueStore(client: Client): CatalogueStore {
  const store = createStore<CatalogueState>()((set, get) => {
    /** Grows with every change of the filter: answers to an older question are dropped. */
    let question = 0;
    const asked = new Set<number>();
    const askPage = async (page: number): Promise<void> => {
      if (asked.has(page)) return;
      asked.add(page);
      const mine = question;
      const offset = page * PATCH_PAGE_SIZE;
      const reply = await client.invoke('catalogue.search', {
        ...get().filter,
        ecosystems: [...get().filter.ecosystems],
        severities: [...get().filter.severities],
        limit: PATCH_PAGE_SIZE,
        offset,
      });
      if (mine !== question) return;
      if (!reply.ok) {
        asked.delete(page);
        set({ patches: { ...get().patches, failure: reply.failure } });
        return;
      }
      const rows = new Map(get().patches.rows);
      reply.value.patches.forEach((patch, index) => rows.set(offset + index, patch));
      set({ patches: { total: reply.value.total, rows, failure: null } });
    };
    const countFacets = async (): Promise<void> => {
      const mine = question;
      const { filter } = get();
      const reply = await client.invoke('catalogue.facets', {
        search: filter.search,
        onlyCarried: filter.onlyCarried,
        onlyNeeded: filter.onlyNeeded,
        onlySecurity: filter.onlySecurity,
        onlyExploited: filter.onlyExploited,
        hideSuperseded: filter.hideSuperseded,
        ecosystems: [...filter.ecosystems],
        severities: [...filter.severities],
        releasedWithinDays: filter.releasedWithinDays,
      });
      if (mine === question && reply.ok) set({ facets: reply.value });
    };
    const restart = (): void => {
      question += 1;
      asked.clear();
      // Rows first: the counts follow.
      void askPage(0).then(countFacets);
    };
    return {
      bundles: NOT_LOADED,
      trust: NOT_LOADED,
      filter: {
        search: '',
        onlyCarried: true,
        onlyNeeded: false,
        onlySecurity: false,
        onlyExploited: false,
        hideSuperseded: false,
        ecosystems: [],
        severities: [],
        releasedWithinDays: null,
        sort: 'risk',
      },
      patches: NO_PAGES,
      facets: null,
      clocks: NOT_LOADED,
      async refresh() {
        set({
          bundles: beginLoading(get().bundles),
          trust: beginLoading(get().trust),
          clocks: beginLoading(get().clocks),
        });
        const [bundles, trust, clocks] = await Promise.all([
          client.invoke('bundles.list', {}),
          client.invoke('trust.get', {}),
          client.invoke('clocks.get', {}),
        ]);
        set({
          bundles: endLoading(get().bundles, bundles),
          trust: endLoading(get().trust, trust),
          clocks: endLoading(get().clocks, clocks),
        });
        set({ patches: { ...get().patches, rows: new Map() } });
        restart();
      },
      setFilter(change) {
        set({ filter: { ...get().filter, ...change }, patches: NO_PAGES });
        restart();
      },
      need(first, last) {
        const end = Math.floor(last / PATCH_PAGE_SIZE);
        for (let page = Math.floor(first / PATCH_PAGE_SIZE); page <= end; page += 1) void askPage(page);
      },
      detailOf: (id) => client.invoke('catalogue.get', { id }),
      diff: (from, to) => client.invoke('bundles.diff', { from, to }),
      garbage: () => client.invoke('catalogue.garbage', {}),
      collectGarbage: () => client.invoke('catalogue.collectGarbage', {}),
      endpointsOf: (id) => client.invoke('catalogue.endpointsOf', { id }),
      inspect: (folder) => client.invoke('bundles.inspect', { folder }),
      async pinRoot(folder, fingerprint) {
        const reply = await client.invoke('trust.pinRoot', { folder, fingerprint });
        if (reply.ok) set({ trust: { value: reply.value, failure: null, loading: false } });
        return reply;
      },
      listMedia: () => client.invoke('media.list', {}),
      importBundle: (input) => client.invoke('bundles.import', input),
      exportNeeds: (file) => client.invoke('needsList.export', { file }),
      pickFolder: () => client.invokeShell('shell.pickFolder', { title: 'Folder of the bundle' }),
      pickNeedsFile: () =>
        client.invokeShell('shell.pickFile', {
          title: 'Where to write the needs-list',
          purpose: 'save',
          suggestedName: 'needs-list.json',
          filters: [{ name: 'Needs-list', extensions: ['json'] }],
        }),
    };
  });
  // What is installed, planned and approved moves the clocks of fixes.
  refreshOn(
    client,
    ['endpoints', 'plans', 'approvals', 'runs'],
    () => {
      if (store.getState().clocks.value === null) return;
      void client.invoke('clocks.get', {}).then((reply) => {
        store.setState({ clocks: endLoading(store.getState().clocks, reply) });
      });
    },
    2_000,
  );
  refreshOn(client, ['catalogue'], () => {
    if (store.getState().bundles.value !== null) void store.getState().refresh();
  });
  return store;
}
