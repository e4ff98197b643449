import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

/** When a list first went out to its customer: from then on notice runs. A list that is not here went out to nobody. */
export const migration = {
  version: 240,
  name: 'pack-exports',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE review_pack_exports (
        pack_id TEXT PRIMARY KEY REFERENCES review_packs (id),
        first_at TEXT NOT NULL,
        by TEXT NOT NULL REFERENCES persons (id)
      ) STRICT, WITHOUT ROWID;
    `);
    keepHistory(db, ['review_pack_exports']);
  },
} as const;
