import { ContractError, PolicyError, ReviewError } from '../../contract/errors.ts';
import type { ApprovalView } from '../../contract/runs.ts';
import type { ApprovalRow, DecisionRow } from '../catalogue/plan-store.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import { canonicalJson, type Plan } from '../core/plan.ts';
import { deciderOf, requireApproval, requirePlan, statusOf } from './approvals.ts';
import { requireGrantable } from './console-grants.ts';
import { policiesOf } from './coverage-site.ts';
import type { Handlers } from './dispatch.ts';
import { noticeDecision, noticeRequest } from './notice-steps.ts';
import { planCustomers } from './plan-customers.ts';
import { advisoryFactsOf, amountsOf } from './plan-facts.ts';
import { presentPlan } from './plan-handlers.ts';
import { packNamedBy } from './reviews.ts';
import type { CallContext, Services } from './services.ts';
import { sameHandAt, siteTime, speakers } from './statements.ts';
import { customersOfPlan, whyNotAnswer } from './who-answers.ts';

type ApprovalHandlers = Pick<
  Handlers,
  | 'approvals.request'
  | 'approvals.list'
  | 'approvals.get'
  | 'approvals.grant'
  | 'approvals.reject'
  | 'approvals.withdraw'
>;

export const approvalHandlers: ApprovalHandlers = {
  'approvals.request': (input, context) => {
    const { services } = context;
    const plan = requirePlan(services, input.planId);
    const open = services.plans
      .listApprovals()
      .find(
        (row) =>
          row.planId === plan.id && ['requested', 'granted'].includes(statusOf(row, siteTime(services))),
      );
    if (open !== undefined) {
      throw new ContractError('CONTRACT_CONFLICT', 'Approval of this plan has been asked for already.', {
        subject: { approvalId: open.id },
      });
    }
    const id = services.newId();
    context.commit({ approval: id, plan: plan.id, digest: plan.digest }, () => {
      services.plans.insertApproval({
        id,
        planId: plan.id,
        planDigest: plan.digest,
        requestedBy: context.person().id,
        requestedAt: services.now(),
      });
      noticeRequest(services, { id, planId: plan.id }, context.person().name);
    });
    changed(services, id);
    return presentApproval(context, requireApproval(services, id));
  },
  'approvals.list': (_input, context) => {
    const customersOf = planCustomers(context.services);
    return context.services.plans.listApprovals().map((row) => presentApproval(context, row, customersOf));
  },
  'approvals.get': (input, context) => {
    const { services } = context;
    const approval = requireApproval(services, input.id);
    const plan = requirePlan(services, approval.planId);
    return {
      approval: presentApproval(context, approval),
      plan: presentPlan(services, plan),
      patches: advisoryFactsOf(services, plan.plan),
      narrowedTo: narrowedTo(services, approval),
    };
  },
  'approvals.grant': (input, context) => {
    const { services } = context;
    const approval = requireDecidable(context, input.id, input.planDigest);
    requireGrantable(services, approval, context.person().id);
    const decidedAt = siteTime(services);
    const expiresAt = new Date(Date.parse(decidedAt) + input.validHours * 3_600_000).toISOString();
    decide(context, approval, { kind: 'granted', decidedAt, expiresAt, reason: null });
    return presentApproval(context, requireApproval(services, approval.id));
  },
  'approvals.reject': (input, context) => {
    const { services } = context;
    const approval = requireDecidable(context, input.id, input.planDigest);
    decide(context, approval, {
      kind: 'rejected',
      decidedAt: siteTime(services),
      expiresAt: null,
      reason: input.reason,
    });
    return presentApproval(context, requireApproval(services, approval.id));
  },
  'approvals.withdraw': (input, context) => {
    const { services } = context;
    const approval = requireApproval(services, input.id);
    const status = statusOf(approval, siteTime(services));
    if (status !== 'requested' && status !== 'granted' && status !== 'used') {
      throw new ContractError(
        'CONTRACT_CONFLICT',
        `The approval is ${status}: there is nothing to withdraw.`,
      );
    }
    const person = context.person();
    if (!mayTakeBack(services, approval, person)) {
      throw new ReviewError(
        'REVIEW_NOT_THEIR_CUSTOMER',
        `${person.name} does not speak for a customer whose endpoints the approval is about.`,
        {
          hint: 'Have an engineer withdraw it, or an approver of that customer.',
          subject: { approvalId: approval.id },
        },
      );
    }
    decide(context, approval, {
      kind: 'withdrawn',
      decidedAt: siteTime(services),
      expiresAt: null,
      reason: null,
    });
    return presentApproval(context, requireApproval(services, approval.id));
  },
};

