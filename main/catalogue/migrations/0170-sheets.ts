import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/** Decisions that came in a spreadsheet: nobody at the customer signed them, and a person at the site stands for them. All of it is history. */
const HISTORY = ['review_sheets', 'review_countersignatures'];

export const migration = {
  version: 170,
  name: 'sheets',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE review_sheets (
        row INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,      -- of the file
        pack_id TEXT NOT NULL REFERENCES review_packs (id),
        file_name TEXT NOT NULL,
        file BLOB NOT NULL,               -- as it came
        said_by TEXT NOT NULL,            -- who at the customer filled it in, as the importer says
        decided TEXT NOT NULL,            -- the rows that were read from it, canonical JSON
        signed INTEGER NOT NULL DEFAULT 0 CHECK (signed = 0),
        imported_at TEXT NOT NULL,
        imported_by TEXT NOT NULL REFERENCES persons (id)
      ) STRICT;
      CREATE INDEX review_sheets_pack ON review_sheets (pack_id, row);

      CREATE TABLE review_countersignatures (
        sheet_sha256 TEXT PRIMARY KEY REFERENCES review_sheets (sha256),
        sha256 TEXT NOT NULL UNIQUE,      -- of the statement
        person_id TEXT NOT NULL REFERENCES persons (id),
        statement TEXT NOT NULL,
        signature TEXT NOT NULL,          -- Base64, Ed25519, by the person's own key of this site
        signed_at TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `);
    keepHistory(db, HISTORY);
  },
} as const;
