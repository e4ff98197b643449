import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/**
 * What a list to decide says in short, what persons think of its rows before they sign, and what the provider's own check of a patch
 * and its answers to questions say. Drafts are nobody's word yet and may change; the rest is history.
 */
const HISTORY = ['review_pack_facts', 'quality_checks', 'review_answers'];

export const migration = {
  version: 140,
  name: 'queue',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE review_pack_facts (
        pack_id TEXT PRIMARY KEY REFERENCES review_packs (id),
        customer TEXT NOT NULL,
        groups TEXT NOT NULL,             -- names, JSON
        cut_off_at TEXT NOT NULL,
        approvers INTEGER NOT NULL,
        patches INTEGER NOT NULL,
        endpoints INTEGER NOT NULL,
        findings INTEGER NOT NULL         -- patches times the endpoints of each
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE review_drafts (
        pack_id TEXT NOT NULL REFERENCES review_packs (id),
        person_id TEXT NOT NULL REFERENCES persons (id),
        patch TEXT NOT NULL,              -- SHA-256 of the package file
        verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'reject', 'defer', 'ask')),
        reason TEXT NOT NULL,
        until TEXT,
        control TEXT NOT NULL,
        PRIMARY KEY (pack_id, person_id, patch)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE quality_checks (
        row INTEGER PRIMARY KEY,
        patch TEXT NOT NULL,              -- SHA-256 of the package file
        verdict TEXT NOT NULL CHECK (verdict IN ('no-concern', 'concern')),
        note TEXT NOT NULL,
        checked_by TEXT NOT NULL REFERENCES persons (id),
        checked_at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX quality_checks_patch ON quality_checks (patch, row);

      CREATE TABLE review_answers (
        row INTEGER PRIMARY KEY,
        pack_id TEXT NOT NULL REFERENCES review_packs (id),
        patch TEXT NOT NULL,
        asked_by TEXT NOT NULL REFERENCES persons (id),
        question TEXT NOT NULL,
        answer TEXT NOT NULL,
        answered_by TEXT NOT NULL REFERENCES persons (id),
        answered_at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX review_answers_pack ON review_answers (pack_id, row);
    `);
    keepHistory(db, HISTORY);
  },
} as const;
