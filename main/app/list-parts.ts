import { riskOf } from '../../contract/review-order.ts';
import type { SheetPart } from '../../contract/reviews.ts';
import type { PackPatch, ReviewPack } from '../core/review/review-pack.ts';
import { rowsOf } from '../core/review/rows.ts';

/** A part of the rows, the most pressing first; parts that follow one another make up the whole, with no row twice. */
export function partOf(pack: ReviewPack, { from, count }: SheetPart): ReturnType<typeof rowsOf> {
  return rowsOf(pack, pressing(pack).slice(from, from + count));
}

/** A pack never changes: it is put in order once for all its parts. */
const ordered = new WeakMap<ReviewPack, readonly PackPatch[]>();

function pressing(pack: ReviewPack): readonly PackPatch[] {
  let patches = ordered.get(pack);
  if (patches === undefined) {
    patches = pack.patches
      .map((patch, at) => ({ patch, at, risk: riskOf(patch) }))
      .sort((a, b) => b.risk - a.risk || compare(a.patch.package, b.patch.package) || a.at - b.at)
      .map(({ patch }) => patch);
    ordered.set(pack, patches);
  }
  return patches;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
