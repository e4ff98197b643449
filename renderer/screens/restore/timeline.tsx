import { CircleQuestionMark, History as HistoryIcon, Hourglass, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import type { SnapshotView } from '../../../contract/runs.ts';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { Empty } from '../../components/notes.tsx';
import { rowsOf, useTableSort } from '../../components/table-sort.ts';
import { formatDuration, formatInstant, formatWhen } from '../../format/dates.ts';
import { judgeRestorePoint } from '../../stores/snapshots-store.ts';

interface Span {
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;

/** From the first snapshot to the last end of keeping, so that every bar has its place on one axis. */
export function measureSpan(snapshots: readonly SnapshotView[], now: number): Span {
  const starts = snapshots.map((snapshot) => Date.parse(snapshot.takenAt));
  const ends = snapshots.map((snapshot) => Date.parse(snapshot.keptUntil));
  return { from: Math.min(now - DAY_MS, ...starts), to: Math.max(now + DAY_MS, ...ends) };
}

export function Timeline(props: {
  readonly snapshots: readonly SnapshotView[];
  readonly now: number;
  readonly openId: string | null;
  readonly onOpen: (id: string) => void;
}) {
  const { snapshots, now } = props;
  const columns = useMemo(() => timelineColumns(measureSpan(snapshots, now), now), [snapshots, now]);
  const sorted = useTableSort(snapshots, columns, { column: 'taken', descending: true });
  const rows = useMemo(() => rowsOf(sorted.rows), [sorted.rows]);
  return (
    <DataTable
      label="Restore points"
      columns={columns}
      rows={rows}
      keyOf={(snapshot) => snapshot.id}
      activeKey={props.openId}
      activeIndex={sorted.rows.findIndex((snapshot) => snapshot.id === props.openId)}
      onActivate={(snapshot) => props.onOpen(snapshot.id)}
      onOpen={() => document.querySelector<HTMLElement>('.panel button')?.focus()}
      sort={sorted.sort}
      onSort={sorted.onSort}
      rowHeight={38}
      primary
      empty={<Empty icon={HistoryIcon} title="No restore point fits" />}
    />
  );
}

function timelineColumns(span: Span, now: number): Column<SnapshotView>[] {
  return [
    {
      id: 'endpoint',
      title: 'Endpoint',
      width: 'minmax(7rem, 1fr)',
      compare: (a, b) => a.endpointName.localeCompare(b.endpointName, 'en', { numeric: true }),
      cell: (snapshot) => <span className="cell-name">{snapshot.endpointName}</span>,
    },
    {
      id: 'taken',
      title: 'Taken',
      width: '12rem',
      compare: (a, b) => a.takenAt.localeCompare(b.takenAt),
      cell: (snapshot) => formatWhen(snapshot.takenAt, now),
    },
    {
      id: 'span',
      title: 'Taken, now, kept until',
      width: 'minmax(7.5rem, 2fr)',
      cell: (snapshot) => <SpanBar snapshot={snapshot} span={span} now={now} />,
      fromWidth: 640,
    },
    {
      id: 'kept',
      title: 'Kept for',
      width: '9.5rem',
      compare: (a, b) => a.keptUntil.localeCompare(b.keptUntil),
      cell: (snapshot) => <Countdown snapshot={snapshot} now={now} />,
    },
  ];
}

function SpanBar(props: { readonly snapshot: SnapshotView; readonly span: Span; readonly now: number }) {
  const { snapshot, span, now } = props;
  const place = (time: number): string =>
    `${(((time - span.from) / (span.to - span.from)) * 100).toFixed(2)}%`;
  const width = (from: number, to: number): string =>
    `${(((to - from) / (span.to - span.from)) * 100).toFixed(2)}%`;
  const taken = Date.parse(snapshot.takenAt);
  const until = Date.parse(snapshot.deletedAt ?? snapshot.keptUntil);
  const state = judgeRestorePoint(snapshot, now);
  return (
    <span
      className={`span span-${state}`}
      title={`Taken ${formatInstant(snapshot.takenAt)}, kept until ${formatInstant(snapshot.keptUntil)}`}
      aria-hidden
    >
      <span className="span-bar" style={{ left: place(taken), width: width(taken, until) }} />
      <span className="span-taken" style={{ left: place(taken) }} />
      {snapshot.restoredAt !== null && (
        <span className="span-restored" style={{ left: place(Date.parse(snapshot.restoredAt)) }} />
      )}
      <span className="span-now" style={{ left: place(now) }} />
    </span>
  );
}

function Countdown(props: { readonly snapshot: SnapshotView; readonly now: number }) {
  const { snapshot, now } = props;
  const left = Date.parse(snapshot.keptUntil) - now;
  switch (judgeRestorePoint(snapshot, now)) {
    case 'deleted':
      return (
        <span className="status tone-quiet">
          <Trash2 aria-hidden size={14} />
          Deleted
        </span>
      );
    case 'unproven':
      return (
        <span className="status tone-warn">
          <CircleQuestionMark aria-hidden size={14} />
          Not proven
        </span>
      );
    case 'past-keeping':
      return (
        <span className="status tone-warn">
          <Hourglass aria-hidden size={14} />
          Past its time
        </span>
      );
    case 'ready':
      return <span className={left < DAY_MS ? 'tone-warn figures' : 'figures'}>{formatDuration(left)}</span>;
  }
}