/** @throws what stands in the way of this person deciding this approval */
function requireDecidable(context: CallContext, id: string, planDigest: string): ApprovalRow {
  const { services } = context;
  const approval = requireApproval(services, id);
  const status = statusOf(approval, siteTime(services));
  if (status !== 'requested') {
    throw new ContractError('CONTRACT_CONFLICT', `The approval is ${status} already.`, {
      subject: { approvalId: id },
    });
  }
  if (
    planDigest !== approval.planDigest ||
    requirePlan(services, approval.planId).digest !== approval.planDigest
  ) {
    throw new PolicyError(
      'POLICY_APPROVAL_FOR_OTHER_PLAN',
      'What was shown is not the plan that approval was asked for.',
      {
        hint: 'Read the plan again, then decide.',
      },
    );
  }
  if (sameHandAt(services)(approval.requestedBy, context.person().id)) {
    throw new PolicyError('POLICY_SAME_PERSON', 'Whoever asks for an approval cannot grant or reject it.', {
      hint: 'Another person with the role approver has to decide.',
    });
  }
  return approval;
}

type NewDecision = Pick<DecisionRow, 'kind' | 'decidedAt' | 'expiresAt' | 'reason'>;

/** Signs the decision with the person's own key and keeps it. */
function decide(context: CallContext, approval: ApprovalRow, decision: NewDecision): void {
  const { services, session } = context;
  const person = context.person();
  if (session.signer === null) throw new ContractError('CONTRACT_NOT_SIGNED_IN', 'Nobody is signed in.');
  const statement = canonicalJson({
    format: 'sallyport-decision/1',
    approvalId: approval.id,
    planId: approval.planId,
    planDigest: approval.planDigest,
    requestedBy: approval.requestedBy,
    decidedBy: person.id,
    ...decision,
    policies: policiesOf(services, requirePlan(services, approval.planId).plan),
  });
  context.commit({ approval: approval.id, digest: approval.planDigest, decision: decision.kind }, () => {
    services.plans.insertDecision(approval.id, {
      ...decision,
      decidedBy: person.id,
      statement,
      signature: session.signer?.sign(statement) ?? '',
    });
    noticeDecision(services, approval, { kind: decision.kind, by: person.name, reason: decision.reason });
  });
  changed(services, approval.id);
}

function changed(services: Services, id: string): void {
  services.publish({ kind: 'changed', area: 'approvals', id });
}

function presentApproval(
  context: CallContext,
  row: ApprovalRow,
  customersOf = planCustomers(context.services),
): ApprovalView {
  const { services, session } = context;
  const status = statusOf(row, siteTime(services));
  const plan = requirePlan(services, row.planId).plan;
  const why = whyNotDecide(context, row, status, plan);
  const nameOf = (id: string): string => services.site.findPerson(id)?.name ?? id;
  return {
    id: row.id,
    planId: row.planId,
    planDigest: row.planDigest,
    status,
    requestedBy: nameOf(row.requestedBy),
    requestedAt: row.requestedAt,
    decidedBy: deciderOf(services, row),
    decidedAt: row.decision?.decidedAt ?? null,
    expiresAt: row.decision?.expiresAt ?? null,
    reason: row.decision?.reason ?? null,
    signature: row.decision?.signature ?? null,
    runId: row.runId,
    mayDecide: session.person !== null && why === null,
    mayNotDecideBecause: why,
    hasList: services.reviews.newestPackOf(row.id) !== null,
    mayWithdraw:
      (status === 'requested' || status === 'granted') &&
      session.person !== null &&
      mayTakeBack(services, row, session.person),
    endpoints: plan.endpoints.length,
    packages: plan.endpoints.reduce((sum, endpoint) => sum + endpoint.packages.length, 0),
    cves: amountsOf(services, plan).cves,
    customers: customersOf(plan),
  };
}

/** Engineers may take back anything, approvers what touches a customer for whom they speak. */
function mayTakeBack(services: Services, row: ApprovalRow, person: Pick<PersonRow, 'id' | 'roles'>): boolean {
  if (person.roles.includes('engineer')) return true;
  const { plan } = requirePlan(services, row.planId);
  const speaksFor = speakers(services, null);
  return (
    person.roles.includes('approver') &&
    customersOfPlan(services, plan).some((customer) => speaksFor(person.id, customer))
  );
}

/** The approval of just what was approved, where only some of this one was. */
function narrowedTo(services: Services, row: ApprovalRow): string | null {
  const packId = row.decision?.kind === 'rejected' ? packNamedBy(row) : null;
  if (packId === null) return null;
  const others = services.plans.listApprovals().filter(({ id }) => id !== row.id);
  return others.find((other) => packNamedBy(other) === packId)?.id ?? null;
}

function whyNotDecide(
  { session, services }: CallContext,
  row: ApprovalRow,
  status: string,
  plan: Plan,
): string | null {
  const { person } = session;
  if (status !== 'requested') return `It is ${status}.`;
  if (person === null) return 'Nobody is signed in.';
  return whyNotAnswer(services, row, customersOfPlan(services, plan), person);
}
