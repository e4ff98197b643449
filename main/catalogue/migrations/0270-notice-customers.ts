import type { Db } from '../database.ts';

/** A step is said to the provider of everything, and to each customer of their own only: each has an occasion, with words of its own. */
export const migration = {
  version: 270,
  name: 'notice-customers',
  up(db: Db): void {
    // NULL: said to the provider; before this step, to both parties. '': endpoints of which nobody said yet whose they are.
    db.exec('ALTER TABLE notice_occasions ADD COLUMN customer TEXT');
    // What a person has not answered or seen is looked up by its notice and kind.
    db.exec('CREATE INDEX notice_entries_kind ON notice_entries (notice_id, kind, at)');
  },
} as const;
