import type { ImportedDecision } from '../../contract/reviews.ts';
import { tally } from '../core/review/coverage.ts';
import { parseDecision, type DecisionFile } from '../core/review/decision-file.ts';
import { openDecision, type SentPack } from '../core/review/judge-decision.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { requireApproval, requirePlan } from './approvals.ts';
import { countersignedOf } from './countersigned-sheets.ts';
import { beginPlan } from './make-plan.ts';
import { enrolledKeys, formatOutcome, inputOf } from './reviews.ts';
import type { CallContext, Services } from './services.ts';

/** A decision that binds, and whose word it is. */
interface TakenDecision {
  readonly sent: SentPack;
  readonly decision: Pick<DecisionFile, 'rows'>;
  /** Of the signed bytes. */
  readonly sha256: string;
  readonly person: { readonly id: string; readonly name: string };
  /** Of a spreadsheet that nobody at the customer signed. */
  readonly mark?: string;
}

/**
 * Records a decision that binds, and what follows from it once enough approvers have answered.
 *
 * @param record keeps the decision itself, in the same transaction
 */
export function takeIn(
  context: CallContext,
  taken: TakenDecision,
  validHours: number,
  record: (at: string) => void,
): ImportedDecision {
  const { services } = context;
  const { person } = taken;
  const { pack } = taken.sent;
  const decisions = [...earlierDecisions(services, pack.packId), taken.decision];
  const { approved, rejected, deferred } = tally(pack, decisions);
  const waitingFor = pack.approvers - decisions.length;
  const status =
    waitingFor > 0
      ? 'waiting'
      : approved.length === pack.patches.length
        ? 'granted'
        : approved.length > 0
          ? 'partly'
          : 'rejected';
  const decidedAt = services.now();
  const expiresAt = new Date(Date.parse(decidedAt) + validHours * 3_600_000).toISOString();
  const outcomeFor = (approval: { id: string; planId: string; planDigest: string }): string =>
    formatOutcome({
      ...{ approvalId: approval.id, planId: approval.planId, planDigest: approval.planDigest },
      packId: pack.packId,
      decisions: decisionIds(services, pack.packId),
    });
  const approval = requireApproval(services, pack.approvalId);
  const marked = taken.mark === undefined ? {} : { mark: taken.mark };
  context.commit({ pack: pack.packId, by: person.name, decision: taken.sha256, status, ...marked }, () => {
    record(decidedAt);
    if (status === 'waiting') return;
    services.plans.insertDecision(approval.id, {
      kind: status === 'granted' ? 'granted' : 'rejected',
      decidedBy: person.id,
      decidedAt,
      expiresAt: status === 'granted' ? expiresAt : null,
      reason: status === 'granted' ? null : `${approved.length} of ${pack.patches.length} patches approved`,
      statement: outcomeFor(approval),
      signature: '',
    });
  });
  services.publish({ kind: 'changed', area: 'approvals', id: approval.id });
  const operationId =
    status !== 'partly'
      ? null
      : beginPlan(
          context,
          {
            endpointIds: requirePlan(services, pack.planId).plan.endpoints.map((item) => item.endpointId),
            packages: [],
            onlySecurity: false,
            allowed: new Set(approved),
          },
          (plan) => {
            const narrowed = { id: services.newId(), planId: plan.id, planDigest: plan.digest };
            const requestedBy = approval.requestedBy;
            services.plans.insertApproval({ ...narrowed, requestedBy, requestedAt: services.now() });
            services.plans.insertDecision(narrowed.id, {
              ...{ kind: 'granted', decidedBy: person.id, decidedAt, expiresAt, reason: null },
              ...{ statement: outcomeFor(narrowed), signature: '' },
            });
          },
        );
  return {
    ...{ packId: pack.packId, approvalId: approval.id, decidedBy: person.name, status, operationId },
    ...{ approved: approved.length, rejected: rejected.length, deferred: deferred.length },
    waitingFor: Math.max(0, waitingFor),
  };
}

function earlierDecisions(services: Services, packId: string): Pick<DecisionFile, 'rows'>[] {
  const keys = enrolledKeys(services);
  const signed = services.reviews.listDecisions(packId).map((row) => {
    const { payload } = openDecision(inputOf(row, 'a decision'), keys, reviewCrypto);
    return parseDecision(reviewCrypto.decodeUtf8(payload), 'a decision');
  });
  return [...signed, ...countersignedOf(services, packId).map((item) => item.statement)];
}

/** Of everything that answers a pack: what the approval rests on. */
function decisionIds({ reviews, sheets }: Services, packId: string): string[] {
  const countersigned = sheets.list(packId).flatMap((item) => item.countersignature?.sha256 ?? []);
  return [...reviews.listDecisions(packId).map((item) => item.sha256), ...countersigned];
}
