import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Reply } from '../../contract/channels.ts';
import type { Topic } from '../../contract/topics.ts';
import { Workspace, type Step } from '../../contract/vocabulary.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { ClamAv } from '../bundle/clamav.ts';
import { VendorKeyStore } from '../catalogue/check-rows.ts';
import { CatalogueStore } from '../catalogue/catalogue-store.ts';
import { ContentStore } from '../catalogue/content-store.ts';
import { CopyThreads } from '../catalogue/copy-threads.ts';
import { CollectStore } from '../catalogue/collect-store.ts';
import { openDatabase } from '../catalogue/database.ts';
import { DeskStatementStore } from '../catalogue/desk-statement-store.ts';
import { DeskStore } from '../catalogue/desk-store.ts';
import { EndpointStore } from '../catalogue/endpoint-store.ts';
import { FleetStore } from '../catalogue/fleet-store.ts';
import { AgentStore } from '../catalogue/agent-store.ts';
import { GarbageStore } from '../catalogue/garbage-store.ts';
import { ImportStore } from '../catalogue/import-store.ts';
import { NoticeStore } from '../catalogue/notice-store.ts';
import { PlanStore } from '../catalogue/plan-store.ts';
import { PolicyStore } from '../catalogue/policy-store.ts';
import { ReAnchorStore } from '../catalogue/re-anchor-store.ts';
import { RaciStore } from '../catalogue/raci-store.ts';
import { RiskStore } from '../catalogue/risk-store.ts';
import { ReviewStore } from '../catalogue/review-store.ts';
import { QueueStore } from '../catalogue/queue-store.ts';
import { SheetStore } from '../catalogue/sheet-store.ts';
import { SiteStore } from '../catalogue/site-store.ts';
import { SnapshotStore } from '../catalogue/snapshot-store.ts';
import { Collector } from '../collect/collector.ts';
import { KeyDesk } from '../collect/key-desk.ts';
import { BtrfsHypervisor } from '../hypervisor/btrfs/btrfs-hypervisor.ts';
import { AptDriver } from '../patching/apt/driver.ts';
import { withAllowList } from '../remote/allow-list.ts';
import { withLimit } from '../remote/limit.ts';
import type { RemoteShell } from '../remote/remote-shell.ts';
import { SshShell } from '../remote/ssh/ssh-shell.ts';
import { Journal, type StoredEvent } from '../runs/journal.ts';
import { RunEngine } from '../runs/run-engine.ts';
import { RUN_TIMINGS, type RunTimings } from '../runs/run-ports.ts';
import { NO_KEYRING, type Keyring } from '../secrets/keyring.ts';
import { KDF_COST, type KdfCost } from '../secrets/sealing.ts';
import { Vault } from '../secrets/vault.ts';
import { agentHandlers } from './agent-handlers.ts';
import { catalogueHandlers } from './catalogue-handlers.ts';
import { collectHandlers } from './collect-handlers.ts';
import { deskKeyHandlers } from './desk-keys.ts';
import { deskPackHandlers } from './desk-packs.ts';
import { deskStatementHandlers } from './desk-statements.ts';
import { Dispatcher } from './dispatch.ts';
import { endpointHandlers } from './endpoint-handlers.ts';
import { Findings } from './findings.ts';
import { keyHandlers } from './key-handlers.ts';
import { Lease } from './lease.ts';
import { noticeHandlers } from './notice-handlers.ts';
import { noticeRunEvent } from './notice-steps.ts';
import { sayBesideWork } from './notices.ts';
import { Operations } from './operations.ts';
import { approvalHandlers } from './approval-handlers.ts';
import { personHandlers } from './person-handlers.ts';
import { planHandlers } from './plan-handlers.ts';
import { policyHandlers } from './policy-handlers.ts';
import { raciHandlers } from './raci-handlers.ts';
import { Reach } from './reach.ts';
import { reAnchorHandlers } from './re-anchor-handlers.ts';
import { riskHandlers } from './risk-handlers.ts';
import { reviewHandlers } from './review-handlers.ts';
import { reviewerHandlers } from './reviewer-handlers.ts';
import { queueHandlers } from './queue-handlers.ts';
import { ReadPacks } from './read-packs.ts';
import { sheetHandlers } from './sheet-handlers.ts';
import { runHandlers } from './run-handlers.ts';
import { makeRunPorts } from './run-ports.ts';
import type { Services, Session } from './services.ts';
import { siteHandlers } from './site-handlers.ts';
import { ENGINE_VERSION } from './version.ts';

export { ENGINE_VERSION };

