import { graverSeverity, type Advisory, type Ecosystem, type Severity } from '../core/advisory.ts';
import { isSecurityRepository } from '../core/apt/candidate.ts';
import { judgeRisk } from '../core/risk/cve-risk.ts';
import { PLAIN_RANK, riskRank } from '../core/risk/order.ts';
import { versionOrder } from '../core/version/compare.ts';
import type { Db } from './database.ts';
import { readCveRisks, readRiskContext } from './risk-rows.ts';
import { markSupersededWindows } from './windows-supersedence.ts';

interface OfferRow {
  readonly id: number;
  readonly name: string;
  readonly arch: string;
  readonly version: string;
  readonly source: string;
  readonly sourceVersion: string;
  readonly ecosystem: Ecosystem;
  readonly root: string;
  readonly suite: string;
  readonly label: string;
}

type Statement = Pick<Advisory, 'type' | 'fixedVersion' | 'severity' | 'publishedAt' | 'of'> & {
  readonly source: string;
  readonly cves: readonly string[];
};

const KEV_CODES = { ransomware: 2, listed: 1, 'not listed': 0 } as const;

/**
 * Ranks every patch that some repository offers, by what is known now, and marks those that a newer version supersedes.
 * Runs inside the transaction of an import.
 */
export function rankPatches(db: Db): void {
  db.exec('DELETE FROM patch_risk; DELETE FROM patch_superseded;');
  db.prepare('UPDATE patches SET risk_rank = ? WHERE risk_rank <> ?').run(PLAIN_RANK, PLAIN_RANK);
  const releases = db.prepare('SELECT DISTINCT distribution, codename FROM repositories').all() as {
    distribution: string;
    codename: string;
  }[];
  for (const { distribution, codename } of releases) {
    rankRelease(db, distribution, codename);
    markSuperseded(db, distribution, codename);
  }
  markSupersededWindows(db);
}

function rankRelease(db: Db, distribution: string, codename: string): void {
  const statements = readStatements(db, distribution, codename);
  const known = readCveRisks(db, null);
  const context = readRiskContext(db);
  const setRisk = db.prepare(
    `INSERT INTO patch_risk (patch_id, kev, severity, published_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (patch_id) DO NOTHING`,
  );
  const setRank = db.prepare('UPDATE patches SET risk_rank = max(risk_rank, ?) WHERE id = ?');
  // A patch may lie in several repositories: that of the security archive decides.
  const secure = new Set<number>();
  const offers = new Map<number, OfferRow>();
  for (const row of db
    .prepare(
      `SELECT DISTINCT p.id, p.name, p.arch, p.version, p.source, p.source_version AS sourceVersion, p.ecosystem,
         r.root, r.suite, r.label
       FROM repositories r JOIN index_entries e ON e.index_id = r.index_id JOIN patches p ON p.id = e.patch_id
       WHERE r.distribution = ? AND r.codename = ?
         AND (r.root LIKE '%security%' OR r.label LIKE '%security%' OR r.suite LIKE '%security%'
           OR p.source IN (SELECT source FROM advisories WHERE distribution = ? AND codename = ?)
           OR p.name IN (SELECT source FROM advisories WHERE distribution = ? AND codename = ?))`,
    )
    .all(distribution, codename, distribution, codename, distribution, codename) as OfferRow[]) {
    offers.set(row.id, row);
    if (isSecurityRepository(row)) secure.add(row.id);
  }
  for (const offer of offers.values()) {
    const compare = versionOrder(offer.ecosystem);
    const relevant = [
      ...(statements.get(`source ${offer.source}`) ?? []).filter(
        (item) => compare(item.fixedVersion, offer.sourceVersion) <= 0,
      ),
      ...(statements.get(`binary ${offer.name}`) ?? []).filter(
        (item) => compare(item.fixedVersion, offer.version) <= 0,
      ),
    ];
    if (relevant.length === 0 && !secure.has(offer.id)) continue;
    const facts = judgeRisk(
      relevant.flatMap((item) => item.cves),
      {
        // Vendors of RPM packages and of Windows keep security updates in no repository of their own.
        security:
          secure.has(offer.id) ||
          (offer.ecosystem !== 'deb' && relevant.some((item) => item.type === 'security')),
        severity: relevant.reduce<Severity>(
          (worst, item) => graverSeverity(worst, item.severity),
          'not stated',
        ),
      },
      known,
      context,
    );
    if (!facts.security) continue;
    const published = relevant.flatMap((item) => item.publishedAt ?? []).sort()[0] ?? null;
    setRisk.run(offer.id, facts.kev === null ? 0 : KEV_CODES[facts.kev], facts.severity, published);
    setRank.run(riskRank(facts), offer.id);
  }
}

/** By `source NAME` or `binary NAME`, whichever they are about. */
function readStatements(db: Db, distribution: string, codename: string): Map<string, Statement[]> {
  const rows = db
    .prepare(
      `SELECT source, type, about AS "of", fixed_version AS fixedVersion, severity, published_at AS publishedAt, cves
       FROM advisories WHERE distribution = ? AND codename = ?`,
    )
    .all(distribution, codename) as (Omit<Statement, 'cves'> & { cves: string })[];
  const statements = new Map<string, Statement[]>();
  for (const row of rows) {
    const key = `${row.of} ${row.source}`;
    const list = statements.get(key) ?? [];
    statements.set(key, list);
    list.push({ ...row, cves: JSON.parse(row.cves) as string[] });
  }
  return statements;
}

/**
 * A newer version of the same package that the same release offers: nobody is to take the older one any more. Streams
 * of a module live beside each other: none of them supersedes another.
 */
function markSuperseded(db: Db, distribution: string, codename: string): void {
  const rows = db
    .prepare(
      `WITH offered AS (
         SELECT DISTINCT p.id, p.name, p.arch, p.version, p.ecosystem
         FROM repositories r JOIN index_entries e ON e.index_id = r.index_id JOIN patches p ON p.id = e.patch_id
         WHERE r.distribution = ? AND r.codename = ? AND p.ecosystem <> 'windows'
           AND p.name IN (SELECT name FROM patches GROUP BY name HAVING count(*) > 1))
       SELECT o.id, o.name, o.arch, o.version, o.ecosystem, coalesce((SELECT m.module FROM module_packages m
         WHERE m.name = o.name AND m.version = o.version AND m.arch = o.arch LIMIT 1), '') AS module
       FROM offered o
       JOIN (SELECT name, arch FROM offered GROUP BY name, arch HAVING count(*) > 1) twice
         ON twice.name = o.name AND twice.arch = o.arch`,
    )
    .all(distribution, codename) as {
    id: number;
    name: string;
    arch: string;
    version: string;
    ecosystem: Ecosystem;
    module: string;
  }[];
  const groups = new Map<string, typeof rows>();
  for (const row of rows) {
    const key = `${row.ecosystem} ${row.name}:${row.arch} ${row.module}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const mark = db.prepare(
    'INSERT INTO patch_superseded (patch_id, by_patch_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  for (const group of groups.values()) {
    const compare = versionOrder(group[0]?.ecosystem ?? 'deb');
    const newest = group.reduce((a, b) => (compare(b.version, a.version) > 0 ? b : a));
    for (const row of group) if (compare(row.version, newest.version) < 0) mark.run(row.id, newest.id);
  }
}
