import type { OutputOf } from '../../../contract/channels.ts';
import { count, formatFacts, shortId } from '../format.ts';

type Imported = OutputOf<'reviews.import'>;

/** What an answer from the customer came to, and what to do next. */
export function describeImport(outcome: Imported): string {
  const next = {
    granted: `Next: sallyport run start ${shortId(outcome.approvalId)}`,
    partly: 'A plan of what was approved has been made. Next: sallyport approval list',
    rejected: 'Nothing of it will be installed.',
    waiting: `Waits for ${count(outcome.waitingFor, 'more approver')}.`,
  }[outcome.status];
  return `${formatFacts([
    ['Pack', outcome.packId],
    ['Decided by', outcome.decidedBy],
    ['Approved', String(outcome.approved)],
    ['Rejected', String(outcome.rejected)],
    ['Deferred', String(outcome.deferred)],
    ['Outcome', outcome.status],
  ])}\n\n${next}`;
}
