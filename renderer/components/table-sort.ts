import { useMemo, useState } from 'react';
import type { Column, RowSource } from './data-table.tsx';

export interface TableSort {
  readonly column: string;
  readonly descending: boolean;
}

export interface SortedRows<T> {
  readonly rows: readonly T[];
  readonly sort: TableSort;
  readonly onSort: (columnId: string) => void;
}

/** Sorts by the chosen column; the same column again turns the order round. Equal rows keep their order. */
export function sortRows<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  sort: TableSort,
): readonly T[] {
  const compare = columns.find((column) => column.id === sort.column)?.compare;
  if (compare === undefined) return rows;
  const factor = sort.descending ? -1 : 1;
  return [...rows].sort((a, b) => factor * compare(a, b));
}

export function useTableSort<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  initial: TableSort,
): SortedRows<T> {
  const [sort, setSort] = useState(initial);
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);
  return {
    rows: sorted,
    sort,
    onSort: (columnId) =>
      setSort((before) => ({
        column: columnId,
        descending: before.column === columnId ? !before.descending : false,
      })),
  };
}

export function rowsOf<T>(rows: readonly T[]): RowSource<T> {
  return { count: rows.length, at: (index) => rows[index] };
}
