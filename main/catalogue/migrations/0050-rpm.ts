import type { Db } from '../database.ts';

/**
 * What repositories of RPM packages have beside their index: advisories and module streams, each a file that the
 * release file names. Rows of a modules document belong to its bytes, as those of an index do.
 */
export const migration = {
  version: 50,
  name: 'rpm',
  up(db: Db): void {
    db.exec(`
      ALTER TABLE advisories ADD COLUMN module TEXT;
      ALTER TABLE advisories ADD COLUMN reboot_suggested INTEGER NOT NULL DEFAULT 0;

      CREATE TABLE repository_files (
        repository_id INTEGER NOT NULL REFERENCES repositories (id),
        kind TEXT NOT NULL CHECK (kind IN ('signature', 'updateinfo', 'modules')),
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        PRIMARY KEY (repository_id, kind)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX repository_files_sha256 ON repository_files (sha256);

      CREATE TABLE module_packages (
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        arch TEXT NOT NULL,
        -- Module and stream: nodejs:18
        module TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (name, version, arch, module, document)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE module_defaults (
        document TEXT NOT NULL,
        module TEXT NOT NULL,
        PRIMARY KEY (document, module)
      ) STRICT, WITHOUT ROWID;
    `);
  },
} as const;
