import { createStore, type StoreApi } from 'zustand/vanilla';
import type { OutputOf, Reply } from '../../contract/channels.ts';
import type { Operation } from '../../contract/site.ts';
import type { Client } from '../client/client.ts';
import { refreshOn } from './loaded.ts';

/** Work in the engine that takes longer than a second. It goes on when the screen that started it is left. */
export interface OperationsState {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly refresh: () => Promise<void>;
  /** Resolves when the operation has ended; its failure is the failure of this call. */
  readonly wait: (operationId: string) => Promise<Reply<OutputOf<'operations.wait'>>>;
  readonly cancel: (operationId: string) => Promise<Reply<Operation>>;
}
export type OperationsStore = StoreApi<OperationsState>;

export function createOperationsStore(client: Client): OperationsStore {
  const store = createStore<OperationsState>()((set, get) => {
    const put = (operation: Operation): void =>
      set({ operations: new Map(get().operations).set(operation.id, operation) });
    client.subscribe((topic) => {
      if (topic.kind === 'operation') put(topic.operation);
    });
    return {
      operations: new Map(),
      async refresh() {
        const reply = await client.invoke('operations.list', {});
        if (reply.ok) set({ operations: new Map(reply.value.map((operation) => [operation.id, operation])) });
      },
      async wait(operationId) {
        const reply = await client.invoke('operations.wait', { id: operationId });
        if (reply.ok) put(reply.value.operation);
        else {
          const known = get().operations.get(operationId);
          if (known?.status === 'running') {
            put({ ...known, status: reply.failure.code === 'CONTRACT_CANCELLED' ? 'cancelled' : 'failed' });
          }
        }
        return reply;
      },
      async cancel(operationId) {
        const reply = await client.invoke('operations.cancel', { id: operationId });
        if (reply.ok) put(reply.value);
        return reply;
      },
    };
  });
  refreshOn(client, ['operations'], () => void store.getState().refresh());
  return store;
}

export function listRunning(state: OperationsState): Operation[] {
  return [...state.operations.values()].filter((operation) => operation.status === 'running');
}
