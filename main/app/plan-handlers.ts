import { createPublicKey, verify } from 'node:crypto';
import { CodedError, ContractError, PolicyError, toFailure } from '../../contract/errors.ts';
import type { ApprovalView, PlanView } from '../../contract/runs.ts';
import type { EndpointRow } from '../catalogue/endpoint-store.ts';
import type { ApprovalRow, DecisionRow, LeftOut, PlanRow } from '../catalogue/plan-store.ts';
import { canonicalJson, type EndpointPlan, type PlannedPackage } from '../core/plan.ts';
import type { ApprovalReading } from '../core/run/next.ts';
import { stageIdOf } from './content.ts';
import { sliceFor } from './content.ts';
import type { Handlers } from './dispatch.ts';
import { advisoryFactsOf } from './plan-facts.ts';
import type { CallContext, Services } from './services.ts';

type PlanHandlers = Pick<
  Handlers,
  | 'plans.make'
  | 'plans.get'
  | 'plans.list'
  | 'approvals.request'
  | 'approvals.list'
  | 'approvals.get'
  | 'approvals.grant'
  | 'approvals.reject'
  | 'approvals.withdraw'
>;

interface Wish {
  readonly endpointIds: readonly string[];
  readonly packages: readonly string[];
  readonly onlySecurity: boolean;
}

export const planHandlers: PlanHandlers = {
  'plans.make': (input, context) => ({ operationId: beginPlan(context, input) }),
  'plans.get': (input, { services }) => presentPlan(services, requirePlan(services, input.id)),
  'plans.list': (_input, { services }) => services.plans.listPlans().map((row) => presentPlan(services, row)),

  'approvals.request': (input, context) => {
    const { services } = context;
    const plan = requirePlan(services, input.planId);
    const open = services.plans
      .listApprovals()
      .find(
        (row) => row.planId === plan.id && ['requested', 'granted'].includes(statusOf(row, services.now())),
      );
    if (open !== undefined) {
      throw new ContractError('CONTRACT_CONFLICT', 'Approval of this plan has been asked for already.', {
        subject: { approvalId: open.id },
      });
    }
    const id = services.newId();
    context.commit({ approval: id, plan: plan.id, digest: plan.digest }, () =>
      services.plans.insertApproval({
        id,
        planId: plan.id,
        planDigest: plan.digest,
        requestedBy: context.person().id,
        requestedAt: services.now(),
      }),
    );
    changed(services, id);
    return presentApproval(context, requireApproval(services, id));
  },
  'approvals.list': (_input, context) =>
    context.services.plans.listApprovals().map((row) => presentApproval(context, row)),
  'approvals.get': (input, context) => {
    const { services } = context;
    const approval = requireApproval(services, input.id);
    const plan = requirePlan(services, approval.planId);
    return {
      approval: presentApproval(context, approval),
      plan: presentPlan(services, plan),
      patches: advisoryFactsOf(services, plan.plan),
    };
  },
  'approvals.grant': (input, context) => {
    const { services } = context;
    const approval = requireDecidable(context, input.id, input.planDigest);
    const decidedAt = services.now();
    const expiresAt = new Date(Date.parse(decidedAt) + input.validHours * 3_600_000).toISOString();
    decide(context, approval, { kind: 'granted', decidedAt, expiresAt, reason: null });
    return presentApproval(context, requireApproval(services, approval.id));
  },
  'approvals.reject': (input, context) => {
    const { services } = context;
    const approval = requireDecidable(context, input.id, input.planDigest);
    decide(context, approval, {
      kind: 'rejected',
      decidedAt: services.now(),
      expiresAt: null,
      reason: input.reason,
    });
    return presentApproval(context, requireApproval(services, approval.id));
  },
  'approvals.withdraw': (input, context) => {
    const { services } = context;
    const approval = requireApproval(services, input.id);
    const status = statusOf(approval, services.now());
    if (status !== 'requested' && status !== 'granted' && status !== 'used') {
      throw new ContractError(
        'CONTRACT_CONFLICT',
        `The approval is ${status}: there is nothing to withdraw.`,
      );
    }
    decide(context, approval, {
      kind: 'withdrawn',
      decidedAt: services.now(),
      expiresAt: null,
      reason: null,
    });
    return presentApproval(context, requireApproval(services, approval.id));
  },
};

