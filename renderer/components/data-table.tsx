import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, Check } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useKeys } from './keys.tsx';
import type { TableSort } from './table-sort.ts';

export interface Column<T> {
  readonly id: string;
  readonly title: string;
  /** A track of a CSS grid: `minmax(10rem, 2fr)`, `6rem`. */
  readonly width: string;
  readonly align?: 'end';
  readonly compare?: (a: T, b: T) => number;
  readonly cell: (row: T) => ReactNode;
  /** Left out while the table is narrower than so many pixels. */
  readonly fromWidth?: number;
}

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
    overscan: 12,
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
            const active = key !== null && key === props.activeKey;
            const selected = key !== null && (props.selected?.has(key) ?? false);
            return (
              <div
                key={item.key}
                id={`${gridId}-${item.index}`}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={selectable ? selected : active}
                className="table-row"
                data-active={active || undefined}
                data-selected={selected || undefined}
                style={{
                  gridTemplateColumns: template,
                  height: rowHeight,
                  transform: `translateY(${item.start}px)`,
                }}
                onClick={() => {
                  if (row !== undefined) props.onActivate(row, item.index);
                }}
                onDoubleClick={() => {
                  if (row !== undefined) props.onOpen?.(row);
                }}
              >
                {selectable && (
                  <div
                    role="gridcell"
                    className="table-cell"
                    onClick={(event) => {
                      event.stopPropagation();
                      if (row !== undefined) props.onToggle?.(row);
                    }}
                  >
                    <span className="tick" data-on={selected || undefined} aria-hidden>
                      <Check size={12} strokeWidth={3} />
                    </span>
                  </div>
                )}
                {columns.map((column) => (
                  <div
                    key={column.id}
                    role="gridcell"
                    className={column.align === 'end' ? 'table-cell cell-end' : 'table-cell'}
                  >
                    {row === undefined ? <span className="cell-waiting" /> : column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      )}
    </div>
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
