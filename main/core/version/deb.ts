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
const CODE_9 = 57;
const CODE_TILDE = 126;

const isDigit = (code: number): boolean => code >= CODE_0 && code <= CODE_9;
const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/**
 * Where the three parts of a version lie in its text. The epoch ends at the first colon if only digits come before
 * it; the revision begins after the last hyphen.
 */
function boundsOf(version: string): {
  readonly epochEnd: number;
  readonly start: number;
  readonly end: number;
} {
  const colon = version.indexOf(':');
  let epochEnd = -1;
  if (colon > 0) {
    epochEnd = colon;
    for (let index = 0; index < colon; index += 1) {
      if (!isDigit(version.charCodeAt(index))) epochEnd = -1;
    }
  }
  const start = epochEnd + 1;
  const hyphen = version.lastIndexOf('-');
  return { epochEnd: Math.max(epochEnd, 0), start, end: hyphen < start ? version.length : hyphen };
}

/**
 * Weight of one place in a run of non-digits. The end of the run (a digit, or the end of the part) weighs 0, so a
 * tilde sorts before even the end, letters after it, and everything else after the letters.
 */
function weightAt(text: string, index: number, end: number): number {
  if (index >= end) return 0;
  const code = text.charCodeAt(index);
  if (isDigit(code)) return 0;
  if (code === CODE_TILDE) return -1;
  return isLetter(code) ? code : code + 65_536;
}

/** Compares two parts: runs of non-digits and runs of digits by turns, until one decides or both are used up. */
function comparePart(a: string, aFrom: number, aEnd: number, b: string, bFrom: number, bEnd: number): number {
  let i = aFrom;
  let j = bFrom;
  while (i < aEnd || j < bEnd) {
    for (;;) {
      const left = weightAt(a, i, aEnd);
      const right = weightAt(b, j, bEnd);
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
 */
export function compareDebVersions(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const left = boundsOf(a);
  const right = boundsOf(b);
  const order =
    comparePart(a, 0, left.epochEnd, b, 0, right.epochEnd) ||
    comparePart(a, left.start, left.end, b, right.start, right.end) ||
    comparePart(a, left.end + 1, a.length, b, right.end + 1, b.length);
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
