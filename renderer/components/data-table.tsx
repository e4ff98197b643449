import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, Check } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useKeys } from './keys.tsx';
import { RowSlots } from './row-slots.ts';
import { TableRow, type Column, type RowActions } from './table-row.tsx';
import type { TableSort } from './table-sort.ts';

export type { Column };

/** Rows by index. `undefined`: on its way. */
export interface RowSource<T> {
  readonly count: number;
  readonly at: (index: number) => T | undefined;
}

interface DataTableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: RowSource<T>;
  readonly keyOf: (row: T) => string;
  readonly activeKey: string | null;
  readonly activeIndex: number;
  readonly onActivate: (row: T, index: number) => void;
  readonly onOpen?: (row: T) => void;
  readonly selected?: ReadonlySet<string>;
  readonly onToggle?: (row: T) => void;
  readonly onToggleAll?: () => void;
  readonly sort?: TableSort;
  readonly onSort?: (columnId: string) => void;
  readonly onRange?: (first: number, last: number) => void;
  readonly rowHeight?: number;
  /** The table that `j`, `k` and `x` move in on this screen. */
  readonly primary?: boolean;
  readonly empty?: ReactNode;
}

const HEAD_HEIGHT = 32;
/** Rows drawn above and below those in sight. Each costs its layout in every frame of a scroll. */
const OVERSCAN = 3;

function useWidth(): [(element: HTMLElement | null) => void, number, HTMLElement | null] {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (element === null || typeof ResizeObserver === 'undefined') return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width, element];
}

/**
 * A grid of any length: only the rows in sight are in the document, the active one always. One stop for Tab; the arrow
 * keys move the active row, which a screen reader follows through aria-activedescendant.
 */
