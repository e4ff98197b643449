import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/** Who answers for what, and who had which role when. History: a change is a new row. */
const HISTORY = ['raci_versions', 'person_roles'];

export const migration = {
  version: 160,
  name: 'raci',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE raci_versions (
        version INTEGER PRIMARY KEY,      -- from 1; before the first, the defaults hold
        at TEXT NOT NULL,
        by TEXT NOT NULL REFERENCES persons (id),
        reason TEXT NOT NULL,
        rows TEXT NOT NULL                -- JSON, every element
      ) STRICT;

      CREATE TABLE person_roles (
        row INTEGER PRIMARY KEY,
        person_id TEXT NOT NULL REFERENCES persons (id),
        before TEXT NOT NULL,             -- JSON array of roles
        after TEXT NOT NULL,              -- JSON array; none: their access ended
        at TEXT NOT NULL,
        by TEXT NOT NULL REFERENCES persons (id),
        reason TEXT NOT NULL
      ) STRICT;
      CREATE INDEX person_roles_person ON person_roles (person_id, row);
    `);
    keepHistory(db, HISTORY);
  },
} as const;
