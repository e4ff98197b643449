import type { Db } from '../database.ts';

/**
 * Room for patches that are no Debian packages. An index is an object whose rows are patches, whoever wrote it: a
 * `Packages` file, a `primary.xml`, our own list of Windows updates. What a repository points at is always an index.
 */
export const migration = {
  version: 30,
  name: 'ecosystems',
  up(db: Db): void {
    db.exec(`
      ALTER TABLE patches ADD COLUMN ecosystem TEXT NOT NULL DEFAULT 'deb' CHECK (ecosystem IN ('deb', 'rpm', 'windows'));
      ALTER TABLE repositories ADD COLUMN ecosystem TEXT NOT NULL DEFAULT 'deb' CHECK (ecosystem IN ('deb', 'rpm', 'windows'));
      ALTER TABLE advisories ADD COLUMN ecosystem TEXT NOT NULL DEFAULT 'deb' CHECK (ecosystem IN ('deb', 'rpm', 'windows'));
      ALTER TABLE advisories ADD COLUMN advisory TEXT;
      ALTER TABLE advisories ADD COLUMN type TEXT NOT NULL DEFAULT 'not stated';
      -- Whether the package named in "source" is a source package or a binary one.
      ALTER TABLE advisories ADD COLUMN about TEXT NOT NULL DEFAULT 'source' CHECK (about IN ('source', 'binary'));
      CREATE INDEX advisories_advisory ON advisories (advisory) WHERE advisory IS NOT NULL;
    `);
  },
} as const;
