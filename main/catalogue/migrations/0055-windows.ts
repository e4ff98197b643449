import type { Db } from '../database.ts';

/**
 * Microsoft's updates, as our list of them names them. Rows belong to the list's bytes, as those of every index do, and
 * go with it. An update may have several files or none at hand; each file with a known SHA-256 is a patch.
 */
export const migration = {
  version: 55,
  name: 'windows',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE windows_updates (
        id INTEGER PRIMARY KEY,
        index_id INTEGER NOT NULL REFERENCES package_indexes (id) ON DELETE CASCADE,
        -- Microsoft's UpdateId, or article and architecture.
        update_id TEXT NOT NULL,
        kb TEXT,
        title TEXT NOT NULL,
        -- The whole row of the list, as JSON.
        facts TEXT NOT NULL,
        UNIQUE (index_id, update_id)
      ) STRICT;
      CREATE INDEX windows_updates_kb ON windows_updates (kb) WHERE kb IS NOT NULL;

      CREATE TABLE windows_supersedence (
        index_id INTEGER NOT NULL REFERENCES package_indexes (id) ON DELETE CASCADE,
        update_id TEXT NOT NULL,
        superseded_by TEXT NOT NULL,
        PRIMARY KEY (index_id, update_id, superseded_by)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX windows_supersedence_by ON windows_supersedence (index_id, superseded_by);

      CREATE TABLE windows_update_files (
        patch_id INTEGER NOT NULL REFERENCES patches (id) ON DELETE CASCADE,
        windows_update INTEGER NOT NULL REFERENCES windows_updates (id) ON DELETE CASCADE,
        PRIMARY KEY (patch_id, windows_update)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX windows_update_files_update ON windows_update_files (windows_update);
    `);
  },
} as const;
