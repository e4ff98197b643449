import type { Db } from './database.ts';

export interface NeedsListRow {
  /** SHA-256 of the text. */
  readonly id: string;
  readonly name: string;
  readonly openedAt: string;
  readonly openedBy: string;
  readonly text: string;
}

/** What the Collect workspace remembers. */
export class CollectStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The same file again changes nothing but its name. */
  putNeedsList(row: NeedsListRow): void {
    this.#db
      .prepare(
        `INSERT INTO needs_lists (id, name, opened_at, opened_by, text) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
      )
      .run(row.id, row.name, row.openedAt, row.openedBy, row.text);
  }

  /** Newest first. */
  listNeedsLists(): readonly NeedsListRow[] {
    return this.#db
      .prepare(
        'SELECT id, name, opened_at AS openedAt, opened_by AS openedBy, text FROM needs_lists ORDER BY opened_at DESC, id',
      )
      .all() as NeedsListRow[];
  }

  /** @returns whether there was one */
  dropNeedsList(id: string): boolean {
    return this.#db.prepare('DELETE FROM needs_lists WHERE id = ?').run(id).changes > 0;
  }

  /** @param record JSON */
  insertBuilt(bundle: {
    readonly root: string;
    readonly stream: string;
    readonly seq: number;
    readonly record: string;
  }): void {
    this.#db
      .prepare('INSERT INTO built_bundles (root, stream, seq, record) VALUES (?, ?, ?, ?)')
      .run(bundle.root, bundle.stream, bundle.seq, bundle.record);
  }

  /** Records, newest first. */
  listBuilt(): readonly string[] {
    return this.#db.prepare('SELECT record FROM built_bundles ORDER BY rowid DESC').pluck().all() as string[];
  }
}
