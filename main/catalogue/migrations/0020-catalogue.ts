import type { Db } from '../database.ts';

/**
 * The catalogue: what imported bundles brought. Rows of an index belong to the index's bytes (its SHA-256), not to a
 * repository: a repository points at its index, and an import switches that pointer. So indexes can be read in small
 * transactions beforehand, and the switch itself is one short one.
 */
export const migration = {
  version: 20,
  name: 'catalogue',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE bundles (
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        base INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        imported_at TEXT NOT NULL,
        imported_by TEXT NOT NULL,
        manifest_sha256 TEXT NOT NULL,
        objects INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        signatures TEXT NOT NULL,
        repositories TEXT NOT NULL,
        missing TEXT NOT NULL,
        stale_reason TEXT,
        PRIMARY KEY (stream, seq)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE content_objects (
        sha256 TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        class TEXT NOT NULL,
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        FOREIGN KEY (stream, seq) REFERENCES bundles (stream, seq)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE package_indexes (
        id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
        packages INTEGER NOT NULL,
        -- Highest patch id before the index was read: what an abandoned reading added lies above it.
        patch_watermark INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE patches (
        id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        arch TEXT NOT NULL,
        source TEXT NOT NULL,
        source_version TEXT NOT NULL,
        section TEXT NOT NULL,
        priority TEXT NOT NULL,
        size INTEGER NOT NULL,
        installed_size INTEGER,
        essential INTEGER NOT NULL,
        description TEXT NOT NULL
      ) STRICT;
      CREATE INDEX patches_name ON patches (name);

      CREATE TABLE index_entries (
        index_id INTEGER NOT NULL REFERENCES package_indexes (id),
        patch_id INTEGER NOT NULL REFERENCES patches (id),
        filename TEXT NOT NULL,
        PRIMARY KEY (index_id, patch_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX index_entries_patch ON index_entries (patch_id);

      CREATE TABLE repositories (
        id INTEGER PRIMARY KEY,
        distribution TEXT NOT NULL,
        codename TEXT NOT NULL,
        root TEXT NOT NULL,
        suite TEXT NOT NULL,
        component TEXT NOT NULL,
        arch TEXT NOT NULL,
        origin TEXT NOT NULL,
        label TEXT NOT NULL,
        release_date TEXT NOT NULL,
        valid_until TEXT,
        pin INTEGER NOT NULL CHECK (pin IN (500, 100, 1)),
        release_path TEXT NOT NULL,
        release_sha256 TEXT NOT NULL,
        release_size INTEGER NOT NULL,
        index_path TEXT NOT NULL,
        index_sha256 TEXT NOT NULL,
        index_size INTEGER NOT NULL,
        index_id INTEGER NOT NULL REFERENCES package_indexes (id),
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        UNIQUE (root, suite, component, arch),
        FOREIGN KEY (stream, seq) REFERENCES bundles (stream, seq)
      ) STRICT;

      CREATE TABLE advisories (
        id TEXT PRIMARY KEY,
        distribution TEXT NOT NULL,
        codename TEXT NOT NULL,
        source TEXT NOT NULL,
        fixed_version TEXT NOT NULL,
        urgency TEXT,
        severity TEXT NOT NULL,
        cves TEXT NOT NULL,
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        published_at TEXT,
        provenance TEXT NOT NULL,
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        FOREIGN KEY (stream, seq) REFERENCES bundles (stream, seq)
      ) STRICT;
      CREATE INDEX advisories_source ON advisories (distribution, codename, source);

      CREATE TABLE advisory_cves (
        cve TEXT NOT NULL,
        advisory_id TEXT NOT NULL REFERENCES advisories (id),
        PRIMARY KEY (cve, advisory_id)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE trust_roots (
        version INTEGER PRIMARY KEY,
        bytes BLOB NOT NULL,
        accepted_at TEXT NOT NULL,
        -- A person for the pinned root; NULL for one that its predecessor vouched for.
        pinned_by TEXT
      ) STRICT;

      CREATE TABLE trust_marks (
        role TEXT PRIMARY KEY CHECK (role IN ('timestamp', 'snapshot', 'targets')),
        version INTEGER NOT NULL,
        sha256 TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE trust_streams (
        stream TEXT PRIMARY KEY,
        seq INTEGER NOT NULL,
        manifest_sha256 TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE trust_time (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        floor TEXT NOT NULL
      ) STRICT;
    `);
  },
} as const;
