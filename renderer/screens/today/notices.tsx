import { ArrowLeft, FileOutput, MailCheck, MessageSquareReply, Printer } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { sayNotice } from '../../../contract/notice-words.ts';
import type { NoticePage, NoticeView } from '../../../contract/notices.ts';
import { AnswerDialog } from '../../components/answer-dialog.tsx';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { FilterChip } from '../../components/fields.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { FailureNote, Loading } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { countOf } from '../../format/figures.ts';
import { placeOf, recipientOf } from '../../format/notices.ts';
import { RACI_ELEMENT_WORDS } from '../../format/raci.ts';
import { useApplication } from '../../stores/context.tsx';
import type { NoticeFilter } from '../../stores/notices-store.ts';
import { holdsRole } from '../../stores/session-store.ts';
import { DropDialog, RecordDialog } from './notice-dialogs.tsx';
import { NoticePages } from './notice-pages.tsx';

const FILTERS: readonly { readonly value: NoticeFilter; readonly label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'untold', label: 'Not told yet' },
  { value: 'unanswered', label: 'Without an answer' },
];

const ROW_HEIGHT = 50;

/** A sentence whole: a cut one would hide how somebody was told. */
const TwoLines = (props: { readonly text: string }) => (
  <span className="notice-cell" title={props.text}>
    {props.text}
  </span>
);

const COLUMNS: readonly Column<NoticeView>[] = [
  { id: 'who', title: 'Who', width: '9rem', cell: (row) => <TwoLines text={recipientOf(row)} /> },
  {
    ...{ id: 'letter', title: 'Letter', width: '5.5rem' },
    cell: (row) => (row.letter === 'C' ? 'C asked' : 'I told'),
  },
  { id: 'what', title: 'Of what', width: 'minmax(14rem, 3fr)', cell: (row) => <TwoLines text={row.text} /> },
  {
    ...{ id: 'element', title: 'Element', width: 'minmax(9rem, 1fr)', fromWidth: 1_250 },
    cell: (row) => RACI_ELEMENT_WORDS[row.element],
  },
  {
    ...{ id: 'how', title: 'How, and what they said', width: 'minmax(14rem, 3fr)' },
    cell: (row) => <TwoLines text={sayNotice(row, formatInstant)} />,
  },
];

/** Who was asked and told of what, and how: the record, and what carries it to those who do not sign in. */
export function NoticesView() {
  const { notices, navigation, session } = useApplication();
  const list = useStore(notices, (state) => state.list);
  const filter = useStore(notices, (state) => state.filter);
  const mayCarry = useStore(session, (state) => holdsRole(state, 'engineer', 'service-manager'));
  const [active, setActive] = useState<string | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [dialog, setDialog] = useState<'record' | 'drop' | 'answer' | null>(null);
  const [pages, setPages] = useState<readonly NoticePage[] | null>(null);
  useEffect(() => void notices.getState().refreshList(), [notices]);
  const rows = list.value ?? [];
  const chosen = rows.filter((row) => selected.has(row.id));
  const ids = chosen.map((row) => row.id);
  const print = useAction(() => notices.getState().print(ids));
  if (pages !== null) {
    return (
      <NoticePages
        pages={pages}
        onHandedOver={() => {
          setPages(null);
          setDialog('record');
        }}
        onClose={() => setPages(null)}
      />
    );
  }
  const toggle = (id: string): void =>
    setSelected((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  const one = chosen.length === 1 && chosen[0]?.letter === 'C' ? chosen[0] : null;
  return (
    <div className="master">
      <ScreenHead
        title="Notices"
        summary="Who was asked and told of what, how, and what they said. Nothing in it is ever changed."
        actions={
          <>
            {mayCarry && (
              <>
                <Button
                  icon={Printer}
                  busy={print.busy}
                  disabled={ids.length === 0}
                  onPress={() => void print.run().then(setPages)}
                >
                  Print
                </Button>
                <Button icon={MailCheck} disabled={ids.length === 0} onPress={() => setDialog('record')}>
                  Handed over
                </Button>
                <Button icon={FileOutput} disabled={ids.length === 0} onPress={() => setDialog('drop')}>
                  Write files
                </Button>
                <Button icon={MessageSquareReply} disabled={one === null} onPress={() => setDialog('answer')}>
                  Write down an answer
                </Button>
              </>
            )}
            <Button icon={ArrowLeft} onPress={() => navigation.getState().openSection('today', 'today')}>
              Back to today
            </Button>
          </>
        }
      />
      <div className="filter-bar">
        {FILTERS.map(({ value, label }) => (
          <FilterChip
            key={value}
            label={label}
            on={filter === value}
            onChange={() => {
              setSelected(new Set());
              void notices.getState().show(value);
            }}
          />
        ))}
        <span className="soft">
          {countOf(rows.length, 'notice')}
          {mayCarry && chosen.length > 0 ? `, ${chosen.length} chosen` : ''}
        </span>
      </div>
      {list.failure !== null && <FailureNote failure={list.failure} />}
      {print.failure !== null && <FailureNote failure={print.failure} what="Nothing was printed" />}
      {list.value === null ? (
        list.failure === null && <Loading what="the notices" />
      ) : (
        <DataTable
          label="Notices"
          columns={COLUMNS}
          rows={{ count: rows.length, at: (index) => rows[index] }}
          keyOf={(row) => row.id}
          activeKey={active}
          activeIndex={rows.findIndex((row) => row.id === active)}
          onActivate={(row) => setActive(row.id)}
          onOpen={(row) => {
            const to = placeOf(row.about);
            navigation.getState().go(to.screen, to.objectId, to.section);
          }}
          {...(mayCarry
            ? {
                selected,
                onToggle: (row: NoticeView) => toggle(row.id),
                onToggleAll: () =>
                  setSelected(selected.size >= rows.length ? new Set() : new Set(rows.map((row) => row.id))),
              }
            : {})}
          rowHeight={ROW_HEIGHT}
          primary
          empty={
            <p className="soft">No notice. The matrix in the settings says who is asked and told of what.</p>
          }
        />
      )}
      {dialog === 'record' && (
        <RecordDialog ids={ids} to={whoToName(chosen)} onClose={() => setDialog(null)} />
      )}
      {dialog === 'drop' && <DropDialog ids={ids} onClose={() => setDialog(null)} />}
      {dialog === 'answer' && one !== null && (
        <AnswerDialog
          ids={[one.id]}
          text={one.text}
          onBehalfOf={recipientOf(one)}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  );
}

/** The one person whom all of them are for. */
function whoToName(chosen: readonly NoticeView[]): string {
  const names = new Set(chosen.map((row) => row.person ?? ''));
  return names.size === 1 ? ([...names][0] ?? '') : '';
}
