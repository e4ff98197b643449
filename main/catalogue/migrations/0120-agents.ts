import type { Db } from '../database.ts';

/** Versions of our own agent that bundles brought. A version is one file for ever, also after its content is gone. */
export const migration = {
  version: 120,
  name: 'agents',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE agents (
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        architecture TEXT NOT NULL,
        sha256 TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        imported_at TEXT NOT NULL,
        pinned_by TEXT,
        pinned_at TEXT,
        PRIMARY KEY (name, version),
        CHECK ((pinned_by IS NULL) = (pinned_at IS NULL))
      ) STRICT, WITHOUT ROWID;
    `);
  },
};
