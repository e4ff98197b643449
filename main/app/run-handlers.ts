import { ContractError, PolicyError, RunError } from '../../contract/errors.ts';
import type { SnapshotView } from '../../contract/runs.ts';
import type { RunRow } from '../catalogue/plan-store.ts';
import type { SnapshotRow } from '../catalogue/snapshot-store.ts';
import { diffInventories } from '../core/inventory.ts';
import { authorise } from '../core/run/next.ts';
import { factsOf, type TaskTerms } from '../core/run/state.ts';
import { foldTask } from '../core/run/transition.ts';
import { stageIdOf } from './content.ts';
import type { Handlers } from './dispatch.ts';
import { readApproval } from './approval-reading.ts';
import { settleFor } from './review-outcomes.ts';
import { presentEntry, presentRun, presentTask } from './present-runs.ts';
import { noticeRestore, noticeRunStarted } from './notice-steps.ts';
import { sayBesideWork } from './notices.ts';
import type { CallContext, Services } from './services.ts';
import { siteTime } from './statements.ts';

type RunHandlers = Pick<
  Handlers,
  | 'runs.start'
  | 'runs.list'
  | 'runs.get'
  | 'runs.journal'
  | 'runs.wait'
  | 'runs.cancel'
  | 'runs.resume'
  | 'runs.resolve'
  | 'snapshots.list'
  | 'snapshots.restore'
  | 'snapshots.delete'
>;

export const runHandlers: RunHandlers = {
  'runs.start': (input, context) => {
    const { services } = context;
    services.lease.acquire();
    settleFor(context, input.approvalId);
    const row = startRun(context, input.approvalId);
    services.runs.drive(row.id);
    return presentRun(services, row);
  },
  'runs.list': (_input, { services }) => services.plans.listRuns().map((row) => presentRun(services, row)),
  'runs.get': (input, { services }) => viewOf(services, requireRun(services, input.id)),
  'runs.journal': (input, { services }) => {
    const row = requireRun(services, input.runId);
    const names = namesOf(services, row);
    const stored = services.journal.entriesAfter(row.id, input.afterRow);
    return {
      lastRow: stored.at(-1)?.row ?? input.afterRow,
      entries: stored.map((entry) => presentEntry(entry, names.get(entry.endpointId) ?? entry.endpointId)),
    };
  },
  'runs.wait': async (input, { services }) => {
    const row = requireRun(services, input.id);
    if (services.lease.isHeld) services.runs.drive(row.id);
    await services.runs.settled(row.id);
    const view = viewOf(services, row);
    if (view.run.status !== 'ended') {
      throw new RunError('RUN_NOT_FOUND', 'This run is not being driven by this engine.', {
        hint: 'Resume it here, or look at it where it was started.',
      });
    }
    return view;
  },
  'runs.cancel': (input, context) => {
    const { services } = context;
    const row = requireRun(services, input.id);
    context.commit({ run: row.id }, () => {
      for (const [endpointId, state] of services.journal.statesOf(row.id)) {
        if (state.kind === 'ended' || factsOf(state)?.cancelRequested === true) continue;
        services.journal.append(row.id, endpointId, { kind: 'cancel-requested', by: context.person().name });
      }
    });
    return presentRun(services, row);
  },
  'runs.resume': (_input, { services }) => {
    services.lease.acquire();
    return { resumed: [...services.resumeRuns()] };
  },
  'runs.resolve': (input, context) => {
    const { services } = context;
    services.lease.acquire();
    const row = requireRun(services, input.runId);
    const state = services.journal.stateOf(row.id, input.endpointId);
    if (state.kind !== 'needs-attention') {
      throw new ContractError('CONTRACT_CONFLICT', 'This endpoint does not wait for a decision.');
    }
    if (input.decision === 'restore' && !state.facts.snapshotProven) {
      throw new PolicyError(
        'POLICY_SNAPSHOT_UNAVAILABLE',
        'There is no proven snapshot of this run to restore.',
      );
    }
    context.commit({ run: row.id, endpoint: input.endpointId, decision: input.decision }, () =>
      services.journal.append(row.id, input.endpointId, {
        kind: 'resolved',
        by: context.person().name,
        decision: input.decision,
        reason: input.reason,
      }),
    );
    services.runs.drive(row.id);
    return viewOf(services, row);
  },

  'snapshots.list': (_input, { services }) =>
    services.snapshots.list().map((row) => presentSnapshot(services, row)),
  'snapshots.restore': (input, context) => ({ operationId: beginRestore(context, input) }),
  'snapshots.delete': async (input, context) => {
    const { services } = context;
    services.lease.acquire();
    const row = requireConfirmed(services, input.id, input.confirmName);
    refuseWhileBusy(services, row.endpointId);
    const hypervisor = services.reach.hypervisor(row.hypervisorId);
    try {
      await hypervisor.deleteSnapshot({
        id: row.platformId,
        name: row.name,
        vm: row.vm,
        takenAt: row.takenAt,
      });
    } finally {
      await hypervisor.close();
    }
    context.commit({ snapshot: row.name, endpoint: input.confirmName }, () =>
      services.snapshots.markDeleted(row.id, services.now()),
    );
    services.publish({ kind: 'changed', area: 'snapshots', id: row.id });
    return presentSnapshot(services, requireSnapshot(services, row.id));
  },
};

