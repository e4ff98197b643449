import { riskOf } from '../../contract/review-order.ts';
import type { ReviewRow } from '../../contract/reviews.ts';
import type { TableSort } from '../components/table-sort.ts';

/** The most pressing first: what is exploited, then what the vendor calls severe, then the scores. */
export const BY_RISK: TableSort = { column: 'risk', descending: true };

const KEYS: Readonly<Record<string, (row: ReviewRow) => number | string>> = {
  risk: riskOf,
  package: (row) => row.package,
  endpoints: (row) => row.endpoints,
  due: (row) => (row.dueAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(row.dueAt)),
  age: (row) => (row.releasedAt === null ? Number.NEGATIVE_INFINITY : -Date.parse(row.releasedAt)),
  epss: (row) => row.epss ?? -1,
  cvss: (row) => row.cvss ?? -1,
  size: (row) => row.size,
  change: (row) => ['new', 'newer', 'again'].indexOf(row.change),
};

/** Indexes of the rows in the order asked for; equal ones by name. The keys are read once, not at each comparison. */
export function orderRows(rows: readonly ReviewRow[], sort: TableSort): Int32Array {
  const read = KEYS[sort.column] ?? riskOf;
  const keys = rows.map(read);
  const names = rows.map((row) => row.package);
  const factor = sort.descending ? -1 : 1;
  return Int32Array.from(rows.keys()).sort((a, b) => {
    const [x, y] = [keys[a] ?? 0, keys[b] ?? 0];
    if (x !== y) return x < y ? -factor : factor;
    const [n, m] = [names[a] ?? '', names[b] ?? ''];
    return n === m ? a - b : n < m ? -1 : 1;
  });
}
