/** Days as fields for dates hold them, `2026-11-24`, in the zone of this machine. */

const DAY_MS = 86_400_000;
const two = (number: number): string => String(number).padStart(2, '0');

export function dayOf(instant: string | number): string {
  const date = new Date(instant);
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** So many days on. */
export const dayAfter = (now: number, days: number): string => dayOf(now + days * DAY_MS);

/** Its first moment, as an instant; `null`: it is no day. */
export const startOfDay = (day: string): string | null => instantOf(`${day}T00:00:00`);

/** Its last moment, as an instant; `null`: it is no day. */
export const endOfDay = (day: string): string | null => instantOf(`${day}T23:59:59`);

function instantOf(text: string): string | null {
  const time = new Date(text).getTime();
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
