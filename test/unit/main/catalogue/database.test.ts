import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { StoreError } from '../../../../contract/errors.ts';
import { openDatabase } from '../../../../main/catalogue/database.ts';
import { MIGRATIONS } from '../../../../main/catalogue/migrate.ts';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-db-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('the database', () => {
  test('commits with synchronous FULL on the first open and on every later one', () => {
    const path = join(newFolder(), 'site.db');
    for (let open = 1; open <= 2; open += 1) {
      const db = openDatabase(path);
      expect(db.pragma('synchronous', { simple: true })).toBe(2);
      expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
      db.close();
    }
  });

  test('refuses a file that a newer Sallyport wrote, and leaves it as it is', () => {
    const path = join(newFolder(), 'site.db');
    const db = openDatabase(path);
    db.prepare('INSERT INTO schema_migrations VALUES (?, ?)').run(999_990, 'from the future');
    db.close();
    expect(codeOf(() => openDatabase(path))).toBe('STORE_FROM_THE_FUTURE');
  });

  test('refuses a file whose migrations are not ours', () => {
    const path = join(newFolder(), 'site.db');
    const db = openDatabase(path);
    db.prepare("UPDATE schema_migrations SET name = 'something else' WHERE version = 10").run();
    db.close();
    expect(codeOf(() => openDatabase(path))).toBe('STORE_MIGRATION_UNKNOWN');
  });

  test('says damaged of a file that is no database', () => {
    const path = join(newFolder(), 'site.db');
    writeFileSync(path, 'this was never a database, but it is long enough to be looked at as one');
    expect(codeOf(() => openDatabase(path))).toBe('STORE_DAMAGED');
  });

  test('has migrations in rising order, each table STRICT', () => {
    const versions = MIGRATIONS.map((migration) => migration.version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    const db = openDatabase(':memory:');
    const loose = db
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
      )
      .pluck()
      .all();
    expect(loose).toEqual([]);
  });
});
