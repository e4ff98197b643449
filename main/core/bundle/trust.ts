import type { RoleName } from './metadata.ts';

/** A metadata file that was accepted: the next one must have a higher version, or be this very file. */
export interface RoleMark {
  readonly version: number;
  readonly sha256: string;
}

export interface StreamMark {
  readonly seq: number;
  readonly manifestSha256: string;
}

/** Everything a site remembers about whom it trusts. Kept in the database, moved forward with each import. */
export interface TrustState {
  /** Every root accepted, from the pinned one on, oldest first; the last one rules. Exact bytes. */
  readonly roots: readonly { readonly version: number; readonly bytes: Uint8Array }[];
  readonly marks: Readonly<Record<Exclude<RoleName, 'root'>, RoleMark | null>>;
  readonly streams: Readonly<Record<string, StreamMark>>;
  /** Newest signed time accepted, ISO-8601: the true time can't lie before it. `null` before the first import. */
  readonly timeFloor: string | null;
}

/** Trust of a site that has pinned a root and imported nothing yet. */
export function initialTrust(root: { readonly version: number; readonly bytes: Uint8Array }): TrustState {
  return {
    roots: [root],
    marks: { timestamp: null, snapshot: null, targets: null },
    streams: {},
    timeFloor: null,
  };
}

/** How old a bundle may be. Age warns, then asks for a stated reason; it never bricks a site by itself. */
export interface StalenessPolicy {
  readonly warnAfterDays: number;
  readonly refuseAfterDays: number;
  /** How far a signed time may lie ahead of this machine's clock. */
  readonly clockToleranceHours: number;
}

export const DEFAULT_STALENESS: StalenessPolicy = {
  warnAfterDays: 30,
  refuseAfterDays: 90,
  clockToleranceHours: 24,
};

export interface Freshness {
  readonly level: 'fresh' | 'stale' | 'expired';
  /** Whole days between the bundle's signed time and the reference time. */
  readonly ageDays: number;
  /** What it was judged against: the clock, or the time floor when the clock is behind it. */
  readonly referenceTime: string;
  readonly clockIsBehind: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Judges ages with the later of the clock and the newest signed time known (step 9 of docs/FORMAT-bundle.md). */
export function judgeFreshness(
  createdAt: string,
  now: string,
  timeFloor: string | null,
  policy: StalenessPolicy,
): Freshness {
  const referenceTime = referenceTimeOf(now, timeFloor);
  const ageDays = Math.max(0, Math.floor((Date.parse(referenceTime) - Date.parse(createdAt)) / DAY_MS));
  return {
    level: ageDays > policy.refuseAfterDays ? 'expired' : ageDays > policy.warnAfterDays ? 'stale' : 'fresh',
    ageDays,
    referenceTime,
    clockIsBehind:
      timeFloor !== null && Date.parse(now) < Date.parse(timeFloor) - policy.clockToleranceHours * HOUR_MS,
  };
}

export function referenceTimeOf(now: string, timeFloor: string | null): string {
  return timeFloor !== null && Date.parse(timeFloor) > Date.parse(now) ? timeFloor : now;
}

/** Whether a signed time lies further ahead than clocks may differ. */
export function isFromFuture(createdAt: string, referenceTime: string, policy: StalenessPolicy): boolean {
  return Date.parse(createdAt) > Date.parse(referenceTime) + policy.clockToleranceHours * HOUR_MS;
}
