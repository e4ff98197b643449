import { ShieldCheck, ShieldX } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { OutputOf } from '../../../contract/channels.ts';
import type { AuditEntry } from '../../../contract/site.ts';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { SearchField } from '../../components/fields.tsx';
import { FailureNote, Loading, Note } from '../../components/notes.tsx';
import { rowsOf } from '../../components/table-sort.ts';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { countOf, formatCount, shortenDigest } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';

const COLUMNS: readonly Column<AuditEntry>[] = [
  { id: 'seq', title: 'Number', width: '5rem', align: 'end', cell: (entry) => formatCount(entry.seq) },
  { id: 'at', title: 'When', width: '12rem', cell: (entry) => formatInstant(entry.at) },
  { id: 'actor', title: 'Who', width: 'minmax(7rem, 0.7fr)', cell: (entry) => entry.actor },
  { id: 'action', title: 'What', width: 'minmax(9rem, 1fr)', cell: (entry) => <code>{entry.action}</code> },
  {
    id: 'subject',
    title: 'About',
    width: 'minmax(10rem, 2fr)',
    cell: (entry) => <span title={describeSubject(entry)}>{describeSubject(entry)}</span>,
    fromWidth: 700,
  },
  {
    id: 'hash',
    title: 'Hash',
    width: '8rem',
    cell: (entry) => (
      <code className="soft" title={entry.hash}>
        {shortenDigest(entry.hash)}
      </code>
    ),
    fromWidth: 860,
  },
];

function describeSubject(entry: AuditEntry): string {
  return Object.entries(entry.subject)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

const NONE: readonly AuditEntry[] = [];

/** Who did what, in a chain that shows when an entry was changed or taken out. */
export function Audit() {
  const { records } = useApplication();
  const audit = useStore(records, (state) => state.audit);
  const [words, setWords] = useState('');
  const [activeSeq, setActiveSeq] = useState<number | null>(null);
  const [verified, setVerified] = useState<OutputOf<'audit.verify'> | null>(null);
  const verify = useAction(() => records.getState().verifyAudit());
  useEffect(() => void records.getState().readAudit(), [records]);
  const all = audit.value ?? NONE;
  const shown = useMemo(() => {
    const text = words.trim().toLowerCase();
    const newestFirst = [...all].reverse();
    if (text === '') return newestFirst;
    return newestFirst.filter((entry) =>
      `${entry.actor} ${entry.action} ${describeSubject(entry)}`.toLowerCase().includes(text),
    );
  }, [all, words]);
  const rows = useMemo(() => rowsOf(shown), [shown]);
  return (
    <div className="fill audit">
      <div className="filter-bar">
        <SearchField label="Who, what or about what" value={words} onChange={setWords} />
        <Button
          icon={ShieldCheck}
          busy={verify.busy}
          onPress={() => void verify.run().then((value) => setVerified(value))}
        >
          Check the chain
        </Button>
        <span className="filter-count" role="status">
          {countOf(shown.length, 'entry', 'entries')}
        </span>
      </div>
      {verify.failure !== null && (
        <FailureNote failure={verify.failure} what="The chain could not be checked" />
      )}
      {audit.failure !== null && <FailureNote failure={audit.failure} what="The trail could not be read" />}
      {verified !== null &&
        (verified.intact ? (
          <Note tone="good" icon={ShieldCheck}>
            <p>
              Whole: {countOf(verified.entries, 'entry', 'entries')}, each vouching for the one before it.
            </p>
          </Note>
        ) : (
          <Note tone="bad" icon={ShieldX} title="The chain is broken">
            <p>
              Entry {verified.firstBroken ?? '?'} does not fit the one before it. Keep this machine as it is
              and tell your security officer.
            </p>
          </Note>
        ))}
      {audit.value === null ? (
        audit.failure === null && <Loading what="the audit trail" />
      ) : (
        <DataTable
          label="Audit trail"
          columns={COLUMNS}
          rows={rows}
          keyOf={(entry) => String(entry.seq)}
          activeKey={activeSeq === null ? null : String(activeSeq)}
          activeIndex={shown.findIndex((entry) => entry.seq === activeSeq)}
          onActivate={(entry) => setActiveSeq(entry.seq)}
          rowHeight={30}
          primary
          empty={<p className="soft">No entry fits.</p>}
        />
      )}
    </div>
  );
}
