import { noun, sayTime } from '../core/raci/notice-words.ts';
import { elementOfIncident } from '../core/raci/matrix.ts';
import { occasionOfEvent } from '../core/raci/occasions.ts';
import type { ApprovalRow, PlanRow, RunRow } from '../catalogue/plan-store.ts';
import type { ReviewPack } from '../core/review/review-pack.ts';
import type { StoredEvent } from '../runs/journal.ts';
import { isEmergency } from './approvals.ts';
import { BY_ITSELF, customersOf, openNotices } from './notices.ts';
import { statusOfTask } from './present-runs.ts';
import type { Services } from './services.ts';

/** The steps of which people hear, each in the words of its notice. Every function belongs into the transaction of its step. */

const planOf = (services: Services, row: Pick<ApprovalRow, 'planId'>): PlanRow | undefined =>
  services.plans.getPlan(row.planId);

const ownersOf = (services: Services, plan: PlanRow | undefined): string[] =>
  customersOf(
    services,
    (plan?.plan.endpoints ?? []).map((item) => item.endpointId),
  );

const sizeOf = (plan: PlanRow | undefined): string => {
  const endpoints = plan?.plan.endpoints ?? [];
  const packages = endpoints.reduce((sum, item) => sum + item.packages.length, 0);
  return `${noun(packages, 'package')} on ${noun(endpoints.length, 'endpoint')}`;
};

function ofApproval(
  services: Services,
  row: Pick<ApprovalRow, 'id' | 'planId'>,
  step: { kind: Parameters<typeof openNotices>[1]['kind']; key: string; by: string; text: string },
): void {
  openNotices(services, {
    ...step,
    ...{ subject: 'approval', subjectId: row.id, customers: ownersOf(services, planOf(services, row)) },
  });
}

export function noticePlan(services: Services, plan: PlanRow, outOfCycle: boolean): void {
  openNotices(services, {
    ...{
      kind: 'plan-made',
      key: plan.id,
      subject: 'plan',
      subjectId: plan.id,
      by: plan.createdBy,
      outOfCycle,
    },
    customers: ownersOf(services, plan),
    text: `${plan.createdBy} made a plan: ${sizeOf(plan)}${outOfCycle ? ', out of cycle' : ''}.`,
  });
}

export function noticeRequest(services: Services, row: Pick<ApprovalRow, 'id' | 'planId'>, by: string): void {
  const text = `${by} asked for approval of ${sizeOf(planOf(services, row))}.`;
  ofApproval(services, row, { kind: 'approval-requested', key: row.id, by, text });
}

export function noticeList(services: Services, pack: ReviewPack): void {
  const to = pack.customer === '' ? '' : ` for ${pack.customer}`;
  const text = `A list of ${noun(pack.patches.length, 'patch', 'patches')} was made${to}, to be decided until ${sayTime(pack.cutOffAt)}.`;
  const row = { id: pack.approvalId, planId: pack.planId };
  ofApproval(services, row, { kind: 'list-made', key: pack.packId, by: pack.createdBy, text });
}

/** @param sha256 of the pack: writing the same one once more is no news */
export function noticeExport(services: Services, pack: ReviewPack, sha256: string, by: string): void {
  const text = `${by} wrote the list of ${noun(pack.patches.length, 'patch', 'patches')} to a file for the customer.`;
  const row = { id: pack.approvalId, planId: pack.planId };
  ofApproval(services, row, { kind: 'pack-exported', key: sha256, by, text });
}

export function noticeAnswer(
  services: Services,
  pack: ReviewPack,
  answer: { readonly by: string; readonly sha256: string; readonly mark?: string },
): void {
  const marked = answer.mark === undefined ? '' : ` (${answer.mark})`;
  const text = `The decision of ${answer.by}${marked} was taken in.`;
  const row = { id: pack.approvalId, planId: pack.planId };
  // Two persons may have signed the same bytes.
  const key = `${answer.sha256}/${answer.by}`;
  ofApproval(services, row, { kind: 'decision-taken-in', key, by: answer.by, text });
}