export interface EngineOptions {
  /** Folder of the site: database, content store, local log. Made when it is not there. */
  readonly dataDir: string;
  readonly keyring?: Keyring;
  /** `hold`: take the lease now and resume what can be resumed; `when-needed`: at the first call that needs it. */
  readonly lease?: 'hold' | 'when-needed';
  /** Seams for tests; production takes what is real. */
  readonly shell?: RemoteShell;
  readonly timings?: Partial<RunTimings>;
  readonly kdfCost?: KdfCost;
  readonly now?: () => string;
  /** Told of each journal entry once it is durable. */
  readonly afterJournal?: (stored: StoredEvent) => void;
}

/** Opaque to transports: one for each window or command. */
export type SessionId = Session;

export interface Engine {
  openSession(): SessionId;
  /** Never rejects: a failure is data. */
  invoke(session: SessionId, name: string, input: unknown): Promise<Reply>;
  subscribe(listener: (topic: Topic) => void): () => void;
  /** Ends in order. Runs are left where they stand, for the next engine. */
  close(): Promise<void>;
}

/** Sessions to endpoints at once, over everything the engine does. */
const SESSIONS_AT_ONCE = 32;
/** How often changes by another process on the same site are looked for. */
const WATCH_EVERY_MS = 1_000;

/**
 * The one place where adapters and stores are chosen.
 *
 * @throws StoreError STORE_FROM_THE_FUTURE, STORE_MIGRATION_UNKNOWN, STORE_DAMAGED, ENGINE_BUSY
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { dataDir } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const now = options.now ?? ((): string => new Date().toISOString());
  const logBug = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    appendFileSync(join(dataDir, 'engine.log'), `${now()} ${text}\n`, { mode: 0o600 });
  };

  const lease = new Lease(dataDir);
  if (options.lease === 'hold') lease.acquire();
  const db = openDatabase(join(dataDir, 'site.db'));

  const listeners = new Set<(topic: Topic) => void>();
  const publish = (topic: Topic): void => {
    for (const listener of listeners) listener(topic);
  };
  const progress = new Map<string, { step: Step; activity: string; progress: number | null }>();
  const lastReport = new Map<string, number>();
  const report = (
    runId: string,
    endpointId: string,
    step: Step,
    activity: string,
    done: number | null,
  ): void => {
    const key = `${runId}/${endpointId}`;
    progress.set(key, { step, activity, progress: done });
    const at = Date.now();
    if (done !== null && done < 1 && at - (lastReport.get(key) ?? 0) < 100) return;
    lastReport.set(key, at);
    publish({ kind: 'task-progress', runId, endpointId, step, activity, progress: done });
  };

  const site = new SiteStore(db);
  const endpoints = new EndpointStore(db);
  const reviews = new ReviewStore(db);
  const catalogue = new CatalogueStore(db);
  const vault = new Vault(options.kdfCost ?? KDF_COST);
  const keyring = options.keyring ?? NO_KEYRING;
  // Read at each connection: an address that was added a moment ago counts, one that is not there never does.
  const isInInventory = (address: string, port: number): boolean =>
    endpoints.list().some((row) => row.address === address && row.port === port) ||
    endpoints.listHypervisors().some((row) => row.address === address && row.port === port);
  // A site of before there were workspaces is one that operates.
  const workspace = (): Workspace => Workspace.parse(site.getSetting('site.workspace') ?? 'operate');
  // Collect never talks to endpoints, whatever its database may hold.
  const shell = withAllowList(
    withLimit(options.shell ?? new SshShell(), SESSIONS_AT_ONCE),
    (address, port) => workspace() === 'operate' && isInInventory(address, port),
  );
  const afterEntry = (stored: StoredEvent): void => {
    publish({ kind: 'changed', area: 'runs', id: stored.runId });
    if (stored.event.kind === 'step-finished' && /snapshot|restore/.test(stored.event.result.step)) {
      publish({ kind: 'changed', area: 'snapshots', id: null });
    }
    if (stored.event.kind === 'ended') publish({ kind: 'changed', area: 'endpoints', id: stored.endpointId });
    options.afterJournal?.(stored);
  };
  const sayEntry = (stored: StoredEvent): void => {
    const { runId: run, endpointId: endpoint, seq, event } = stored;
    const about = { run, endpoint, entry: `${seq} ${event.kind}` };
    sayBesideWork(services, about, () => noticeRunEvent(services, stored));
  };
  const journal = new Journal(db, now, afterEntry, sayEntry);
  const sheets = new SheetStore(db);

  const base = {
    dataDir,
    startedAt: now(),
    db,
    site,
    endpoints,
    plans: new PlanStore(db),
    policies: new PolicyStore(db),
    desk: new DeskStore(db),
    deskStatements: new DeskStatementStore(db),
    raci: new RaciStore(db),
    notices: new NoticeStore(db),
    reviews,
    sheets,
    queue: new QueueStore(db),
    readPacks: new ReadPacks(reviews, sheets),
    snapshots: new SnapshotStore(db),
    catalogue,
    imports: new ImportStore(db),
    reAnchors: new ReAnchorStore(db),
    collected: new CollectStore(db),
    collector: new Collector(() => workspace() === 'collect', options.kdfCost),
    keyDesk: new KeyDesk(options.kdfCost),
    content: new ContentStore(join(dataDir, 'content'), new CopyThreads()),
    risk: new RiskStore(db),
    garbage: new GarbageStore(db),
    agents: new AgentStore(db),
    vendorKeys: new VendorKeyStore(db),
    scanner: new ClamAv(join(dataDir, 'malware-database')),
    journal,
    audit: new AuditLog(db),
    vault,
    kdfCost: options.kdfCost ?? KDF_COST,
    keyring,
    lease,
    operations: new Operations({ now, newId: randomUUID, publish, logBug }),
    reach: new Reach({
      shell,
      endpoints,
      site,
      vault,
      driver: new AptDriver(),
      makeHypervisor: (remote, target, config) => new BtrfsHypervisor(remote, target, config),
    }),
    findings: new Findings(endpoints, catalogue),
    fleet: new FleetStore(db, catalogue),
    workspace,
    now,
    newId: randomUUID,
    publish,
    logBug,
    progressOf: (runId: string, endpointId: string) => progress.get(`${runId}/${endpointId}`),
  };
  const services: Services = {
    ...base,
    get runs() {
      return runs;
    },
    resumeRuns: () => resumeRuns(),
  };
  const runs: RunEngine = new RunEngine(journal, makeRunPorts(services, report, logBug), {
    ...RUN_TIMINGS,
    ...options.timings,
  });
  const resumeRuns = (): readonly string[] => {
    const open = journal
      .openTasks()
      .filter(({ runId, endpointId }) => journal.stateOf(runId, endpointId).kind !== 'needs-attention');
    const ids = [...new Set(open.map((task) => task.runId))];
    for (const id of ids) runs.drive(id);
    return ids;
  };

  if (lease.isHeld) {
    await openVaultByKeyring(site, vault, keyring);
    if (vault.isOpen) resumeRuns();
  }
  const stopWatching = watchForeignChanges(db, publish);

  const dispatcher = new Dispatcher(
    services,
    {
      ...siteHandlers,
      ...personHandlers,
      ...raciHandlers,
      ...noticeHandlers,
      ...endpointHandlers,
      ...agentHandlers,
      ...catalogueHandlers,
      ...reAnchorHandlers,
      ...riskHandlers,
      ...collectHandlers,
      ...keyHandlers,
      ...planHandlers,
      ...approvalHandlers,
      ...reviewHandlers,
      ...reviewerHandlers,
      ...policyHandlers,
      ...deskPackHandlers,
      ...deskKeyHandlers,
      ...deskStatementHandlers,
      ...sheetHandlers,
      ...queueHandlers,
      ...runHandlers,
    },
    logBug,
  );
  return {
    openSession: () => ({ id: randomUUID(), person: null, signer: null }),
    invoke: (session, name, input) => dispatcher.invoke(session, name, input),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      stopWatching();
      await runs.close();
      await base.operations.close();
      vault.lock();
      db.close();
      lease.release();
    },
  };
}

async function openVaultByKeyring(site: SiteStore, vault: Vault, keyring: Keyring): Promise<void> {
  const wrapped = site.getSetting('vault.keyring');
  if (wrapped === null || !(await keyring.isAvailable())) return;
  const key = await keyring.unwrap(Buffer.from(wrapped, 'base64'));
  if (key !== null) vault.openWithKey(key);
}

/** Another process on this machine (the command line beside the window) may have changed the site: screens ask again. */
function watchForeignChanges(
  db: ReturnType<typeof openDatabase>,
  publish: (topic: Topic) => void,
): () => void {
  let seen = db.pragma('data_version', { simple: true });
  const timer = setInterval(() => {
    const version = db.pragma('data_version', { simple: true });
    if (version === seen) return;
    seen = version;
    for (const area of [
      'site',
      'endpoints',
      'catalogue',
      'plans',
      'approvals',
      'runs',
      'snapshots',
      'collect',
      'desk',
      'notices',
    ] as const) {
      publish({ kind: 'changed', area, id: null });
    }
  }, WATCH_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
