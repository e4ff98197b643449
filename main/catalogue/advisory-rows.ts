import type { Advisory, Severity } from '../core/advisory.ts';
import type { Db } from './database.ts';

interface AdvisoryRow {
  readonly id: string;
  readonly advisory: string | null;
  readonly type: Advisory['type'];
  readonly ecosystem: Advisory['ecosystem'];
  readonly about: Advisory['of'];
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
  readonly module: string | null;
  readonly reboot_suggested: number;
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
    advisory: row.advisory,
    type: row.type,
    ecosystem: row.ecosystem,
    distribution: row.distribution,
    codename: row.codename,
    source: row.source,
    of: row.about,
    fixedVersion: row.fixed_version,
    urgency: row.urgency,
    severity: row.severity,
    cves: JSON.parse(row.cves) as string[],
    title: row.title,
    body: row.body,
    publishedAt: row.published_at,
    provenance: JSON.parse(row.provenance) as Advisory['provenance'],
    ...(row.module === null ? {} : { module: row.module }),
    ...(row.reboot_suggested === 1 ? { rebootSuggested: true } : {}),
  }));
}

/** Records what a bundle's advisories say; a statement that was there already is replaced. */
export function writeAdvisories(
  db: Db,
  advisories: readonly Advisory[],
  bundle: { readonly stream: string; readonly seq: number },
): void {
  const upsert = db.prepare(`
    INSERT INTO advisories (id, advisory, type, ecosystem, distribution, codename, source, about, fixed_version, urgency,
      severity, cves, title, body, published_at, provenance, module, reboot_suggested, stream, seq)
    VALUES (@id, @advisory, @type, @ecosystem, @distribution, @codename, @source, @of, @fixedVersion, @urgency,
      @severity, @cves, @title, @body, @publishedAt, @provenance, @module, @reboot, @stream, @seq)
    ON CONFLICT (id) DO UPDATE SET advisory = excluded.advisory, type = excluded.type, source = excluded.source,
      about = excluded.about, fixed_version = excluded.fixed_version, urgency = excluded.urgency,
      severity = excluded.severity, cves = excluded.cves, title = excluded.title, body = excluded.body,
      published_at = excluded.published_at, provenance = excluded.provenance, module = excluded.module,
      reboot_suggested = excluded.reboot_suggested, stream = excluded.stream,
      seq = excluded.seq`);
  const clearCves = db.prepare('DELETE FROM advisory_cves WHERE advisory_id = ?');
  const addCve = db.prepare(
    'INSERT INTO advisory_cves (cve, advisory_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  for (const item of advisories) {
    const { rebootSuggested, ...statement } = item;
    upsert.run({
      ...statement,
      module: item.module ?? null,
      reboot: rebootSuggested === true ? 1 : 0,
      cves: JSON.stringify(item.cves),
      provenance: JSON.stringify(item.provenance),
      stream: bundle.stream,
      seq: bundle.seq,
    });
    clearCves.run(item.id);
    for (const cve of item.cves) addCve.run(cve, item.id);
  }
}
