/**
 * The version order of Debian packages, after deb-version(7): `[epoch:]upstream-version[-debian-revision]`.
 *
 * Written from the manual page. The order is total: texts that are no valid version are ordered by the same rules, so
 * that a malformed entry of an index can't upset a sort; {@link parseDebVersion} tells whether a text is valid.
 */

export interface DebVersion {
  /** Decimal digits without bounds, `0` when absent. */
  readonly epoch: string;
  readonly upstream: string;
  /** Empty when absent, which means the same as `0`. */
  readonly revision: string;
}

const CODE_0 = 48;
const CODE_COLON = 58;
const CODE_TILDE = 126;

/** One comparison less than asking twice: digits are the ten codes from `0` on. */
const isDigit = (code: number): boolean => (code - CODE_0) >>> 0 < 10;
const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/**
 * Weight of one character in a run of non-digits. A digit ends the run and weighs 0, as the end of the part does; so a
 * tilde sorts before even the end, letters after it, and everything else after the letters.
 */
const WEIGHTS = Int32Array.from({ length: 128 }, (_, code) => {
  if (isDigit(code)) return 0;
  if (code === CODE_TILDE) return -1;
  return isLetter(code) ? code : code + 65_536;
});

const weightOf = (code: number): number => (code < 128 ? (WEIGHTS[code] ?? 0) : code + 65_536);

/** Where the epoch ends: at the first colon, if digits and only digits come before it; 0 without an epoch. */
function epochEndOf(version: string): number {
  let index = 0;
  while (index < version.length && isDigit(version.charCodeAt(index))) index += 1;
  return index < version.length && version.charCodeAt(index) === CODE_COLON ? index : 0;
}

/** Compares two parts: runs of non-digits and runs of digits by turns, until one decides or both are used up. */
function comparePart(a: string, aFrom: number, aEnd: number, b: string, bFrom: number, bEnd: number): number {
  let i = aFrom;
  let j = bFrom;
  while (i < aEnd || j < bEnd) {
    for (;;) {
      const left = i < aEnd ? weightOf(a.charCodeAt(i)) : 0;
      const right = j < bEnd ? weightOf(b.charCodeAt(j)) : 0;
      if (left !== right) return left - right;
      if (left === 0) break;
      i += 1;
      j += 1;
    }
    while (i < aEnd && a.charCodeAt(i) === CODE_0) i += 1;
    while (j < bEnd && b.charCodeAt(j) === CODE_0) j += 1;
    // Of two numbers without leading zeros the longer one is greater; at equal length the first other digit decides.
    let difference = 0;
    for (;;) {
      const leftDigit = i < aEnd && isDigit(a.charCodeAt(i));
      const rightDigit = j < bEnd && isDigit(b.charCodeAt(j));
      if (leftDigit !== rightDigit) return leftDigit ? 1 : -1;
      if (!leftDigit) break;
      if (difference === 0) difference = a.charCodeAt(i) - b.charCodeAt(j);
      i += 1;
      j += 1;
    }
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Compares two versions: -1 when `a` is older, 1 when it is newer, 0 when they are the same version in other words
 * (`1.0`, `0:1.0` and `1.0-0` are equal).
 *
 * Called some million times for a fleet: nothing is allocated, and what both begin with is passed over.
 */
export function compareDebVersions(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const aEpochEnd = epochEndOf(a);
  const bEpochEnd = epochEndOf(b);
  if (aEpochEnd > 0 || bEpochEnd > 0) {
    const order = comparePart(a, 0, aEpochEnd, b, 0, bEpochEnd);
    if (order !== 0) return order < 0 ? -1 : 1;
  }
  const aFrom = aEpochEnd > 0 ? aEpochEnd + 1 : 0;
  const bFrom = bEpochEnd > 0 ? bEpochEnd + 1 : 0;
  // The revision begins after the last hyphen.
  const aHyphen = a.lastIndexOf('-');
  const bHyphen = b.lastIndexOf('-');
  const aEnd = aHyphen < aFrom ? a.length : aHyphen;
  const bEnd = bHyphen < bFrom ? b.length : bHyphen;

  const shared = Math.min(aEnd - aFrom, bEnd - bFrom);
  let skip = 0;
  while (skip < shared && a.charCodeAt(aFrom + skip) === b.charCodeAt(bFrom + skip)) skip += 1;
  // A number counts as a whole: back to where the one that the difference may lie in begins.
  while (skip > 0 && isDigit(a.charCodeAt(aFrom + skip - 1))) skip -= 1;

  const order =
    comparePart(a, aFrom + skip, aEnd, b, bFrom + skip, bEnd) ||
    comparePart(a, aEnd + 1, a.length, b, bEnd + 1, b.length);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

/**
 * Splits a version into its parts, or `null` when deb-version(7) doesn't allow it: the upstream version starts with a
 * digit and has only letters, digits and `. + - ~` (and `:` if there is an epoch), the revision letters, digits and `+ . ~`.
 */
export function parseDebVersion(text: string): DebVersion | null {
  const match = /^(?:(?<epoch>\d+):)?(?<rest>\d[A-Za-z0-9.+:~-]*)$/.exec(text);
  if (match?.groups === undefined) return null;
  const rest = match.groups['rest'] ?? '';
  const hyphen = rest.lastIndexOf('-');
  const upstream = hyphen < 0 ? rest : rest.slice(0, hyphen);
  const revision = hyphen < 0 ? '' : rest.slice(hyphen + 1);
  if (hyphen >= 0 && !/^[A-Za-z0-9+.~]+$/.test(revision)) return null;
  if (match.groups['epoch'] === undefined && upstream.includes(':')) return null;
  return { epoch: match.groups['epoch'] ?? '0', upstream, revision };
}
