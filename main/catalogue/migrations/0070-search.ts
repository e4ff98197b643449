import type { Db } from '../database.ts';
import { indexForSearch } from '../search-index.ts';

/**
 * Full-text search over patches. `offered` says which patches some repository offers now, and where each stands in the
 * order by name: it is made anew when an import switches the repositories, so that a query need not find out.
 */
export const migration = {
  version: 70,
  name: 'search',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE offered (
        patch_id INTEGER PRIMARY KEY REFERENCES patches (id),
        position INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX offered_position ON offered (position);

      -- No copy of the text is kept: the rows are in "patches", under the same id.
      CREATE VIRTUAL TABLE patch_search USING fts5 (
        name, text, content = '', contentless_delete = 1, prefix = '3',
        tokenize = "unicode61 tokenchars '.'"
      );
      -- What one transaction adds is sorted in memory before it is written; the default of 1 MiB makes many small runs.
      INSERT INTO patch_search (patch_search, rank) VALUES ('hashsize', 8388608);
      -- A hit in the name counts ten times one in the description.
      INSERT INTO patch_search (patch_search, rank) VALUES ('rank', 'bm25(10.0, 1.0)');
      -- The words that names are made of, to find one by a part inside it.
      CREATE TABLE name_words (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
      CREATE TRIGGER patches_forget_search AFTER DELETE ON patches BEGIN
        DELETE FROM patch_search WHERE rowid = old.id;
      END;

      CREATE INDEX patches_source ON patches (source);
      DROP INDEX advisories_advisory;
      CREATE INDEX advisories_advisory ON advisories (advisory COLLATE NOCASE) WHERE advisory IS NOT NULL;
    `);
    indexForSearch(db);
    db.exec(`
      INSERT INTO offered (patch_id, position)
      SELECT id, row_number() OVER (ORDER BY name, arch, id DESC) - 1 FROM patches
      WHERE id IN (SELECT patch_id FROM index_entries WHERE index_id IN (SELECT index_id FROM repositories))`);
  },
} as const;
