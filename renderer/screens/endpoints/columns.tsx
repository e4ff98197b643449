import { CircleAlert, KeyRound, RotateCw } from 'lucide-react';
import type { EndpointSummary } from '../../../contract/endpoints.ts';
import type { Column } from '../../components/data-table.tsx';
import { Status } from '../../components/status.tsx';
import { formatWhen, formatWhenInside } from '../../format/dates.ts';
import { formatCount } from '../../format/figures.ts';

const byText =
  (read: (row: EndpointSummary) => string) =>
  (a: EndpointSummary, b: EndpointSummary): number =>
    read(a).localeCompare(read(b), 'en', { numeric: true });
const byNumber =
  (read: (row: EndpointSummary) => number) =>
  (a: EndpointSummary, b: EndpointSummary): number =>
    read(a) - read(b);

/** `Debian GNU/Linux 12 (bookworm)` is long and the same in every row: the table needs `Debian 12`. */
export function shortenPlatform(platform: string): string {
  return platform.replace(/ GNU\/Linux/, '').replace(/ \([^)]*\)$/, '');
}

export function endpointColumns(now: number): Column<EndpointSummary>[] {
  return [
    {
      id: 'name',
      title: 'Name',
      width: 'minmax(9rem, 1.6fr)',
      compare: byText((row) => row.name),
      cell: (row) => <span className="cell-name">{row.name}</span>,
    },
    {
      id: 'group',
      title: 'Group',
      width: 'minmax(6rem, 1fr)',
      compare: byText((row) => row.group),
      cell: (row) => row.group,
      fromWidth: 770,
    },
    {
      id: 'platform',
      title: 'Platform',
      width: 'minmax(6rem, 0.9fr)',
      compare: byText((row) => row.platform ?? ''),
      cell: (row) =>
        row.platform === null ? (
          <span className="soft">Not known</span>
        ) : (
          <span title={row.platform}>{shortenPlatform(row.platform)}</span>
        ),
      fromWidth: 990,
    },
    {
      id: 'security',
      title: 'Security',
      width: '5.25rem',
      align: 'end',
      compare: byNumber((row) => (row.scannedAt === null ? -1 : row.findings.security)),
      cell: (row) => <FindingCount row={row} count={row.findings.security} loud />,
    },
    {
      id: 'findings',
      title: 'Findings',
      width: '5.25rem',
      align: 'end',
      compare: byNumber((row) => (row.scannedAt === null ? -1 : row.findings.total)),
      cell: (row) => <FindingCount row={row} count={row.findings.total} />,
      fromWidth: 480,
    },
    {
      id: 'scanned',
      title: 'Last scan',
      width: 'minmax(9.5rem, 1.1fr)',
      compare: byText((row) => row.scannedAt ?? ''),
      cell: (row) => <LastScan row={row} now={now} />,
    },
    {
      id: 'outcome',
      title: 'Last outcome',
      width: '8.5rem',
      compare: byText((row) => row.lastOutcome?.outcome ?? ''),
      cell: (row) => (row.lastOutcome === null ? null : <Status state={row.lastOutcome.outcome} />),
      fromWidth: 640,
    },
    {
      id: 'reboot',
      title: 'Reboot',
      width: '6.5rem',
      compare: byNumber((row) => Number(row.rebootRequired)),
      cell: (row) =>
        row.rebootRequired ? (
          <span className="status tone-warn">
            <RotateCw aria-hidden size={14} />
            Required
          </span>
        ) : null,
      fromWidth: 870,
    },
  ];
}

function FindingCount(props: {
  readonly row: EndpointSummary;
  readonly count: number;
  readonly loud?: boolean;
}) {
  if (props.row.scannedAt === null) return <span className="soft">-</span>;
  if (props.count === 0) return <span className="soft">0</span>;
  return <span className={props.loud === true ? 'count-loud' : undefined}>{formatCount(props.count)}</span>;
}

function LastScan(props: { readonly row: EndpointSummary; readonly now: number }) {
  const { row, now } = props;
  if (row.hostKey === null) {
    return (
      <span className="status tone-warn">
        <KeyRound aria-hidden size={14} />
        Host key not pinned
      </span>
    );
  }
  if (row.scanFailure !== null) {
    return (
      <span className="status tone-bad" title={`${row.scanFailure.code}: ${row.scanFailure.message}`}>
        <CircleAlert aria-hidden size={14} />
        Failed {formatWhenInside(row.scanFailure.at, now)}
      </span>
    );
  }
  if (row.scannedAt === null) return <span className="soft">Never</span>;
  return <span>{formatWhen(row.scannedAt, now)}</span>;
}
