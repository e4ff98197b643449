import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/** Two approvers may sign the very same bytes, as with ssh-keygen over one file: each is a word of its own. */
export const migration = {
  version: 250,
  name: 'same-bytes',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE review_decisions_new (
        row INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL,             -- of the signed payload
        pack_id TEXT NOT NULL REFERENCES review_packs (id),
        person_id TEXT NOT NULL REFERENCES persons (id),
        file BLOB NOT NULL,               -- as it came
        ssh_signature BLOB,               -- when it was signed by ssh-keygen
        imported_at TEXT NOT NULL,
        imported_by TEXT NOT NULL REFERENCES persons (id),
        UNIQUE (sha256, person_id)
      ) STRICT;
      INSERT INTO review_decisions_new (row, sha256, pack_id, person_id, file, ssh_signature, imported_at, imported_by)
        SELECT row, sha256, pack_id, person_id, file, ssh_signature, imported_at, imported_by FROM review_decisions;
      DROP TABLE review_decisions;
      ALTER TABLE review_decisions_new RENAME TO review_decisions;
      CREATE INDEX review_decisions_pack ON review_decisions (pack_id, row);
    `);
    keepHistory(db, ['review_decisions']);
  },
} as const;
