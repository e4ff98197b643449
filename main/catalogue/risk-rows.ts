import type { CveRisk, RiskContext } from '../core/risk/cve-risk.ts';
import type { CvssVersion } from '../core/risk/cvss.ts';
import type { RiskFeed, RiskList } from '../core/risk/risk-list.ts';
import type { Db } from './database.ts';

/**
 * Records what a bundle says of CVEs. A list of exploited CVEs replaces the one before, unless it is older; scores and the
 * vendors' words replace what the same source said of the same CVE.
 */
export function writeRisk(
  db: Db,
  { feeds, rows }: RiskList,
  bundle: { readonly stream: string; readonly seq: number },
): void {
  const known = new Map(readFeeds(db).map((feed) => [feed.feed, feed]));
  const isNewer = (feed: RiskFeed): boolean => (known.get(feed.feed)?.date ?? '') <= feed.date;
  const fresh = new Map(feeds.filter(isNewer).map((feed) => [feed.feed, feed]));
  const setFeed = db.prepare(
    `INSERT OR REPLACE INTO risk_feeds (feed, version, date, document, sha256, retrieved_at, stream, seq)
     VALUES (@feed, @version, @date, @document, @sha256, @retrievedAt, @stream, @seq)`,
  );
  for (const feed of fresh.values()) setFeed.run({ ...feed, stream: bundle.stream, seq: bundle.seq });

  if (fresh.has('cisa-kev')) {
    db.prepare('DELETE FROM risk_kev').run();
    const add = db.prepare(
      'INSERT INTO risk_kev (cve, date_added, due_date, ransomware) VALUES (?, ?, ?, ?)',
    );
    for (const { cve, kev } of rows)
      if (kev !== undefined) add.run(cve, kev.dateAdded, kev.dueDate, kev.ransomware ? 1 : 0);
  }
  const scores = fresh.get('first-epss');
  if (scores !== undefined) {
    const add = db.prepare(
      'INSERT OR REPLACE INTO risk_epss (cve, score, percentile, model, date) VALUES (?, ?, ?, ?, ?)',
    );
    for (const { cve, epss } of rows)
      if (epss !== undefined) add.run(cve, epss.score, epss.percentile, scores.version, scores.date);
  }
  writeOpinions(db, rows);
}

function writeOpinions(db: Db, rows: RiskList['rows']): void {
  const dropCvss = db.prepare('DELETE FROM risk_cvss WHERE cve = ? AND source = ?');
  const addCvss = db.prepare(
    'INSERT OR REPLACE INTO risk_cvss (cve, source, vector, version, base) VALUES (?, ?, ?, ?, ?)',
  );
  const addVendor = db.prepare(
    'INSERT OR REPLACE INTO risk_vendor (cve, source, exploited, disclosed) VALUES (?, ?, ?, ?)',
  );
  const addNotAffected = db.prepare(
    `INSERT OR REPLACE INTO risk_not_affected (cve, source, ecosystem, distribution, codename, package)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const flag = (value: boolean | null): number | null => (value === null ? null : Number(value));
  for (const { cve, cvss = [], vendor = [], notAffected = [] } of rows) {
    for (const source of new Set(cvss.map((score) => score.source))) dropCvss.run(cve, source);
    for (const { source, vector, version, base } of cvss) addCvss.run(cve, source, vector, version, base);
    for (const { source, exploited, disclosed } of vendor)
      addVendor.run(cve, source, flag(exploited), flag(disclosed));
    for (const item of notAffected)
      addNotAffected.run(cve, item.source, item.ecosystem, item.distribution, item.codename, item.package);
  }
}

interface StoredFeed extends RiskFeed {
  /** `stream/seq` of the bundle that brought it. */
  readonly bundle: string;
}

export function readFeeds(db: Db): StoredFeed[] {
  return db
    .prepare(
      `SELECT feed, version, date, document, sha256, retrieved_at AS retrievedAt, stream || '/' || seq AS bundle
       FROM risk_feeds ORDER BY feed`,
    )
    .all() as StoredFeed[];
}

export function readRiskContext(db: Db): RiskContext {
  const feeds = readFeeds(db);
  return {
    hasKev: feeds.some((feed) => feed.feed === 'cisa-kev'),
    epssModel: feeds.find((feed) => feed.feed === 'first-epss')?.version ?? null,
  };
}

/** What is known of these CVEs, or of all with `null`; one of which nothing is known is left out. */
export function readCveRisks(db: Db, cves: readonly string[] | null): Map<string, CveRisk> {
  type Draft = { -readonly [K in keyof CveRisk]: CveRisk[K] };
  const found = new Map<string, Draft>();
  const of = (cve: string): Draft => {
    const draft = found.get(cve) ?? { cve, kev: null, epss: null, cvss: [], vendor: [] };
    found.set(cve, draft);
    return draft;
  };
  const wanted = cves === null ? '' : 'WHERE cve IN (SELECT value FROM json_each(?))';
  const parameters = cves === null ? [] : [JSON.stringify(cves)];
  const rows = <T>(columns: string, table: string): (T & { readonly cve: string })[] =>
    db.prepare(`SELECT cve, ${columns} FROM ${table} ${wanted}`).all(...parameters) as (T & {
      readonly cve: string;
    })[];
  const truth = (value: number | null): boolean | null => (value === null ? null : value === 1);

  for (const row of rows<{ dateAdded: string; dueDate: string | null; ransomware: number }>(
    'date_added AS dateAdded, due_date AS dueDate, ransomware',
    'risk_kev',
  ))
    of(row.cve).kev = { dateAdded: row.dateAdded, dueDate: row.dueDate, ransomware: row.ransomware === 1 };
  for (const { cve, ...epss } of rows<NonNullable<CveRisk['epss']>>(
    'score, percentile, model, date',
    'risk_epss',
  ))
    of(cve).epss = epss;
  for (const { cve, ...score } of rows<{
    version: CvssVersion;
    base: number;
    vector: string;
    source: string;
  }>('version, base, vector, source', 'risk_cvss'))
    of(cve).cvss = [...of(cve).cvss, score];
  for (const row of rows<{ source: string; exploited: number | null; disclosed: number | null }>(
    'source, exploited, disclosed',
    'risk_vendor',
  ))
    of(row.cve).vendor = [
      ...of(row.cve).vendor,
      { source: row.source, exploited: truth(row.exploited), disclosed: truth(row.disclosed) },
    ];
  return found;
}

/** Vendors that say a package of a release was never affected by a CVE, by CVE. */
export function readNotAffected(
  db: Db,
  of: { readonly distribution: string; readonly codename: string; readonly package: string },
): Map<string, string[]> {
  const rows = db
    .prepare(
      `SELECT cve, source FROM risk_not_affected
       WHERE distribution = ? AND codename = ? AND package = ? ORDER BY cve, source`,
    )
    .all(of.distribution, of.codename, of.package) as { cve: string; source: string }[];
  const vendors = new Map<string, string[]>();
  for (const { cve, source } of rows) vendors.set(cve, [...(vendors.get(cve) ?? []), source]);
  return vendors;
}
