import { ECOSYSTEMS, SEVERITIES, type Ecosystem, type Severity } from '../core/advisory.ts';
import type { Db } from './database.ts';
import { CARRIED, type PatchSelection } from './patch-search.ts';

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
  // Cast, because SQLite makes an index of its own only for what it knows to be numbers.
  const needs = `WITH needed (id, endpoints) AS MATERIALIZED (
      SELECT CAST(value ->> 0 AS INTEGER), CAST(value ->> 1 AS INTEGER) FROM json_each(?))`;
  const joined = `(${sql}) f LEFT JOIN patch_risk r ON r.patch_id = f.id LEFT JOIN needed n ON n.id = f.id`;
  const isKnown = '(r.patch_id IS NOT NULL OR n.id IS NOT NULL)';
  const first = db
    .prepare(
      `${needs} SELECT f.id FROM ${joined} JOIN patches p ON p.id = f.id WHERE ${isKnown}
       ORDER BY p.risk_rank DESC, coalesce(n.endpoints, 0) DESC, coalesce(r.published_at, ''), f.position
       LIMIT ? OFFSET ?`,
    )
    .pluck()
    .all(counts, ...parameters, page.limit, page.offset) as number[];
  if (first.length === page.limit) return first;
  const before = db
    .prepare(`${needs} SELECT count(*) FROM ${joined} WHERE ${isKnown}`)
    .pluck()
    .get(counts, ...parameters) as number;
  const rest = db
    .prepare(`${needs} SELECT f.id FROM ${joined} WHERE NOT ${isKnown} ORDER BY f.position LIMIT ? OFFSET ?`)
    .pluck()
    .all(counts, ...parameters, page.limit - first.length, Math.max(0, page.offset - before)) as number[];
  return [...first, ...rest];
}

export function countPatches(db: Db, { sql, parameters }: PatchSelection): number {
  return db
    .prepare(`SELECT count(*) FROM (${sql})`)
    .pluck()
    .get(...parameters) as number;
}

/** One pass over the selection and no grouping: to sort 200,000 rows into groups would take longer than to find them. */
export function countFacets(db: Db, { sql, parameters }: PatchSelection): PatchFacets {
  const counts = [
    'count(*) AS total',
    'count(r.patch_id) AS security',
    'count(nullif(r.kev, 0)) AS exploited',
    'count(s.patch_id) AS superseded',
    ...ECOSYSTEMS.map((name) => `sum(o.ecosystem = '${name}') AS "of ${name}"`),
    ...SEVERITIES.map((name) => `sum(r.severity IS '${name}') AS "is ${name}"`),
  ];
  const row = db
    .prepare(
      `SELECT ${counts.join(', ')} FROM (${sql}) f JOIN offered o ON o.patch_id = f.id
         LEFT JOIN patch_risk r ON r.patch_id = f.id
         LEFT JOIN patch_superseded s ON s.patch_id = f.id`,
    )
    .get(...parameters) as Readonly<Record<string, number | null>>;
  const carried = db
    .prepare(`SELECT count(*) FROM (${sql}) f WHERE f.id IN (${CARRIED})`)
    .pluck()
    .get(...parameters) as number;
  const at = (column: string): number => row[column] ?? 0;
  const named = <Name extends string>(names: readonly Name[], prefix: string) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const count = at(`${prefix} ${name}`);
        return count === 0 ? [] : [[name, count]];
      }),
    ) as Partial<Record<Name, number>>;
  return {
    total: at('total'),
    security: at('security'),
    exploited: at('exploited'),
    superseded: at('superseded'),
    carried,
    ecosystems: named(ECOSYSTEMS, 'of'),
    severities: named(SEVERITIES, 'is'),
  };
}
