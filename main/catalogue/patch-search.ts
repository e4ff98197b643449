import type { Db } from './database.ts';
import { SHORTEST_PART, wordsOf } from './search-index.ts';
import { endOf, reachedBy } from './statement-reach.ts';

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

/** Patches whose files a bundle brought. */
export const CARRIED = `SELECT p.id FROM content_objects c JOIN patches p ON p.sha256 = c.sha256 WHERE c.class = 'package'`;

/** Above so many hits the order by relevance says nothing to a person, and is dear. */
const MOST_RANKED = 5_000;
/** Words of names that are asked for together because a part is inside them. */
const MOST_AROUND = 100;
/** Patches that some repository offers now, as far as the filter lets them through. */
export function selectPatches(db: Db, filter: PatchFilter): PatchSelection {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  if (filter.onlyCarried === true) {
    conditions.push(`o.patch_id IN (${CARRIED})`);
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
    const ranges = casesOf(search).map((beginning) => positionsOf(db, beginning));
    conditions.push(`(${ranges.map(() => 'o.position BETWEEN ? AND ?').join(' OR ')})`);
    parameters.push(...ranges.flat());
    return select('offered o', 'NULL', conditions, parameters);
  }
  const match = matchOf(db, words);
  const reached = reachedBy(search);
  if (reached !== null && isAny(db, reached)) {
    conditions.push(
      `o.patch_id IN (${reached.sql} UNION SELECT s.rowid FROM patch_search s WHERE ${match.condition})`,
    );
    parameters.push(...reached.parameters, ...match.parameters);
    return select('offered o', 'NULL', conditions, parameters);
  }
  return select(
    'patch_search s CROSS JOIN offered o ON o.patch_id = s.rowid',
    's.rank',
    [match.condition, ...conditions],
    [...match.parameters, ...parameters],
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

interface Condition {
  readonly condition: string;
  readonly parameters: readonly string[];
}

/**
 * Every word must be there, as the beginning of one or inside one of a name. Short ones count as whole words, but for the
 * last, which is still being typed: that is looked for in the text of what the others find, because an index merges every
 * word with a beginning of one letter.
 */
function matchOf(db: Db, words: readonly string[]): Condition {
  const last = words.at(-1) ?? '';
  const isTyped = words.length > 1 && last.length < SHORTEST_PART && /^[a-z0-9.]+$/.test(last);
  const match = (isTyped ? words.slice(0, -1) : words)
    .map((word, index) => {
      if (word.length < SHORTEST_PART) return `"${word}"${index === words.length - 1 ? '*' : ''}`;
      const around = wordsAround(db, word).map((each) => `"${each}"`);
      return around.length === 0 ? `"${word}"*` : `("${word}"* OR name : (${around.join(' OR ')}))`;
    })
    .join(' AND ');
  if (!isTyped) return { condition: 's.patch_search MATCH ?', parameters: [match] };
  return {
    condition: `s.patch_search MATCH ? AND EXISTS (SELECT 1 FROM patches p WHERE p.id = s.rowid
      AND lower(' ' || p.name || ' ' || p.source || ' ' || p.description) GLOB ?)`,
    parameters: [match, `*[^a-z0-9.]${last}*`],
  };
}

const isAny = (
  db: Db,
  { sql, parameters }: { readonly sql: string; readonly parameters: string[] },
): boolean =>
  db
    .prepare(`SELECT EXISTS (${sql})`)
    .pluck()
    .get(...parameters) === 1;

/** Where the names with this beginning stand in the order by name: first and last, or an empty range. */
function positionsOf(db: Db, beginning: string): readonly [number, number] {
  const at = (name: string): number =>
    (db
      .prepare(
        `SELECT min(o.position) FROM offered o WHERE o.patch_id IN
           (SELECT p.id FROM patches p WHERE p.name =
             (SELECT p.name FROM patches p JOIN offered o ON o.patch_id = p.id WHERE p.name >= ? ORDER BY p.name LIMIT 1))`,
      )
      .pluck()
      .get(name) as number | null) ?? Number.MAX_SAFE_INTEGER;
  return [at(beginning), at(endOf(beginning)) - 1];
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
