import type { Ecosystem } from '../core/advisory.ts';
import { versionOrder } from '../core/version/compare.ts';
import type { Db } from './database.ts';

interface StatementRow {
  readonly id: string;
  readonly ecosystem: Ecosystem;
  readonly about: 'source' | 'binary';
  readonly source: string;
  readonly fixed: string;
}

interface OfferRow {
  readonly id: number;
  readonly ecosystem: Ecosystem;
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly sourceVersion: string;
}

type Member = readonly [id: number, version: string];

/**
 * Works out anew which offered patches bring what each statement speaks of. To be called in the transaction that changes
 * repositories or statements.
 */
export function refreshReach(db: Db): void {
  db.exec('DELETE FROM statement_reach; DELETE FROM reach_groups;');
  const releases = db
    .prepare(
      `SELECT DISTINCT distribution, codename FROM advisories a WHERE EXISTS
         (SELECT 1 FROM repositories r WHERE r.distribution = a.distribution AND r.codename = a.codename)`,
    )
    .all() as { distribution: string; codename: string }[];
  const setReach = db.prepare(
    'INSERT INTO statement_reach (advisory_id, group_id, from_rank) VALUES (?, ?, ?)',
  );
  const addMember = db.prepare('INSERT INTO reach_groups (group_id, rank, patch_id) VALUES (?, ?, ?)');
  let groupId = 0;
  for (const { distribution, codename } of releases) {
    const offers = readOffers(db, distribution, codename);
    for (const [key, statements] of readStatements(db, distribution, codename)) {
      const members = offers.get(key);
      const ecosystem = statements[0]?.ecosystem;
      if (members === undefined || ecosystem === undefined) continue;
      groupId += 1;
      const compare = versionOrder(ecosystem);
      const sorted = members.toSorted((a, b) => compare(a[1], b[1]));
      sorted.forEach(([id], rank) => addMember.run(groupId, rank, id));
      for (const { id, fixed } of statements) {
        const from = sorted.findIndex(([, version]) => compare(version, fixed) >= 0);
        if (from !== -1) setReach.run(id, groupId, from);
      }
    }
  }
}

/** What a CVE or a vendor's document, named from its beginning, speaks of: SELECT of patch ids with its parameters. */
export function reachedBy(search: string): { readonly sql: string; readonly parameters: string[] } | null {
  const members = (statements: string): string =>
    `SELECT g.patch_id FROM (
       SELECT r.group_id, min(r.from_rank) AS from_rank FROM ${statements} GROUP BY r.group_id) f
     JOIN reach_groups g ON g.group_id = f.group_id AND g.rank >= f.from_rank`;
  if (CVE_BEGINNING.test(search)) {
    const cve = search.toUpperCase();
    return {
      sql: members(
        'advisory_cves c JOIN statement_reach r ON r.advisory_id = c.advisory_id WHERE c.cve >= ? AND c.cve < ?',
      ),
      parameters: [cve, endOf(cve)],
    };
  }
  if (!/\d/.test(search)) return null;
  return {
    sql: members(
      `advisories a JOIN statement_reach r ON r.advisory_id = a.id
       WHERE a.advisory IS NOT NULL AND a.advisory COLLATE NOCASE >= ? AND a.advisory COLLATE NOCASE < ?`,
    ),
    parameters: [search, endOf(search)],
  };
}

/** A CVE id is looked up from its first digit after the year on: before that it would mean every patch of a year. */
const CVE_BEGINNING = /^CVE-\d{4}-\d+$/i;

/** What sorts after every text with this beginning. */
export const endOf = (beginning: string): string => `${beginning}\u{10ffff}`;

const keyOf = (ecosystem: Ecosystem, about: 'source' | 'binary', name: string): string =>
  `${ecosystem} ${about} ${name}`;

function readStatements(db: Db, distribution: string, codename: string): Map<string, StatementRow[]> {
  const statements = new Map<string, StatementRow[]>();
  for (const row of db
    .prepare(
      `SELECT id, ecosystem, about, source, fixed_version AS fixed FROM advisories
       WHERE distribution = ? AND codename = ?`,
    )
    .iterate(distribution, codename) as IterableIterator<StatementRow>) {
    push(statements, keyOf(row.ecosystem, row.about, row.source), row);
  }
  return statements;
}

/** Patches that the release offers and that somebody speaks of, by what it is called there. */
function readOffers(db: Db, distribution: string, codename: string): Map<string, Member[]> {
  const named = `SELECT source FROM advisories WHERE distribution = ? AND codename = ? AND about`;
  const offers = new Map<string, Member[]>();
  for (const row of db
    .prepare(
      `SELECT p.id, p.ecosystem, p.name, p.version, p.source, p.source_version AS sourceVersion FROM patches p
       WHERE (p.source IN (${named} = 'source') OR p.name IN (${named} = 'binary')) AND EXISTS
         (SELECT 1 FROM index_entries e JOIN repositories r ON r.index_id = e.index_id
          WHERE e.patch_id = p.id AND r.distribution = ? AND r.codename = ?)`,
    )
    .iterate(
      ...[distribution, codename, distribution, codename, distribution, codename],
    ) as IterableIterator<OfferRow>) {
    push(offers, keyOf(row.ecosystem, 'source', row.source), [row.id, row.sourceVersion]);
    push(offers, keyOf(row.ecosystem, 'binary', row.name), [row.id, row.version]);
  }
  return offers;
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
