import { SINGLE_OPERATOR } from '../../contract/declaration.ts';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReviewHead } from '../../contract/reviews.ts';
import { Digest, Facts } from '../components/facts.tsx';
import { Badge } from '../components/status.tsx';
import { formatDuration, formatInstant, formatZone } from '../format/dates.ts';
import { countOf, formatCount } from '../format/figures.ts';

const GONE_SHOWN = 200;

/** What the list is: whose, until when, on which rules, what changed and where it comes from. */
export function DecideHead(props: { readonly head: ReviewHead; readonly now: () => number }) {
  const { head } = props;
  const [open, setOpen] = useState(false);
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <header className="decide-head">
      <div className="decide-head-line">
        {head.marking !== '' && <Badge tone="quiet">{head.marking}</Badge>}
        <strong>{head.siteName}</strong>
        {head.customer !== '' && <span>for {head.customer}</span>}
        <CutOff cutOffAt={head.cutOffAt} now={props.now} />
        <span className="soft">{formatCount(head.approvers)} must approve</span>
        {head.singleOperator && <Badge tone="warn">{SINGLE_OPERATOR}</Badge>}
        <span className="spacer" />
        <button
          type="button"
          className="decide-more"
          aria-expanded={open}
          onClick={() => setOpen((before) => !before)}
        >
          <Chevron aria-hidden size={14} />
          About this list
        </button>
      </div>
      {open && <HeadDetail head={head} />}
    </header>
  );
}

/** Counts down by the minute, in the last hour by the second. */
function CutOff(props: { readonly cutOffAt: string; readonly now: () => number }) {
  const { cutOffAt, now } = props;
  const [at, setAt] = useState(now);
  const left = Date.parse(cutOffAt) - at;
  const every = left > 0 && left < 3_600_000 ? 1_000 : 20_000;
  useEffect(() => {
    const timer = setInterval(() => setAt(now()), every);
    return () => clearInterval(timer);
  }, [now, every]);
  const tone = left <= 0 ? 'bad' : left < 86_400_000 ? 'warn' : 'accent';
  return (
    <span className={`tone-${tone}`} title={`${formatInstant(cutOffAt)} ${formatZone(at)}`}>
      {left <= 0 ? (
        <>The cut-off passed on {formatInstant(cutOffAt)}</>
      ) : (
        <>
          Cut-off {formatInstant(cutOffAt)}, <strong>{formatDuration(left)} left</strong>
        </>
      )}
    </span>
  );
}

const MODES = {
  'opt-in': 'Opt-in: nothing without a yes',
  'opt-out': 'Opt-out: silence at the cut-off means yes',
  default: 'No policy signed: nothing without a yes',
} as const;

function HeadDetail(props: { readonly head: ReviewHead }) {
  const { head } = props;
  return (
    <div className="decide-about scroll" tabIndex={0} role="region" aria-label="About this list">
      <section>
        <h2>Patch groups</h2>
        {head.groups.length === 0 ? (
          <p className="soft">The list names no groups.</p>
        ) : (
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">Group</th>
                <th scope="col">Policy</th>
                <th scope="col">Approvers</th>
                <th scope="col">Endpoints</th>
                <th scope="col">Exclusions</th>
                <th scope="col">Standing approvals</th>
              </tr>
            </thead>
            <tbody>
              {head.groups.map((group) => (
                <tr key={group.name}>
                  <td>{group.name}</td>
                  <td>{MODES[group.mode]}</td>
                  <td>{formatCount(group.approvers)}</td>
                  <td>{formatCount(group.endpoints)}</td>
                  <td>{formatCount(group.exclusions)}</td>
                  <td>{formatCount(group.standing)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section>
        <h2>Since the last list</h2>
        {head.diff === null ? (
          <p className="soft">
            No earlier list of these groups was approved: there is nothing to compare with.
          </p>
        ) : (
          <>
            <p>
              Beside the list of {formatInstant(head.diff.sinceAt)}: {formatCount(head.diff.new)} new,{' '}
              {formatCount(head.diff.newer)} in a newer version, {formatCount(head.diff.again)} again,{' '}
              {formatCount(head.diff.gone.length)} gone.
            </p>
            {head.diff.gone.length > 0 && (
              <p className="soft small breakable">
                Gone:{' '}
                {head.diff.gone
                  .slice(0, GONE_SHOWN)
                  .map((item) => `${item.package} ${item.version}`)
                  .join(', ')}
                {head.diff.gone.length > GONE_SHOWN &&
                  ` and ${countOf(head.diff.gone.length - GONE_SHOWN, 'other')}`}
              </p>
            )}
          </>
        )}
      </section>
      <section>
        <h2>Where it comes from</h2>
        <Facts
          facts={[
            { label: 'Made', value: `${formatInstant(head.createdAt)} by ${head.createdBy}` },
            ...head.evidence.map((item) => ({ label: item.label, value: item.text })),
          ]}
        />
      </section>
      <section>
        <h2>Digests</h2>
        <p className="soft small">Of this list</p>
        <Digest digest={head.sha256} label="Digest of this list" />
        <p className="soft small">Of the plan that it is about</p>
        <Digest digest={head.planDigest} label="Digest of the plan" />
      </section>
    </div>
  );
}