export function noticeDecision(
  services: Services,
  row: Pick<ApprovalRow, 'id' | 'planId'>,
  decision: { readonly kind: string; readonly by: string; readonly reason: string | null },
): void {
  const why = decision.reason === null ? '' : `: ${decision.reason}`;
  const text = `Approval of ${sizeOf(planOf(services, row))} was ${decision.kind} by ${decision.by}${why}.`;
  const key = `${row.id}/${decision.kind}`;
  ofApproval(services, row, { kind: 'approval-decided', key, by: decision.by, text });
}

/** Of each list that waits and holds one of the patches. */
export function noticeQuality(
  services: Services,
  approvals: readonly Pick<ApprovalRow, 'id' | 'planId'>[],
  check: { readonly id: string; readonly by: string; readonly said: string },
): void {
  for (const row of approvals) {
    const text = `${check.by} checked the quality of patches: ${check.said}.`;
    ofApproval(services, row, { kind: 'quality-checked', key: `${check.id}/${row.id}`, by: check.by, text });
  }
}

/** The first endpoint of a scan opens its notices, the others are added to them. */
export function noticeScan(
  services: Services,
  scan: { readonly id: string; readonly by: string; readonly endpointIds: readonly string[] },
  endpointId: string,
): void {
  openNotices(services, {
    ...{ kind: 'scan-done', key: scan.id, subject: 'scan', subjectId: scan.id, by: scan.by },
    customers: customersOf(services, scan.endpointIds),
    text: `${scan.by} had ${noun(scan.endpointIds.length, 'endpoint')} scanned for patches that apply.`,
  });
  services.notices.addEndpoint(`scan-done/${scan.id}`, endpointId);
}

export function noticeRunStarted(services: Services, run: RunRow): void {
  const plan = planOf(services, run);
  openNotices(services, {
    ...{ kind: 'run-started', key: run.id, subject: 'run', subjectId: run.id, by: run.startedBy },
    ...{ customers: ownersOf(services, plan), outOfCycle: isOutOfCycle(services, run.approvalId) },
    text: `${run.startedBy} started the run that installs ${sizeOf(plan)}.`,
  });
}

/** What an entry in the journal of a run is said as; in the transaction of the entry. */
export function noticeRunEvent(services: Services, stored: StoredEvent): void {
  const { runId, endpointId, event } = stored;
  const kind = occasionOfEvent(event);
  if (kind !== null) {
    const name = services.endpoints.get(endpointId)?.name ?? endpointId;
    const words = {
      'snapshot-taken': `A snapshot of ${name} was taken before patching.`,
      'snapshot-proven': `The snapshot of ${name} was read back from the hypervisor.`,
      'restore-begun': `${name} goes back to its snapshot of before the run.`,
      restored: `${name} is back on its snapshot, and a new scan proved it.`,
    };
    openNotices(services, {
      ...{ kind, key: `${runId}/${endpointId}`, subject: 'run', subjectId: runId, by: BY_ITSELF },
      ...{ endpointIds: [endpointId], customers: customersOf(services, [endpointId]), text: words[kind] },
    });
  }
  const mayHaveSettled =
    event.kind === 'ended' || event.kind === 'attention-needed' || event.kind === 'step-failed';
  if (mayHaveSettled) noticeRunEnd(services, runId);
}

function noticeRunEnd(services: Services, runId: string): void {
  const { journal } = services;
  const isSettled = journal
    .openTasks()
    .filter((task) => task.runId === runId)
    .every((task) => journal.stateOf(runId, task.endpointId).kind === 'needs-attention');
  const run = services.plans.getRun(runId);
  if (!isSettled || run === undefined) return;
  const outcomes = new Map<string, number>();
  for (const state of journal.statesOf(runId).values()) {
    const status = statusOfTask(state);
    outcomes.set(status, (outcomes.get(status) ?? 0) + 1);
  }
  // In an order of its own: the same run is spoken of in the same words whichever endpoint ended first.
  const said = [...outcomes]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, count]) => `${count} ${status.replaceAll('-', ' ')}`)
    .join(', ');
  // A run that a person settled has ended anew.
  const settled = journal.entriesAfter(runId, 0).filter(({ event }) => event.kind === 'resolved').length;
  openNotices(services, {
    ...{ kind: 'run-ended', key: `${runId}/${settled}`, subject: 'run', subjectId: runId, by: BY_ITSELF },
    customers: ownersOf(services, planOf(services, run)),
    text: `The run that ${run.startedBy} started has ended: ${said}.`,
  });
}