function beginPlan(context: CallContext, wish: Wish): string {
  const { services } = context;
  services.lease.acquire();
  const createdBy = context.person().name;
  const rows =
    wish.endpointIds.length === 0
      ? services.endpoints.list()
      : wish.endpointIds.map((id) => services.reach.endpoint(id));
  return services.operations.begin('plan', `Plan for ${rows.length} endpoints`, async (report, signal) => {
    const endpoints: EndpointPlan[] = [];
    const leftOut: LeftOut[] = [];
    const queue = [...rows];
    report({ done: 0, total: rows.length });
    const worker = async (): Promise<void> => {
      for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
        signal.throwIfAborted();
        report({ activity: `Asking ${row.name} what its package manager would do` });
        try {
          endpoints.push(await planEndpoint(services, row, wish, signal));
        } catch (error) {
          if (signal.aborted || !(error instanceof CodedError) || error.code === 'VAULT_LOCKED') throw error;
          const { code, message } = toFailure(error);
          leftOut.push({ endpointId: row.id, endpointName: row.name, code, message });
        }
        report({ done: endpoints.length + leftOut.length });
      }
    };
    await Promise.all(Array.from({ length: Math.min(8, rows.length) }, worker));
    if (endpoints.length === 0) {
      const why = leftOut.map((item) => `${item.endpointName}: ${item.message}`).join(' ');
      throw new ContractError('RUN_NOTHING_TO_DO', `There is nothing to plan. ${why}`.trim(), {
        hint: 'Scan the endpoints and import a bundle that carries what they need.',
      });
    }
    const plan = services.plans;
    const row = context.commit({ endpoints: endpoints.map((item) => item.endpointName).join(' ') }, () =>
      plan.insertPlan(
        {
          format: 'sallyport-plan/1',
          planId: services.newId(),
          siteId: services.site.getSetting('site.id') ?? '',
          catalogueDigest: services.catalogue.listBundles()[0]?.manifestSha256 ?? '',
          endpoints,
        },
        leftOut,
        createdBy,
        services.now(),
      ),
    );
    services.publish({ kind: 'changed', area: 'plans', id: row.id });
    return { planId: row.id, digest: row.digest };
  });
}

/** The whole transaction that the endpoint's own package manager would make of the patches asked for. */
async function planEndpoint(
  services: Services,
  row: EndpointRow,
  wish: Wish,
  signal: AbortSignal,
): Promise<EndpointPlan> {
  const inventory = services.findings.inventoryOf(row)?.inventory;
  if (inventory === undefined) {
    throw new ContractError('RUN_NOTHING_TO_DO', `${row.name} has not been scanned.`, {
      hint: 'Scan it first.',
    });
  }
  const findings = services.findings
    .of(row)
    .filter(
      (finding) =>
        finding.carried &&
        !finding.held &&
        (!wish.onlySecurity || finding.security) &&
        (wish.packages.length === 0 || wish.packages.includes(finding.name)),
    );
  if (findings.length === 0) {
    throw new ContractError(
      'RUN_NOTHING_TO_DO',
      `${row.name} needs nothing of what was chosen that the site has.`,
    );
  }
  const release = {
    distribution: inventory.distribution,
    codename: inventory.codename,
    arch: inventory.arch,
  };
  const driver = services.reach.driverFor(row.id);
  const session = await services.reach.connect(row.id, signal);
  const stageId = stageIdOf('plan', services.newId());
  try {
    const changes = await driver.simulate(
      session,
      {
        stageId,
        repositories: sliceFor(services, release, []),
        wanted: findings.map(({ name, arch, candidate }) => ({ name, arch, version: candidate.version })),
      },
      signal,
    );
    const offers = services.catalogue.loadAssessmentCatalogue(
      release,
      changes.map((change) => change.name),
    ).offers;
    const requested = new Set(findings.map((finding) => `${finding.name}:${finding.arch}`));
    const packages = changes.map((change): PlannedPackage => {
      if (change.to === null) {
        throw new PolicyError(
          'PATCHING_TRANSACTION_DIFFERS',
          `${row.name} would remove ${change.name}, which is never part of a plan.`,
        );
      }
      const offer = offers.find(
        (item) =>
          item.name === change.name &&
          item.version === change.to &&
          (item.arch === change.arch || item.arch === 'all'),
      );
      if (offer?.carried !== true) {
        throw new ContractError(
          'CONTENT_MISSING',
          `${row.name} would also need ${change.name} ${change.to}, which no bundle has brought.`,
          {
            hint: 'Export a new needs-list and collect again.',
          },
        );
      }
      return {
        name: change.name,
        arch: change.arch,
        from: change.from,
        to: change.to,
        sha256: offer.sha256,
        requested: requested.has(`${change.name}:${change.arch}`),
      };
    });
    return {
      endpointId: row.id,
      endpointName: row.name,
      address: row.address,
      distribution: inventory.distribution,
      codename: inventory.codename,
      snapshotMode: row.snapshotMode,
      restoreOnFailure: row.restoreOnFailure,
      rebootPolicy: row.rebootPolicy,
      healthChecks: row.healthChecks,
      packages,
    };
  } finally {
    try {
      // Asking must leave nothing behind.
      await driver.cleanUp(session, stageId);
    } finally {
      await session.close();
    }
  }
}

