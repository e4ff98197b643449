import type { Step } from '../../contract/vocabulary.ts';
import { inventoryDigest } from '../catalogue/endpoint-store.ts';
import type { RunPorts } from '../runs/run-ports.ts';
import { contentForPlan } from './content.ts';
import { readApproval } from './approval-reading.ts';
import { noticeIncident } from './notice-steps.ts';
import { sayBesideWork } from './notices.ts';
import type { Services } from './services.ts';
import { siteTime } from './statements.ts';

/** The provider that this service follows kept restore points for 48 hours. */
const KEEP_SNAPSHOT_MS = 48 * 3_600_000;

/** Binds the interpreter of runs to the stores, the vault and the adapters. */
export function makeRunPorts(
  services: Services,
  report: (runId: string, endpointId: string, step: Step, activity: string, progress: number | null) => void,
  logBug: (error: unknown) => void,
): RunPorts {
  return {
    now: () => services.now(),
    siteTime: () => siteTime(services),
    sleep,
    source: (runId) => {
      const run = services.plans.getRun(runId);
      const plan = run === undefined ? undefined : services.plans.getPlan(run.planId);
      if (run === undefined || plan === undefined) throw new Error(`Run ${runId} has no plan.`);
      return {
        runId,
        plan: plan.plan,
        planDigest: plan.digest,
        approval: readApproval(services, run.approvalId),
      };
    },
    connect: (endpointId, signal) => services.reach.connect(endpointId, signal),
    driverFor: (endpointId) => services.reach.driverFor(endpointId),
    hypervisorFor: (endpointId) => Promise.resolve(services.reach.hypervisorFor(endpointId)),
    contentFor: (endpoint) => contentForPlan(services, endpoint),

    keepInventory: (runId, endpointId, reason, inventory) => {
      services.endpoints.insertInventory(endpointId, inventory, services.now(), reason, runId);
    },
    keepSnapshot: (runId, endpointId, hypervisorId, snapshot) => {
      if (services.snapshots.findByRun(runId, endpointId) !== undefined) return;
      services.snapshots.insert({
        id: services.newId(),
        platformId: snapshot.id,
        name: snapshot.name,
        vm: snapshot.vm,
        hypervisorId,
        endpointId,
        runId,
        takenAt: snapshot.takenAt,
        keptUntil: new Date(Date.parse(services.now()) + KEEP_SNAPSHOT_MS).toISOString(),
      });
    },
    markSnapshot: (runId, endpointId, what) => {
      const row = services.snapshots.findByRun(runId, endpointId);
      if (row === undefined) throw new Error('A snapshot that is not in the ledger was proven or restored.');
      if (what === 'proven') services.snapshots.markProven(row.id, services.now());
      else services.snapshots.markRestored(row.id, services.now());
    },
    openIncident: (runId, endpointId, note) => {
      const incident = { id: services.newId(), openedAt: services.now(), endpointId, runId, ...note };
      services.db.transaction(() => {
        services.snapshots.openIncident(incident);
        const about = { run: runId, endpoint: endpointId, incident: incident.id };
        sayBesideWork(services, about, () => noticeIncident(services, incident));
      })();
      services.publish({ kind: 'changed', area: 'incidents', id: null });
    },
    digestOf: inventoryDigest,
    inventoryBefore: (runId, endpointId) =>
      services.endpoints.findInventory(endpointId, runId, 'before')?.inventory ?? null,
    report,
    logBug,
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
