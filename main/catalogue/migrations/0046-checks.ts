import type { Db } from '../database.ts';

/** What a site looks for in bundles by itself: malware, and the vendors' signatures. */
export const migration = {
  version: 46,
  name: 'checks',
  up(db: Db): void {
    db.exec(`
      -- JSON; NULL for bundles that were imported before.
      ALTER TABLE bundles ADD COLUMN malware TEXT;
      ALTER TABLE bundles ADD COLUMN vendor_checks TEXT;

      CREATE TABLE malware_verdicts (
        sha256 TEXT NOT NULL,
        engine TEXT NOT NULL,
        database TEXT NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('clean', 'infected')),
        signature TEXT,
        scanned_at TEXT NOT NULL,
        PRIMARY KEY (sha256, engine, database)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE vendor_keys (
        fingerprint TEXT NOT NULL,
        root TEXT NOT NULL,
        user_id TEXT NOT NULL,
        bytes BLOB NOT NULL,
        pinned_by TEXT NOT NULL,
        pinned_at TEXT NOT NULL,
        PRIMARY KEY (fingerprint, root)
      ) STRICT, WITHOUT ROWID;
    `);
  },
} as const;