/** Creates the run and the first journal entry of every task in one transaction. Nothing is touched yet. */
function startRun(context: CallContext, approvalId: string): RunRow {
  const { services } = context;
  const approval = services.plans.getApproval(approvalId);
  if (approval === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such approval.', { subject: { approvalId } });
  if (approval.runId !== null) {
    throw new RunError('RUN_ALREADY_STARTED', 'This approval has been used: each one is for one run.', {
      hint: 'Ask for another approval.',
      subject: { runId: approval.runId },
    });
  }
  const plan = services.plans.getPlan(approval.planId);
  if (plan === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'The plan of this approval is not there.');
  const runId = services.newId();
  const short = runId.slice(0, 8);
  const created = plan.plan.endpoints.map((endpoint) => {
    const terms: TaskTerms = {
      planId: plan.id,
      planDigest: plan.digest,
      approvalId,
      snapshotMode: endpoint.snapshotMode,
      restoreOnFailure: endpoint.restoreOnFailure,
      rebootPolicy: endpoint.rebootPolicy,
      snapshotName: `sallyport-${short}-${endpoint.endpointId.slice(0, 8)}`,
      stageId: stageIdOf('run', `${runId.slice(0, 13)}${endpoint.endpointId.slice(0, 13)}`),
      packages: endpoint.packages.length,
    };
    return { endpointId: endpoint.endpointId, terms };
  });
  const first = created[0];
  if (first === undefined) throw new RunError('RUN_NOTHING_TO_DO', 'The plan names no endpoint.');
  // The same judgement as before every step: a run that could not install anything is not begun.
  const now = services.now();
  const state = foldTask([{ kind: 'task-created', at: now, terms: first.terms }]);
  const facts = factsOf(state);
  const decision =
    facts === null
      ? undefined
      : authorise(facts, readApproval(services, approvalId), plan.digest, siteTime(services));
  if (decision?.ok !== true) {
    const failure = decision?.failure;
    throw new PolicyError(
      failure?.code ?? 'POLICY_NO_LIVE_APPROVAL',
      failure?.message ?? 'There is no live approval.',
    );
  }
  for (const { endpointId } of created) refuseWhileBusy(services, endpointId);
  const row: RunRow = {
    id: runId,
    planId: plan.id,
    approvalId,
    startedBy: context.person().name,
    startedAt: now,
  };
  context.commit({ run: runId, approval: approvalId, plan: plan.digest }, () => {
    services.plans.insertRun(row);
    for (const { endpointId, terms } of created)
      services.journal.append(runId, endpointId, { kind: 'task-created', terms });
    noticeRunStarted(services, row);
  });
  services.publish({ kind: 'changed', area: 'runs', id: runId });
  services.publish({ kind: 'changed', area: 'approvals', id: approvalId });
  return row;
}

/** One writer an endpoint. @throws PolicyError POLICY_ENDPOINT_BUSY */
function refuseWhileBusy(services: Services, endpointId: string): void {
  const open = services.journal.openTasks().find((task) => task.endpointId === endpointId);
  if (open === undefined) return;
  throw new PolicyError(
    'POLICY_ENDPOINT_BUSY',
    `${services.reach.endpoint(endpointId).name} is part of a run that has not ended.`,
    {
      hint: 'Let that run end, or settle what it waits for.',
      subject: { runId: open.runId },
    },
  );
}

function requireRun(services: Services, id: string): RunRow {
  const row = services.plans.getRun(id);
  if (row === undefined)
    throw new RunError('RUN_NOT_FOUND', 'There is no such run.', { subject: { runId: id } });
  return row;
}

function namesOf(services: Services, row: RunRow): Map<string, string> {
  const plan = services.plans.getPlan(row.planId)?.plan;
  return new Map((plan?.endpoints ?? []).map((endpoint) => [endpoint.endpointId, endpoint.endpointName]));
}

function viewOf(services: Services, row: RunRow) {
  return {
    run: presentRun(services, row),
    tasks: [...namesOf(services, row)].map(([endpointId, name]) =>
      presentTask(services, row.id, endpointId, name),
    ),
  };
}

function requireSnapshot(services: Services, id: string): SnapshotRow {
  const row = services.snapshots.get(id);
  if (row === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such restore point.', { subject: { id } });
  return row;
}

/** The name of the endpoint, typed by a person, stands between a slip of the hand and a lost disk. */
function requireConfirmed(services: Services, id: string, confirmName: string): SnapshotRow {
  const row = requireSnapshot(services, id);
  const { name } = services.reach.endpoint(row.endpointId);
  if (confirmName !== name) {
    throw new ContractError(
      'CONTRACT_INPUT_INVALID',
      `To confirm, the name of the endpoint has to be given exactly: ${name}.`,
    );
  }
  if (row.deletedAt !== null)
    throw new ContractError('CONTRACT_CONFLICT', 'This restore point has been deleted.');
  return row;
}

function beginRestore(
  context: CallContext,
  input: { id: string; confirmName: string; evenAfterSuccess: boolean },
): string {
  const { services } = context;
  services.lease.acquire();
  const row = requireConfirmed(services, input.id, input.confirmName);
  const endpoint = services.reach.endpoint(row.endpointId);
  refuseWhileBusy(services, endpoint.id);
  if (row.provenAt === null) {
    throw new PolicyError(
      'POLICY_SNAPSHOT_UNAVAILABLE',
      'This restore point was never proven, so it is not used.',
    );
  }
  if (runSucceeded(services, row) && !input.evenAfterSuccess) {
    throw new PolicyError(
      'POLICY_RESTORE_OLDER_THAN_SUCCESS',
      'The run after this restore point succeeded: restoring takes its patches back.',
      {
        hint: 'Confirm a second time that this is wanted.',
      },
    );
  }
  const snapshot = { id: row.platformId, name: row.name, vm: row.vm, takenAt: row.takenAt };
  const said = { runId: row.runId, endpointId: endpoint.id, name: endpoint.name, by: context.person().name };
  const title = `Restore ${endpoint.name}`;
  const operationId = services.operations.begin('restore', title, async (report, signal) => {
    const hypervisor = services.reach.hypervisor(row.hypervisorId);
    try {
      report({ activity: 'Going back to the snapshot', done: 0, total: 3 });
      await hypervisor.restoreSnapshot(snapshot, signal);
      report({ activity: 'Proving the restore', done: 1 });
      const proof = await hypervisor.proveRestore(snapshot, signal);
      report({ activity: 'Scanning again', done: 2 });
      const inventory = await scanUntilUp(services, endpoint.id, signal);
      const before = services.endpoints.findInventory(endpoint.id, row.runId, 'before');
      const differences = before === undefined ? [] : diffInventories(before.inventory, inventory);
      services.db.transaction(() => {
        services.endpoints.insertInventory(endpoint.id, inventory, services.now(), 'restored', row.runId);
        services.snapshots.markRestored(row.id, services.now());
        services.audit.append({
          at: services.now(),
          actor: context.person().name,
          action: 'snapshots.restore done',
          subject: { snapshot: row.name, endpoint: endpoint.name, differences: String(differences.length) },
        });
        if (differences.length > 0) return;
        sayBesideWork(services, { run: said.runId, endpoint: endpoint.id, restore: operationId }, () =>
          noticeRestore(services, 'restored', { ...said, id: operationId }),
        );
      })();
      services.publish({ kind: 'changed', area: 'snapshots', id: row.id });
      services.publish({ kind: 'changed', area: 'endpoints', id: endpoint.id });
      report({ done: 3 });
      return { equal: differences.length === 0, differences, proof: proof.facts };
    } finally {
      await hypervisor.close();
    }
  });
  context.commit({ snapshot: row.name, endpoint: endpoint.name }, () =>
    noticeRestore(services, 'restore-begun', { ...said, id: operationId }),
  );
  return operationId;
}

const UP_WITHIN_MS = 5 * 60_000;

/** The VM has just been started: its SSH server takes a while. */
async function scanUntilUp(services: Services, endpointId: string, signal: AbortSignal) {
  const until = Date.now() + UP_WITHIN_MS;
  for (;;) {
    try {
      const session = await services.reach.connect(endpointId, signal);
      try {
        return await services.reach.driverFor(endpointId).readInventory(session, signal);
      } finally {
        await session.close();
      }
    } catch (error) {
      if (signal.aborted || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}

function runSucceeded(services: Services, row: SnapshotRow): boolean {
  const state = services.journal.stateOf(row.runId, row.endpointId);
  return state.kind === 'ended' && state.outcome === 'succeeded';
}

function presentSnapshot(services: Services, row: SnapshotRow): SnapshotView {
  const endpoint = services.reach.endpoint(row.endpointId);
  const before = services.endpoints.findInventory(row.endpointId, row.runId, 'before');
  const now = services.findings.inventoryOf(endpoint);
  const changes =
    before === undefined || now === undefined ? [] : diffInventories(before.inventory, now.inventory);
  return {
    id: row.id,
    name: row.name,
    platformId: row.platformId,
    vm: row.vm,
    hypervisorName: services.endpoints.getHypervisor(row.hypervisorId)?.name ?? '',
    endpointId: row.endpointId,
    endpointName: endpoint.name,
    runId: row.runId,
    takenAt: row.takenAt,
    provenAt: row.provenAt,
    keptUntil: row.keptUntil,
    deletedAt: row.deletedAt,
    restoredAt: row.restoredAt,
    wouldLose: changes.map(({ name, from, to }) => ({ name, from, to })),
    runSucceeded: runSucceeded(services, row),
  };
}
