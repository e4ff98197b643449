import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Client } from '../client/client.ts';
import { createApprovalsStore, type ApprovalsStore } from './approvals-store.ts';
import { createCatalogueStore, type CatalogueStore } from './catalogue-store.ts';
import { createCollectStore, type CollectStore } from './collect-store.ts';
import { createCounselStore, type CounselStore } from './counsel-store.ts';
import { createDeskStore, type DeskStore } from './desk-store.ts';
import { createEndpointsStore, type EndpointsStore } from './endpoints-store.ts';
import { createKeysStore, type KeysStore } from './keys-store.ts';
import { createNavigationStore, type NavigationStore, type ScreenName } from './navigation-store.ts';
import { createNoticesStore, type NoticesStore } from './notices-store.ts';
import { createOperationsStore, type OperationsStore } from './operations-store.ts';
import { createPreferencesStore, type PreferencesStore } from './preferences-store.ts';
import { createPoliciesStore, type PoliciesStore } from './policies-store.ts';
import { createRaciStore, type RaciStore } from './raci-store.ts';
import { createRecordsStore, type RecordsStore } from './records-store.ts';
import { createReviewersStore, type ReviewersStore } from './reviewers-store.ts';
import { createRunsStore, type RunsStore } from './runs-store.ts';
import { createSessionStore, type SessionStore } from './session-store.ts';
import { createSnapshotsStore, type SnapshotsStore } from './snapshots-store.ts';
import { createStatementsStore, type StatementsStore } from './statements-store.ts';

/** Everything the window holds, made once from one client. */
export interface Application {
  readonly session: SessionStore;
  readonly navigation: NavigationStore;
  readonly preferences: PreferencesStore;
  readonly operations: OperationsStore;
  readonly endpoints: EndpointsStore;
  readonly catalogue: CatalogueStore;
  readonly collect: CollectStore;
  readonly keys: KeysStore;
  readonly desk: DeskStore;
  readonly statements: StatementsStore;
  readonly approvals: ApprovalsStore;
  readonly counsel: CounselStore;
  readonly runs: RunsStore;
  readonly snapshots: SnapshotsStore;
  readonly records: RecordsStore;
  readonly raci: RaciStore;
  readonly notices: NoticesStore;
  readonly policies: PoliciesStore;
  readonly reviewers: ReviewersStore;
  /** The time that countdowns and ages are measured against; moves every second. */
  readonly clock: StoreApi<{ readonly now: number }>;
}

export interface ApplicationOptions {
  readonly client: Client;
  readonly storage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
  readonly now: () => number;
  readonly screen?: ScreenName;
}

export function createApplication(options: ApplicationOptions): Application {
  const { client } = options;
  return {
    session: createSessionStore(client),
    navigation: createNavigationStore(options.screen),
    preferences: createPreferencesStore(options.storage, client),
    operations: createOperationsStore(client),
    endpoints: createEndpointsStore(client),
    catalogue: createCatalogueStore(client),
    collect: createCollectStore(client),
    keys: createKeysStore(client),
    desk: createDeskStore(client),
    statements: createStatementsStore(client),
    approvals: createApprovalsStore(client),
    counsel: createCounselStore(client),
    runs: createRunsStore(client),
    snapshots: createSnapshotsStore(client),
    records: createRecordsStore(client),
    raci: createRaciStore(client),
    notices: createNoticesStore(client),
    policies: createPoliciesStore(client),
    reviewers: createReviewersStore(client),
    clock: createStore(() => ({ now: options.now() })),
  };
}

/** Reads what every screen and the rail show, once somebody is signed in. */
export async function loadSite(application: Application): Promise<void> {
  const workspace = application.session.getState().site.value?.site?.workspace;
  if (workspace === 'review') {
    await Promise.all([application.desk.getState().refresh(), application.statements.getState().refresh()]);
    return;
  }
  if (workspace === 'collect') {
    await Promise.all([
      application.collect.getState().refresh(),
      application.keys.getState().refresh(),
      application.records.getState().refreshSite(),
      application.operations.getState().refresh(),
    ]);
    return;
  }
  await Promise.all([
    application.endpoints.getState().refresh(),
    application.catalogue.getState().refresh(),
    application.approvals.getState().refresh(),
    application.runs.getState().refresh(),
    application.snapshots.getState().refresh(),
    application.records.getState().refreshIncidents(),
    application.records.getState().refreshSite(),
    application.operations.getState().refresh(),
    application.notices.getState().refreshMine(),
  ]);
}
