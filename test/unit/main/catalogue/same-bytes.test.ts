import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { migrate, MIGRATIONS } from '../../../../main/catalogue/migrate.ts';

test('decisions that were taken in before are kept in their order when two persons may sign the same bytes', () => {
  const db = new Database(':memory:');
  migrate(
    db,
    MIGRATIONS.filter(({ version }) => version < 250),
  );
  // Whom and what they are about is kept elsewhere.
  db.pragma('foreign_keys = OFF');
  const insert = (sha256: string, person: string): unknown =>
    db
      .prepare(
        `INSERT INTO review_decisions (sha256, pack_id, person_id, file, ssh_signature, imported_at, imported_by)
         VALUES (?, 'pack', ?, x'01', x'02', '2026-11-24T12:00:00.000Z', 'asha')`,
      )
      .run(sha256, person);
  insert('b', 'grace');
  insert('a', 'ben');
  expect(() => insert('a', 'grace')).toThrow(/UNIQUE/);
  const read = (): unknown[] => db.prepare('SELECT * FROM review_decisions ORDER BY row').all();
  const before = read();
  migrate(db);
  expect(read()).toEqual(before);
  insert('a', 'grace');
  expect(() => insert('a', 'grace')).toThrow(/UNIQUE/);
  expect(() => db.prepare("UPDATE review_decisions SET person_id = 'x'").run()).toThrow(/history/);
  expect(() => db.prepare('DELETE FROM review_decisions').run()).toThrow(/history/);
  db.close();
});
