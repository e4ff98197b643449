import type { Db } from '../database.ts';

/** What went out to customers for review, whose keys count, and what came back. All of it is history. */
const HISTORY = ['review_keys', 'review_key_revocations', 'review_packs', 'review_decisions'];

export const migration = {
  version: 90,
  name: 'reviews',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE review_keys (
        id TEXT PRIMARY KEY,              -- SHA-256 of the 32 bytes
        person_id TEXT NOT NULL REFERENCES persons (id),
        public_key TEXT NOT NULL,         -- Ed25519, hex
        enrolled_at TEXT NOT NULL,
        enrolled_by TEXT NOT NULL REFERENCES persons (id),
        valid_until TEXT
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE review_key_revocations (
        key_id TEXT PRIMARY KEY REFERENCES review_keys (id),
        revoked_at TEXT NOT NULL,
        revoked_by TEXT NOT NULL REFERENCES persons (id),
        reason TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE review_packs (
        row INTEGER PRIMARY KEY,          -- a later pack for the same approval supersedes an earlier one
        id TEXT NOT NULL UNIQUE,
        approval_id TEXT NOT NULL REFERENCES approvals (id),
        sha256 TEXT NOT NULL,             -- of the payload
        payload BLOB NOT NULL,            -- what the customer saw, byte for byte
        created_at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX review_packs_approval ON review_packs (approval_id, row);

      CREATE TABLE review_decisions (
        row INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,      -- of the signed payload
        pack_id TEXT NOT NULL REFERENCES review_packs (id),
        person_id TEXT NOT NULL REFERENCES persons (id),
        file BLOB NOT NULL,               -- as it came
        ssh_signature BLOB,               -- when it was signed by ssh-keygen
        imported_at TEXT NOT NULL,
        imported_by TEXT NOT NULL REFERENCES persons (id)
      ) STRICT;
      CREATE INDEX review_decisions_pack ON review_decisions (pack_id, row);
    `);
    for (const table of HISTORY) {
      for (const verb of ['UPDATE', 'DELETE']) {
        db.exec(
          `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} ` +
            `BEGIN SELECT RAISE(ABORT, '${table} is history: it is never changed'); END`,
        );
      }
    }
  },
} as const;
