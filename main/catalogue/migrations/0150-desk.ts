import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/** The customer's desk. What was opened, compared, made and signed is history; a draft is a draft. */
const HISTORY = ['desk_packs', 'desk_site_keys', 'desk_answers', 'desk_keys', 'desk_key_retirements'];

export const migration = {
  version: 150,
  name: 'desk',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE desk_packs (
        row INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,          -- of the payload and the key that signed it
        site_id TEXT NOT NULL,
        approval_id TEXT NOT NULL,
        created_at TEXT NOT NULL,         -- as the pack says
        envelope BLOB NOT NULL,           -- as it was signed, byte for byte
        opened_at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE desk_drafts (
        pack_id TEXT NOT NULL REFERENCES desk_packs (id),
        patch TEXT NOT NULL,
        verdict TEXT NOT NULL,
        reason TEXT NOT NULL,
        until TEXT,
        control TEXT NOT NULL,
        PRIMARY KEY (pack_id, patch)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE desk_site_keys (
        site_id TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,        -- compared by a person
        compared_at TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE desk_keys (
        row INTEGER PRIMARY KEY,
        fingerprint TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        public_key TEXT NOT NULL,         -- Ed25519, hex
        file TEXT NOT NULL,               -- in the data folder; holds the sealed secret
        made_at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE desk_key_retirements (
        fingerprint TEXT PRIMARY KEY REFERENCES desk_keys (fingerprint),
        retired_at TEXT NOT NULL,
        reason TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE desk_answers (
        pack_id TEXT PRIMARY KEY REFERENCES desk_packs (id),
        file BLOB NOT NULL,               -- the signed decision
        key TEXT NOT NULL REFERENCES desk_keys (fingerprint),
        signed_at TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `);
    keepHistory(db, HISTORY);
  },
} as const;
