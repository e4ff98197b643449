import { useCallback, useEffect, useMemo, useState } from 'react';
import type { OutputOf } from '../../../contract/channels.ts';
import type { Failure } from '../../../contract/errors.ts';
import type { DeskPackView } from '../../../contract/packs.ts';
import type { DraftRow, ReviewRow } from '../../../contract/reviews.ts';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { TextField } from '../../components/fields.tsx';
import { useKeys } from '../../components/keys.tsx';
import { FailureNote, Loading, Note } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { countOf, formatBytes } from '../../format/figures.ts';
import { toneOfSeverity } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';
import { VERDICT_WORDS } from './pack-words.ts';
import { SignAnswer } from './sign-answer.tsx';
import { SiteKey } from './site-key.tsx';

type Sheet = OutputOf<'packs.sheet'>;

/** One pack: whose it is, its patches, and the decision on each. */
export function PackPane(props: { readonly pack: DeskPackView }) {
  const { desk } = useApplication();
  const { pack } = props;
  const [sheet, setSheet] = useState<Sheet | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    let current = true;
    void desk
      .getState()
      .sheet(pack.id)
      .then((reply) => {
        if (!current) return;
        if (reply.ok) setSheet(reply.value);
        setFailure(reply.ok ? null : reply.failure);
      });
    return () => {
      current = false;
    };
    // Read again when a decision was kept, the site's key was compared or the pack was signed.
  }, [desk, pack.id, pack.decided, pack.state, pack.siteKeyState]);
  return (
    <div className="detail scroll">
      <header className="detail-head">
        <div>
          <h2>
            {pack.siteName}
            {pack.marking !== '' && <span className="soft"> {pack.marking}</span>}
          </h2>
          <p className="soft">
            {countOf(pack.patches, 'patch', 'patches')}, sent {formatInstant(pack.createdAt)} by{' '}
            {pack.createdBy}. Decide until {formatInstant(pack.cutOffAt)}.
          </p>
        </div>
      </header>
      <SiteKey pack={pack} />
      {failure !== null && <FailureNote failure={failure} what="The pack can’t be shown" />}
      {sheet === null ? (
        failure === null && <Loading what="the pack" />
      ) : (
        <>
          {sheet.mayNotDecideBecause !== null && pack.state !== 'decided' && (
            <Note tone="warn" title={sheet.mayNotDecideBecause} />
          )}
          <Rows pack={pack} sheet={sheet} onDraft={(draft) => setSheet({ ...sheet, draft })} />
          <SignAnswer pack={pack} />
        </>
      )}
    </div>
  );
}

function Rows(props: {
  readonly pack: DeskPackView;
  readonly sheet: Sheet;
  readonly onDraft: (draft: DraftRow[]) => void;
}) {
  const { desk } = useApplication();
  const { pack, sheet, onDraft } = props;
  const [active, setActive] = useState(0);
  const [onlyOpen, setOnlyOpen] = useState(false);
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const draft = useMemo(() => new Map(sheet.draft.map((item) => [item.patch, item])), [sheet.draft]);
  const rows = onlyOpen ? sheet.rows.filter((row) => !draft.has(row.patch)) : sheet.rows;
  const at = Math.min(active, rows.length - 1);
  const row = rows[at];
  const keep = useAction((item: DraftRow) => desk.getState().draft({ id: pack.id, rows: [item] }));
  const decide = useCallback(
    (patch: string, verdict: DraftRow['verdict'], why: string): void => {
      const item = { patch, verdict, reason: why, until: null, control: '' };
      void keep.run(item).then((kept) => {
        if (kept === null) return;
        onDraft([...sheet.draft.filter((each) => each.patch !== patch), item]);
        setAsking(false);
        setReason('');
        if (!onlyOpen) setActive((before) => Math.min(before + 1, sheet.rows.length - 1));
      });
    },
    [keep, onDraft, onlyOpen, sheet],
  );
  const may = sheet.mayDecide && row !== undefined;
  useKeys(
    {
      a: () => row !== undefined && decide(row.patch, 'approve', ''),
      r: () => setAsking(true),
      Escape: () => setAsking(false),
    },
    may,
  );
  const columns: readonly Column<ReviewRow>[] = [
    {
      id: 'package',
      title: 'Package',
      width: 'minmax(9rem, 2fr)',
      cell: (item) => <strong>{item.package}</strong>,
    },
    {
      id: 'version',
      title: 'Version',
      width: 'minmax(8rem, 2fr)',
      cell: (item) => <code>{item.version}</code>,
    },
    {
      id: 'severity',
      title: 'Severity',
      width: '6.5rem',
      cell: (item) => <span className={`tone-${toneOfSeverity(item.severity)}`}>{item.severity}</span>,
    },
    { id: 'endpoints', title: 'Endpoints', width: '6rem', align: 'end', cell: (item) => item.endpoints },
    {
      id: 'size',
      title: 'Size',
      width: '5.5rem',
      align: 'end',
      fromWidth: 640,
      cell: (item) => formatBytes(item.size),
    },
    {
      id: 'verdict',
      title: 'Decision',
      width: '7rem',
      cell: (item) => {
        const said = draft.get(item.patch);
        if (said === undefined) return <span className="soft">Undecided</span>;
        const { word, tone } = VERDICT_WORDS[said.verdict];
        return <span className={`badge tone-${tone}`}>{word}</span>;
      },
    },
  ];
  const undecided = sheet.rows.length - draft.size;
  return (
    <section>
      <h3>
        {undecided === 0 ? 'Every patch is decided' : `${countOf(undecided, 'patch', 'patches')} undecided`}
      </h3>
      <div className="form-foot form-foot-start">
        <Button
          keyHint="a"
          disabled={!may}
          busy={keep.busy}
          onPress={() => row !== undefined && decide(row.patch, 'approve', '')}
        >
          Approve
        </Button>
        <Button keyHint="r" disabled={!may} onPress={() => setAsking(true)}>
          Reject
        </Button>
        <Button
          disabled={!onlyOpen && undecided === 0}
          onPress={() => {
            setOnlyOpen(!onlyOpen);
            setActive(0);
          }}
        >
          {onlyOpen ? 'Show all' : 'Show the undecided'}
        </Button>
      </div>
      {asking && row !== undefined && (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim() !== '') decide(row.patch, 'reject', reason.trim());
          }}
        >
          <TextField
            label={`Why ${row.package} is rejected`}
            value={reason}
            onChange={setReason}
            autoFocus
            required
          />
          <div className="form-foot">
            <Button onPress={() => setAsking(false)}>Cancel</Button>
            <Button kind="primary" type="submit" disabled={reason.trim() === ''} busy={keep.busy}>
              Reject
            </Button>
          </div>
        </form>
      )}
      {keep.failure !== null && <FailureNote failure={keep.failure} what="The decision was not kept" />}
      <div className="pack-rows">
        <DataTable
          label="Patches of the pack"
          primary
          columns={columns}
          rows={{ count: rows.length, at: (index) => rows[index] }}
          keyOf={(item) => item.patch}
          activeKey={row?.patch ?? null}
          activeIndex={at}
          onActivate={(_item, index) => setActive(index)}
        />
      </div>
      {row !== undefined && (
        <p className="soft">
          {row.package}: {row.cves.length === 0 ? 'no CVE is named' : row.cves.slice(0, 12).join(', ')}.{' '}
          {draft.get(row.patch)?.reason ?? ''}
        </p>
      )}
    </section>
  );
}
