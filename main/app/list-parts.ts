import { riskOf } from '../../contract/review-order.ts';
import type { SheetPart } from '../../contract/reviews.ts';
import { PackRows } from '../core/review/pack-rows.ts';
import type { ReviewPack } from '../core/review/review-pack.ts';
import { rowsOf } from '../core/review/rows.ts';

/** A part of the rows, the most pressing first; parts that follow one another make up the whole, with no row twice. */
export function partOf(rows: PackRows, { from, count }: SheetPart): ReturnType<typeof rowsOf> {
  const places = pressing(rows).slice(from, from + count);
  return rowsOf(
    rows.head,
    places.map((place) => rows.at(place)),
  );
}

const wholes = new WeakMap<ReviewPack, PackRows>();

/** The same of a pack that was checked whole. */
export function partOfWhole(pack: ReviewPack, part: SheetPart): ReturnType<typeof rowsOf> {
  let rows = wholes.get(pack);
  if (rows === undefined) {
    rows = PackRows.of(pack);
    wholes.set(pack, rows);
  }
  return partOf(rows, part);
}

/** A pack never changes: it is put in order once for all its parts. */
const ordered = new WeakMap<PackRows, readonly number[]>();

/** Places in the pack, the most pressing first. */
function pressing(rows: PackRows): readonly number[] {
  let places = ordered.get(rows);
  if (places === undefined) {
    places = rows
      .forOrder()
      .map((patch, at) => ({ name: patch.package, at, risk: riskOf(patch) }))
      .sort((a, b) => b.risk - a.risk || compare(a.name, b.name) || a.at - b.at)
      .map(({ at }) => at);
    ordered.set(rows, places);
  }
  return places;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
