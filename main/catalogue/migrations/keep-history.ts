import type { Db } from '../database.ts';

/** Rows of these tables are added and read, never changed and never removed: SQLite itself refuses. */
export function keepHistory(db: Db, tables: readonly string[]): void {
  for (const table of tables) {
    for (const verb of ['UPDATE', 'DELETE']) {
      db.exec(
        `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} ` +
          `BEGIN SELECT RAISE(ABORT, '${table} is history: it is never changed'); END`,
      );
    }
  }
}
