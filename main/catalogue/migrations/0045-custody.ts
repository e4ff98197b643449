import type { Db } from '../database.ts';

/** The chain of custody of a bundle, and bundles of which some media have not come yet. */
export const migration = {
  version: 45,
  name: 'custody',
  up(db: Db): void {
    db.exec(`
      -- What the builder says of itself and its sources, as JSON; NULL for bundles that don't say.
      ALTER TABLE bundles ADD COLUMN provenance TEXT;

      -- Each medium that was put in and read to its end. Its bundle may not be imported yet.
      CREATE TABLE arrivals (
        id INTEGER PRIMARY KEY,
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        manifest_sha256 TEXT NOT NULL,
        volume INTEGER NOT NULL,
        volumes INTEGER NOT NULL,
        arrived_at TEXT NOT NULL,
        imported_by TEXT NOT NULL,
        carrier TEXT,
        label TEXT,
        serial TEXT,
        serial_from TEXT CHECK (serial_from IN ('system', 'person')),
        file_system TEXT,
        files INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX arrivals_bundle ON arrivals (stream, seq);

      -- Objects of bundles that wait for more media: whoever clears the content store leaves them alone.
      CREATE TABLE waiting_objects (
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (stream, seq, sha256)
      ) STRICT, WITHOUT ROWID;
    `);
  },
} as const;
