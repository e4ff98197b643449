import type { Db } from '../database.ts';

/** What each bundle carried, so that two can be compared; and what was taken out of the content store since. */
export const migration = {
  version: 61,
  name: 'bundle-content',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE bundle_patches (
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        patch_id INTEGER NOT NULL,
        -- Of the release that offered it then: repositories move on, a bundle does not.
        codename TEXT NOT NULL,
        PRIMARY KEY (stream, seq, patch_id),
        FOREIGN KEY (stream, seq) REFERENCES bundles (stream, seq)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE bundle_advisories (
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        advisory_id TEXT NOT NULL,
        PRIMARY KEY (stream, seq, advisory_id),
        FOREIGN KEY (stream, seq) REFERENCES bundles (stream, seq)
      ) STRICT, WITHOUT ROWID;

      -- Objects whose file is gone or about to go. removed_at is NULL until it is.
      CREATE TABLE collected_objects (
        id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        class TEXT NOT NULL,
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        collected_at TEXT NOT NULL,
        collected_by TEXT NOT NULL,
        removed_at TEXT
      ) STRICT;
      CREATE INDEX collected_objects_pending ON collected_objects (id) WHERE removed_at IS NULL;
    `);
  },
} as const;
