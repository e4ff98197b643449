import { useEffect, useState, type ReactNode } from 'react';
import type { DraftRow, ReviewPatchDetail, ReviewRow } from '../../contract/reviews.ts';
import { Facts, type Fact } from '../components/facts.tsx';
import { Badge } from '../components/status.tsx';
import { formatDay, formatInstant } from '../format/dates.ts';
import { countOf, formatBytes } from '../format/figures.ts';
import { formatLikelihood } from '../format/risk.ts';
import { capitalise, toneOfSeverity } from '../format/words.ts';
import {
  ageOf,
  CHANGE_WORDS,
  describeDue,
  describeVerdict,
  GROUND_WORDS,
  KEV_WORDS,
  REBOOT_WORDS,
  restartSettings,
  snapshotSettings,
  STANDING_MEANING,
  wordsOfState,
} from './decide-words.ts';

/** Of a name's endpoints, CVEs or packages, so many are drawn; the rest is counted. */
const SHOWN = 100;

/** Everything that is known of the row in hand. */
export function DecideDetail(props: {
  readonly row: ReviewRow;
  readonly draft: DraftRow | undefined;
  readonly now: number;
  readonly detailOf: (patch: string) => Promise<ReviewPatchDetail>;
}) {
  const { row, draft } = props;
  const state = wordsOfState(row, draft);
  const due = describeDue(row, props.now);
  const { detail, failed } = useDetail(row.patch, props.detailOf);
  const age = ageOf(row, props.now);
  const facts: Fact[] = [
    {
      label: 'Severity',
      value: (
        <Badge tone={row.security ? toneOfSeverity(row.severity) : 'quiet'}>
          {row.security ? capitalise(row.severity) : 'Not a security fix'}
        </Badge>
      ),
    },
    { label: 'Exploited', value: KEV_WORDS[row.kev] },
    { label: 'EPSS', value: row.epss === null ? 'unknown' : `${formatLikelihood(row.epss)} in 30 days` },
    { label: 'CVSS', value: row.cvss === null ? 'unknown' : row.cvss.toFixed(1) },
    {
      label: 'Advisories',
      value: row.advisories.length === 0 ? 'None named' : <Many items={row.advisories} />,
    },
    { label: 'CVEs', value: row.cves.length === 0 ? 'None named' : <Many items={row.cves} /> },
    { label: 'Restart', value: <Restart reboot={row.reboot} detail={detail} /> },
    { label: 'Size', value: formatBytes(row.size) },
    {
      label: 'Released',
      value:
        row.releasedAt === null
          ? 'not known'
          : `${formatDay(row.releasedAt)}${age === null ? '' : `, ${countOf(age, 'day')} ago`}`,
    },
    {
      label: '14 days',
      value:
        row.dueAt === null ? (
          due.word
        ) : (
          <span className={`tone-${due.tone}`}>
            until {formatDay(row.dueAt)}, {due.word}
          </span>
        ),
    },
    {
      label: 'Brought by',
      value: row.requested ? 'asked for' : 'another patch of this list that needs it',
    },
    { label: 'Pulls in', value: <PullsIn names={row.pullsIn} /> },
    { label: 'Source', value: `${row.source}, ${row.arch}` },
  ];
  return (
    <>
      <header className="decide-detail-head">
        <h2 className="breakable">{row.package}</h2>
        <p className="cell-version breakable">{row.version}</p>
        <span className={`status tone-${state.tone}`}>
          <state.icon aria-hidden size={15} />
          {draft === undefined ? state.word : describeVerdict(draft)}
        </span>
        {draft !== undefined && draft.control !== '' && (
          <p className="soft small">Protects meanwhile: {draft.control}</p>
        )}
        {row.standing !== 'decide' && <p className="soft small">{STANDING_MEANING[row.standing]}</p>}
      </header>
      <Facts facts={facts} stacked />
      <History row={row} />
      <Part title="The provider’s own check">
        {row.quality === null ? (
          <p className="soft">Nothing was said.</p>
        ) : (
          <p>
            <Badge tone={row.quality.verdict === 'concern' ? 'warn' : 'good'}>
              {row.quality.verdict === 'concern' ? 'Concern' : 'No concern'}
            </Badge>{' '}
            {row.quality.note}{' '}
            <span className="soft">
              {row.quality.by}, {formatInstant(row.quality.at)}
            </span>
          </p>
        )}
      </Part>
      {row.answers.length > 0 && (
        <Part title="Questions and answers">
          {row.answers.map((item, index) => (
            <div key={index} className="decide-answer">
              <p>
                {item.question} <span className="soft">{item.by}</span>
              </p>
              <p>
                {item.answer} <span className="soft">{item.answeredBy}</span>
              </p>
            </div>
          ))}
        </Part>
      )}
      <Part title={countOf(row.endpoints, 'endpoint')}>
        <Endpoints detail={detail} failed={failed} />
      </Part>
    </>
  );
}

