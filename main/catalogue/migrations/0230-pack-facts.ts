import type { Db } from '../database.ts';

/** What lists say of a pack lies behind its bytes in the row, and those are tens of megabytes: an index holds it apart. */
export const migration = {
  version: 230,
  name: 'pack-facts',
  up(db: Db): void {
    db.exec('CREATE INDEX review_packs_facts ON review_packs (id, approval_id, sha256, created_at)');
  },
} as const;
