import { voicesOf } from '../core/review/delegation.ts';
import { barTo } from '../core/review/may-answer.ts';
import { DEFAULT_POLICY } from '../core/review/policy.ts';
import type { ApprovalFacts } from '../core/raci/ball.ts';
import { requireApproval, requirePlan, statusOf } from './approvals.ts';
import { coverageSite } from './coverage-site.ts';
import { knownDecisions } from './reviews.ts';
import type { Services } from './services.ts';
import { siteTime } from './statements.ts';
import { answeringOf, customersOfPlan, hasMeans } from './who-answers.ts';

/**
 * How many have to answer, and who has: of the newest list, where the approval went out as one, and of the policies of the groups it
 * touches, whichever asks for more.
 *
 * @throws ContractError CONTRACT_NOT_FOUND
 */
export function approvalFacts(services: Services, id: string): ApprovalFacts {
  const approval = requireApproval(services, id);
  const status = statusOf(approval, siteTime(services));
  // What is decided waits for nobody's answer.
  if (status !== 'requested') {
    const { requestedBy } = approval;
    return { status, requestedBy, needed: 1, answeredBy: [], mayAnswer: () => false, voiceOf: (id) => id };
  }
  const { plan } = requirePlan(services, approval.planId);
  const site = coverageSite(services, approval.requestedBy);
  const groups = new Set(plan.endpoints.map(({ endpointId }) => site.groupOf(endpointId) ?? ''));
  const byPolicy = [...groups].map(
    (group) => site.policyOf(group)?.policy.approvers ?? DEFAULT_POLICY.approvers,
  );
  const pack = services.reviews.listPacks().find((row) => row.approvalId === id && row.supersededBy === null);
  const facts = pack === undefined ? undefined : services.queue.findFacts(pack.id);
  const answered = knownDecisions(services).filter((item) => item.packId === pack?.id);
  const answering = answeringOf(services, approval, customersOfPlan(services, plan));
  const hasReach = hasMeans(services, answering);
  const able = services.site
    .listPersons()
    .filter((person) => hasReach(person) && barTo(person, answering) === null)
    .map((person) => person.id);
  const voices = voicesOf(
    able.map((personId) => ({ personId, at: answering.now })),
    answering.delegations,
  );
  return {
    status,
    requestedBy: approval.requestedBy,
    needed: Math.max(1, facts?.approvers ?? 1, ...byPolicy),
    answeredBy: [...new Set(answered.map((item) => item.personId))],
    mayAnswer: (personId) => able.includes(personId),
    voiceOf: (personId) => voices.get(personId) ?? personId,
  };
}
