import type { TaskStatus } from '../../contract/vocabulary.ts';
import { noun, sayTime } from '../core/raci/notice-words.ts';
import { elementOfIncident } from '../core/raci/matrix.ts';
import { occasionOfEvent } from '../core/raci/occasions.ts';
import type { ApprovalRow, PlanRow, RunRow } from '../catalogue/plan-store.ts';
import type { PackHead, ReviewPack } from '../core/review/review-pack.ts';
import type { StoredEvent } from '../runs/journal.ts';
import { isEmergency } from './approvals.ts';
import { BY_ITSELF, customersOf, nameEndpoint, openNotices, ownerAt, type Occasion } from './notices.ts';
import type { KeptPack } from './make-pack.ts';
import { statusOfTask } from './present-runs.ts';
import type { Services } from './services.ts';

/**
 * The steps of which people hear, each in the words of its notice. Every function belongs into the transaction of its step. What is
 * said to a customer counts and names what is theirs, and no other's.
 */

const planOf = (services: Services, row: Pick<ApprovalRow, 'planId'>): PlanRow | undefined =>
  services.plans.getPlan(row.planId);

const idsOf = (plan: PlanRow | undefined): string[] =>
  (plan?.plan.endpoints ?? []).map((item) => item.endpointId);

const ownersOf = (services: Services, plan: PlanRow | undefined): string[] =>
  customersOf(services, idsOf(plan));

/** Of these endpoints those of one customer; `null`: the provider sees to all. */
function partOf(
  services: Services,
  endpointIds: readonly string[],
  customer: string | null,
): readonly string[] {
  if (customer === null) return endpointIds;
  const ownerOf = ownerAt(services);
  return endpointIds.filter((id) => ownerOf(id) === customer);
}

function sizeOf(services: Services, plan: PlanRow | undefined, customer: string | null): string {
  const own = new Set(partOf(services, idsOf(plan), customer));
  const endpoints = (plan?.plan.endpoints ?? []).filter((item) => own.has(item.endpointId));
  const packages = endpoints.reduce((sum, item) => sum + item.packages.length, 0);
  return `${noun(packages, 'package')} on ${noun(endpoints.length, 'endpoint')}`;
}

type Step = Pick<Occasion, 'kind' | 'key' | 'by' | 'say'>;

function ofApproval(services: Services, row: Pick<ApprovalRow, 'id' | 'planId'>, step: Step): void {
  const customers = ownersOf(services, planOf(services, row));
  openNotices(services, { ...step, subject: 'approval', subjectId: row.id, customers });
}

function ofPack(services: Services, pack: PackHead, step: Step): void {
  const { approvalId: subjectId, customer } = pack;
  openNotices(services, { ...step, subject: 'approval', subjectId, customers: [customer] });
}

export function noticePlan(services: Services, plan: PlanRow, outOfCycle: boolean): void {
  const { id, createdBy: by } = plan;
  openNotices(services, {
    ...{ kind: 'plan-made', key: id, subject: 'plan', subjectId: id, by, outOfCycle },
    customers: ownersOf(services, plan),
    say: (customer) =>
      `${by} made a plan: ${sizeOf(services, plan, customer)}${outOfCycle ? ', out of cycle' : ''}.`,
  });
}

export function noticeRequest(services: Services, row: Pick<ApprovalRow, 'id' | 'planId'>, by: string): void {
  const plan = planOf(services, row);
  ofApproval(services, row, {
    ...{ kind: 'approval-requested', key: row.id, by },
    say: (customer) => `${by} asked for approval of ${sizeOf(services, plan, customer)}.`,
  });
}

export function noticeList(services: Services, pack: ReviewPack): void {
  const to = pack.customer === '' ? '' : ` for ${pack.customer}`;
  const text = `A list of ${noun(pack.patches.length, 'patch', 'patches')} was made${to}, to be decided until ${sayTime(pack.cutOffAt)}.`;
  ofPack(services, pack, { kind: 'list-made', key: pack.packId, by: pack.createdBy, say: () => text });
}

/** Writing the same pack once more is no news. */
export function noticeExport(services: Services, { head, sha256 }: KeptPack, by: string): void {
  const patches = services.queue.findFacts(head.packId)?.patches ?? 0;
  const text = `${by} wrote the list of ${noun(patches, 'patch', 'patches')} to a file for the customer.`;
  ofPack(services, head, { kind: 'pack-exported', key: sha256, by, say: () => text });
}

export function noticeAnswer(
  services: Services,
  pack: ReviewPack,
  answer: { readonly by: string; readonly sha256: string; readonly mark?: string },
): void {
  const { by, sha256, mark } = answer;
  const marked = mark === undefined ? '' : ` (${mark})`;
  const text = `The decision of ${by}${marked} was taken in.`;
  // Two persons may have signed the same bytes.
  const key = `${sha256}/${by}`;
  ofPack(services, pack, { kind: 'decision-taken-in', key, by, say: () => text });
}

