import { explicitlyDecided } from './decision-file.ts';
import { heldBack } from './held-back.ts';
import type { ReviewPack } from './review-pack.ts';

/** What becomes of the patches that nobody has decided on, patch by patch: each counts once. */
export interface Silence {
  /** No policy lets silence count: without a word on them nothing can be signed. */
  readonly awaited: number;
  /** Installed from the cut-off on, on some endpoints at least, unless an approver speaks against it before. */
  readonly yes: number;
  /** Silence would count, but the list went out with less notice than the policies want, or to nobody: not installed. */
  readonly no: number;
  /** Deferred beyond the cut-off, or rejected or asked about before in this very version: not installed without a word. */
  readonly held: number;
  /** Approved in advance. */
  readonly standing: number;
  /** Kept out by the policies, whatever anybody says. */
  readonly out: number;
}

const HOUR_MS = 3_600_000;

/**
 * The same rule by which the site settles a pack (`judgeCoverage`). The site counts the notice from when it first wrote the pack out;
 * whoever has nothing but the pack knows when it was made, so that there a `no` is certain and a `yes` may still come to nothing.
 *
 * @param decided SHA-256 of the patches that have a verdict
 * @param wentOutAt `null`: it was never written out, and silence means nothing so far
 */
export function silenceOf(
  pack: ReviewPack,
  decided: ReadonlySet<string>,
  wentOutAt: string | null = pack.createdAt,
): Silence {
  // A clock that was set back between making a list and writing it gives no notice.
  const from = wentOutAt === null ? Infinity : Math.max(Date.parse(wentOutAt), Date.parse(pack.createdAt));
  const noticeMs = Date.parse(pack.cutOffAt) - from;
  const silent = new Set(
    pack.groups
      .filter(({ policy }) => policy?.mode === 'opt-out' && policy.noticeHours * HOUR_MS <= noticeMs)
      .map(({ name }) => name),
  );
  const groupOf = new Map(pack.endpoints.map(({ id, group }) => [id, group]));
  const isAwaited = explicitlyDecided(pack);
  const counts = { awaited: 0, yes: 0, no: 0, held: 0, standing: 0, out: 0 };
  for (const patch of pack.patches) {
    if (decided.has(patch.sha256)) continue;
    if (patch.standing === 'excluded' || patch.standing === 'out-of-scope') counts.out += 1;
    else if (isAwaited(patch)) counts.awaited += 1;
    else if (heldBack(patch, pack.cutOffAt) !== null) counts.held += 1;
    else if (patch.standing === 'approved') counts.standing += 1;
    else if (patch.endpoints.some(({ id }) => silent.has(groupOf.get(id) ?? ''))) counts.yes += 1;
    else counts.no += 1;
  }
  return counts;
}
