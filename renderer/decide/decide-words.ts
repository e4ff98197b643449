import {
  Ban,
  CalendarClock,
  CircleCheck,
  CircleDashed,
  CircleX,
  MessageCircleQuestionMark,
  ShieldCheck,
  type LucideIcon,
} from 'lucide-react';
import type { DraftRow, ReviewPatchDetail, ReviewRow, Verdict } from '../../contract/reviews.ts';
import { formatDay } from '../format/dates.ts';
import { countOf, formatCount } from '../format/figures.ts';
import type { Tone } from '../format/words.ts';

interface VerdictWords {
  readonly word: string;
  readonly tone: Tone;
  readonly icon: LucideIcon;
}

/** One word, one icon, one tone for each verdict. */
export const VERDICT_WORDS: Readonly<Record<Verdict, VerdictWords>> = {
  approve: { word: 'Approve', tone: 'good', icon: CircleCheck },
  reject: { word: 'Reject', tone: 'bad', icon: CircleX },
  defer: { word: 'Defer', tone: 'warn', icon: CalendarClock },
  ask: { word: 'Question', tone: 'info', icon: MessageCircleQuestionMark },
};

/** `openssl approved`. */
export const VERDICT_DONE: Readonly<Record<Verdict, string>> = {
  approve: 'approved',
  reject: 'rejected',
  defer: 'deferred',
  ask: 'asked about',
};

const STANDING_WORDS: Readonly<Record<ReviewRow['standing'], VerdictWords>> = {
  decide: { word: 'Undecided', tone: 'quiet', icon: CircleDashed },
  approved: { word: 'Standing approval', tone: 'good', icon: ShieldCheck },
  excluded: { word: 'Excluded', tone: 'info', icon: Ban },
  'out-of-scope': { word: 'Out of scope', tone: 'info', icon: Ban },
};

/** How a row stands: what was decided now, else what the customer's policy says. */
export function wordsOfState(row: ReviewRow, draft: DraftRow | undefined): VerdictWords {
  return draft === undefined ? STANDING_WORDS[row.standing] : VERDICT_WORDS[draft.verdict];
}

/** Why a row that the policy settles is as it is, in a sentence. */
export const STANDING_MEANING: Readonly<Record<ReviewRow['standing'], string>> = {
  decide: '',
  approved:
    'The customer’s policy approves it without asking again. Reject or defer it here to overrule that for this list.',
  excluded:
    'The customer’s policy excludes it. It is not installed, whoever approves, until the policy changes.',
  'out-of-scope':
    'The customer’s policy leaves this class of patches out. It is not installed, whoever approves, until the policy changes.',
};

export const CHANGE_WORDS: Readonly<Record<ReviewRow['change'], string>> = {
  new: 'New',
  newer: 'Newer version',
  again: 'Again',
};

/** What an approval without a word rested on, behind the verdict. */
export const GROUND_WORDS: Readonly<Record<NonNullable<ReviewRow['previous']>['by'], string>> = {
  word: '',
  silence: ' by silence at the cut-off',
  standing: ' by a standing approval',
};

export const KEV_WORDS: Readonly<Record<ReviewRow['kev'], string>> = {
  ransomware: 'Known to be exploited, also by ransomware (CISA)',
  listed: 'Known to be exploited (CISA)',
  'not listed': 'Not listed by CISA as exploited',
  unknown: 'Not known: no list of exploited vulnerabilities has been imported',
};

export const REBOOT_WORDS: Readonly<Record<ReviewRow['reboot'], string>> = {
  yes: 'Restart needed',
  no: 'No restart',
  unknown: 'Not known',
};

/** Whole days since the vendor released it; `null`: nobody knows, or it lies ahead. */
export function ageOf({ releasedAt }: Pick<ReviewRow, 'releasedAt'>, now: number): number | null {
  const days = releasedAt === null ? -1 : Math.floor((now - Date.parse(releasedAt)) / 86_400_000);
  return days < 0 ? null : days;
}

/** The 14-day clock of a row: `3 days left`, `2 days late`; `No clock` where none runs. */
export function describeDue(
  { dueAt, timed }: Pick<ReviewRow, 'dueAt' | 'timed'>,
  now: number,
): { readonly word: string; readonly tone: Tone } {
  if (dueAt === null) return { word: timed ? 'Not known' : 'No clock', tone: 'quiet' };
  const left = Date.parse(dueAt) - now;
  const days = Math.floor(Math.abs(left) / 86_400_000);
  const words = days === 0 ? 'under a day' : days === 1 ? '1 day' : `${days} days`;
  if (left < 0) return { word: `${words} late`, tone: 'bad' };
  return { word: `${words} left`, tone: days < 4 ? 'warn' : 'quiet' };
}

/** A verdict with its words: `Defer until 1 December 2026: reason`. */
export function describeVerdict(row: Pick<DraftRow, 'verdict' | 'until' | 'reason'>): string {
  const until = row.verdict === 'defer' && row.until !== null ? ` until ${formatDay(row.until)}` : '';
  return `${VERDICT_WORDS[row.verdict].word}${until}${row.reason === '' ? '' : `: ${row.reason}`}`;
}

/** On how many of its endpoints a restart follows, by their own setting: `Always on 3 of 5 endpoints, never on 2, by their setting.` */
export function restartSettings({ endpoints }: ReviewPatchDetail): string {
  const words = { always: 'always', 'if-required': 'if needed', never: 'never' };
  const said = countSettings(endpoints, (item) => item.rebootPolicy, words);
  return said === '' ? '' : `${said}, by their setting.`;
}

/** How many of its endpoints are kept by a snapshot first: `Proven snapshot first on 3 of 5 endpoints, no snapshot on 2.` */
export function snapshotSettings({ endpoints }: ReviewPatchDetail): string {
  const words = { hard: 'proven snapshot first', soft: 'snapshot tried first', disabled: 'no snapshot' };
  const said = countSettings(endpoints, (item) => item.snapshotMode, words);
  return said === '' ? '' : `${said}.`;
}

/** Counts in the order of the words; what a pack does not say is left out. */
function countSettings<T>(
  items: readonly T[],
  read: (item: T) => string,
  words: Readonly<Record<string, string>>,
): string {
  const parts = Object.entries(words).flatMap(([setting, word]) => {
    const count = items.filter((item) => read(item) === setting).length;
    return count === 0 ? [] : [{ word, count }];
  });
  const whole = countOf(items.length, 'endpoint');
  const said = parts.map(({ word, count }, at) => {
    if (at > 0) return `${word} on ${formatCount(count)}`;
    const of =
      count < items.length
        ? `${formatCount(count)} of ${whole}`
        : count === 1
          ? 'its one endpoint'
          : `all ${whole}`;
    return `${word.slice(0, 1).toUpperCase()}${word.slice(1)} on ${of}`;
  });
  return said.join(', ');
}
