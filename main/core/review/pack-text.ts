import { canonicalJson } from '../plan.ts';
import type { PackHead } from './review-pack.ts';

/**
 * The text of a pack, of rows that are text already: the same to the byte as `canonicalJson` of the whole, which for tens of
 * thousands of rows takes longer than anybody should wait at once.
 *
 * @param rows `canonicalJson` of each row, in their order
 */
export function packText(head: PackHead, rows: readonly string[]): string {
  const entries = Object.entries(head);
  const part = (kept: (key: string) => boolean): string =>
    canonicalJson(Object.fromEntries(entries.filter(([key]) => kept(key)))).slice(1, -1);
  const before = part((key) => key < 'patches');
  const after = part((key) => key > 'patches');
  return `{${[before, `"patches":[${rows.join(',')}]`, after].filter((text) => text !== '').join(',')}}`;
}
