import type { ReviewPack } from './review-pack.ts';

/** The words of the contract's `DeskPackView.myKey`, which core does not know. */
type KeyAtSite = 'enrolled' | 'expired' | 'revoked' | 'not-enrolled' | 'not-said';

/**
 * How a reviewer's key stood at the site when a pack was made, as far as the pack says; what was valid then may have expired since. Only
 * the site itself knows better, and its import decides.
 *
 * @param key fingerprint
 * @param now ISO-8601
 */
export function keyAtSite(pack: Pick<ReviewPack, 'reviewers'>, key: string, now: string): KeyAtSite {
  if (pack.reviewers === undefined) return 'not-said';
  const found = pack.reviewers.find((item) => item.key === key);
  if (found === undefined) return 'not-enrolled';
  if (found.revokedAt !== null) return 'revoked';
  const isOver = found.validUntil !== null && Date.parse(now) >= Date.parse(found.validUntil);
  return isOver ? 'expired' : 'enrolled';
}
