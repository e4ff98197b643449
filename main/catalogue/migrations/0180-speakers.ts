import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/** For which customers persons speak. The newest row of a person counts; all of it is history. */
export const migration = {
  version: 180,
  name: 'speakers',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE person_customers (
        row INTEGER PRIMARY KEY,
        person_id TEXT NOT NULL REFERENCES persons (id),
        customers TEXT NOT NULL,          -- JSON array of names; []: none on record
        reason TEXT NOT NULL,
        at TEXT NOT NULL,
        by TEXT NOT NULL REFERENCES persons (id)
      ) STRICT;
      CREATE INDEX person_customers_person ON person_customers (person_id, row);
    `);
    keepHistory(db, ['person_customers']);
  },
} as const;
