import { DEFAULT_POLICY } from '../core/review/policy.ts';
import type { ApprovalFacts } from '../core/raci/ball.ts';
import { requireApproval, requirePlan, statusOf } from './approvals.ts';
import { coverageSite } from './coverage-site.ts';
import { customersOf } from './notices.ts';
import { knownDecisions } from './reviews.ts';
import type { Services } from './services.ts';
import { siteTime, speakers } from './statements.ts';

/**
 * How many have to answer, and who has: of the newest list, where the approval went out as one, and of the policies of the groups it
 * touches, whichever asks for more.
 *
 * @throws ContractError CONTRACT_NOT_FOUND
 */
export function approvalFacts(services: Services, id: string): ApprovalFacts {
  const approval = requireApproval(services, id);
  const { plan } = requirePlan(services, approval.planId);
  const site = coverageSite(services, approval.requestedBy);
  const groups = new Set(plan.endpoints.map(({ endpointId }) => site.groupOf(endpointId) ?? ''));
  const byPolicy = [...groups].map(
    (group) => site.policyOf(group)?.policy.approvers ?? DEFAULT_POLICY.approvers,
  );
  const pack = services.reviews.listPacks().find((row) => row.approvalId === id && row.supersededBy === null);
  const facts = pack === undefined ? undefined : services.queue.findFacts(pack.id);
  const answered = knownDecisions(services).filter((item) => item.packId === pack?.id);
  const speaks = speakers(services);
  const customers = customersOf(
    services,
    plan.endpoints.map(({ endpointId }) => endpointId),
  );
  return {
    status: statusOf(approval, siteTime(services)),
    requestedBy: approval.requestedBy,
    needed: Math.max(1, facts?.approvers ?? 1, ...byPolicy),
    answeredBy: [...new Set(answered.map((item) => item.personId))],
    speaks: (personId) => customers.some((customer) => speaks(personId, customer)),
  };
}