function requirePlan(services: Services, id: string): PlanRow {
  const row = services.plans.getPlan(id);
  if (row === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such plan.', { subject: { id } });
  return row;
}

export function requireApproval(services: Services, id: string): ApprovalRow {
  const row = services.plans.getApproval(id);
  if (row === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such approval.', { subject: { id } });
  return row;
}

/** @throws what stands in the way of this person deciding this approval */
function requireDecidable(context: CallContext, id: string, planDigest: string): ApprovalRow {
  const { services } = context;
  const approval = requireApproval(services, id);
  const status = statusOf(approval, services.now());
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
  if (approval.requestedBy === context.person().id) {
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
  });
  context.commit({ approval: approval.id, digest: approval.planDigest, decision: decision.kind }, () =>
    services.plans.insertDecision(approval.id, {
      ...decision,
      decidedBy: person.id,
      statement,
      signature: session.signer?.sign(statement) ?? '',
    }),
  );
  changed(services, approval.id);
}

function changed(services: Services, id: string): void {
  services.publish({ kind: 'changed', area: 'approvals', id });
}

export function statusOf(row: ApprovalRow, now: string): ApprovalReading['status'] {
  if (row.decision === null) return 'requested';
  if (row.decision.kind !== 'granted') return row.decision.kind;
  if (row.runId !== null) return 'used';
  return row.decision.expiresAt !== null && row.decision.expiresAt <= now ? 'expired' : 'granted';
}

/** The approval as the run engine judges it: nothing is believed that the signature does not cover. */
export function readApproval(services: Services, id: string): ApprovalReading | null {
  const row = services.plans.getApproval(id);
  if (row === undefined) return null;
  return {
    id: row.id,
    planDigest: row.planDigest,
    status: statusOf(row, services.now()),
    requestedBy: row.requestedBy,
    decidedBy: row.decision?.decidedBy ?? null,
    expiresAt: row.decision?.expiresAt ?? null,
    signatureHolds: signatureHolds(services, row),
  };
}

function signatureHolds(services: Services, row: ApprovalRow): boolean {
  const { decision } = row;
  if (decision === null) return false;
  const person = services.site.findPerson(decision.decidedBy);
  if (person === undefined) return false;
  const expected = canonicalJson({
    format: 'sallyport-decision/1',
    approvalId: row.id,
    planId: row.planId,
    planDigest: row.planDigest,
    requestedBy: row.requestedBy,
    decidedBy: decision.decidedBy,
    kind: decision.kind,
    decidedAt: decision.decidedAt,
    expiresAt: decision.expiresAt,
    reason: decision.reason,
  });
  return (
    decision.statement === expected &&
    verify(
      null,
      Buffer.from(expected, 'utf8'),
      createPublicKey(person.publicKey),
      Buffer.from(decision.signature, 'base64'),
    )
  );
}

function presentPlan(services: Services, row: PlanRow): PlanView {
  const packages = row.plan.endpoints.flatMap((endpoint) => endpoint.packages);
  const distinct = new Set(packages.map((item) => item.sha256));
  let bytes = 0;
  for (const sha256 of distinct) {
    const id = services.catalogue.findPatchId(sha256);
    if (id !== undefined) bytes += services.catalogue.getPatch(id).size;
  }
  return {
    id: row.id,
    digest: row.digest,
    createdAt: row.createdAt,
    createdBy: row.createdBy,
    endpoints: row.plan.endpoints.map((endpoint) => ({
      ...endpoint,
      healthChecks: endpoint.healthChecks.map((check) => ({ ...check, argv: [...check.argv] })),
      packages: endpoint.packages.map((item) => ({ ...item })),
    })),
    leftOut: row.leftOut.map((item) => ({ ...item })),
    packages: packages.length,
    bytes,
  };
}

function presentApproval(context: CallContext, row: ApprovalRow): ApprovalView {
  const { services, session } = context;
  const status = statusOf(row, services.now());
  const plan = requirePlan(services, row.planId).plan;
  const why = whyNotDecide(context, row, status);
  const nameOf = (id: string): string => services.site.findPerson(id)?.name ?? id;
  return {
    id: row.id,
    planId: row.planId,
    planDigest: row.planDigest,
    status,
    requestedBy: nameOf(row.requestedBy),
    requestedAt: row.requestedAt,
    decidedBy: row.decision === null ? null : nameOf(row.decision.decidedBy),
    decidedAt: row.decision?.decidedAt ?? null,
    expiresAt: row.decision?.expiresAt ?? null,
    reason: row.decision?.reason ?? null,
    signature: row.decision?.signature ?? null,
    runId: row.runId,
    mayDecide: session.person !== null && why === null,
    mayNotDecideBecause: why,
    endpoints: plan.endpoints.length,
    packages: plan.endpoints.reduce((sum, endpoint) => sum + endpoint.packages.length, 0),
    cves: new Set(advisoryFactsOf(services, plan).flatMap((fact) => fact.cves)).size,
  };
}

function whyNotDecide({ session }: CallContext, row: ApprovalRow, status: string): string | null {
  const { person } = session;
  if (status !== 'requested') return `It is ${status}.`;
  if (person === null) return 'Nobody is signed in.';
  if (!person.roles.includes('approver')) return `${person.name} does not have the role approver.`;
  if (person.id === row.requestedBy) return 'You asked for it: another person has to decide.';
  return null;
}
