import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { SiteView } from '../../contract/site.ts';
import type { Role, Workspace } from '../../contract/vocabulary.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

export type EngineState = 'starting' | 'ready' | 'lost';

/** Who is here, on which site, and whether the engine and the vault are there. */
export interface SessionState {
  readonly site: Loaded<SiteView>;
  readonly engine: EngineState;
  readonly refresh: () => Promise<void>;
  readonly createSite: (input: InputOf<'site.create'>) => Promise<Reply<SiteView>>;
  readonly beginReview: () => Promise<Reply<SiteView>>;
  readonly setWorkspace: (workspace: Workspace) => Promise<Reply<SiteView>>;
  readonly signIn: (person: string, passphrase: string) => Promise<Reply<OutputOf<'session.signIn'>>>;
  /** Of whoever is signed in. */
  readonly changePassphrase: (
    current: string,
    next: string,
  ) => Promise<Reply<OutputOf<'persons.changePassphrase'>>>;
  readonly signOut: () => Promise<Reply<OutputOf<'session.signOut'>>>;
}
export type SessionStore = StoreApi<SessionState>;

export function createSessionStore(client: Client): SessionStore {
  const store = createStore<SessionState>()((set, get) => ({
    site: NOT_LOADED,
    engine: 'starting',
    async refresh() {
      set({ site: beginLoading(get().site) });
      const reply = await client.invoke('site.get', {});
      set({
        site: endLoading(get().site, reply),
        ...(reply.ok ? { engine: 'ready' } : reply.failure.code === 'ENGINE_LOST' ? { engine: 'lost' } : {}),
      });
    },
    async createSite(input) {
      const reply = await client.invoke('site.create', input);
      if (reply.ok) set({ site: { value: reply.value, failure: null, loading: false } });
      return reply;
    },
    async beginReview() {
      const reply = await client.invoke('site.beginReview', {});
      if (reply.ok) set({ site: { value: reply.value, failure: null, loading: false } });
      return reply;
    },
    async setWorkspace(workspace) {
      const reply = await client.invoke('site.setWorkspace', { workspace });
      if (reply.ok) set({ site: { value: reply.value, failure: null, loading: false } });
      return reply;
    },
    async signIn(person, passphrase) {
      const reply = await client.invoke('session.signIn', { person, passphrase });
      if (reply.ok) await get().refresh();
      return reply;
    },
    async changePassphrase(current, next) {
      const reply = await client.invoke('persons.changePassphrase', { current, next });
      if (reply.ok) await get().refresh();
      return reply;
    },
    async signOut() {
      const reply = await client.invoke('session.signOut', {});
      if (reply.ok) await get().refresh();
      return reply;
    },
  }));
  refreshOn(client, ['site', 'catalogue'], () => void store.getState().refresh());
  client.subscribe((topic) => {
    if (topic.kind === 'engine') store.setState({ engine: topic.state });
  });
  return store;
}

/** Whether the person who is signed in holds one of the roles. The engine decides; this only spares a useless button. */
export function holdsRole(session: SessionState, ...roles: readonly Role[]): boolean {
  return session.site.value?.signedIn?.roles.some((role) => roles.includes(role)) ?? false;
}
