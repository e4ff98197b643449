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
import type { DraftRow, ReviewRow, Verdict } from '../../contract/reviews.ts';
import { formatDay } from '../format/dates.ts';
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

/** The 14-day clock of a row: `3 days left`, `2 days late`. */
export function describeDue(
  dueAt: string | null,
  now: number,
): { readonly word: string; readonly tone: Tone } {
  if (dueAt === null) return { word: '', tone: 'quiet' };
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
