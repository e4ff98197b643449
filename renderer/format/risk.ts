import type { CurrencyView, FeedView, RiskView } from '../../contract/risk.ts';
import type { ClockAdvice, ClockState } from '../../contract/vocabulary.ts';
import { formatDay } from './dates.ts';
import { capitalise, toneOfSeverity, type Tone } from './words.ts';

export interface RiskWords {
  /** The rule that placed the row, for a badge. */
  readonly word: string;
  readonly tone: Tone;
  /** The same in a sentence. */
  readonly reason: string;
}

/** Why a patch stands where it stands. */
export function describeRisk(risk: RiskView, severity: string): RiskWords {
  const due = risk.kevDue === null ? '' : `, due ${formatDay(risk.kevDue)}`;
  switch (risk.rule) {
    case 'ransomware':
      return {
        word: 'Ransomware',
        tone: 'bad',
        reason: `Known to be exploited, also by ransomware (CISA)${due}`,
      };
    case 'exploited':
      return { word: 'Exploited', tone: 'bad', reason: `Known to be exploited (CISA)${due}` };
    case 'vendor-exploited':
      return { word: 'Exploited', tone: 'bad', reason: 'The vendor says it is exploited' };
    case 'severity':
      return {
        word: capitalise(severity),
        tone: toneOfSeverity(severity),
        reason: `The vendor calls it ${severity}`,
      };
    case 'epss':
      return {
        word: `EPSS ${formatLikelihood(risk.epss)}`,
        tone: (risk.epss ?? 0) >= 0.1 ? 'warn' : 'quiet',
        reason: `Likelihood of an attack in 30 days: ${formatLikelihood(risk.epss)} (FIRST)`,
      };
    case 'cvss':
      return {
        word: `CVSS ${formatScore(risk)}`,
        tone: (risk.cvss?.base ?? 0) >= 7 ? 'warn' : 'quiet',
        reason: `CVSS ${risk.cvss?.version ?? ''}: ${formatScore(risk)} by ${risk.cvss?.source ?? 'nobody'}`,
      };
    case 'security':
      return { word: 'Security', tone: 'warn', reason: 'A security fix of which nothing more is known' };
    case 'none':
      return { word: 'Not security', tone: 'quiet', reason: 'Not a security fix' };
  }
}

/** `12.3 %`; `unknown` where nobody scored. */
export function formatLikelihood(share: number | null): string {
  return share === null ? 'unknown' : `${(share * 100).toFixed(share < 0.001 ? 2 : 1)} %`;
}

export function formatScore(risk: Pick<RiskView, 'cvss'>): string {
  return risk.cvss === null ? 'unknown' : risk.cvss.base.toFixed(1);
}

export const CLOCK_STATE_WORDS: Readonly<Record<ClockState, { readonly word: string; readonly tone: Tone }>> =
  {
    overdue: { word: 'Overdue', tone: 'bad' },
    'due-soon': { word: 'Due soon', tone: 'warn' },
    running: { word: 'Time left', tone: 'accent' },
    unknown: { word: 'Unknown', tone: 'quiet' },
    met: { word: 'Met', tone: 'good' },
  };

export const CLOCK_ADVICE_WORDS: Readonly<Record<ClockAdvice, string>> = {
  'bring-bundle': 'Export the needs-list and bring a bundle',
  'make-plan': 'Make a plan',
  'request-approval': 'Ask for approval of the plan',
  decide: 'An approver decides',
  'start-run': 'Start the approved run',
  wait: 'A run is under way',
  nothing: 'Nothing to do',
};

const FEED_WORDS: Readonly<Record<FeedView['feed'], string>> = {
  'cisa-kev': 'Known exploitation (CISA)',
  'first-epss': 'Likelihood of attacks (FIRST)',
};
/** Data of this age may lack what matters now. */
const OLD_FEED_DAYS = 30;

export function describeFeed(feed: FeedView): {
  readonly name: string;
  readonly age: string;
  readonly tone: Tone;
} {
  const name = FEED_WORDS[feed.feed];
  if (feed.date === null) return { name, age: 'No bundle brought it', tone: 'warn' };
  if (feed.ageDays === null) return { name, age: 'From the future: a clock is wrong', tone: 'bad' };
  const days = feed.ageDays === 1 ? '1 day' : `${feed.ageDays} days`;
  return {
    name,
    age: `${days} old`,
    tone: feed.ageDays > OLD_FEED_DAYS ? 'bad' : feed.ageDays > 14 ? 'warn' : 'good',
  };
}

const VENDOR_WORDS: Readonly<Record<string, string>> = {
  debian: 'Debian',
  ubuntu: 'Ubuntu',
  rhel: 'Red Hat Enterprise Linux',
  almalinux: 'AlmaLinux',
  rocky: 'Rocky Linux',
  sles: 'SUSE Linux Enterprise',
  windows: 'Windows',
};

export function nameRelease({
  distribution,
  codename,
}: Pick<CurrencyView, 'distribution' | 'codename'>): string {
  return `${VENDOR_WORDS[distribution] ?? distribution} ${codename}`;
}
