import { judgeCoverage } from '../core/review/coverage.ts';
import { requireApproval, statusOf } from './approvals.ts';
import { coverageSite } from './coverage-site.ts';
import { noticeDecision } from './notice-steps.ts';
import { beginRest, countPatches, outcomeText, type Concluded } from './review-outcomes.ts';
import { outcomeHolds, packBasis, restingOn } from './reviews.ts';
import { siteTime } from './statements.ts';
import type { CallContext } from './services.ts';

/**
 * What follows from a word against a pack on which something was granted already, and of which no run has begun: each grant that is not
 * covered any more is taken back, and what still is gets a plan of its own.
 *
 * @param by whose word it is
 */
export function reconsiderPack(
  context: CallContext,
  packId: string,
  by: string,
  validHours: number,
): Concluded {
  const { services } = context;
  const decidedAt = siteTime(services);
  const expiresAt = new Date(Date.parse(decidedAt) + validHours * 3_600_000).toISOString();
  const basis = packBasis(services, packId);
  const granted = restingOn(services, packId).filter((row) => statusOf(row, decidedAt) === 'granted');
  const lost = granted.filter((row) => !outcomeHolds(services, row));
  const name = services.site.findPerson(by)?.name ?? by;
  const reason = `${name} answered against it`;
  for (const row of lost) {
    context.commit({ pack: packId, approval: row.id, status: 'withdrawn', by: name }, () => {
      services.plans.insertDecision(row.id, {
        ...{ kind: 'withdrawn', decidedBy: by, decidedAt, expiresAt: null, reason, signature: '' },
        statement: basis === null ? (row.decision?.statement ?? '') : outcomeText(services, row, basis),
      });
      noticeDecision(services, row, { kind: 'withdrawn', by: name, reason });
    });
  }
  const items =
    basis === null
      ? []
      : judgeCoverage(
          basis.asked,
          basis,
          coverageSite(services, requireApproval(services, basis.pack.approvalId).requestedBy),
        );
  const covered = items.filter(({ verdict }) => verdict.covered).length;
  // Nothing lost and nothing granted: what is left of the list is being planned, and is judged by this word when it is there.
  const isLess = lost.length > 0 || granted.length === 0;
  const status = !isLess ? 'granted' : covered > 0 ? 'partly' : 'rejected';
  const begin = (): string | null => {
    for (const { id } of lost) services.publish({ kind: 'changed', area: 'approvals', id });
    if (status !== 'partly' || basis === null || lost.length === 0) return null;
    return beginRest(context, basis, items, { decidedBy: by, decidedAt, expiresAt });
  };
  return { status, items, counts: countPatches(items), waitingFor: 0, begin };
}
