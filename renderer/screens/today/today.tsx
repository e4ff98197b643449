import {
  ArrowRight,
  CircleCheck,
  Hand,
  Inbox,
  KeyRound,
  Library,
  Mail,
  Play,
  Server,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import { useMemo } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { useStore } from 'zustand';
import type { RunSummary } from '../../../contract/runs.ts';
import { Button } from '../../components/button.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Status } from '../../components/status.tsx';
import { formatAge, formatDay, formatDuration, formatWhen } from '../../format/dates.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { TASK_STATE_ORDER, type Tone } from '../../format/words.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { sortRuns } from '../../stores/runs-store.ts';
import { Clocks } from './clocks.tsx';
import { NoticesView } from './notices.tsx';
import { findConcerns, findNextStep, findWaiting, type Destination, type SiteReading } from './reading.ts';
import { WaitingList } from './waiting-list.tsx';

const ICONS: Readonly<Record<Destination['screen'], LucideIcon>> = {
  today: CircleCheck,
  endpoints: Server,
  catalogue: Library,
  approvals: Inbox,
  runs: Play,
  restore: Hand,
  incidents: TriangleAlert,
  settings: KeyRound,
};

export function TodayScreen() {
  const { navigation } = useApplication();
  const section = useStore(navigation, (state) => state.section.today);
  return section === 'notices' ? <NoticesView /> : <Today />;
}

/** What waits, whether anything is wrong, and what happens next: within three seconds. */
function Today() {
  const application = useApplication();
  const now = useNow(60_000);
  const site = useStore(application.session, (state) => state.site.value);
  const endpoints = useStore(application.endpoints, (state) => state.list.value);
  const approvals = useStore(application.approvals, (state) => state.approvals.value);
  const plans = useStore(application.approvals, (state) => state.plans.value);
  const queue = useStore(application.approvals, (state) => state.queue.value);
  const runs = useStore(application.runs, (state) => state.list.value);
  const incidents = useStore(application.records, (state) => state.incidents.value);
  const hypervisors = useStore(application.records, (state) => state.hypervisors.value);
  const bundles = useStore(application.catalogue, (state) => state.bundles.value);
  const clocks = useStore(application.catalogue, (state) => state.clocks.value);
  const snapshots = useStore(application.snapshots, (state) => state.list.value);
  const reading: SiteReading | null = useMemo(
    () =>
      site === null || endpoints === null || approvals === null || plans === null || runs === null
        ? null
        : {
            roles: site.signedIn?.roles ?? [],
            endpoints,
            approvals,
            plans,
            queue: queue ?? [],
            runs,
            incidents: incidents ?? [],
            hypervisors: hypervisors ?? [],
            bundles: bundles ?? [],
            now,
          },
    [site, endpoints, approvals, plans, queue, runs, incidents, hypervisors, bundles, now],
  );
  const { go } = application.navigation.getState();
  if (reading === null) return null;
  const waiting = findWaiting(reading);
  const concerns = findConcerns(reading);
  const next = findNextStep(reading);
  const latest = sortRuns(reading.runs).slice(0, 5);
  return (
    <>
      <ScreenHead
        title="Today"
        summary={`${formatDay(now)}. ${
          concerns.length === 0
            ? 'Nothing is wrong.'
            : `${countOf(concerns.length, 'thing needs', 'things need')} a look.`
        }`}
        actions={
          <Button icon={Mail} onPress={() => go('today', undefined, 'notices')}>
            Notices
          </Button>
        }
      />
      <div className="today">
        <div className="today-next">
          <div>
            <h2>Next</h2>
            <p className="today-next-text">{next.text}</p>
          </div>
          <Button
            kind="primary"
            icon={ArrowRight}
            onPress={() => go(next.to.screen, next.to.objectId, next.to.section)}
          >
            {next.action}
          </Button>
        </div>
        <Clocks
          endpoints={reading.endpoints}
          bundles={reading.bundles}
          snapshots={snapshots ?? []}
          clocks={clocks}
          now={now}
        />
        <WaitingList others={waiting} now={now} />
        <TodayList
          title="Is anything wrong"
          none="Nothing is wrong that Sallyport knows of."
          entries={concerns}
        />
        <section className="card today-runs">
          <h2>Last outcomes</h2>
          {latest.length === 0 ? (
            <p className="today-none">No run yet. A run starts from an approved plan.</p>
          ) : (
            <ul>
              {latest.map((run) => (
                <li key={run.id}>
                  <RunLine run={run} now={now} onPress={() => go('runs', run.id)} />
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </>
  );
}

interface Entry {
  readonly text: string;
  readonly detail: string;
  readonly to: Destination;
  readonly tone: Tone;
}

function TodayList(props: {
  readonly title: string;
  readonly none: string;
  readonly entries: readonly Entry[];
}) {
  const { navigation } = useApplication();
  return (
    <section className="card">
      <h2>
        {props.title}
        {props.entries.length > 0 && <span className="card-count">{formatCount(props.entries.length)}</span>}
      </h2>
      {props.entries.length === 0 ? (
        <p className="today-none">
          <CircleCheck aria-hidden size={16} className="tone-good" /> {props.none}
        </p>
      ) : (
        <ul>
          {props.entries.map((entry) => {
            const Icon = ICONS[entry.to.screen];
            return (
              <li key={`${entry.text}${entry.detail}`}>
                <AriaButton
                  className="today-entry"
                  onPress={() =>
                    navigation.getState().go(entry.to.screen, entry.to.objectId, entry.to.section)
                  }
                >
                  <Icon aria-hidden size={16} className={`tone-${entry.tone}`} />
                  <span className="today-entry-text">
                    <span>{entry.text}</span>
                    <span className="soft">{entry.detail}</span>
                  </span>
                  <ArrowRight aria-hidden size={15} className="soft" />
                </AriaButton>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function RunLine(props: { readonly run: RunSummary; readonly now: number; readonly onPress: () => void }) {
  const { run, now } = props;
  const length =
    run.endedAt === null
      ? `started ${formatAge(run.startedAt, now)}`
      : `took ${formatDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`;
  return (
    <AriaButton className="today-entry today-run" onPress={props.onPress}>
      <span className="today-entry-text">
        <span>{formatWhen(run.startedAt, now)}</span>
        <span className="soft">
          {countOf(run.endpoints, 'endpoint')}, {length}
        </span>
      </span>
      <span className="outcomes">
        {TASK_STATE_ORDER.map((state) => {
          const count = run.outcomes[state] ?? 0;
          return count === 0 ? null : <Status key={state} state={state} count={count} />;
        })}
      </span>
      <ArrowRight aria-hidden size={15} className="soft" />
    </AriaButton>
  );
}
