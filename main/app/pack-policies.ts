import { ReviewError } from '../../contract/errors.ts';
import type { Plan } from '../core/plan.ts';
import { heldBack } from '../core/review/held-back.ts';
import { DEFAULT_POLICY, standingUnder } from '../core/review/policy.ts';
import type { PackPatch, ReviewPack } from '../core/review/review-pack.ts';
import { readPolicy, siteTime, statementKeys } from './statements.ts';
import type { Services } from './services.ts';

/**
 * What groups and their policies say in a pack: the customer, the groups with the policy in force, on which terms each endpoint is
 * patched.
 *
 * @throws ReviewError REVIEW_SEVERAL_CUSTOMERS: a pack is for one customer
 */
export function packPolicies(
  services: Services,
  plan: Plan,
): Pick<ReviewPack, 'customer' | 'groups' | 'endpoints'> {
  const { endpoints, fleet, policies } = services;
  const customerOf = new Map(policies.listGroups().map(({ name, customer }) => [name, customer]));
  const known = new Map(endpoints.list().map((row) => [row.id, row]));
  // Of a fleet: when each was read, without reading what was found there.
  const scans = fleet.facts();
  const rows = plan.endpoints.map((planned) => {
    const row = known.get(planned.endpointId);
    const scanned = scans.get(row?.inventoryId ?? -1);
    return {
      ...{ id: planned.endpointId, name: planned.endpointName, group: row?.group ?? 'Ungrouped' },
      ...{ snapshotMode: planned.snapshotMode, restoreOnFailure: planned.restoreOnFailure },
      ...{ rebootPolicy: planned.rebootPolicy, scannedAt: scanned?.takenAt ?? null },
    };
  });
  const names = [...new Set(rows.map(({ group }) => group))].toSorted();
  const customers = [...new Set(names.map((name) => customerOf.get(name) ?? ''))];
  if (customers.length > 1) {
    const list = names.map((name) => `${name} (${customerOf.get(name) || 'no customer yet'})`).join(', ');
    throw new ReviewError(
      'REVIEW_SEVERAL_CUSTOMERS',
      `The plan touches groups of more than one customer: ${list}.`,
      { hint: 'Make a plan for the endpoints of each customer, or say whose each group is.' },
    );
  }
  const keys = statementKeys(services);
  const groups = names.map((name) => {
    const row = policies.policyInForce(name);
    const policy = row === undefined ? null : (readPolicy(row, keys)?.statement ?? null);
    return { name, policySha256: row?.sha256 ?? null, policy };
  });
  return { customer: customers[0] ?? '', groups, endpoints: rows };
}

const STRICTNESS = ['approved', 'decide', 'out-of-scope', 'excluded'] as const;

/**
 * What the policies of a pack say of each patch before anybody decides: the strictest of its groups. What was said of it before outweighs
 * a standing approval, as long as it does so at the cut-off.
 */
export function standingsOf(
  services: Pick<Services, 'imports' | 'now'>,
  pack: Pick<ReviewPack, 'groups' | 'endpoints'>,
): (patch: Omit<PackPatch, 'standing'>, cutOffAt: string) => PackPatch['standing'] {
  const groupOf = new Map(pack.endpoints.map(({ id, group }) => [id, group]));
  const policyOf = new Map(pack.groups.map(({ name, policy }) => [name, policy]));
  const now = siteTime(services);
  return (patch, cutOffAt) => {
    const touched = new Set(patch.endpoints.map(({ id }) => groupOf.get(id) ?? ''));
    const words = [...touched].map((group) =>
      standingUnder(policyOf.get(group) ?? DEFAULT_POLICY, patch, now),
    );
    const said = STRICTNESS.findLast((word) => words.includes(word)) ?? 'decide';
    return said === 'approved' && heldBack(patch, cutOffAt) !== null ? 'decide' : said;
  };
}
