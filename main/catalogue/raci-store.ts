import type { Role } from '../../contract/vocabulary.ts';
import type { RaciRow } from '../core/raci/matrix.ts';
import type { Db } from './database.ts';

export interface RaciVersionRow {
  readonly version: number;
  readonly at: string;
  /** A person's id. */
  readonly by: string;
  readonly reason: string;
  readonly rows: readonly RaciRow[];
}

export interface RoleChangeRow {
  readonly personId: string;
  readonly before: readonly Role[];
  readonly after: readonly Role[];
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

/** Versions of the matrix and changes of roles. Nothing in it is ever changed. */
export class RaciStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Oldest first. */
  listVersions(): readonly RaciVersionRow[] {
    const rows = this.#db.prepare('SELECT * FROM raci_versions ORDER BY version').all() as (Omit<
      RaciVersionRow,
      'rows'
    > & { rows: string })[];
    return rows.map((row) => ({ ...row, rows: JSON.parse(row.rows) as RaciRow[] }));
  }

  insertVersion(row: RaciVersionRow): void {
    this.#db
      .prepare('INSERT INTO raci_versions (version, at, by, reason, rows) VALUES (?, ?, ?, ?, ?)')
      .run(row.version, row.at, row.by, row.reason, JSON.stringify(row.rows));
  }

  /** Oldest first. */
  listRoleChanges(): readonly RoleChangeRow[] {
    const rows = this.#db
      .prepare('SELECT person_id AS personId, before, after, at, by, reason FROM person_roles ORDER BY row')
      .all() as (Omit<RoleChangeRow, 'before' | 'after'> & { before: string; after: string })[];
    return rows.map((row) => ({
      ...row,
      before: JSON.parse(row.before) as Role[],
      after: JSON.parse(row.after) as Role[],
    }));
  }

  /** The person's roles and the entry that says so, which belong into one transaction. Without a role the keyslot goes too. */
  changeRoles(change: RoleChangeRow): void {
    this.#db
      .prepare(
        'INSERT INTO person_roles (person_id, before, after, at, by, reason) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(
        change.personId,
        JSON.stringify(change.before),
        JSON.stringify(change.after),
        change.at,
        change.by,
        change.reason,
      );
    this.#db
      .prepare('UPDATE persons SET roles = ? WHERE id = ?')
      .run(JSON.stringify(change.after), change.personId);
    if (change.after.length === 0)
      this.#db.prepare("UPDATE persons SET keyslot = '' WHERE id = ?").run(change.personId);
  }
}
