import { compareDebVersions } from '../version/deb.ts';

/** One entry of a package's changelog, after deb-changelog(5). */
export interface ChangelogEntry {
  readonly source: string;
  readonly version: string;
  readonly distributions: readonly string[];
  /** As the vendor writes it: `low`, `medium`, `high`, `emergency` ... Speaks of how soon to take the upload, not of severity. */
  readonly urgency: string;
  /** ISO-8601, UTC; `null` when the trailer can't be read. */
  readonly date: string | null;
  /** Body without the blank lines around it. */
  readonly text: string;
  /** CVE ids the body mentions, upper case, sorted, each once. */
  readonly cves: readonly string[];
}

const HEADING = /^([a-z0-9][a-z0-9+.-]*) \(([^\s()]+)\)((?: +[A-Za-z0-9][A-Za-z0-9+.-]*)+) *; *(.*)$/i;
const TRAILER = /^ -- .*>  ?(.*)$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Tue, 14 Oct 2025 22:02:13 +0200` to ISO-8601 in UTC, or `null`. */
function parseTrailerDate(text: string): string | null {
  const match = /(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{1,2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})/.exec(text);
  if (match === null) return null;
  const month = MONTHS.indexOf(match[2] ?? '');
  if (month < 0) return null;
  const number = (index: number): number => Number(match[index]);
  const offset = (number(8) * 60 + number(9)) * (match[7] === '-' ? -1 : 1);
  const at = Date.UTC(number(3), month, number(1), number(4), number(5) - offset, number(6));
  return new Date(at).toISOString();
}

export function findCves(text: string): string[] {
  return [
    ...new Set([...text.matchAll(/\bCVE-\d{4}-\d{4,}\b/gi)].map((match) => match[0].toUpperCase())),
  ].sort();
}

/**
 * Reads entries from the top, newest first, as changelogs are kept.
 *
 * @param newerThan stop at the first entry that is not newer than this version; `null` reads all
 */
export function parseChangelog(text: string, newerThan: string | null): ChangelogEntry[] {
  const entries: ChangelogEntry[] = [];
  let heading: RegExpExecArray | null = null;
  let body: string[] = [];
  for (const line of text.split('\n')) {
    const next = HEADING.exec(line);
    if (next !== null) {
      if (newerThan !== null && compareDebVersions(next[2] ?? '', newerThan) <= 0) break;
      heading = next;
      body = [];
      continue;
    }
    if (heading === null) continue;
    const trailer = TRAILER.exec(line);
    if (trailer === null) {
      body.push(line.trimEnd());
      continue;
    }
    const content = body.join('\n').replace(/^\n+|\n+$/g, '');
    entries.push({
      source: heading[1] ?? '',
      version: heading[2] ?? '',
      distributions: (heading[3] ?? '').trim().split(/ +/),
      urgency: (/urgency=([A-Za-z]+)/i.exec(heading[4] ?? '')?.[1] ?? 'unknown').toLowerCase(),
      date: parseTrailerDate(trailer[1] ?? ''),
      text: content,
      cves: findCves(content),
    });
    heading = null;
  }
  return entries;
}
