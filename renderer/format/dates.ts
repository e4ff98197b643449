/** How times and durations are written. Every function takes the time zone so that tests do not depend on the machine. */

export const LOCAL_ZONE: string = Intl.DateTimeFormat().resolvedOptions().timeZone;

interface CalendarParts {
  readonly day: string;
  readonly month: string;
  readonly year: string;
  readonly hour: string;
  readonly minute: string;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function splitInstant(time: number, zone: string): CalendarParts {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: zone,
    });
    formatters.set(zone, formatter);
  }
  const found: Record<string, string> = {};
  for (const part of formatter.formatToParts(time)) found[part.type] = part.value;
  return {
    day: found['day'] ?? '',
    month: found['month'] ?? '',
    year: found['year'] ?? '',
    hour: found['hour'] ?? '',
    minute: found['minute'] ?? '',
  };
}

/** `24 November 2026, 14:05`. */
export function formatInstant(instant: string | number, zone: string = LOCAL_ZONE): string {
  const parts = splitInstant(toTime(instant), zone);
  return `${parts.day} ${parts.month} ${parts.year}, ${parts.hour}:${parts.minute}`;
}

/** `24 November 2026`. */
export function formatDay(instant: string | number, zone: string = LOCAL_ZONE): string {
  const parts = splitInstant(toTime(instant), zone);
  return `${parts.day} ${parts.month} ${parts.year}`;
}

/** `14:05`. */
export function formatClock(instant: string | number, zone: string = LOCAL_ZONE): string {
  const parts = splitInstant(toTime(instant), zone);
  return `${parts.hour}:${parts.minute}`;
}

/** `14:05:09`, for journals. */
export function formatClockSeconds(instant: string | number, zone: string = LOCAL_ZONE): string {
  const seconds = new Date(toTime(instant)).getUTCSeconds().toString().padStart(2, '0');
  return `${formatClock(instant, zone)}:${seconds}`;
}

/** Like {@link formatInstant}, but the day is a word where that is shorter: `Today, 14:05`, `Yesterday, 09:12`. */
export function formatWhen(instant: string | number, now: number, zone: string = LOCAL_ZONE): string {
  const time = toTime(instant);
  const day = formatDay(time, zone);
  if (day === formatDay(now, zone)) return `Today, ${formatClock(time, zone)}`;
  if (day === formatDay(now - 86_400_000, zone)) return `Yesterday, ${formatClock(time, zone)}`;
  return formatInstant(time, zone);
}

/** Like {@link formatWhen}, in the middle of a sentence: `today, 14:05`. */
export function formatWhenInside(instant: string | number, now: number, zone: string = LOCAL_ZONE): string {
  return formatWhen(instant, now, zone).replace(/^(Today|Yesterday)/, (word) => word.toLowerCase());
}

/** Short name of the zone, for example `UTC` or `GMT+1`. */
export function formatZone(now: number, zone: string = LOCAL_ZONE): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'short' }).formatToParts(
    now,
  );
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

const UNITS = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
  { name: 'second', ms: 1_000 },
] as const;

/** A duration in words, its two largest units: `6 days 4 hours`, `3 minutes 12 seconds`, `under a second`. */
export function formatDuration(ms: number): string {
  const words: string[] = [];
  let rest = Math.max(0, ms);
  for (const unit of UNITS) {
    const count = Math.floor(rest / unit.ms);
    rest -= count * unit.ms;
    if (count > 0) words.push(`${count} ${unit.name}${count === 1 ? '' : 's'}`);
    else if (words.length > 0) break;
    if (words.length === 2) break;
  }
  return words.length === 0 ? 'under a second' : words.join(' ');
}

/** `12 minutes ago`, `just now`, `in 3 hours`: one unit only. */
export function formatAge(instant: string | number, now: number): string {
  const ms = now - toTime(instant);
  const size = Math.abs(ms);
  if (size < 10_000) return 'just now';
  const unit = UNITS.find((candidate) => size >= candidate.ms) ?? UNITS[3];
  const count = Math.floor(size / unit.ms);
  const words = `${count} ${unit.name}${count === 1 ? '' : 's'}`;
  return ms >= 0 ? `${words} ago` : `in ${words}`;
}

export function toTime(instant: string | number): number {
  return typeof instant === 'number' ? instant : Date.parse(instant);
}
