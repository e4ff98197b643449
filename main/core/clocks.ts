import { CLOCK_STATES, type ClockAdvice, type ClockState } from '../../contract/vocabulary.ts';
import type { Severity } from './advisory.ts';

/**
 * The two clocks that a patching service is held to. Currency: the catalogue has a vendor's latest monthly release within
 * 30 days of it. Fixes: what is grave is installed within 14 days of the vendor's release (Cyber Essentials, "Requirements
 * for IT infrastructure", security update management). All times are ISO-8601 in UTC.
 */

export const CURRENCY_DAYS = 30;
export const FIX_DAYS = 14;
const DAY_MS = 86_400_000;
/** From here on a date that is near is said to be near. */
const SOON_DAYS = { currency: 7, fix: 3 } as const;

/** The second Tuesday of a month, at midnight UTC: when Microsoft releases its updates (msrc.microsoft.com, "Patch Tuesday"). */
export function patchTuesday(year: number, month: number): string {
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const tuesday = 1 + ((2 - first + 7) % 7);
  return new Date(Date.UTC(year, month - 1, tuesday + 7)).toISOString();
}

/** The Patch Tuesdays around a moment: the last one that has begun, and the next. */
export function patchTuesdaysAround(now: string): { readonly last: string; readonly next: string } {
  const date = new Date(now);
  const of = (offset: number): string => {
    const month = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1));
    return patchTuesday(month.getUTCFullYear(), month.getUTCMonth() + 1);
  };
  const inMonth = of(0);
  return inMonth <= date.toISOString() ? { last: inMonth, next: of(1) } : { last: of(-1), next: inMonth };
}

/** What the catalogue has of one vendor's release. */
export interface VendorRelease {
  readonly distribution: string;
  readonly codename: string;
  readonly ecosystem: 'deb' | 'rpm' | 'windows';
  /** Newest date that one of its repositories was released at. */
  readonly releasedAt: string;
}

export interface CurrencyClock {
  readonly distribution: string;
  readonly codename: string;
  /** Whether the vendor releases at fixed days of the calendar, or whenever something is ready. */
  readonly rhythm: 'monthly' | 'continuous';
  readonly releasedAt: string;
  /** The vendor's release that the catalogue should have by the calendar; `null` where there is no such day. */
  readonly expectedAt: string | null;
  /** When the catalogue falls out of currency, as far as can be told now. */
  readonly dueAt: string;
  readonly state: ClockState;
  readonly advice: ClockAdvice;
}

/** Worst first. */
export function judgeCurrency(releases: readonly VendorRelease[], now: string): CurrencyClock[] {
  return releases
    .map((release): CurrencyClock => {
      const { distribution, codename, releasedAt } = release;
      const isMonthly = release.ecosystem === 'windows';
      // The first release of the calendar that the catalogue does not have: a catalogue that misses several is no better off.
      const lacking = patchTuesdaysAround(releasedAt).next;
      const isBehind = isMonthly && lacking <= now;
      const from = isMonthly ? lacking : releasedAt;
      const dueAt = addDays(from, CURRENCY_DAYS);
      const state = isMonthly && !isBehind ? 'met' : stateOf(dueAt, now, SOON_DAYS.currency);
      return {
        distribution,
        codename,
        rhythm: isMonthly ? 'monthly' : 'continuous',
        releasedAt,
        expectedAt: !isMonthly ? null : isBehind ? patchTuesdaysAround(now).last : lacking,
        dueAt,
        state,
        advice: state === 'met' || (state === 'running' && !isBehind) ? 'nothing' : 'bring-bundle',
      };
    })
    .toSorted((a, b) => byState(a, b) || (a.dueAt < b.dueAt ? -1 : 1));
}

/** How far the way to installing a patch has been gone, on the endpoint where it is the shortest. */
export type FixPhase = 'none' | 'planned' | 'requested' | 'granted' | 'running';

export interface FixInput {
  readonly security: boolean;
  readonly severity: Severity;
  /** Highest base score; `null` when nobody scored. */
  readonly cvss: number | null;
  readonly releasedAt: string | null;
  readonly carried: boolean;
  readonly phase: FixPhase;
}

export interface FixClock {
  readonly dueAt: string | null;
  readonly state: ClockState;
  readonly advice: ClockAdvice;
}

/** Whether it must be fixed within 14 days: critical or high by the vendor's word, CVSS 7.0 or more, or not stated. */
export function isTimed({
  security,
  severity,
  cvss,
}: Pick<FixInput, 'security' | 'severity' | 'cvss'>): boolean {
  if (!security) return false;
  return severity === 'critical' || severity === 'high' || severity === 'not stated' || (cvss ?? 0) >= 7;
}

const ADVICE_OF_PHASE: Readonly<Record<FixPhase, ClockAdvice>> = {
  none: 'make-plan',
  planned: 'request-approval',
  requested: 'decide',
  granted: 'start-run',
  running: 'wait',
};

/** `null` for what no clock runs for. */
export function judgeFix(input: FixInput, now: string): FixClock | null {
  if (!isTimed(input)) return null;
  const advice = input.phase === 'none' && !input.carried ? 'bring-bundle' : ADVICE_OF_PHASE[input.phase];
  if (input.releasedAt === null) return { dueAt: null, state: 'unknown', advice };
  const dueAt = addDays(input.releasedAt, FIX_DAYS);
  return { dueAt, state: stateOf(dueAt, now, SOON_DAYS.fix), advice };
}

/** Overdue first. */
export function byState(a: { readonly state: ClockState }, b: { readonly state: ClockState }): number {
  return CLOCK_STATES.indexOf(a.state) - CLOCK_STATES.indexOf(b.state);
}

/** Whole days from then to now; `null` for a moment that lies ahead, which only a wrong clock can make of the past. */
export function ageInDays(at: string, now: string): number | null {
  const days = Math.floor((Date.parse(now) - Date.parse(at)) / DAY_MS);
  return days < 0 ? null : days;
}

function addDays(at: string, days: number): string {
  return new Date(Date.parse(at) + days * DAY_MS).toISOString();
}

function stateOf(dueAt: string, now: string, soonDays: number): ClockState {
  const left = Date.parse(dueAt) - Date.parse(now);
  if (left < 0) return 'overdue';
  return left <= soonDays * DAY_MS ? 'due-soon' : 'running';
}
