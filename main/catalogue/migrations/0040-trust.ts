import type { Db } from '../database.ts';

/**
 * Which keys had signed a metadata file that was accepted: when the keyholders replace them, the versions that they had
 * signed no longer bind (docs/FORMAT-bundle.md, section 4, step 2). NULL for what was accepted before.
 */
export const migration = {
  version: 40,
  name: 'trust',
  up(db: Db): void {
    db.exec(`
      -- Public keys, apart by blanks.
      ALTER TABLE trust_marks ADD COLUMN signed_by TEXT;
    `);
  },
} as const;
