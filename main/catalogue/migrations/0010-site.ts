import type { Db } from '../database.ts';

/**
 * The site: who, what, the journal, the audit trail. Nothing here is ever deleted that a person decided or a run did:
 * triggers refuse it, whoever asks.
 */
const SQL = `
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE persons (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  roles TEXT NOT NULL,              -- JSON array
  public_key TEXT NOT NULL,         -- SPKI PEM, Ed25519
  key_fingerprint TEXT NOT NULL,
  keyslot TEXT NOT NULL,            -- JSON: the vault key and the person's signing key, sealed by the passphrase
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE secrets (
  id TEXT PRIMARY KEY,
  sealed BLOB NOT NULL,             -- AES-256-GCM under the vault key, bound to id
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE hypervisors (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  kind TEXT NOT NULL CHECK (kind IN ('btrfs')),
  address TEXT NOT NULL,
  port INTEGER NOT NULL,
  user TEXT NOT NULL,
  host_key TEXT,
  secret_id TEXT NOT NULL REFERENCES secrets(id),
  config TEXT NOT NULL              -- JSON
) STRICT;

CREATE TABLE endpoints (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  group_name TEXT NOT NULL,
  address TEXT NOT NULL,
  port INTEGER NOT NULL,
  user TEXT NOT NULL,
  host_key TEXT,
  secret_id TEXT NOT NULL REFERENCES secrets(id),
  hypervisor_id TEXT REFERENCES hypervisors(id),
  vm TEXT,
  snapshot_mode TEXT NOT NULL CHECK (snapshot_mode IN ('hard', 'soft', 'disabled')),
  restore_on_failure INTEGER NOT NULL CHECK (restore_on_failure IN (0, 1)),
  reboot_policy TEXT NOT NULL CHECK (reboot_policy IN ('never', 'if-required', 'always')),
  health_checks TEXT NOT NULL,      -- JSON
  created_at TEXT NOT NULL,
  inventory_id INTEGER,             -- the newest inventory
  scan_failure TEXT                 -- JSON, NULL after a scan that went well
) STRICT;

CREATE TABLE inventories (
  id INTEGER PRIMARY KEY,
  endpoint_id TEXT NOT NULL REFERENCES endpoints(id),
  taken_at TEXT NOT NULL,
  digest TEXT NOT NULL,
  reason TEXT NOT NULL,             -- scan, before, after, restored
  run_id TEXT,
  content BLOB NOT NULL             -- JSON, zlib
) STRICT;
CREATE INDEX inventories_endpoint ON inventories (endpoint_id, id);

CREATE TABLE plans (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  canonical TEXT NOT NULL,
  left_out TEXT NOT NULL,           -- JSON
  created_by TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE approvals (
  id TEXT PRIMARY KEY,
  plan_id TEXT NOT NULL REFERENCES plans(id),
  plan_digest TEXT NOT NULL,
  requested_by TEXT NOT NULL REFERENCES persons(id),
  requested_at TEXT NOT NULL
) STRICT;

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  approval_id TEXT NOT NULL REFERENCES approvals(id),
  kind TEXT NOT NULL CHECK (kind IN ('granted', 'rejected', 'withdrawn')),
  decided_by TEXT NOT NULL REFERENCES persons(id),
  decided_at TEXT NOT NULL,
  expires_at TEXT,
  reason TEXT,
  statement TEXT NOT NULL,          -- the exact text that was signed
  signature TEXT NOT NULL           -- base64, Ed25519
) STRICT;
CREATE INDEX decisions_approval ON decisions (approval_id, id);

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  plan_id TEXT NOT NULL REFERENCES plans(id),
  approval_id TEXT NOT NULL REFERENCES approvals(id),
  started_by TEXT NOT NULL,
  started_at TEXT NOT NULL
) STRICT;

CREATE TABLE run_events (
  row INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs(id),
  endpoint_id TEXT NOT NULL REFERENCES endpoints(id),
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (run_id, endpoint_id, seq)
) STRICT;

CREATE TABLE snapshots (
  id TEXT PRIMARY KEY,
  platform_id TEXT NOT NULL,
  name TEXT NOT NULL,
  vm TEXT NOT NULL,
  hypervisor_id TEXT NOT NULL REFERENCES hypervisors(id),
  endpoint_id TEXT NOT NULL REFERENCES endpoints(id),
  run_id TEXT NOT NULL REFERENCES runs(id),
  taken_at TEXT NOT NULL,
  proven_at TEXT,
  kept_until TEXT NOT NULL,
  restored_at TEXT,
  deleted_at TEXT,
  UNIQUE (hypervisor_id, platform_id)
) STRICT;

CREATE TABLE incidents (
  id TEXT PRIMARY KEY,
  opened_at TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  endpoint_id TEXT,
  run_id TEXT,
  evidence TEXT NOT NULL,           -- JSON
  UNIQUE (run_id, endpoint_id, code)
) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,            -- JSON
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
`;

/** Tables whose rows are history. */
const HISTORY = ['plans', 'approvals', 'decisions', 'runs', 'run_events', 'audit', 'incidents'];

export const migration = {
  version: 10,
  name: 'site',
  up(db: Db): void {
    db.exec(SQL);
    for (const table of HISTORY) {
      for (const verb of ['UPDATE', 'DELETE']) {
        db.exec(
          `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} ` +
            `BEGIN SELECT RAISE(ABORT, '${table} is history: it is never changed'); END`,
        );
      }
    }
    db.exec(
      `CREATE TRIGGER snapshots_no_delete BEFORE DELETE ON snapshots ` +
        `BEGIN SELECT RAISE(ABORT, 'snapshots is history: it is never changed'); END`,
    );
  },
};
