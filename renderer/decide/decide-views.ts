import type { TableSort } from '../components/table-sort.ts';
import { BY_RISK } from './decide-sort.ts';

/** A filter and an order under a name. */
export interface SavedView {
  readonly name: string;
  readonly filter: string;
  readonly sort: TableSort;
}

export type ViewStorage = Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'sallyport.decide.views';

/** What everybody needs. */
export const STANDARD_VIEWS: readonly SavedView[] = [
  { name: 'Everything', filter: '', sort: BY_RISK },
  { name: 'Still to decide', filter: 'undecided', sort: BY_RISK },
  { name: 'Changed since the last list', filter: 'changed', sort: BY_RISK },
  { name: 'Due within 7 days', filter: 'due:7', sort: { column: 'due', descending: false } },
  { name: 'The provider has a concern', filter: 'concern', sort: BY_RISK },
];

/** What was kept, or nothing: a view is no reason not to show the list. */
export function readViews(storage: ViewStorage | undefined): readonly SavedView[] {
  try {
    const read: unknown = JSON.parse(storage?.getItem(KEY) ?? '[]');
    return Array.isArray(read) ? read.filter(isView) : [];
  } catch {
    return [];
  }
}

export function writeViews(storage: ViewStorage | undefined, views: readonly SavedView[]): void {
  try {
    storage?.setItem(KEY, JSON.stringify(views));
  } catch {
    // A full or forbidden storage: the view lasts as long as the list is open.
  }
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false;
  const view = value as Partial<Record<keyof SavedView, unknown>>;
  const sort = view.sort as Partial<Record<keyof TableSort, unknown>> | null | undefined;
  return (
    typeof view.name === 'string' &&
    typeof view.filter === 'string' &&
    typeof sort?.column === 'string' &&
    typeof sort.descending === 'boolean'
  );
}
