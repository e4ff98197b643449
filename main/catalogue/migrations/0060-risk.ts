import type { Db } from '../database.ts';

/**
 * How dangerous CVEs are, by whom and as of when, and where that puts each patch. `risk_rank` is derived
 * (main/core/risk/order.ts): written anew by every import, in its transaction. Its default is the rank of a patch that
 * nothing is known of.
 */
export const migration = {
  version: 60,
  name: 'risk',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE risk_feeds (
        feed TEXT PRIMARY KEY CHECK (feed IN ('cisa-kev', 'first-epss')),
        version TEXT NOT NULL,
        date TEXT NOT NULL,
        document TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        retrieved_at TEXT NOT NULL,
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        FOREIGN KEY (stream, seq) REFERENCES bundles (stream, seq)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE risk_kev (
        cve TEXT PRIMARY KEY,
        date_added TEXT NOT NULL,
        due_date TEXT,
        ransomware INTEGER NOT NULL CHECK (ransomware IN (0, 1))
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE risk_epss (
        cve TEXT PRIMARY KEY,
        score REAL NOT NULL,
        percentile REAL,
        -- Scores of two models do not compare: each says which one it is of.
        model TEXT NOT NULL,
        date TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE risk_cvss (
        cve TEXT NOT NULL,
        source TEXT NOT NULL,
        vector TEXT NOT NULL,
        version TEXT NOT NULL,
        base REAL NOT NULL,
        PRIMARY KEY (cve, source, vector)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE risk_vendor (
        cve TEXT NOT NULL,
        source TEXT NOT NULL,
        exploited INTEGER CHECK (exploited IN (0, 1)),
        disclosed INTEGER CHECK (disclosed IN (0, 1)),
        PRIMARY KEY (cve, source)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE risk_not_affected (
        cve TEXT NOT NULL,
        source TEXT NOT NULL,
        ecosystem TEXT NOT NULL,
        distribution TEXT NOT NULL,
        codename TEXT NOT NULL,
        package TEXT NOT NULL,
        PRIMARY KEY (cve, source, ecosystem, distribution, codename, package)
      ) STRICT, WITHOUT ROWID;

      -- Only of patches that are security fixes: what is not here is plain.
      CREATE TABLE patch_risk (
        patch_id INTEGER PRIMARY KEY,
        kev INTEGER NOT NULL CHECK (kev IN (0, 1, 2)),
        severity TEXT NOT NULL,
        published_at TEXT
      ) STRICT;
      CREATE TABLE patch_superseded (patch_id INTEGER PRIMARY KEY, by_patch_id INTEGER NOT NULL) STRICT;

      ALTER TABLE patches ADD COLUMN risk_rank INTEGER NOT NULL DEFAULT 51611717;
      CREATE INDEX patches_risk ON patches (risk_rank DESC, id);
    `);
  },
} as const;
