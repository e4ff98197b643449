import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/** Several persons can stand for one sheet, each with a key of their own: where two have to approve, one countersignature is half of it. */
export const migration = {
  version: 280,
  name: 'countersignatures',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE review_countersignatures_by_person (
        sheet_sha256 TEXT NOT NULL REFERENCES review_sheets (sha256),
        person_id TEXT NOT NULL REFERENCES persons (id),
        sha256 TEXT NOT NULL UNIQUE,      -- of the statement
        statement TEXT NOT NULL,
        signature TEXT NOT NULL,          -- Base64, Ed25519, by the person's own key of this site
        signed_at TEXT NOT NULL,
        PRIMARY KEY (sheet_sha256, person_id)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO review_countersignatures_by_person (sheet_sha256, person_id, sha256, statement, signature, signed_at)
        SELECT sheet_sha256, person_id, sha256, statement, signature, signed_at FROM review_countersignatures;
      DROP TABLE review_countersignatures;
      ALTER TABLE review_countersignatures_by_person RENAME TO review_countersignatures;
    `);
    keepHistory(db, ['review_countersignatures']);
  },
} as const;
