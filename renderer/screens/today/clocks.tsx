import type { BundleView } from '../../../contract/catalogue.ts';
import type { ClocksView } from '../../../contract/risk.ts';
import type { EndpointSummary } from '../../../contract/endpoints.ts';
import type { SnapshotView } from '../../../contract/runs.ts';
import { formatAge, formatDuration } from '../../format/dates.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import type { Tone } from '../../format/words.ts';
import { CATALOGUE_DAYS, newestBundleAt } from './reading.ts';

const DAY_MS = 86_400_000;

/** The figures that run down or up by themselves. Each says what it measures and from what. */
export function Clocks(props: {
  readonly endpoints: readonly EndpointSummary[];
  readonly bundles: readonly BundleView[];
  readonly snapshots: readonly SnapshotView[];
  readonly clocks: ClocksView | null;
  readonly now: number;
}) {
  const { endpoints, now } = props;
  const fixes = props.clocks?.fixes.counts ?? null;
  const timed = fixes === null ? 0 : Object.values(fixes).reduce((sum, count) => sum + count, 0);
  const newest = newestBundleAt(props.bundles);
  const leftMs = newest === null ? null : newest + CATALOGUE_DAYS * DAY_MS - now;
  const scanned = endpoints.filter((endpoint) => endpoint.scannedAt !== null);
  const oldest = scanned.map((endpoint) => endpoint.scannedAt ?? '').sort()[0];
  const clear = scanned.filter((endpoint) => endpoint.findings.security === 0).length;
  const kept = props.snapshots.filter((snapshot) => snapshot.deletedAt === null);
  const nextEnd = kept.map((snapshot) => snapshot.keptUntil).sort()[0];
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return (
    <div className="clocks">
      <Clock
        title="No security patch missing"
        figure={
          endpoints.length === 0 ? 'None yet' : `${formatCount(clear)} of ${formatCount(endpoints.length)}`
        }
        detail={endpoints.length === 0 ? 'No endpoint is in the inventory' : 'endpoints, by their last scan'}
        share={share(clear, endpoints.length)}
        tone={clear === endpoints.length ? 'good' : 'warn'}
      />
      <Clock
        title="Catalogue"
        figure={leftMs === null ? 'Empty' : leftMs > 0 ? formatDuration(wholeDays(leftMs)) : 'Too old'}
        detail={
          newest === null
            ? 'No bundle was imported'
            : `left of ${CATALOGUE_DAYS} days; newest bundle made ${formatAge(newest, now)}`
        }
        share={leftMs === null ? 0 : share(Math.max(0, leftMs), CATALOGUE_DAYS * DAY_MS)}
        tone={leftMs === null || leftMs <= 0 ? 'bad' : leftMs < 7 * DAY_MS ? 'warn' : 'good'}
      />
      {fixes !== null && (
        <Clock
          title="Fixes"
          figure={
            fixes.overdue > 0
              ? `${formatCount(fixes.overdue)} overdue`
              : fixes['due-soon'] > 0
                ? `${formatCount(fixes['due-soon'])} due soon`
                : 'On time'
          }
          detail={`${countOf(timed, 'grave fix', 'grave fixes')} missing; 14 days from the vendor's release`}
          share={timed === 0 ? 1 : share(timed - fixes.overdue, timed)}
          tone={fixes.overdue > 0 ? 'bad' : fixes['due-soon'] > 0 ? 'warn' : 'good'}
        />
      )}
      <Clock
        title="Scans"
        figure={oldest === undefined ? 'None yet' : formatAge(oldest, now)}
        detail={
          oldest === undefined
            ? 'No endpoint was scanned'
            : `is the oldest; ${formatCount(scanned.length)} of ${countOf(endpoints.length, 'endpoint')} scanned`
        }
        share={share(scanned.length, endpoints.length)}
        tone={scanned.length === endpoints.length ? 'good' : 'warn'}
      />
      <Clock
        title="Restore points"
        figure={formatCount(kept.length)}
        detail={
          nextEnd === undefined
            ? 'A run takes one before it installs'
            : Date.parse(nextEnd) > now
              ? `kept; the first for ${formatDuration(Date.parse(nextEnd) - now)} more`
              : 'kept; some past their time'
        }
        share={null}
        tone="quiet"
      />
    </div>
  );
}

/** Under a day the hours count, above it they are noise. */
function wholeDays(ms: number): number {
  return ms > DAY_MS ? Math.floor(ms / DAY_MS) * DAY_MS : ms;
}

function Clock(props: {
  readonly title: string;
  readonly figure: string;
  readonly detail: string;
  readonly share: number | null;
  readonly tone: Tone;
}) {
  return (
    <section className="clock">
      <h2>{props.title}</h2>
      <p className="clock-figure">{props.figure}</p>
      <p className="clock-detail">{props.detail}</p>
      {props.share !== null && (
        <div className={`clock-bar tone-${props.tone}`} aria-hidden>
          <div style={{ width: `${Math.round(props.share * 100)}%` }} />
        </div>
      )}
    </section>
  );
}
