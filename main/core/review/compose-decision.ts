import { ReviewError } from '../../../contract/errors.ts';
import {
  formatDecision,
  parseDecision,
  requireCompleteRows,
  type DecidedRow,
  type DecisionFile,
} from './decision-file.ts';
import type { ReviewPack } from './review-pack.ts';
import { REVIEW_LIMITS } from './signed-file.ts';

/**
 * The decision on a pack, before anybody signs it. The same in the Review workspace, on the command line and in the page. It is read
 * back as the site will read it: what nobody could read must never be signed, because a pack is signed once.
 *
 * @param opened the pack and the SHA-256 of its payload
 * @throws ReviewError REVIEW_CONTENT_INVALID, and as `requireCompleteRows`
 */
export function composeDecision(
  { pack, sha256 }: { readonly pack: ReviewPack; readonly sha256: string },
  rows: readonly DecidedRow[],
  who: { readonly decidedBy: string; readonly decidedAt: string },
): string {
  requireCompleteRows(rows, pack, who.decidedAt);
  const decision: DecisionFile = {
    format: 'sallyport-decision-file/1',
    ...{ siteId: pack.siteId, packId: pack.packId, packSha256: sha256, planDigest: pack.planDigest },
    ...{ nonce: pack.nonce, cutOffAt: pack.cutOffAt, ...who },
    rows: rows.map((row) => ({ ...row })),
  };
  const text = formatDecision(decision);
  parseDecision(text, 'the decision');
  return text;
}

/**
 * The same of its size, once it is signed.
 *
 * @param file text of the envelope, which holds no letter beyond ASCII
 * @throws ReviewError REVIEW_FILE_TOO_LARGE
 */
export function requireDecisionSize(file: string): void {
  if (file.length <= REVIEW_LIMITS.bytes) return;
  throw new ReviewError('REVIEW_FILE_TOO_LARGE', 'The decision is larger than a site takes in.', {
    hint: 'Write shorter reasons where one stands for many patches.',
  });
}
