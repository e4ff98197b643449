import type { Db } from '../database.ts';
import { refreshOffered } from '../search-index.ts';
import { refreshReach } from '../statement-reach.ts';

/**
 * Which patches bring what a vendor's statement speaks of, worked out when an import changes either, so that a search for a CVE
 * compares no versions. Patches of one source in one release are a group, ranked by version; a statement reaches those of
 * its group from a rank on. And what is offered says its kind itself, to be counted without looking at each patch.
 */
export const migration = {
  version: 100,
  name: 'reach',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE statement_reach (
        advisory_id TEXT PRIMARY KEY REFERENCES advisories (id),
        group_id INTEGER NOT NULL,
        from_rank INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE reach_groups (
        group_id INTEGER NOT NULL,
        rank INTEGER NOT NULL,
        patch_id INTEGER NOT NULL REFERENCES patches (id) ON DELETE CASCADE,
        PRIMARY KEY (group_id, rank, patch_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX reach_groups_patch ON reach_groups (patch_id);

      ALTER TABLE offered ADD COLUMN ecosystem TEXT NOT NULL DEFAULT 'deb';
    `);
    refreshOffered(db);
    refreshReach(db);
  },
} as const;
