import { holderIn, type RoleName, type RootRole } from './metadata.ts';

/** A metadata file that was accepted: the next one must have a higher version, or be this very file. */
export interface RoleMark {
  readonly version: number;
  readonly sha256: string;
  /** Public keys whose signatures held, sorted; `null` where they were not recorded. */
  readonly signedBy: readonly string[] | null;
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

type Marks = TrustState['marks'];

/**
 * The marks that still bind under a root. Keyholders who recovered from stolen keys replace them; then the versions that
 * a thief may have driven up must not lock the site out (fast-forward attack, specification section 5.3.11). A mark binds while enough
 * of the keys that signed the file still count for its role: so nothing signed by a key that counts can be replayed. If
 * timestamp or snapshot is void, so is what hangs on them.
 */
export function bindingMarks(marks: Marks, root: RootRole): Marks {
  const binds = (role: 'timestamp' | 'snapshot'): boolean => {
    const signedBy = marks[role]?.signedBy ?? null;
    if (signedBy === null) return true;
    const { keyids, threshold } = root.roles[role];
    const counting = new Set(keyids.map((keyid) => holderIn(root, keyid)));
    return signedBy.filter((key) => counting.has(key)).length >= threshold;
  };
  if (binds('timestamp') && binds('snapshot')) return marks;
  return { timestamp: null, snapshot: null, targets: null };
}

/** How old a bundle may be, and how wrong a clock. Both ask for a stated reason; neither bricks a site by itself. */
export interface StalenessPolicy {
  readonly warnAfterDays: number;
  readonly refuseAfterDays: number;
  /** How far clocks may differ. */
  readonly clockToleranceHours: number;
  /** Above this age of the newest bundle the clock itself is doubted. */
  readonly clockDoubtedAfterDays: number;
}

export const DEFAULT_STALENESS: StalenessPolicy = {
  warnAfterDays: 30,
  refuseAfterDays: 90,
  clockToleranceHours: 24,
  // Longer than the signature of any targets is good for: a bundle this old is no longer accepted by anybody.
  clockDoubtedAfterDays: 400,
};

/**
 * What signed times say about this machine's clock. `behind`: it shows a time before one that was signed already.
 * `ahead`: the newest bundle would be older than any that is still in use, so that either it lay about, or the clock is
 * wrong.
 */
export type ClockState = 'right' | 'behind' | 'ahead';

export interface Freshness {
  readonly level: 'fresh' | 'stale' | 'expired';
  /** Whole days between the bundle's signed time and the reference time. */
  readonly ageDays: number;
  /** What it was judged against: the clock, or the time floor when the clock is behind it. */
  readonly referenceTime: string;
  readonly clock: ClockState;
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
    clock: judgeClock(ageDays, now, timeFloor, policy),
  };
}

function judgeClock(
  ageDays: number,
  now: string,
  timeFloor: string | null,
  policy: StalenessPolicy,
): ClockState {
  const tolerance = policy.clockToleranceHours * HOUR_MS;
  if (timeFloor !== null && Date.parse(now) < Date.parse(timeFloor) - tolerance) return 'behind';
  return ageDays > policy.clockDoubtedAfterDays ? 'ahead' : 'right';
}

export function referenceTimeOf(now: string, timeFloor: string | null): string {
  return timeFloor !== null && Date.parse(timeFloor) > Date.parse(now) ? timeFloor : now;
}

/** Whether a signed time lies further ahead than clocks may differ. */
export function isFromFuture(createdAt: string, referenceTime: string, policy: StalenessPolicy): boolean {
  return Date.parse(createdAt) > Date.parse(referenceTime) + policy.clockToleranceHours * HOUR_MS;
}
