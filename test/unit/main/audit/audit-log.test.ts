import { describe, expect, test } from 'vitest';
import { AuditLog } from '../../../../main/audit/audit-log.ts';
import { openDatabase } from '../../../../main/catalogue/database.ts';

function filled() {
  const db = openDatabase(':memory:');
  const log = new AuditLog(db);
  for (let day = 1; day <= 5; day += 1) {
    log.append({
      at: `2026-11-0${day}T00:00:00.000Z`,
      actor: 'Asha',
      action: 'endpoints.scan',
      subject: { endpoint: `web-${day}` },
    });
  }
  return { db, log };
}

describe('the audit trail', () => {
  test('is intact as it was written', () => {
    expect(filled().log.verify()).toEqual({ entries: 5, firstBroken: null });
  });

  test('cannot be changed or shortened through the database while its triggers stand', () => {
    const { db } = filled();
    expect(() => db.exec("UPDATE audit SET actor = 'Bilal' WHERE seq = 3")).toThrow(/history/);
    expect(() => db.exec('DELETE FROM audit WHERE seq = 5')).toThrow(/history/);
  });

  test.each([
    ['a changed actor', "UPDATE audit SET actor = 'Bilal' WHERE seq = 3", 3],
    ['a changed subject', "UPDATE audit SET subject = '{}' WHERE seq = 2", 2],
    ['an entry taken out', 'DELETE FROM audit WHERE seq = 3', 4],
    ['two entries swapped', 'UPDATE audit SET seq = CASE seq WHEN 2 THEN 30 ELSE seq END', 3],
  ])('shows %s, even by someone who removed the triggers', (_what, sql, broken) => {
    const { db, log } = filled();
    db.exec('DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete');
    db.exec(sql);
    expect(log.verify().firstBroken).toBe(broken);
  });
});
