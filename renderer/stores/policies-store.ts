import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { DelegationView, EmergencyView, GroupView, PolicyView } from '../../contract/policies.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** Patch groups, and what their customers signed beside decisions. */
export interface PoliciesState {
  readonly groups: Loaded<GroupView[]>;
  /** Newest first, every version that ever was. */
  readonly policies: Loaded<PolicyView[]>;
  readonly delegations: Loaded<DelegationView[]>;
  readonly emergencies: Loaded<EmergencyView[]>;
  readonly refresh: () => Promise<void>;
  /** Those that an approval was made under, as they were signed. */
  readonly ofApproval: (approvalId: string) => Promise<Reply<PolicyView[]>>;
  readonly setGroup: (input: InputOf<'groups.set'>) => Promise<Reply<GroupView[]>>;
  /** By an approver who is signed in, with their own key. */
  readonly sign: (input: InputOf<'policies.sign'>) => Promise<Reply<PolicyView>>;
  readonly importPolicy: (file: string) => Promise<Reply<PolicyView>>;
  readonly importDelegation: (file: string) => Promise<Reply<DelegationView>>;
  readonly importEmergency: (file: string) => Promise<Reply<EmergencyView>>;
  readonly revoke: (sha256: string, reason: string) => Promise<Reply<DelegationView>>;
  readonly planEmergency: (sha256: string) => Promise<Reply<OutputOf<'emergency.plan'>>>;
  readonly pickFile: (title: string) => Promise<Reply<{ path: string | null }>>;
}
export type PoliciesStore = StoreApi<PoliciesState>;

export function createPoliciesStore(client: Client): PoliciesStore {
  const store = createStore<PoliciesState>()((set, get) => {
    /** Reads all again after a command that went well: a policy can change what its group says as well. */
    const after = async <T>(reply: Promise<Reply<T>>): Promise<Reply<T>> => {
      const answer = await reply;
      if (answer.ok) await get().refresh();
      return answer;
    };
    return {
      groups: NOT_LOADED,
      policies: NOT_LOADED,
      delegations: NOT_LOADED,
      emergencies: NOT_LOADED,
      async refresh() {
        set(({ groups }) => ({ groups: beginLoading(groups) }));
        const [groups, policies, delegations, emergencies] = await Promise.all([
          client.invoke('groups.list', {}),
          client.invoke('policies.list', {}),
          client.invoke('delegations.list', {}),
          client.invoke('emergency.list', {}),
        ]);
        set((before) => ({
          groups: endLoading(before.groups, groups),
          policies: endLoading(before.policies, policies),
          delegations: endLoading(before.delegations, delegations),
          emergencies: endLoading(before.emergencies, emergencies),
        }));
      },
      ofApproval: (approvalId) => client.invoke('policies.ofApproval', { approvalId }),
      setGroup: (input) => after(client.invoke('groups.set', input)),
      sign: (input) => after(client.invoke('policies.sign', input)),
      importPolicy: (file) => after(client.invoke('policies.import', { file })),
      importDelegation: (file) => after(client.invoke('delegations.import', { file })),
      importEmergency: (file) => after(client.invoke('emergency.import', { file })),
      revoke: (sha256, reason) => after(client.invoke('delegations.revoke', { sha256, reason })),
      planEmergency: (sha256) => client.invoke('emergency.plan', { sha256 }),
      pickFile: (title) =>
        client.invokeShell('shell.pickFile', {
          ...{ title, purpose: 'open', suggestedName: '' },
          filters: [{ name: title, extensions: ['json'] }],
        }),
    };
  });
  refreshOn(client, ['site', 'approvals', 'endpoints'], () => {
    if (store.getState().groups.value !== null) void store.getState().refresh();
  });
  return store;
}