export function noticeIncident(
  services: Services,
  incident: {
    readonly id: string;
    readonly code: string;
    readonly message: string;
    readonly runId: string;
    readonly endpointId: string;
  },
): void {
  const { runId, endpointId } = incident;
  const name = services.endpoints.get(endpointId)?.name ?? endpointId;
  openNotices(services, {
    ...{ kind: 'incident', key: `${runId}/${endpointId}/${incident.code}`, by: BY_ITSELF },
    ...{ subject: 'incident', subjectId: incident.id, endpointIds: [endpointId] },
    element: elementOfIncident(statusOfTask(services.journal.stateOf(runId, endpointId))),
    customers: customersOf(services, [endpointId]),
    text: `Something went wrong on ${name}: ${incident.message}`,
  });
}

/** A restore that a person asked for, outside of a run. */
export function noticeRestore(
  services: Services,
  kind: 'restore-begun' | 'restored',
  restore: {
    readonly id: string;
    readonly runId: string;
    readonly endpointId: string;
    readonly name: string;
    readonly by: string;
  },
): void {
  const { id, runId, endpointId, name, by } = restore;
  openNotices(services, {
    ...{ kind, key: `by-hand/${id}`, subject: 'run', subjectId: runId, by, endpointIds: [endpointId] },
    customers: customersOf(services, [endpointId]),
    text:
      kind === 'restored'
        ? `${name} is back on its snapshot of before the run, as ${by} asked.`
        : `${by} has ${name} go back to its snapshot of before the run.`,
  });
}

export function noticeBundle(
  services: Services,
  bundle: { readonly id: string; readonly key: string; readonly by: string },
): void {
  openNotices(services, {
    ...{ kind: 'bundle-imported', key: bundle.key, subject: 'bundle', subjectId: bundle.id, by: bundle.by },
    text: `${bundle.by} imported bundle ${bundle.id}.`,
  });
}

export function noticeEmergency(
  services: Services,
  request: {
    readonly sha256: string;
    readonly by: string;
    readonly customer: string;
    readonly until: string;
  },
): void {
  openNotices(services, {
    ...{ kind: 'emergency-requested', key: request.sha256, subject: 'request', subjectId: request.sha256 },
    ...{ by: request.by, customers: [request.customer] },
    text: `${request.by} asks for patches out of cycle, until ${sayTime(request.until)}.`,
  });
}

export function noticePolicy(
  services: Services,
  policy: {
    readonly sha256: string;
    readonly group: string;
    readonly version: number;
    readonly by: string;
    readonly customer: string;
  },
): void {
  openNotices(services, {
    ...{ kind: 'policy-changed', key: policy.sha256, subject: 'policy', subjectId: policy.sha256 },
    ...{ by: policy.by, customers: [policy.customer] },
    text: `${policy.by} signed version ${policy.version} of the policy of ${policy.group}.`,
  });
}

export function noticeMatrix(
  services: Services,
  change: { readonly version: number; readonly by: string; readonly reason: string },
): void {
  openNotices(services, {
    ...{
      kind: 'matrix-changed',
      key: String(change.version),
      subject: 'matrix',
      subjectId: String(change.version),
    },
    by: change.by,
    text: `${change.by} changed who answers for what, version ${change.version}: ${change.reason}`,
  });
}

/** Whether the approval rests on what a customer named for at once. */
export function isOutOfCycle(services: Pick<Services, 'plans'>, approvalId: string): boolean {
  const row = services.plans.getApproval(approvalId);
  return row !== undefined && isEmergency(row);
}