export function DataTable<T>(props: DataTableProps<T>) {
  const { rows, activeIndex, rowHeight = 34 } = props;
  const gridId = useId();
  const [setGrid, width, grid] = useWidth();
  const { onRange } = props;
  const selectable = props.selected !== undefined;
  const columns = useMemo(
    () => props.columns.filter((column) => width === 0 || (column.fromWidth ?? 0) <= width),
    [props.columns, width],
  );
  const template = `${selectable ? '2.25rem ' : ''}${columns.map((column) => column.width).join(' ')}`;
  const virtualizer = useVirtualizer({
    count: rows.count,
    getScrollElement: () => grid,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollPaddingEnd: HEAD_HEIGHT,
    rangeExtractor: (range) => {
      const indexes = defaultRangeExtractor(range);
      return activeIndex >= 0 && activeIndex < rows.count && !indexes.includes(activeIndex)
        ? [...indexes, activeIndex].sort((a, b) => a - b)
        : indexes;
    },
  });
  const items = virtualizer.getVirtualItems();
  const first = virtualizer.range?.startIndex ?? 0;
  const last = virtualizer.range?.endIndex ?? 0;
  const inRange = (index: number): boolean => index >= first - OVERSCAN && index <= last + OVERSCAN;
  const [slots] = useState(() => new RowSlots());
  slots.show(first - OVERSCAN, last + OVERSCAN);
  const on = useRowActions(props);
  useEffect(() => onRange?.(first, last), [onRange, first, last]);

  // The active row comes into sight when it was chosen elsewhere (palette, a link) or moved by a key.
  const seen = useRef(-1);
  useEffect(() => {
    if (activeIndex < 0 || seen.current === activeIndex || grid === null) return;
    seen.current = activeIndex;
    virtualizer.scrollToIndex(activeIndex, { align: 'auto' });
  }, [activeIndex, grid, virtualizer]);

  const activate = (index: number): void => {
    const to = Math.max(0, Math.min(rows.count - 1, index));
    const row = rows.at(to);
    virtualizer.scrollToIndex(to, { align: 'auto' });
    if (row !== undefined) props.onActivate(row, to);
  };
  const toggle = (): void => {
    const row = activeIndex < 0 ? undefined : rows.at(activeIndex);
    if (row !== undefined) props.onToggle?.(row);
  };
  const pageSize = Math.max(1, Math.floor(((grid?.clientHeight ?? 400) - HEAD_HEIGHT) / rowHeight) - 1);
  useKeys(
    { j: () => activate(activeIndex + 1), k: () => activate(activeIndex - 1), x: toggle },
    props.primary === true,
  );
  const moves: Readonly<Record<string, () => void>> = {
    ArrowDown: () => activate(activeIndex + 1),
    ArrowUp: () => activate(activeIndex - 1),
    PageDown: () => activate(activeIndex + pageSize),
    PageUp: () => activate(activeIndex - pageSize),
    Home: () => activate(0),
    End: () => activate(rows.count - 1),
    ' ': toggle,
    Enter: () => {
      const row = activeIndex < 0 ? undefined : rows.at(activeIndex);
      if (row !== undefined) props.onOpen?.(row);
    },
  };
  const allSelected = selectable && rows.count > 0 && props.selected.size >= rows.count;
  const activeShown = items.some((item) => item.index === activeIndex);

  return (
    <div
      ref={setGrid}
      className="table"
      role="grid"
      aria-label={props.label}
      aria-rowcount={rows.count + 1}
      aria-colcount={columns.length + (selectable ? 1 : 0)}
      aria-multiselectable={selectable}
      tabIndex={0}
      {...(activeShown ? { 'aria-activedescendant': `${gridId}-${activeIndex}` } : {})}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        if (selectable && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
          event.preventDefault();
          props.onToggleAll?.();
          return;
        }
        const move = event.ctrlKey || event.altKey || event.metaKey ? undefined : moves[event.key];
        if (move === undefined) return;
        event.preventDefault();
        move();
      }}
    >
      <div role="rowgroup" className="table-head">
        <div role="row" aria-rowindex={1} className="table-row" style={{ gridTemplateColumns: template }}>
          {selectable && (
            <div role="columnheader" className="table-cell">
              <button
                type="button"
                className="tick"
                role="checkbox"
                aria-label="Select all that are shown"
                aria-checked={allSelected ? true : props.selected.size > 0 ? 'mixed' : false}
                onClick={() => props.onToggleAll?.()}
              >
                <Check size={12} strokeWidth={3} aria-hidden />
              </button>
            </div>
          )}
          {columns.map((column) => (
            <ColumnHead
              key={column.id}
              column={column}
              sort={props.sort}
              {...(props.onSort === undefined ? {} : { onSort: props.onSort })}
            />
          ))}
        </div>
      </div>
      {rows.count === 0 ? (
        <div className="table-empty">{props.empty}</div>
      ) : (
        <div role="rowgroup" className="table-body" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const row = rows.at(item.index);
            const key = row === undefined ? null : props.keyOf(row);
            return (
              <TableRow
                key={inRange(item.index) ? slots.of(item.index) : 'active'}
                id={`${gridId}-${item.index}`}
                index={item.index}
                row={row}
                columns={columns}
                template={template}
                top={item.start}
                height={rowHeight}
                active={key !== null && key === props.activeKey}
                selected={key !== null && (props.selected?.has(key) ?? false)}
                selectable={selectable}
                on={on}
              />
            );
          })}
        </div>
      )}
    </div>
  );
}

/** The actions of a table under one identity, whatever it was drawn with last. */
function useRowActions<T>(props: DataTableProps<T>): RowActions<T> {
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  return useMemo(
    () => ({
      activate: (row, index) => latest.current.onActivate(row, index),
      open: (row) => latest.current.onOpen?.(row),
      toggle: (row) => latest.current.onToggle?.(row),
    }),
    [],
  );
}

function ColumnHead<T>(props: {
  readonly column: Column<T>;
  readonly sort: TableSort | undefined;
  readonly onSort?: (columnId: string) => void;
}) {
  const { column, sort, onSort } = props;
  const className = column.align === 'end' ? 'table-cell cell-end' : 'table-cell';
  if (column.compare === undefined || onSort === undefined) {
    return (
      <div role="columnheader" className={className}>
        <span className="cell-title">{column.title}</span>
      </div>
    );
  }
  const sorted = sort?.column === column.id;
  const direction = sorted ? (sort.descending ? 'descending' : 'ascending') : 'none';
  const Arrow = sorted && sort.descending ? ArrowDown : ArrowUp;
  return (
    <div role="columnheader" className={className} aria-sort={direction}>
      <button
        type="button"
        className="sort"
        tabIndex={-1}
        data-sorted={sorted || undefined}
        onClick={() => onSort(column.id)}
      >
        {column.title}
        <Arrow size={12} aria-hidden />
      </button>
    </div>
  );
}
