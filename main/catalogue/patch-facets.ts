import type { Ecosystem, Severity } from '../core/advisory.ts';
import type { Db } from './database.ts';
import type { PatchSelection } from './patch-search.ts';

/** What a selection of patches is narrowed by; each absent one narrows nothing. */
export interface PatchNarrowing {
  readonly ecosystems?: readonly Ecosystem[];
  /** Vendor's word on security patches. */
  readonly severities?: readonly Severity[];
  readonly onlySecurity?: boolean;
  /** Known to be exploited, by CISA. */
  readonly onlyExploited?: boolean;
  readonly hideSuperseded?: boolean;
  /** Released by the vendor at this moment or later; security patches alone say when. ISO-8601. */
  readonly releasedSince?: string;
}

/** How many patches of a selection there are of each kind. */
export interface PatchFacets {
  readonly total: number;
  readonly security: number;
  readonly exploited: number;
  readonly superseded: number;
  readonly carried: number;
  readonly ecosystems: Readonly<Partial<Record<Ecosystem, number>>>;
  /** Of the security patches. */
  readonly severities: Readonly<Partial<Record<Severity, number>>>;
}

const IS_SECURITY = 'f.id IN (SELECT patch_id FROM patch_risk)';

/** The part of a selection that is left. */
export function narrowPatches(selection: PatchSelection, by: PatchNarrowing): PatchSelection {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [...selection.parameters];
  if (by.ecosystems !== undefined && by.ecosystems.length > 0) {
    conditions.push(
      'EXISTS (SELECT 1 FROM patches p WHERE p.id = f.id AND p.ecosystem IN (SELECT value FROM json_each(?)))',
    );
    parameters.push(JSON.stringify(by.ecosystems));
  }
  if (by.severities !== undefined && by.severities.length > 0) {
    conditions.push(
      'f.id IN (SELECT patch_id FROM patch_risk WHERE severity IN (SELECT value FROM json_each(?)))',
    );
    parameters.push(JSON.stringify(by.severities));
  }
  if (by.releasedSince !== undefined) {
    conditions.push('f.id IN (SELECT patch_id FROM patch_risk WHERE published_at >= ?)');
    parameters.push(by.releasedSince);
  }
  if (by.onlyExploited === true) conditions.push('f.id IN (SELECT patch_id FROM patch_risk WHERE kev > 0)');
  if (by.onlySecurity === true) conditions.push(IS_SECURITY);
  if (by.hideSuperseded === true) conditions.push('f.id NOT IN (SELECT patch_id FROM patch_superseded)');
  if (conditions.length === 0) return selection;
  return { sql: `SELECT f.* FROM (${selection.sql}) f WHERE ${conditions.join(' AND ')}`, parameters };
}

/**
 * Cuts a page out of a selection, gravest first. Patches that nothing is known of and that nobody needs follow by name:
 * only the others are sorted, so that tens of thousands of plain ones cost nothing.
 *
 * @param needed number of endpoints by patch id
 */
export function pageByRisk(
  db: Db,
  { sql, parameters }: PatchSelection,
  page: { readonly limit: number; readonly offset: number },
  needed: ReadonlyMap<number, number>,
): readonly number[] {
  const counts = JSON.stringify([...needed]);
  const known = `(${IS_SECURITY} OR f.id IN (SELECT value ->> 0 FROM json_each(?)))`;
  const first = db
    .prepare(
      `WITH needed (id, endpoints) AS MATERIALIZED (SELECT value ->> 0, value ->> 1 FROM json_each(?))
       SELECT f.id FROM (${sql}) f JOIN patches p ON p.id = f.id LEFT JOIN patch_risk r ON r.patch_id = f.id
         LEFT JOIN needed n ON n.id = f.id
       WHERE ${known}
       ORDER BY p.risk_rank DESC, coalesce(n.endpoints, 0) DESC, coalesce(r.published_at, ''), f.position
       LIMIT ? OFFSET ?`,
    )
    .pluck()
    .all(counts, ...parameters, counts, page.limit, page.offset) as number[];
  if (first.length === page.limit) return first;
  const before = db
    .prepare(`SELECT count(*) FROM (${sql}) f WHERE ${known}`)
    .pluck()
    .get(...parameters, counts) as number;
  const rest = db
    .prepare(`SELECT f.id FROM (${sql}) f WHERE NOT ${known} ORDER BY f.position LIMIT ? OFFSET ?`)
    .pluck()
    .all(...parameters, counts, page.limit - first.length, Math.max(0, page.offset - before)) as number[];
  return [...first, ...rest];
}

export function countPatches(db: Db, { sql, parameters }: PatchSelection): number {
  return db
    .prepare(`SELECT count(*) FROM (${sql})`)
    .pluck()
    .get(...parameters) as number;
}

export function countFacets(db: Db, { sql, parameters }: PatchSelection): PatchFacets {
  const groups = db
    .prepare(
      `SELECT p.ecosystem, r.severity, coalesce(r.kev, 0) > 0 AS exploited,
         f.id IN (SELECT patch_id FROM patch_superseded) AS superseded,
         p.sha256 IN (SELECT sha256 FROM content_objects) AS carried, count(*) AS count
       FROM (${sql}) f JOIN patches p ON p.id = f.id LEFT JOIN patch_risk r ON r.patch_id = f.id
       GROUP BY 1, 2, 3, 4, 5`,
    )
    .all(...parameters) as {
    ecosystem: Ecosystem;
    severity: Severity | null;
    exploited: number;
    superseded: number;
    carried: number;
    count: number;
  }[];
  const ecosystems: Partial<Record<Ecosystem, number>> = {};
  const severities: Partial<Record<Severity, number>> = {};
  const sum = (of: (group: (typeof groups)[number]) => boolean): number =>
    groups.reduce((total, group) => total + (of(group) ? group.count : 0), 0);
  for (const { ecosystem, severity, count } of groups) {
    ecosystems[ecosystem] = (ecosystems[ecosystem] ?? 0) + count;
    if (severity !== null) severities[severity] = (severities[severity] ?? 0) + count;
  }
  return {
    total: sum(() => true),
    security: sum((group) => group.severity !== null),
    exploited: sum((group) => group.exploited === 1),
    superseded: sum((group) => group.superseded === 1),
    carried: sum((group) => group.carried === 1),
    ecosystems,
    severities,
  };
}
