import type { Db } from '../database.ts';

/** Trust that began anew: who proposed it and why, who confirmed it, what was given up, and the whole trust before and after. */
export const migration = {
  version: 110,
  name: 're-anchor',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE trust_reanchors (
        id TEXT PRIMARY KEY,
        proposed_by TEXT NOT NULL,
        proposed_by_name TEXT NOT NULL,
        proposed_at TEXT NOT NULL,
        reason TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        bundle TEXT NOT NULL,
        manifest_sha256 TEXT NOT NULL,
        trust_digest TEXT NOT NULL,
        gives_up TEXT NOT NULL CHECK (json_valid(gives_up)),
        trust_after TEXT NOT NULL CHECK (json_valid(trust_after)),
        trust_before TEXT CHECK (trust_before IS NULL OR json_valid(trust_before)),
        confirmed_by TEXT CHECK (confirmed_by <> proposed_by),
        confirmed_by_name TEXT,
        confirmed_at TEXT,
        CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
        CHECK ((confirmed_by IS NULL) = (trust_before IS NULL))
      ) STRICT, WITHOUT ROWID;
      CREATE TRIGGER trust_reanchors_kept BEFORE DELETE ON trust_reanchors
        BEGIN SELECT raise(ABORT, 'a record of re-anchored trust is kept'); END;
      CREATE TRIGGER trust_reanchors_settled BEFORE UPDATE ON trust_reanchors WHEN old.confirmed_by IS NOT NULL
        BEGIN SELECT raise(ABORT, 'a confirmed record of re-anchored trust is never changed'); END;
    `);
  },
};
