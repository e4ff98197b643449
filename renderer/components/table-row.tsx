import { Check } from 'lucide-react';
import { memo, type ReactNode } from 'react';

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

export interface RowActions<T> {
  readonly activate: (row: T, index: number) => void;
  readonly open: (row: T) => void;
  readonly toggle: (row: T) => void;
}

interface TableRowProps<T> {
  readonly id: string;
  readonly index: number;
  readonly row: T | undefined;
  readonly columns: readonly Column<T>[];
  readonly template: string;
  /** Pixels from the top of the body, and of the row itself. */
  readonly top: number;
  readonly height: number;
  readonly active: boolean;
  readonly selected: boolean;
  readonly selectable: boolean;
  /** The same object for as long as the table lives. */
  readonly on: RowActions<T>;
}

/** Drawn again only when something of it changed: scrolling by a row draws one. */
export const TableRow = memo(function TableRow<T>(props: TableRowProps<T>) {
  const { row, index, columns, active, selected, selectable, on } = props;
  return (
    <div
      id={props.id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selectable ? selected : active}
      className="table-row"
      data-active={active || undefined}
      data-selected={selected || undefined}
      style={{
        gridTemplateColumns: props.template,
        height: props.height,
        transform: `translateY(${props.top}px)`,
      }}
      onClick={() => {
        if (row !== undefined) on.activate(row, index);
      }}
      onDoubleClick={() => {
        if (row !== undefined) on.open(row);
      }}
    >
      {selectable && (
        <div
          role="gridcell"
          className="table-cell"
          onClick={(event) => {
            event.stopPropagation();
            if (row !== undefined) on.toggle(row);
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
}) as <T>(props: TableRowProps<T>) => ReactNode;
