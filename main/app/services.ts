import type { AgentStore } from '../catalogue/agent-store.ts';
import type { CollectStore } from '../catalogue/collect-store.ts';
import type { MalwareScanner } from '../bundle/malware-scanner.ts';
import type { VendorKeyStore } from '../catalogue/check-rows.ts';
import type { CatalogueStore } from '../catalogue/catalogue-store.ts';
import type { ContentStore } from '../catalogue/content-store.ts';
import type { Db } from '../catalogue/database.ts';
import type { DeskStatementStore } from '../catalogue/desk-statement-store.ts';
import type { DeskStore } from '../catalogue/desk-store.ts';
import type { EndpointStore } from '../catalogue/endpoint-store.ts';
import type { FleetStore } from '../catalogue/fleet-store.ts';
import type { GarbageStore } from '../catalogue/garbage-store.ts';
import type { ImportStore } from '../catalogue/import-store.ts';
import type { NoticeStore } from '../catalogue/notice-store.ts';
import type { PlanStore } from '../catalogue/plan-store.ts';
import type { PolicyStore } from '../catalogue/policy-store.ts';
import type { QueueStore } from '../catalogue/queue-store.ts';
import type { ReAnchorStore } from '../catalogue/re-anchor-store.ts';
import type { RaciStore } from '../catalogue/raci-store.ts';
import type { RiskStore } from '../catalogue/risk-store.ts';
import type { ReviewStore } from '../catalogue/review-store.ts';
import type { PersonRow, SiteStore } from '../catalogue/site-store.ts';
import type { SheetStore } from '../catalogue/sheet-store.ts';
import type { SnapshotStore } from '../catalogue/snapshot-store.ts';
import type { Collector } from '../collect/collector.ts';
import type { KeyDesk } from '../collect/key-desk.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Topic } from '../../contract/topics.ts';
import type { Step, Workspace } from '../../contract/vocabulary.ts';
import type { Journal } from '../runs/journal.ts';
import type { RunEngine } from '../runs/run-engine.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { KdfCost } from '../secrets/sealing.ts';
import type { Signer, Vault } from '../secrets/vault.ts';
import type { Findings } from './findings.ts';
import type { Lease } from './lease.ts';
import type { Operations } from './operations.ts';
import type { Reach } from './reach.ts';
import type { ReadPacks } from './read-packs.ts';

/** What the handlers work with. Made once, in compose.ts. */
export interface Services {
  readonly dataDir: string;
  readonly startedAt: string;
  readonly db: Db;
  readonly site: SiteStore;
  readonly endpoints: EndpointStore;
  readonly plans: PlanStore;
  readonly reviews: ReviewStore;
  readonly policies: PolicyStore;
  readonly desk: DeskStore;
  readonly deskStatements: DeskStatementStore;
  readonly raci: RaciStore;
  readonly notices: NoticeStore;
  readonly sheets: SheetStore;
  readonly queue: QueueStore;
  readonly readPacks: ReadPacks;
  readonly snapshots: SnapshotStore;
  readonly catalogue: CatalogueStore;
  readonly imports: ImportStore;
  readonly reAnchors: ReAnchorStore;
  readonly collected: CollectStore;
  readonly collector: Collector;
  readonly keyDesk: KeyDesk;
  readonly content: ContentStore;
  readonly risk: RiskStore;
  readonly garbage: GarbageStore;
  readonly agents: AgentStore;
  readonly vendorKeys: VendorKeyStore;
  readonly scanner: MalwareScanner;
  readonly journal: Journal;
  readonly audit: AuditLog;
  readonly vault: Vault;
  /** What deriving a key from a passphrase costs. */
  readonly kdfCost: KdfCost;
  readonly keyring: Keyring;
  readonly lease: Lease;
  readonly operations: Operations;
  readonly reach: Reach;
  readonly findings: Findings;
  readonly fleet: FleetStore;
  readonly runs: RunEngine;
  /** What this site is for, as the database says now. */
  workspace(): Workspace;
  /** ISO 8601 in UTC. */
  now(): string;
  newId(): string;
  publish(topic: Topic): void;
  /** Into the local log: what went wrong in Sallyport itself. */
  logBug(error: unknown): void;
  /** What a running step last said of itself. */
  progressOf(
    runId: string,
    endpointId: string,
  ): { step: Step; activity: string; progress: number | null } | undefined;
  /** Goes on with what a stopped engine left behind. Needs the vault open and the lease held. */
  resumeRuns(): readonly string[];
}

/** One person at one window or one command. */
export interface Session {
  readonly id: string;
  person: PersonRow | null;
  signer: Signer | null;
}

/** What a handler is given beside its input. */
export interface CallContext {
  readonly services: Services;
  readonly session: Session;
  /** The person who is signed in. @throws ContractError CONTRACT_NOT_SIGNED_IN */
  person(): PersonRow;
  /**
   * Makes a change and its audit entry one transaction. A command that changed anything goes through here.
   *
   * @param subject what the entry is about: ids and names, never secrets
   */
  commit<T>(subject: Readonly<Record<string, string>>, change: () => T): T;
}