/** Packages beyond what was asked for. Where the plan does not say what needs what, neither does the row. */
function PullsIn(props: { readonly names: ReviewRow['pullsIn'] }) {
  if (props.names === null) return 'Not known. “About this list” names all that comes along.';
  return props.names.length === 0 ? 'nothing that was not asked for' : <Many items={props.names} />;
}

function History(props: { readonly row: ReviewRow }) {
  const { change, previous, deferral } = props.row;
  return (
    <Part title="Since the last list">
      <p>
        {CHANGE_WORDS[change]}.
        {previous !== null && (
          <>
            {' '}
            Last: {describeVerdict({ ...previous, until: null })}
            {GROUND_WORDS[previous.by]} ({previous.version}, {formatDay(previous.at)})
          </>
        )}
      </p>
      {deferral !== null && (
        <p>
          Deferred {countOf(deferral.times, 'time')} since {formatDay(deferral.since)}, last until{' '}
          {formatDay(deferral.until)}. The 14 days still count from the first release.
          {deferral.control !== '' && ` Protects meanwhile: ${deferral.control}`}
        </p>
      )}
    </Part>
  );
}

function Part(props: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="decide-part">
      <h3>{props.title}</h3>
      {props.children}
    </section>
  );
}

function Many(props: { readonly items: readonly string[] }) {
  const rest = props.items.length - SHOWN;
  return (
    <span className="breakable">
      {props.items.slice(0, SHOWN).join(', ')}
      {rest > 0 && ` and ${countOf(rest, 'other')}`}
    </span>
  );
}

/** Whether the patch asks for a restart, and on how many of its endpoints one follows by their own setting. */
function Restart(props: { readonly reboot: ReviewRow['reboot']; readonly detail: ReviewPatchDetail | null }) {
  const settings = props.detail === null ? '' : restartSettings(props.detail);
  return (
    <>
      {REBOOT_WORDS[props.reboot]}.{settings !== '' && <span className="soft"> {settings}</span>}
    </>
  );
}

/** Names come when the row is looked at: 1,000 endpoints for each of 50,000 rows would be no list. */
function useDetail(
  patch: string,
  detailOf: (patch: string) => Promise<ReviewPatchDetail>,
): { readonly detail: ReviewPatchDetail | null; readonly failed: string | null } {
  const [read, setRead] = useState<{
    readonly patch: string;
    readonly detail: ReviewPatchDetail | null;
    readonly failed: string | null;
  } | null>(null);
  useEffect(() => {
    let current = true;
    // Passing over rows quickly asks for none of them.
    const timer = setTimeout(() => {
      detailOf(patch).then(
        (detail) => current && setRead({ patch, detail, failed: null }),
        (error: unknown) =>
          current &&
          setRead({ patch, detail: null, failed: error instanceof Error ? error.message : String(error) }),
      );
    }, 60);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [patch, detailOf]);
  return read?.patch === patch ? read : { detail: null, failed: null };
}

function Endpoints(props: { readonly detail: ReviewPatchDetail | null; readonly failed: string | null }) {
  const { detail, failed } = props;
  if (failed !== null) return <p className="field-error">The endpoints cannot be shown: {failed}</p>;
  if (detail === null) return <p className="soft">Reading the endpoints…</p>;
  const rest = detail.endpoints.length - SHOWN;
  return (
    <>
      <p className="soft">{snapshotSettings(detail)}</p>
      <ul className="decide-endpoints">
        {detail.endpoints.slice(0, SHOWN).map((endpoint) => (
          <li key={endpoint.name}>
            <span className="cell-name">{endpoint.name}</span> <span className="soft">{endpoint.group}</span>
            <span className="small">
              <code>{endpoint.from ?? 'not installed'}</code>
            </span>
          </li>
        ))}
        {rest > 0 && <li className="soft">and {countOf(rest, 'other')}</li>}
      </ul>
    </>
  );
}
