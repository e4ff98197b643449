import { ReviewError } from '../../contract/errors.ts';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import { isCovered, judgeCoverage, type JudgedItem } from '../core/review/coverage.ts';
import { requirePlan } from './approvals.ts';
import { coverageSite, policiesOf } from './coverage-site.ts';
import { packBasis } from './reviews.ts';
import type { Services } from './services.ts';

type Named = readonly { readonly group: string; readonly sha256: string | null }[];

/** What one person's grant of the whole plan at the console covers, under the policies in force. */
function judgeGrant(services: Services, row: ApprovalRow, personId: string, named: Named): JudgedItem[] {
  const policies = named.length === 0 ? null : new Map(named.map(({ group, sha256 }) => [group, sha256]));
  const { plan } = requirePlan(services, row.planId);
  const packId = services.reviews.newestPackOf(row.id);
  const list = packId === null ? null : packBasis(services, packId);
  // What was said on a list that cannot be read any more is not known: nothing goes past it.
  if (packId !== null && list === null) return [];
  return judgeCoverage(
    plan,
    { kind: 'console', personId, policies, list },
    coverageSite(services, row.requestedBy),
  );
}

/** @param named the policies that the grant was signed under; empty for one of before there were any */
export const grantCovers = (services: Services, row: ApprovalRow, named: Named): boolean =>
  row.decision !== null &&
  services.site.findPerson(row.decision.decidedBy)?.roles.includes('approver') === true &&
  isCovered(judgeGrant(services, row, row.decision.decidedBy, named));

/**
 * @throws ReviewError REVIEW_DECIDE_ON_LIST when the customer was given a list of it, REVIEW_NOT_COVERED when the policies let no single
 *   grant cover the plan
 */
export function requireGrantable(services: Services, row: ApprovalRow, personId: string): void {
  if (services.reviews.newestPackOf(row.id) !== null) {
    throw new ReviewError(
      'REVIEW_DECIDE_ON_LIST',
      'A list was made of this plan, and is decided on patch by patch.',
      {
        hint: 'Decide on the list: sign it here, or take in what the customer signed.',
        subject: { approvalId: row.id },
      },
    );
  }
  const { plan } = requirePlan(services, row.planId);
  const open = judgeGrant(services, row, personId, policiesOf(services, plan)).filter(
    (item) => !item.verdict.covered,
  );
  const [first] = open;
  if (first === undefined || first.verdict.covered) return;
  const why = {
    excluded: 'is excluded by the policy of its group',
    'out-of-scope': 'is of a class that the policy of its group leaves out',
    'other-customer': 'belongs to a customer for whom you do not speak',
    'too-few': 'needs more than one approver by the policy of its group',
  }[first.verdict.because as string];
  throw new ReviewError(
    'REVIEW_NOT_COVERED',
    `${first.package} on ${first.endpointName} ${why ?? 'is not covered'}; so it is with ${open.length} of the plan.`,
    {
      hint: 'Make a plan without it, or export a review pack for the customer to decide on.',
      subject: { endpoint: first.endpointName, package: first.package, group: first.group },
    },
  );
}
