import { z } from 'zod';
import { ContractError, ReviewError } from '../../contract/errors.ts';
import type { EmergencyView } from '../../contract/policies.ts';
import type { EmergencyRow } from '../catalogue/policy-store.ts';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import { canonicalJson } from '../core/plan.ts';
import { isCovered, judgeCoverage, type Basis } from '../core/review/coverage.ts';
import { isNamed } from '../core/review/emergency.ts';
import { coverageSite, policiesOf } from './coverage-site.ts';
import { beginPlan } from './make-plan.ts';
import { noticeDecision, noticeRequest } from './notice-steps.ts';
import { parseJson } from './reviews.ts';
import type { CallContext, Services } from './services.ts';
import { mayGive, readEmergency, sameHandAt, siteTime, speakers, statementKeys } from './statements.ts';

const outcomeSchema = z.strictObject({
  format: z.literal('sallyport-emergency-outcome/1'),
  approvalId: z.string(),
  planId: z.string(),
  planDigest: z.string(),
  /** SHA-256 of the signed request. */
  emergency: z.string(),
  policies: z.array(z.strictObject({ group: z.string(), sha256: z.string().nullable() })),
});

/** Judges an approval by the request it rests on, each time anew. */
export function emergencyHolds(services: Services, row: ApprovalRow): boolean {
  const outcome = outcomeSchema.safeParse(parseJson(row.decision?.statement ?? ''));
  if (!outcome.success) return false;
  const { approvalId, planId, planDigest, emergency } = outcome.data;
  const plan = services.plans.getPlan(row.planId);
  if (plan === undefined || plan.digest !== planDigest) return false;
  if (approvalId !== row.id || planId !== row.planId || planDigest !== row.planDigest) return false;
  const basis = basisOf(services, emergency, row.requestedBy);
  if (basis === null) return false;
  return isCovered(judgeCoverage(plan.plan, basis, coverageSite(services, row.requestedBy)));
}

function basisOf(
  services: Services,
  sha256: string,
  requestedBy: string,
): Extract<Basis, { kind: 'emergency' }> | null {
  const row = services.policies.listEmergencies().find((item) => item.sha256 === sha256);
  const read = row === undefined ? null : readEmergency(row, statementKeys(services));
  if (row === undefined || read === null) return null;
  const { statement: request, signer } = read;
  const isTheirs = speakers(services, requestedBy)(signer.personId, request.customer);
  return {
    ...{ kind: 'emergency', request },
    mayGive:
      isTheirs &&
      mayGive(signer, row.personId, requestedBy, {
        now: siteTime(services),
        sameHand: sameHandAt(services),
      }),
  };
}

/**
 * Makes a plan of what a request names, with the request as its approval.
 *
 * @returns id of the operation
 * @throws ContractError CONTRACT_NOT_FOUND; ReviewError REVIEW_EMERGENCY_ENDED, REVIEW_NOT_COVERED
 */
export function planEmergency(context: CallContext, sha256: string): string {
  const { services } = context;
  const row = services.policies.listEmergencies().find((item) => item.sha256 === sha256);
  const requestedBy = context.person().id;
  const basis = basisOf(services, sha256, requestedBy);
  if (row === undefined || basis === null) {
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such emergency request.', {
      subject: { emergency: sha256 },
    });
  }
  const { request } = basis;
  if (Date.parse(siteTime(services)) >= Date.parse(request.until)) {
    throw new ReviewError('REVIEW_EMERGENCY_ENDED', `The request counted until ${request.until}.`, {
      hint: 'Ask the customer for a new one.',
    });
  }
  if (!basis.mayGive) {
    throw new ReviewError(
      'REVIEW_NOT_COVERED',
      'The request was signed by whoever plans it, by a key that they vouched for, or by a key that counts no more.',
      { hint: 'Somebody else at the site has to make the plan, or the customer has to sign again.' },
    );
  }
  const endpointIds = services.endpoints
    .list()
    .filter((endpoint) => request.groups.includes(endpoint.group))
    .map((endpoint) => endpoint.id);
  if (endpointIds.length === 0) {
    throw new ContractError('RUN_NOTHING_TO_DO', 'No endpoint belongs to the groups of the request.');
  }
  return beginPlan(
    context,
    {
      ...{ endpointIds, packages: [], onlySecurity: false, outOfCycle: true },
      picks: (finding) =>
        isNamed(request, {
          ...{ package: finding.name, version: finding.candidate.version, cves: finding.cves },
          ...{ source: finding.candidate.source, advisories: finding.advisories.map(({ id }) => id) },
        }),
    },
    (plan) => {
      const open = judgeCoverage(plan.plan, basis, coverageSite(services, requestedBy)).find(
        (item) => !item.verdict.covered,
      );
      if (open !== undefined) {
        throw new ReviewError(
          'REVIEW_NOT_COVERED',
          `${open.endpointName} would also get ${open.package} ${open.version}, which the request does not cover.`,
          { hint: 'Ask the customer for a request that names it, or that lets dependencies come.' },
        );
      }
      const approval = { id: services.newId(), planId: plan.id, planDigest: plan.digest };
      services.plans.insertApproval({ ...approval, requestedBy, requestedAt: services.now() });
      services.plans.insertDecision(approval.id, {
        ...{ kind: 'granted', decidedBy: row.personId, decidedAt: siteTime(services) },
        ...{ expiresAt: request.until, reason: null, signature: '' },
        statement: canonicalJson({
          format: 'sallyport-emergency-outcome/1',
          ...{ approvalId: approval.id, planId: plan.id, planDigest: plan.digest },
          ...{ emergency: sha256, policies: policiesOf(services, plan.plan) },
        }),
      });
      const signer = services.site.findPerson(row.personId)?.name ?? row.personId;
      noticeRequest(services, approval, context.person().name);
      noticeDecision(services, approval, { kind: 'granted', by: signer, reason: request.reason });
    },
  );
}

export function presentEmergency(services: Services, row: EmergencyRow): EmergencyView {
  const read = readEmergency(row, statementKeys(services));
  if (read === null) throw new Error(`The emergency request ${row.sha256} is damaged.`);
  const { statement: request, signer } = read;
  const approvals = services.plans
    .listApprovals()
    .filter((item) => item.decision?.statement.includes(row.sha256) === true);
  return {
    ...{ sha256: row.sha256, customer: request.customer, groups: [...request.groups] },
    names: request.names.map((name) => ({
      ...{ kind: name.kind, value: name.value },
      version: name.kind === 'package' ? name.version : null,
    })),
    ...{ pullsIn: request.pullsIn, reason: request.reason, requestedAt: request.requestedAt },
    ...{ requestedBy: signer.personName, until: request.until, importedAt: row.importedAt },
    state: Date.parse(siteTime(services)) < Date.parse(request.until) ? 'counts' : 'ended',
    clockFrom: request.requestedAt,
    approvals: approvals.map((item) => item.id),
  };
}
