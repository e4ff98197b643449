import { formatDecision, requireCompleteRows, type DecidedRow, type DecisionFile } from './decision-file.ts';
import type { ReviewPack } from './review-pack.ts';

/**
 * The decision on a pack, before anybody signs it. The same in the Review workspace, on the command line and in the page.
 *
 * @param opened the pack and the SHA-256 of its payload
 * @throws ReviewError as `requireCompleteRows`
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
  return formatDecision(decision);
}
