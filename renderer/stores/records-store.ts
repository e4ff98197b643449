import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { AuditEntry, Hypervisor, Incident, Person } from '../../contract/site.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** What the site keeps about itself: incidents, the audit trail, its people and its hypervisors. */
export interface RecordsState {
  readonly incidents: Loaded<Incident[]>;
  readonly audit: Loaded<AuditEntry[]>;
  readonly persons: Loaded<Person[]>;
  readonly hypervisors: Loaded<Hypervisor[]>;
  readonly refreshIncidents: () => Promise<void>;
  /** Reads the trail from where it stopped to its end. */
  readonly readAudit: () => Promise<void>;
  readonly verifyAudit: () => Promise<Reply<OutputOf<'audit.verify'>>>;
  readonly refreshSite: () => Promise<void>;
  readonly addPerson: (input: InputOf<'persons.add'>) => Promise<Reply<Person>>;
  readonly setRoles: (input: InputOf<'persons.setRoles'>) => Promise<Reply<Person>>;
  /** Takes every role and the passphrase. */
  readonly endAccess: (input: InputOf<'persons.endAccess'>) => Promise<Reply<Person>>;
  readonly addHypervisor: (input: InputOf<'hypervisors.add'>) => Promise<Reply<Hypervisor>>;
  readonly readHypervisorKey: (id: string) => Promise<Reply<OutputOf<'hypervisors.readHostKey'>>>;
  readonly pinHypervisorKey: (id: string, hostKey: string) => Promise<Reply<Hypervisor>>;
}
export type RecordsStore = StoreApi<RecordsState>;

const AUDIT_PAGE = 2_000;

export function createRecordsStore(client: Client): RecordsStore {
  const store = createStore<RecordsState>()((set, get) => ({
    incidents: NOT_LOADED,
    audit: NOT_LOADED,
    persons: NOT_LOADED,
    hypervisors: NOT_LOADED,
    async refreshIncidents() {
      set({ incidents: beginLoading(get().incidents) });
      const reply = await client.invoke('incidents.list', {});
      set({ incidents: endLoading(get().incidents, reply) });
    },
    async readAudit() {
      if (get().audit.loading) return;
      set({ audit: beginLoading(get().audit) });
      for (;;) {
        const known = get().audit.value ?? [];
        const afterSeq = known.at(-1)?.seq ?? 0;
        const reply = await client.invoke('audit.list', { afterSeq, limit: AUDIT_PAGE });
        if (!reply.ok) {
          set({ audit: endLoading(get().audit, reply) });
          return;
        }
        const more = reply.value.length === AUDIT_PAGE;
        set({ audit: { value: [...known, ...reply.value], failure: null, loading: more } });
        if (!more) return;
      }
    },
    verifyAudit: () => client.invoke('audit.verify', {}),
    async refreshSite() {
      const [persons, hypervisors] = await Promise.all([
        client.invoke('persons.list', {}),
        client.invoke('hypervisors.list', {}),
      ]);
      set({
        persons: endLoading(get().persons, persons),
        hypervisors: endLoading(get().hypervisors, hypervisors),
      });
    },
    async addPerson(input) {
      const reply = await client.invoke('persons.add', input);
      if (reply.ok) await get().refreshSite();
      return reply;
    },
    async setRoles(input) {
      const reply = await client.invoke('persons.setRoles', input);
      if (reply.ok) await get().refreshSite();
      return reply;
    },
    async endAccess(input) {
      const reply = await client.invoke('persons.endAccess', input);
      if (reply.ok) await get().refreshSite();
      return reply;
    },
    async addHypervisor(input) {
      const reply = await client.invoke('hypervisors.add', input);
      if (reply.ok) await get().refreshSite();
      return reply;
    },
    readHypervisorKey: (id) => client.invoke('hypervisors.readHostKey', { id }),
    async pinHypervisorKey(id, hostKey) {
      const reply = await client.invoke('hypervisors.pinHostKey', { id, hostKey });
      if (reply.ok) await get().refreshSite();
      return reply;
    },
  }));
  refreshOn(client, ['incidents', 'runs'], () => {
    if (store.getState().incidents.value !== null) void store.getState().refreshIncidents();
  });
  refreshOn(client, ['site'], () => {
    if (store.getState().hypervisors.value !== null) void store.getState().refreshSite();
  });
  return store;
}
