import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/** What the customer signed at their desk beside decisions, and where each was written: history, all of it. */
export const migration = {
  version: 220,
  name: 'desk-statements',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE desk_statements (
        row INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,      -- of the payload
        kind TEXT NOT NULL CHECK (kind IN ('policy', 'delegation', 'emergency')),
        site_id TEXT NOT NULL,
        site_name TEXT NOT NULL,          -- as packs called it then; '': none was open
        to_name TEXT NOT NULL,            -- of a delegation, as it came with the key; '' else
        file BLOB NOT NULL,               -- the signed envelope, byte for byte
        key TEXT NOT NULL REFERENCES desk_keys (fingerprint),
        signed_at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE desk_statement_files (
        row INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL REFERENCES desk_statements (sha256),
        path TEXT NOT NULL,
        written_at TEXT NOT NULL
      ) STRICT;
    `);
    keepHistory(db, ['desk_statements', 'desk_statement_files']);
  },
} as const;
