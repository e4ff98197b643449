import type { ClocksView, FeedView, FixView } from '../../contract/risk.ts';
import { CLOCK_STATES, type ClockState } from '../../contract/vocabulary.ts';
import type { JudgedRisk } from '../catalogue/risk-store.ts';
import { firstRelease } from '../core/advisory.ts';
import type { Finding } from '../core/assessment.ts';
import { ageInDays, byState, judgeCurrency, judgeFix, type FixClock, type FixPhase } from '../core/clocks.ts';
import { compareRisk } from '../core/risk/order.ts';
import { readPhases } from './open-work.ts';
import { presentRisk } from './present-risk.ts';
import type { Services } from './services.ts';

const FEEDS = ['cisa-kev', 'first-epss'] as const;

interface PatchFixes {
  readonly finding: Finding;
  readonly risk: JudgedRisk;
  endpoints: number;
  releasedAt: string | null;
  phase: FixPhase;
}

/** Both clocks, and how old what they are judged by is. */
export function readClocks(services: Services, limit: number): ClocksView {
  const now = services.now();
  const fixes = collectFixes(services)
    .flatMap((item) => {
      const { finding, risk } = item;
      const clock = judgeFix(
        {
          security: risk.security,
          severity: risk.severity,
          cvss: risk.cvss?.base ?? null,
          releasedAt: item.releasedAt,
          carried: finding.carried,
          phase: item.phase,
        },
        now,
      );
      return clock === null ? [] : [{ item, clock }];
    })
    .toSorted(worstFirst);
  const counts = Object.fromEntries(CLOCK_STATES.map((state) => [state, 0])) as Record<ClockState, number>;
  for (const { clock } of fixes) counts[clock.state] += 1;
  return {
    currency: judgeCurrency(services.risk.vendorReleases(), now),
    fixes: {
      counts,
      first: fixes.slice(0, limit).map(({ item, clock }): FixView => ({
        patchId: item.finding.candidate.patchId,
        package: item.finding.name,
        version: item.finding.candidate.version,
        severity: item.finding.severity,
        risk: presentRisk(item.risk),
        endpoints: item.endpoints,
        releasedAt: item.releasedAt,
        dueAt: clock.dueAt,
        state: clock.state,
        advice: clock.advice,
      })),
    },
    feeds: readFeedAges(services),
  };
}

type Timed = { readonly item: PatchFixes; readonly clock: FixClock };

function worstFirst(a: Timed, b: Timed): number {
  const facts = ({ item }: Timed) => ({
    ...item.risk,
    endpoints: item.endpoints,
    publishedAt: item.releasedAt,
  });
  return (
    byState(a.clock, b.clock) ||
    compareRisk(facts(a), facts(b)) ||
    (a.item.finding.name < b.item.finding.name ? -1 : 1)
  );
}

export function readFeedAges(services: Services): FeedView[] {
  const now = services.now();
  const stored = new Map(services.risk.feeds().map((feed) => [feed.feed, feed]));
  return FEEDS.map((name) => {
    const feed = stored.get(name);
    return {
      feed: name,
      version: feed?.version ?? null,
      date: feed?.date ?? null,
      ageDays: feed === undefined ? null : ageInDays(feed.date, now),
      bundle: feed?.bundle ?? null,
    };
  });
}

/** One row for each patch that some endpoint lacks; its clock is that of the endpoint where it runs longest. */
function collectFixes(services: Services): PatchFixes[] {
  const phases = readPhases(services);
  const order: readonly FixPhase[] = ['none', 'planned', 'requested', 'granted', 'running'];
  const fixes = new Map<number, PatchFixes>();
  for (const [endpointId, findings] of services.findings.ofAll(services.endpoints.list())) {
    for (const finding of findings) {
      if (!finding.security) continue;
      const { candidate } = finding;
      const releasedAt = firstRelease(finding.advisories) ?? finding.repository.releaseDate;
      const phase = phases.get(`${endpointId} ${candidate.sha256}`) ?? 'none';
      const known = fixes.get(candidate.patchId);
      if (known === undefined) {
        const risk = services.risk.judge(finding.cves, finding);
        fixes.set(candidate.patchId, { finding, risk, endpoints: 1, releasedAt, phase });
        continue;
      }
      known.endpoints += 1;
      if (releasedAt < (known.releasedAt ?? '9')) known.releasedAt = releasedAt;
      if (order.indexOf(phase) < order.indexOf(known.phase)) known.phase = phase;
    }
  }
  return [...fixes.values()];
}
