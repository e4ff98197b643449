import type { Db } from '../database.ts';

/** What the Collect workspace remembers: needs-lists that were opened, and every bundle that was built here. */
export const migration = {
  version: 80,
  name: 'collect',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE needs_lists (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        opened_by TEXT NOT NULL,
        text TEXT NOT NULL
      ) STRICT;
      -- Numbers are given out once: no two bundles share one, and none is ever removed.
      CREATE TABLE built_bundles (
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        root TEXT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (root, stream, seq)
      ) STRICT;
      CREATE TRIGGER built_bundles_stay BEFORE DELETE ON built_bundles BEGIN SELECT RAISE(ABORT, 'kept for ever'); END;
    `);
  },
} as const;
