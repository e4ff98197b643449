import { CalendarClock } from 'lucide-react';
import { useStore } from 'zustand';
import type { CurrencyView, FixView } from '../../../contract/risk.ts';
import type { ClockState } from '../../../contract/vocabulary.ts';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { RiskBadge } from '../../components/risk.tsx';
import { Badge } from '../../components/status.tsx';
import { rowsOf } from '../../components/table-sort.ts';
import { formatDay, formatDuration } from '../../format/dates.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { CLOCK_ADVICE_WORDS, CLOCK_STATE_WORDS, describeFeed, nameRelease } from '../../format/risk.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { useState } from 'react';

function StateBadge(props: { readonly state: ClockState }) {
  const { word, tone } = CLOCK_STATE_WORDS[props.state];
  return <Badge tone={tone}>{word}</Badge>;
}

const COLUMNS: readonly Column<FixView>[] = [
  { id: 'state', title: 'State', width: '6rem', cell: (row) => <StateBadge state={row.state} /> },
  {
    id: 'package',
    title: 'Patch',
    width: 'minmax(9rem, 1.4fr)',
    cell: (row) => (
      <span className="cell-name">
        {row.package} <span className="mono soft">{row.version}</span>
      </span>
    ),
  },
  {
    id: 'risk',
    title: 'Risk',
    width: '8rem',
    cell: (row) => <RiskBadge risk={row.risk} severity={row.severity} />,
  },
  {
    id: 'due',
    title: 'Fix by',
    width: '10rem',
    cell: (row) => (row.dueAt === null ? 'Not known' : formatDay(row.dueAt)),
  },
  {
    id: 'endpoints',
    title: 'Needed by',
    width: '5.75rem',
    align: 'end',
    cell: (row) => formatCount(row.endpoints),
    fromWidth: 640,
  },
  {
    id: 'advice',
    title: 'What to do',
    width: 'minmax(10rem, 1fr)',
    cell: (row) => CLOCK_ADVICE_WORDS[row.advice],
    fromWidth: 760,
  },
];

/** What is due: the catalogue within 30 days of its vendors, grave fixes within 14, and how old the judgement's data is. */
export function Due() {
  const { catalogue } = useApplication();
  const now = useNow(60_000);
  const clocks = useStore(catalogue, (state) => state.clocks);
  const [active, setActive] = useState<{ readonly id: number; readonly index: number } | null>(null);
  if (clocks.value === null) {
    return clocks.failure === null ? (
      <Loading what="what is due" />
    ) : (
      <FailureNote failure={clocks.failure} />
    );
  }
  const { currency, fixes, feeds } = clocks.value;
  return (
    <div className="master due">
      <div className="due-heads">
        <section aria-labelledby="due-currency">
          <h2 id="due-currency">Catalogue, within 30 days</h2>
          {currency.length === 0 ? (
            <p className="soft">No bundle was imported yet.</p>
          ) : (
            <ul className="due-list">
              {currency.map((row) => (
                <CurrencyItem key={`${row.distribution}${row.codename}`} row={row} now={now} />
              ))}
            </ul>
          )}
        </section>
        <section aria-labelledby="due-feeds">
          <h2 id="due-feeds">Risk data</h2>
          <ul className="due-list">
            {feeds.map((feed) => {
              const { name, age, tone } = describeFeed(feed);
              return (
                <li key={feed.feed}>
                  <div className="object-line">
                    <span>{name}</span>
                    <Badge tone={tone}>{age}</Badge>
                  </div>
                </li>
              );
            })}
          </ul>
        </section>
      </div>
      <h2 className="due-title">
        Fixes, within 14 days{' '}
        <span className="soft">
          {countOf(fixes.counts.overdue, 'is overdue', 'are overdue')},{' '}
          {formatCount(fixes.counts['due-soon'])} due soon, {formatCount(fixes.counts.running)} with time left
        </span>
      </h2>
      <DataTable
        label="Fixes that are due"
        columns={COLUMNS}
        rows={rowsOf(fixes.first)}
        keyOf={(row) => String(row.patchId)}
        activeKey={active === null ? null : String(active.id)}
        activeIndex={active?.index ?? -1}
        onActivate={(row, index) => setActive({ id: row.patchId, index })}
        primary
        empty={
          <Empty icon={CalendarClock} title="Nothing is due">
            <p>No endpoint lacks a fix that is critical, high, CVSS 7.0 or more, or of unstated severity.</p>
          </Empty>
        }
      />
    </div>
  );
}

function CurrencyItem(props: { readonly row: CurrencyView; readonly now: number }) {
  const { row, now } = props;
  const left = Date.parse(row.dueAt) - now;
  return (
    <li>
      <div className="object-line">
        <strong>{nameRelease(row)}</strong>
        <StateBadge state={row.state} />
      </div>
      <div className="soft">
        Released {formatDay(row.releasedAt)}
        {row.expectedAt !== null && `; by the calendar ${formatDay(row.expectedAt)}`}
        {left > 0 ? `; ${formatDuration(left)} left` : `; since ${formatDay(row.dueAt)} too old`}
      </div>
      {row.advice !== 'nothing' && <div>{CLOCK_ADVICE_WORDS[row.advice]}</div>}
    </li>
  );
}
