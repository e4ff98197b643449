import type { ImportedDecision } from '../../contract/reviews.ts';
import type { SentPack } from '../core/review/judge-decision.ts';
import { reconsiderPack } from './later-words.ts';
import { noticeAnswer } from './notice-steps.ts';
import { concludePack } from './review-outcomes.ts';
import { siteTime } from './statements.ts';
import type { CallContext } from './services.ts';

/** A decision that binds, and whose word it is. */
interface TakenDecision {
  readonly sent: SentPack;
  /** Of the signed bytes. */
  readonly sha256: string;
  readonly person: { readonly id: string; readonly name: string };
  /** Of a spreadsheet that nobody at the customer signed. */
  readonly mark?: string;
}

/**
 * Records a decision that binds, and what follows from it once enough approvers have answered, or when it is against what was granted, in
 * one transaction: a process that is cut
 * between the two leaves neither, and the file can be imported again.
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
  const marked = taken.mark === undefined ? {} : { mark: taken.mark };
  const both = services.db.transaction(() => {
    context.commit({ pack: pack.packId, by: person.name, decision: taken.sha256, ...marked }, () => {
      record(siteTime(services));
      noticeAnswer(services, pack, { by: person.name, sha256: taken.sha256, ...marked });
    });
    return taken.sent.isOpen
      ? concludePack(context, pack.packId, person.id, validHours)
      : reconsiderPack(context, pack.packId, person.id, validHours);
  });
  const { status, counts, waitingFor, begin } = both.immediate();
  const operationId = begin();
  services.publish({ kind: 'changed', area: 'approvals', id: pack.approvalId });
  return {
    ...{ packId: pack.packId, approvalId: pack.approvalId, decidedBy: person.name, status, operationId },
    ...{ approved: counts.approved, rejected: counts.rejected, deferred: counts.deferred, waitingFor },
  };
}
