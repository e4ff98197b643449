import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/** How the fingerprint of a customer's key was compared when it was enrolled. Keys from before have no row. */
export const migration = {
  version: 210,
  name: 'key-comparisons',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE review_key_comparisons (
        key_id TEXT PRIMARY KEY REFERENCES review_keys (id),
        how TEXT NOT NULL CHECK (how IN ('in-person', 'letter', 'telephone'))
      ) STRICT, WITHOUT ROWID;
    `);
    keepHistory(db, ['review_key_comparisons']);
  },
} as const;
