import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/** Whose a patch group is, and what its customer signed beside decisions. All but the first table is history. */
const HISTORY = ['group_policies', 'delegations', 'delegation_revocations', 'emergency_requests'];

export const migration = {
  version: 130,
  name: 'policies',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE patch_groups (
        name TEXT PRIMARY KEY,            -- as endpoints.group_name
        customer TEXT NOT NULL            -- '': nobody said yet
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE group_policies (
        row INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,      -- of the signed payload
        group_name TEXT NOT NULL,
        version INTEGER NOT NULL,         -- the highest of a group is in force
        person_id TEXT NOT NULL REFERENCES persons (id),
        file BLOB NOT NULL,               -- the envelope as it came
        imported_at TEXT NOT NULL,
        imported_by TEXT NOT NULL REFERENCES persons (id),
        UNIQUE (group_name, version)
      ) STRICT;

      CREATE TABLE delegations (
        row INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        from_person TEXT NOT NULL REFERENCES persons (id),
        to_person TEXT NOT NULL REFERENCES persons (id),
        file BLOB NOT NULL,
        imported_at TEXT NOT NULL,
        imported_by TEXT NOT NULL REFERENCES persons (id)
      ) STRICT;

      CREATE TABLE delegation_revocations (
        sha256 TEXT PRIMARY KEY REFERENCES delegations (sha256),
        revoked_at TEXT NOT NULL,
        revoked_by TEXT NOT NULL REFERENCES persons (id),
        reason TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE emergency_requests (
        row INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        person_id TEXT NOT NULL REFERENCES persons (id),
        file BLOB NOT NULL,
        imported_at TEXT NOT NULL,
        imported_by TEXT NOT NULL REFERENCES persons (id)
      ) STRICT;
    `);
    keepHistory(db, HISTORY);
  },
} as const;
