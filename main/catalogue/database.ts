import Database from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../../contract/errors.ts';
import { migrate } from './migrate.ts';

export type Db = Database.Database;

/**
 * Opens the site's database and brings it to the current version.
 *
 * `synchronous = FULL` is set on every open: SQLite falls back to NORMAL when a WAL file is reopened, and a run
 * journal would then lose its last commit in a power cut (https://www.sqlite.org/pragma.html#pragma_synchronous).
 *
 * @param path file of the database, or `:memory:`
 * @throws StoreError STORE_FROM_THE_FUTURE, STORE_MIGRATION_UNKNOWN, STORE_DAMAGED
 */
export function openDatabase(path: string): Db {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new Database(path, { timeout: 15_000 });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(error.code)) {
      throw new StoreError('STORE_DAMAGED', `The database ${path} cannot be read as one.`, {
        hint: 'Restore it from a backup; nothing was changed.',
        cause: error,
      });
    }
    throw error;
  }
}
