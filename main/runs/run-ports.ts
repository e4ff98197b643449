import type { Step } from '../../contract/vocabulary.ts';
import type { Inventory } from '../core/inventory.ts';
import type { EndpointPlan, Plan } from '../core/plan.ts';
import type { ApprovalReading } from '../core/run/next.ts';
import type { TakenSnapshot } from '../core/run/state.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import type { PatchDriver } from '../patching/patch-driver.ts';
import type { RemoteSession } from '../remote/remote-shell.ts';
import type { RepositorySlice } from '../core/repository-slice.ts';

/** What a run is made of, as it is stored now. */
export interface RunSource {
  readonly runId: string;
  readonly plan: Plan;
  /** Computed afresh from the stored plan. */
  readonly planDigest: string;
  readonly approval: ApprovalReading | null;
}

export interface Content {
  readonly repositories: readonly RepositorySlice[];
  readonly downloadBytes: number;
  readonly installedBytes: number;
}

export interface IncidentNote {
  readonly code: string;
  readonly message: string;
  readonly evidence: readonly { readonly label: string; readonly text: string }[];
}

/** Everything outside of it that the interpreter of runs needs. Composed in main/app. */
export interface RunPorts {
  /** ISO 8601 in UTC. */
  now(): string;
  /** As `now`, and never before the time floor: by it an approval runs out. */
  siteTime(): string;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  source(runId: string): RunSource;
  /** Opens a session with pinned key and credentials from the vault. */
  connect(endpointId: string, signal: AbortSignal): Promise<RemoteSession>;
  driverFor(endpointId: string): PatchDriver;
  /** `null`: the endpoint has no hypervisor, so that no snapshot can be taken. */
  hypervisorFor(
    endpointId: string,
  ): Promise<{ readonly hypervisor: Hypervisor; readonly vm: string; readonly id: string } | null>;
  /** @throws CatalogueError CONTENT_MISSING */
  contentFor(endpoint: EndpointPlan): Content;

  /** The three below run inside the transaction of the journal entry beside them. */
  keepInventory(
    runId: string,
    endpointId: string,
    reason: 'before' | 'after' | 'restored',
    inventory: Inventory,
  ): void;
  keepSnapshot(runId: string, endpointId: string, hypervisorId: string, snapshot: TakenSnapshot): void;
  markSnapshot(runId: string, endpointId: string, what: 'proven' | 'restored'): void;
  openIncident(runId: string, endpointId: string, note: IncidentNote): void;

  digestOf(inventory: Inventory): string;
  inventoryBefore(runId: string, endpointId: string): Inventory | null;

  report(runId: string, endpointId: string, step: Step, activity: string, progress: number | null): void;
  /** A bug of ours: goes to the local log. */
  logBug(error: unknown): void;
}

export interface RunTimings {
  /** How long to wait for an endpoint that went away in the middle of a step. */
  readonly reconnectMs: number;
  /** Longest install. */
  readonly installMs: number;
  readonly rebootMs: number;
  readonly pollMs: number;
  readonly backoffMs: number;
}

export const RUN_TIMINGS: RunTimings = {
  reconnectMs: 30 * 60_000,
  installMs: 3 * 60 * 60_000,
  rebootMs: 15 * 60_000,
  pollMs: 1_000,
  backoffMs: 1_000,
};

/** Tasks at once. Key exchange is the cost on the controller: more than this gains nothing on two cores. */
export const TASKS_AT_ONCE = 8;