export function noticeDecision(
  services: Services,
  row: Pick<ApprovalRow, 'id' | 'planId'>,
  decision: { readonly kind: string; readonly by: string; readonly reason: string | null },
): void {
  const { kind, by, reason } = decision;
  const plan = planOf(services, row);
  // A reason may name what is another's: it is said where the plan is of one customer alone.
  const isShared = ownersOf(services, plan).length > 1;
  ofApproval(services, row, {
    ...{ kind: 'approval-decided', key: `${row.id}/${kind}`, by },
    say: (customer) => {
      const why = reason === null || (customer !== null && isShared) ? '' : `: ${reason}`;
      return `Approval of ${sizeOf(services, plan, customer)} was ${kind} by ${by}${why}.`;
    },
  });
}

/** Of each list that waits and holds one of the patches. */
export function noticeQuality(
  services: Services,
  approvals: readonly Pick<ApprovalRow, 'id' | 'planId'>[],
  check: {
    readonly id: string;
    readonly by: string;
    /** SHA-256. */
    readonly patches: readonly string[];
    readonly verdict: string;
  },
): void {
  const { id, by, verdict } = check;
  const checked = new Set(check.patches);
  for (const row of approvals) {
    const planned = planOf(services, row)?.plan.endpoints ?? [];
    const concerned = planned.filter(({ packages }) => packages.some(({ sha256 }) => checked.has(sha256)));
    const endpointIds = concerned.map(({ endpointId }) => endpointId);
    openNotices(services, {
      ...{ kind: 'quality-checked', key: `${id}/${row.id}`, subject: 'approval', subjectId: row.id, by },
      customers: customersOf(services, endpointIds),
      say: (customer) => {
        const own = new Set(partOf(services, endpointIds, customer));
        const packages = concerned
          .filter((item) => own.has(item.endpointId))
          .flatMap((item) => item.packages);
        const theirs = new Set(packages.map(({ sha256 }) => sha256).filter((sha256) => checked.has(sha256)));
        const count = customer === null ? checked.size : theirs.size;
        return `${by} checked the quality of patches: ${noun(count, 'patch', 'patches')}, ${verdict}.`;
      },
    });
  }
}

/** The first endpoint of a scan opens its notices, and the first of each customer theirs; the others are added to them. */
export function noticeScan(
  services: Services,
  scan: { readonly id: string; readonly by: string; readonly endpointIds: readonly string[] },
  endpointId: string,
): void {
  const { id, by, endpointIds } = scan;
  const step = { kind: 'scan-done', key: id } as const;
  openNotices(services, {
    ...{ ...step, subject: 'scan', subjectId: id, by, customers: customersOf(services, [endpointId]) },
    say: (customer) =>
      `${by} had ${noun(partOf(services, endpointIds, customer).length, 'endpoint')} scanned for patches that apply.`,
  });
  nameEndpoint(services, step, endpointId);
}

export function noticeRunStarted(services: Services, run: RunRow): void {
  const { id, startedBy: by, approvalId } = run;
  const plan = planOf(services, run);
  openNotices(services, {
    ...{ kind: 'run-started', key: id, subject: 'run', subjectId: id, by },
    ...{ customers: ownersOf(services, plan), outOfCycle: isOutOfCycle(services, approvalId) },
    say: (customer) => `${by} started the run that installs ${sizeOf(services, plan, customer)}.`,
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
      ...{
        endpointIds: [endpointId],
        customers: customersOf(services, [endpointId]),
        say: () => words[kind],
      },
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
  const states = journal.statesOf(runId);
  // A run that a person settled has ended anew.
  const settled = journal.entriesAfter(runId, 0).filter(({ event }) => event.kind === 'resolved').length;
  openNotices(services, {
    ...{ kind: 'run-ended', key: `${runId}/${settled}`, subject: 'run', subjectId: runId, by: BY_ITSELF },
    customers: ownersOf(services, planOf(services, run)),
    say: (customer) => {
      const own = partOf(services, [...states.keys()], customer);
      const ends = own.flatMap((id) => states.get(id) ?? []).map(statusOfTask);
      return `The run that ${run.startedBy} started has ended: ${countEnds(ends)}.`;
    },
  });
}

/** In an order of its own: the same run is spoken of in the same words whichever endpoint ended first. */
function countEnds(ends: readonly TaskStatus[]): string {
  return [...new Set(ends)]
    .toSorted()
    .map((status) => `${ends.filter((end) => end === status).length} ${status.replaceAll('-', ' ')}`)
    .join(', ');
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
    say: () => `Something went wrong on ${name}: ${incident.message}`,
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
    say: () =>
      kind === 'restored'
        ? `${name} is back on its snapshot of before the run, as ${by} asked.`
        : `${by} has ${name} go back to its snapshot of before the run.`,
  });
}

/** Whether the approval rests on what a customer named for at once. */
export function isOutOfCycle(services: Pick<Services, 'plans'>, approvalId: string): boolean {
  const row = services.plans.getApproval(approvalId);
  return row !== undefined && isEmergency(row);
}
