import { Flame, MessageCircleReply, RotateCcw, Skull, TriangleAlert } from 'lucide-react';
import type { DraftRow, ReviewRow } from '../../contract/reviews.ts';
import type { Column } from '../components/data-table.tsx';
import { Badge } from '../components/status.tsx';
import { countOf, formatBytes, formatCount } from '../format/figures.ts';
import { formatLikelihood } from '../format/risk.ts';
import { capitalise, toneOfSeverity } from '../format/words.ts';
import { ageOf, CHANGE_WORDS, describeDue, KEV_WORDS, wordsOfState } from './decide-words.ts';

/** The columns of the list. One more is shown where the patch still has 16rem: what a narrow window leaves out stands in the detail. */
export function columnsOf(draft: ReadonlyMap<string, DraftRow>, now: number): readonly Column<ReviewRow>[] {
  return [
    {
      id: 'state',
      title: 'Decision',
      width: '8.25rem',
      cell: (row) => <State row={row} draft={draft.get(row.patch)} />,
    },
    {
      id: 'package',
      title: 'Patch',
      width: 'minmax(9rem, 2fr)',
      compare: () => 0,
      cell: (row) => <Patch row={row} />,
    },
    { id: 'risk', title: 'Risk', width: '7.5rem', compare: () => 0, cell: (row) => <Risk row={row} /> },
    {
      id: 'cvss',
      title: 'CVSS',
      width: '4.5rem',
      align: 'end',
      fromWidth: 820,
      compare: () => 0,
      cell: (row) => <Score value={row.cvss === null ? null : row.cvss.toFixed(1)} />,
    },
    {
      id: 'epss',
      title: 'EPSS',
      width: '4.5rem',
      align: 'end',
      fromWidth: 892,
      compare: () => 0,
      cell: (row) => <Score value={row.epss === null ? null : formatLikelihood(row.epss)} />,
    },
    {
      id: 'endpoints',
      title: 'Endpoints',
      width: '6rem',
      align: 'end',
      fromWidth: 640,
      compare: () => 0,
      cell: (row) => formatCount(row.endpoints),
    },
    {
      id: 'due',
      title: '14 days',
      width: '6.75rem',
      fromWidth: 748,
      compare: () => 0,
      cell: (row) => {
        const { word, tone } = describeDue(row, now);
        return <span className={row.dueAt === null ? 'soft' : `tone-${tone}`}>{word}</span>;
      },
    },
    {
      id: 'age',
      title: 'Age',
      width: '4.5rem',
      align: 'end',
      fromWidth: 905,
      compare: () => 0,
      cell: (row) => <Score value={ageWord(ageOf(row, now))} />,
    },
    {
      id: 'change',
      title: 'Since last list',
      width: '7.5rem',
      fromWidth: 1030,
      compare: () => 0,
      cell: (row) => <span className="soft">{CHANGE_WORDS[row.change]}</span>,
    },
    {
      id: 'size',
      title: 'Size',
      width: '5.5rem',
      align: 'end',
      fromWidth: 1120,
      compare: () => 0,
      cell: (row) => formatBytes(row.size),
    },
  ];
}

const ageWord = (days: number | null): string | null => (days === null ? null : `${formatCount(days)} d`);

function State(props: { readonly row: ReviewRow; readonly draft: DraftRow | undefined }) {
  const { word, tone, icon: Icon } = wordsOfState(props.row, props.draft);
  return (
    <span className={`status tone-${tone}`}>
      <Icon aria-hidden size={15} />
      {word}
    </span>
  );
}

function Patch(props: { readonly row: ReviewRow }) {
  const { row } = props;
  const fixes = [row.advisories[0], row.cves.length === 0 ? undefined : countOf(row.cves.length, 'CVE')];
  return (
    <div className="decide-patch">
      <span className="decide-line">
        <span className="cell-name">{row.package}</span> <span className="cell-version">{row.version}</span>
      </span>
      <span className="decide-line soft small">
        {fixes.filter((item) => item !== undefined).join(', ') || 'No CVE named'}
        {row.quality?.verdict === 'concern' && (
          <span className="tone-warn">
            {' '}
            <TriangleAlert aria-hidden size={12} /> Provider’s concern
          </span>
        )}
        {row.deferral !== null && (
          <span>
            {' '}
            <RotateCcw aria-hidden size={12} /> Deferred {countOf(row.deferral.times, 'time')}
          </span>
        )}
        {row.answers.length > 0 && (
          <span>
            {' '}
            <MessageCircleReply aria-hidden size={12} /> Answered
          </span>
        )}
      </span>
    </div>
  );
}

function Risk(props: { readonly row: ReviewRow }) {
  const { row } = props;
  if (row.kev === 'ransomware' || row.kev === 'listed') {
    return (
      <span title={KEV_WORDS[row.kev]}>
        <Badge tone="bad" icon={row.kev === 'ransomware' ? Skull : Flame}>
          {row.kev === 'ransomware' ? 'Ransomware' : 'Exploited'}
        </Badge>
      </span>
    );
  }
  if (!row.security) return <span className="soft">Not security</span>;
  return <Badge tone={toneOfSeverity(row.severity)}>{capitalise(row.severity)}</Badge>;
}

function Score(props: { readonly value: string | null }) {
  if (props.value !== null) return <>{props.value}</>;
  return (
    <span className="soft" role="img" aria-label="unknown" title="unknown">
      –
    </span>
  );
}
