import type { QueueItem } from '../../contract/queue.ts';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import { DEFAULT_POLICY, type PolicyTerms } from '../core/review/policy.ts';
import { requirePlan, statusOf } from './approvals.ts';
import { listQuestions } from './pack-answers.ts';
import { planCustomers } from './plan-customers.ts';
import { whoGives } from './review-outcomes.ts';
import { knownDecisions } from './reviews.ts';
import type { CallContext, Services } from './services.ts';
import { readPolicy, siteTime, statementKeys } from './statements.ts';

const STATES: readonly QueueItem['state'][] = ['open', 'unlisted', 'cut-off-passed', 'decided', 'superseded'];

/** What waits for decisions and for whom, the nearest cut-off first; then what did. */
export function listQueue(context: CallContext): QueueItem[] {
  const { services } = context;
  const { queue, reviews, plans, site } = services;
  const now = siteTime(services);
  const nameOf = (id: string): string => site.findPerson(id)?.name ?? id;
  const person = context.person();
  const known = knownDecisions(services);
  const policyOf = policiesInForce(services);
  const customersOf = planCustomers(services);
  const approversOf = (groups: readonly string[]): number =>
    Math.max(1, ...groups.map((group) => policyOf(group).approvers));
  const open = new Map<string, number>();
  for (const item of listQuestions(services)) {
    if (item.answer === null) open.set(item.packId, (open.get(item.packId) ?? 0) + 1);
  }
  const listed = new Set<string>();
  const items = reviews.listPacks().flatMap((row): QueueItem[] => {
    const approval = plans.getApproval(row.approvalId);
    const facts = queue.findFacts(row.id);
    if (approval === undefined || facts === undefined) return [];
    listed.add(row.approvalId);
    const { customer, groups, cutOffAt, patches, endpoints, findings } = facts;
    const hasPassed = Date.parse(now) >= Date.parse(cutOffAt);
    const isOpen = statusOf(approval, now) === 'requested';
    const state =
      row.supersededBy !== null ? 'superseded' : !isOpen ? 'decided' : hasPassed ? 'cut-off-passed' : 'open';
    return [
      {
        ...{ approvalId: row.approvalId, packId: row.id, customer, groups: [...groups], state },
        closes:
          (state === 'open' || state === 'cut-off-passed') &&
          groups.some((group) => mayGive(policyOf(group), hasPassed, now)) &&
          nobodyHasToAnswer(services, row.id, approval, hasPassed),
        ...{ requestedBy: nameOf(approval.requestedBy), requestedAt: approval.requestedAt },
        ...{ cutOffAt, patches, endpoints, findings },
        approvers: Math.max(facts.approvers, approversOf(groups)),
        answeredBy: known.filter((item) => item.packId === row.id).map((item) => nameOf(item.personId)),
        drafted: queue.countDraft(row.id, person.id),
        openQuestions: open.get(row.id) ?? 0,
      },
    ];
  });
  const unlisted = plans
    .listApprovals()
    .filter((row) => statusOf(row, now) === 'requested' && !listed.has(row.id))
    .map((row): QueueItem => {
      const { plan } = requirePlan(services, row.planId);
      const { endpoints } = plan;
      const ids = endpoints.map(({ endpointId }) => endpointId);
      const groups = [...new Set(ids.map((id) => services.endpoints.get(id)?.group ?? ''))].toSorted();
      const customer = customersOf(plan).join(' and ');
      return {
        ...{ approvalId: row.id, packId: null, state: 'unlisted', closes: false, customer, groups },
        ...{ requestedBy: nameOf(row.requestedBy), requestedAt: row.requestedAt, cutOffAt: null },
        patches: new Set(endpoints.flatMap((item) => item.packages.map((patch) => patch.sha256))).size,
        endpoints: endpoints.length,
        findings: endpoints.reduce((sum, item) => sum + item.packages.length, 0),
        ...{ approvers: approversOf(groups), answeredBy: [], drafted: 0, openQuestions: 0 },
      };
    });
  const rank = (item: QueueItem): string => `${STATES.indexOf(item.state)} ${item.cutOffAt ?? ''}`;
  return [...items, ...unlisted].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** The policy in force of each group, read once; `DEFAULT_POLICY` where the customer has signed none. */
function policiesInForce(services: Services): (group: string) => PolicyTerms {
  const keys = statementKeys(services);
  const read = new Map<string, PolicyTerms>();
  return (group) => {
    const known = read.get(group);
    if (known !== undefined) return known;
    const row = services.policies.policyInForce(group);
    const policy = (row === undefined ? null : readPolicy(row, keys)?.statement) ?? DEFAULT_POLICY;
    read.set(group, policy);
    return policy;
  };
}

const mayGive = (policy: PolicyTerms, hasPassed: boolean, now: string): boolean =>
  (hasPassed && policy.mode === 'opt-out') || policy.standing.some(({ until }) => until > now);

interface Judged {
  readonly stamp: string;
  readonly closes: boolean;
}
/** By pack. Judging one reads all of its rows, and the queue is read again with each step of a run. */
const judged = new WeakMap<Services, Map<string, Judged>>();

/** Whether settling would bring a list to its outcome now. Judged anew after every command. */
function nobodyHasToAnswer(
  services: Services,
  packId: string,
  approval: ApprovalRow,
  hasPassed: boolean,
): boolean {
  const stamp = `${services.audit.lastSeq()} ${hasPassed}`;
  const of = judged.get(services) ?? new Map<string, Judged>();
  judged.set(services, of);
  const before = of.get(packId);
  if (before?.stamp === stamp) return before.closes;
  const closes = whoGives(services, packId, approval) !== null;
  of.set(packId, { stamp, closes });
  return closes;
}
