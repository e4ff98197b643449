import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { migrate, MIGRATIONS } from '../../../../main/catalogue/migrate.ts';
import { SheetStore } from '../../../../main/catalogue/sheet-store.ts';

test('what was countersigned before several persons could is kept, and is history still', () => {
  const db = new Database(':memory:');
  db.pragma('foreign_keys = OFF');
  migrate(
    db,
    MIGRATIONS.filter(({ version }) => version < 280),
  );
  db.exec(`
    INSERT INTO review_sheets (sha256, pack_id, file_name, file, said_by, decided, imported_at, imported_by)
      VALUES ('s', 'p', 'a.csv', x'00', 'Ms Okoye', '[]', '2026-11-24T12:00:00.000Z', 'asha');
    INSERT INTO review_countersignatures VALUES ('s', 'h', 'carol', '{}', 'x', '2026-11-24T13:00:00.000Z')`);
  migrate(db);
  const store = new SheetStore(db);
  const second = {
    ...{ sheetSha256: 's', sha256: 'i', personId: 'dan', statement: '{}', signature: 'y' },
    signedAt: '2026-11-24T14:00:00.000Z',
  };
  store.insertCountersignature(second);
  expect(() => store.insertCountersignature({ ...second, sha256: 'j' })).toThrow(/UNIQUE/);
  expect(store.find('s')?.countersignatures.map(({ personId }) => personId)).toEqual(['carol', 'dan']);
  expect(() => db.prepare('DELETE FROM review_countersignatures').run()).toThrow(/history/);
  expect(() => db.prepare("UPDATE review_countersignatures SET statement = ''").run()).toThrow(/history/);
  db.close();
});
