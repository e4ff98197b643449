import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/**
 * Whose hand holds what: who added a person and who chose their passphrase; who moved an endpoint to another group, and who said whose a
 * group is. Of what was there before, nobody knows.
 */
export const migration = {
  version: 260,
  name: 'hands',
  up(db: Db): void {
    db.exec(`
      ALTER TABLE persons ADD COLUMN added_by TEXT;        -- NULL: unknown; their own id: they began the site
      ALTER TABLE persons ADD COLUMN passphrase_by TEXT;   -- NULL: unknown; their own id: they chose it themselves

      CREATE TRIGGER persons_added_by_once BEFORE UPDATE OF added_by ON persons
        BEGIN SELECT RAISE(ABORT, 'who added a person is history: it is never changed'); END;
      CREATE TRIGGER persons_passphrase_own BEFORE UPDATE OF passphrase_by ON persons
        WHEN NEW.passphrase_by IS NOT NEW.id
        BEGIN SELECT RAISE(ABORT, 'nobody chooses the passphrase of another person who is here already'); END;

      CREATE TABLE endpoint_moves (
        row INTEGER PRIMARY KEY,
        endpoint_id TEXT NOT NULL REFERENCES endpoints (id),
        before TEXT NOT NULL,             -- group
        after TEXT NOT NULL,              -- group; the same: somebody confirmed it
        at TEXT NOT NULL,
        by TEXT NOT NULL REFERENCES persons (id)
      ) STRICT;
      CREATE INDEX endpoint_moves_endpoint ON endpoint_moves (endpoint_id, row);

      CREATE TABLE group_owners (
        row INTEGER PRIMARY KEY,
        group_name TEXT NOT NULL,
        before TEXT NOT NULL,             -- customer; '': nobody had said
        after TEXT NOT NULL,              -- customer; the same: somebody confirmed it
        at TEXT NOT NULL,
        by TEXT NOT NULL REFERENCES persons (id)
      ) STRICT;
      CREATE INDEX group_owners_group ON group_owners (group_name, row);
    `);
    keepHistory(db, ['endpoint_moves', 'group_owners']);
  },
} as const;
