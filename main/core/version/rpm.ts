/**
 * The version order of RPM packages, after rpm-version(7): `[epoch:]version[-release]`.
 *
 * Written from the manual page. A text is cut into segments of digits and segments of letters; everything else but
 * `~` and `^` only keeps segments apart. Where two texts part, the order of what comes next is: a tilde, the end, a
 * caret, letters, a number. The order is total: texts that are no valid version are ordered by the same rules.
 */

const CODE_0 = 48;
const CODE_COLON = 58;

/** What may come next, in the order in which it sorts; separators are skipped. */
const TILDE = 0;
const END = 1;
const CARET = 2;
const LETTERS = 3;
const NUMBER = 4;
const SEPARATOR = 5;

/** Kind of each ASCII character: a look-up, because this runs millions of times. Others are separators, as in rpm. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (character >= '0' && character <= '9') return NUMBER;
  if (/[a-zA-Z]/.test(character)) return LETTERS;
  if (character === '~') return TILDE;
  return character === '^' ? CARET : SEPARATOR;
});

function kindAt(text: string, index: number, end: number): number {
  if (index >= end) return END;
  const code = text.charCodeAt(index);
  return code < 128 ? (KINDS[code] ?? SEPARATOR) : SEPARATOR;
}

/** rpmvercmp on two parts of texts. */
function comparePart(a: string, aFrom: number, aEnd: number, b: string, bFrom: number, bEnd: number): number {
  let i = aFrom;
  let j = bFrom;
  for (;;) {
    let kind = kindAt(a, i, aEnd);
    while (kind === SEPARATOR) kind = kindAt(a, ++i, aEnd);
    let other = kindAt(b, j, bEnd);
    while (other === SEPARATOR) other = kindAt(b, ++j, bEnd);
    if (kind !== other) return kind - other;
    if (kind === END) return 0;
    if (kind === TILDE || kind === CARET) {
      i += 1;
      j += 1;
      continue;
    }
    if (kind === NUMBER) {
      while (i < aEnd && a.charCodeAt(i) === CODE_0) i += 1;
      while (j < bEnd && b.charCodeAt(j) === CODE_0) j += 1;
    }
    // The first place where they differ decides, but of two numbers the longer is greater.
    let difference = 0;
    for (;;) {
      const goesOn = kindAt(a, i, aEnd) === kind;
      const otherGoesOn = kindAt(b, j, bEnd) === kind;
      if (goesOn !== otherGoesOn) {
        if (kind === NUMBER || difference === 0) return goesOn ? 1 : -1;
        return difference;
      }
      if (!goesOn) break;
      if (difference === 0) difference = a.charCodeAt(i) - b.charCodeAt(j);
      i += 1;
      j += 1;
    }
    if (difference !== 0) return difference;
  }
}

/** End of the epoch, which a colon ends that only digits come before; -1 when there is none. */
function epochEndOf(text: string): number {
  let index = 0;
  while (kindAt(text, index, text.length) === NUMBER) index += 1;
  return index < text.length && text.charCodeAt(index) === CODE_COLON ? index : -1;
}

/** End of the version: the last hyphen, behind which the release begins, or the end of the text. */
function versionEndOf(text: string, start: number): number {
  const hyphen = text.lastIndexOf('-');
  return hyphen < start ? text.length : hyphen;
}

/** An absent epoch is 0. */
function compareEpochs(a: string, aEnd: number, b: string, bEnd: number): number {
  if (aEnd < 1 && bEnd < 1) return 0;
  if (aEnd < 1) return comparePart('0', 0, 1, b, 0, bEnd);
  if (bEnd < 1) return comparePart(a, 0, aEnd, '0', 0, 1);
  return comparePart(a, 0, aEnd, b, 0, bEnd);
}

/**
 * Compares two versions: -1 when `a` is older, 1 when it is newer, 0 when they are the same version in other words
 * (`1.0-1`, `0:1.0-1` and `1_0-01` are equal). A missing release is older than any, as in
 * rpm itself; for dependencies see {@link compareToRpmBound}.
 */
export function compareRpmVersions(a: string, b: string): -1 | 0 | 1 {
  return a === b ? 0 : compare(a, b, false);
}

/**
 * The same for the bound of a dependency: a release decides only where both sides have one, so `1.0-5` meets
 * `= 1.0`. Not an order: don't sort by it.
 */
export function compareToRpmBound(version: string, bound: string): -1 | 0 | 1 {
  return compare(version, bound, true);
}

function compare(a: string, b: string, isMissingReleaseAny: boolean): -1 | 0 | 1 {
  const aEpochEnd = epochEndOf(a);
  const bEpochEnd = epochEndOf(b);
  const aEnd = versionEndOf(a, aEpochEnd + 1);
  const bEnd = versionEndOf(b, bEpochEnd + 1);
  let order =
    compareEpochs(a, aEpochEnd, b, bEpochEnd) || comparePart(a, aEpochEnd + 1, aEnd, b, bEpochEnd + 1, bEnd);
  const bothHaveRelease = aEnd < a.length && bEnd < b.length;
  if (order === 0 && (bothHaveRelease || !isMissingReleaseAny)) {
    order =
      Number(aEnd < a.length) - Number(bEnd < b.length) ||
      comparePart(a, aEnd + 1, a.length, b, bEnd + 1, b.length);
  }
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

/** The one way in which Sallyport writes a version of an RPM package: an epoch of 0 is left out. */
export function formatRpmVersion(epoch: string | null, version: string, release: string): string {
  const prefix = epoch === null || /^0*$/.test(epoch) ? '' : `${epoch}:`;
  return `${prefix}${version}-${release}`;
}
