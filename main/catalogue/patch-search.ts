import type { Ecosystem } from '../core/advisory.ts';
import { versionOrder } from '../core/version/compare.ts';
import type { Db } from './database.ts';
import { SHORTEST_PART, wordsOf } from './search-index.ts';

export interface PatchFilter {
  /**
   * Part of a package or source name, words of a description, the beginning of a CVE id or of an advisory's name. One
   * or two characters are the beginning of a name.
   */
  readonly search?: string;
  readonly onlyCarried?: boolean;
  /** Only these. */
  readonly ids?: readonly number[];
}

/** A query for the offered patches that a filter lets through, to be counted, joined and cut into pages. */
export interface PatchSelection {
  /** SELECT with the columns `id`, `position` (in the order by name) and `relevance` (smaller is better, or NULL). */
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

/** Above so many hits the order by relevance says nothing to a person, and is dear. */
const MOST_RANKED = 5_000;
/** Words of names that are asked for together because a part is inside them. */
const MOST_AROUND = 100;
/** A CVE id is looked up from its first digit after the year on: before that it would mean every patch of a year. */
const CVE_BEGINNING = /^CVE-\d{4}-\d+$/i;

/** Patches that some repository offers now, as far as the filter lets them through. */
export function selectPatches(db: Db, filter: PatchFilter): PatchSelection {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  if (filter.onlyCarried === true) {
    conditions.push(
      `o.patch_id IN (SELECT p.id FROM content_objects c JOIN patches p ON p.sha256 = c.sha256 WHERE c.class = 'package')`,
    );
  }
  if (filter.ids !== undefined) {
    conditions.push('o.patch_id IN (SELECT value FROM json_each(?))');
    parameters.push(JSON.stringify(filter.ids));
  }
  const search = filter.search?.trim() ?? '';
  const words = wordsOf(search);
  if (search === '') return select('offered o', 'NULL', conditions, parameters);
  if (words.length === 0) return select('offered o', 'NULL', ['FALSE'], []);
  if (search.length < SHORTEST_PART) {
    const beginnings = casesOf(search);
    const ranges = beginnings.map(() => '(p.name >= ? AND p.name < ?)').join(' OR ');
    conditions.push(`o.patch_id IN (SELECT p.id FROM patches p WHERE ${ranges})`);
    parameters.push(...beginnings.flatMap((beginning) => [beginning, endOf(beginning)]));
    return select('offered o', 'NULL', conditions, parameters);
  }
  const match = matchOf(db, words);
  const named = patchesOfStatements(db, search);
  if (named.length > 0) {
    conditions.push(
      `o.patch_id IN (SELECT value FROM json_each(?) UNION SELECT rowid FROM patch_search WHERE patch_search MATCH ?)`,
    );
    parameters.push(JSON.stringify(named), match);
    return select('offered o', 'NULL', conditions, parameters);
  }
  return select(
    'patch_search s CROSS JOIN offered o ON o.patch_id = s.rowid',
    's.rank',
    ['s.patch_search MATCH ?', ...conditions],
    [match, ...parameters],
  );
}

/**
 * Counts a selection and cuts one page out of it: best first where the search has few enough hits to rank, otherwise
 * by name.
 */
export function pageOf(
  db: Db,
  selection: PatchSelection,
  page: { readonly search: string; readonly limit: number; readonly offset: number },
): { readonly total: number; readonly ids: readonly number[] } {
  const { sql, parameters } = selection;
  const total = db
    .prepare(`SELECT count(*) FROM (${sql})`)
    .pluck()
    .get(...parameters) as number;
  const ranked = total <= MOST_RANKED && page.search.trim() !== '';
  const ids = ranked
    ? db
        .prepare(
          `SELECT found.id FROM (${sql}) found JOIN patches p ON p.id = found.id
           ORDER BY p.name <> ? COLLATE NOCASE, found.relevance, found.position LIMIT ? OFFSET ?`,
        )
        .pluck()
        .all(...parameters, page.search.trim(), page.limit, page.offset)
    : db
        .prepare(`SELECT id FROM (${sql}) ORDER BY position LIMIT ? OFFSET ?`)
        .pluck()
        .all(...parameters, page.limit, page.offset);
  return { total, ids: ids as number[] };
}

function select(
  from: string,
  relevance: string,
  conditions: readonly string[],
  parameters: readonly (string | number)[],
): PatchSelection {
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return {
    sql: `SELECT o.patch_id AS id, o.position, ${relevance} AS relevance FROM ${from}${where}`,
    parameters,
  };
}

/**
 * Every word must be there, as the beginning of one or inside one of a name. Short ones count as whole words, but for the
 * last, which is still being typed.
 */
function matchOf(db: Db, words: readonly string[]): string {
  return words
    .map((word, index) => {
      if (word.length < SHORTEST_PART) return `"${word}"${index === words.length - 1 ? '*' : ''}`;
      const around = wordsAround(db, word).map((each) => `"${each}"`);
      return around.length === 0 ? `"${word}"*` : `("${word}"* OR name : (${around.join(' OR ')}))`;
    })
    .join(' AND ');
}

/** Words of names with this part inside. None where there are many: then the beginnings alone give more than enough. */
function wordsAround(db: Db, part: string): readonly string[] {
  const words = db
    .prepare('SELECT word FROM name_words WHERE instr(word, ?) > 1 LIMIT ?')
    .pluck()
    .all(part, MOST_AROUND + 1) as string[];
  return words.length > MOST_AROUND ? [] : words;
}

/** The spellings of one or two characters that differ by case only. */
function casesOf(text: string): string[] {
  let spellings = [''];
  for (const character of text) {
    const cases = [...new Set([character.toLowerCase(), character.toUpperCase()])];
    spellings = spellings.flatMap((spelling) => cases.map((next) => spelling + next));
  }
  return spellings;
}

/** What sorts after every text with this beginning. */
const endOf = (beginning: string): string => `${beginning}\u{10ffff}`;

interface StatementRow {
  readonly ecosystem: Ecosystem;
  readonly source: string;
  readonly about: 'source' | 'binary';
  readonly distribution: string;
  readonly codename: string;
  readonly fixed: string;
}

/** Patches of a version that brings what a CVE or a vendor's document speaks of, named from its beginning. */
function patchesOfStatements(db: Db, search: string): number[] {
  const columns = 'a.ecosystem, a.source, a.about, a.distribution, a.codename, a.fixed_version AS fixed';
  const rows = (
    CVE_BEGINNING.test(search)
      ? db
          .prepare(
            `SELECT ${columns} FROM advisory_cves c JOIN advisories a ON a.id = c.advisory_id
             WHERE c.cve >= ? AND c.cve < ?`,
          )
          .all(search.toUpperCase(), endOf(search.toUpperCase()))
      : /\d/.test(search)
        ? db
            .prepare(
              `SELECT ${columns} FROM advisories a
               WHERE a.advisory IS NOT NULL AND a.advisory COLLATE NOCASE >= ? AND a.advisory COLLATE NOCASE < ?`,
            )
            .all(search, endOf(search))
        : []
  ) as StatementRow[];
  const earliest = new Map<string, StatementRow>();
  for (const row of rows) {
    const key = `${row.ecosystem} ${row.about} ${row.distribution} ${row.codename} ${row.source}`;
    const known = earliest.get(key);
    if (known === undefined || versionOrder(row.ecosystem)(row.fixed, known.fixed) < 0)
      earliest.set(key, row);
  }
  const of = (column: string, version: string) =>
    db.prepare(
      `SELECT p.id, p.${version} AS version FROM patches p WHERE p.${column} = ? AND p.ecosystem = ? AND EXISTS
         (SELECT 1 FROM index_entries e JOIN repositories r ON r.index_id = e.index_id
          WHERE e.patch_id = p.id AND r.distribution = ? AND r.codename = ?)`,
    );
  const find = { source: of('source', 'source_version'), binary: of('name', 'version') };
  const ids = new Set<number>();
  for (const { ecosystem, source, about, distribution, codename, fixed } of earliest.values()) {
    const compare = versionOrder(ecosystem);
    for (const patch of find[about].all(source, ecosystem, distribution, codename) as {
      id: number;
      version: string;
    }[]) {
      if (compare(patch.version, fixed) >= 0) ids.add(patch.id);
    }
  }
  return [...ids];
}
