import type { Advisory, Severity } from '../core/advisory.ts';
import type { Db } from './database.ts';

interface AdvisoryRow {
  readonly id: string;
  readonly distribution: string;
  readonly codename: string;
  readonly source: string;
  readonly fixed_version: string;
  readonly urgency: string | null;
  readonly severity: Severity;
  readonly cves: string;
  readonly title: string;
  readonly body: string;
  readonly published_at: string | null;
  readonly provenance: string;
}

/** Statements on the given source packages of one distribution release, ordered by source and id. */
export function readAdvisories(
  db: Db,
  distribution: string,
  codename: string,
  sources: Iterable<string>,
): Advisory[] {
  const rows = db
    .prepare(
      `SELECT * FROM advisories WHERE distribution = ? AND codename = ?
         AND source IN (SELECT value FROM json_each(?)) ORDER BY source, id`,
    )
    .all(distribution, codename, JSON.stringify([...sources])) as AdvisoryRow[];
  return rows.map((row) => ({
    id: row.id,
    distribution: row.distribution,
    codename: row.codename,
    source: row.source,
    fixedVersion: row.fixed_version,
    urgency: row.urgency,
    severity: row.severity,
    cves: JSON.parse(row.cves) as string[],
    title: row.title,
    body: row.body,
    publishedAt: row.published_at,
    provenance: JSON.parse(row.provenance) as Advisory['provenance'],
  }));
}
