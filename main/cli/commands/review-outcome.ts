import type { OutputOf } from '../../../contract/channels.ts';
import { followOperation, type Client } from '../client.ts';
import { EXIT } from '../exit-codes.ts';
import { count, formatFacts, shortId } from '../format.ts';
import type { Progress } from '../progress.ts';
import type { World } from '../world.ts';

type Imported = OutputOf<'reviews.import'>;

/** Waits until the plan of what was approved is made, where one is, and says what an answer came to. */
export async function finishImport(
  around: {
    readonly client: Client<'operations.wait' | 'operations.cancel'>;
    readonly progress: Progress;
    readonly world: World;
  },
  outcome: Imported,
) {
  const { operationId } = outcome;
  if (operationId !== null) {
    await followOperation(around.client, around, () => Promise.resolve({ operationId }));
  }
  const exit = outcome.status === 'granted' || outcome.status === 'waiting' ? EXIT.ok : EXIT.partial;
  return { value: outcome, text: describeImport(outcome), exit };
}

/** What an answer from the customer came to, and what to do next. */
function describeImport(outcome: Imported): string {
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
