import type { Db } from './database.ts';

export interface DeskStatementRow {
  /** Of the payload. */
  readonly sha256: string;
  readonly kind: 'policy' | 'delegation' | 'emergency';
  readonly siteId: string;
  /** '': no pack of the site was open. */
  readonly siteName: string;
  /** Of a delegation: the name that came with the key; '' else. */
  readonly toName: string;
  /** The signed envelope. */
  readonly file: Buffer;
  /** Fingerprint of the key that signed. */
  readonly key: string;
  readonly signedAt: string;
}

const ROW = `SELECT sha256, kind, site_id AS siteId, site_name AS siteName, to_name AS toName, file, key,
  signed_at AS signedAt FROM desk_statements`;

/** Policies, delegations and emergency requests that were signed in the Review workspace. */
export class DeskStatementStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Newest first. */
  list(): DeskStatementRow[] {
    return this.#db.prepare(`${ROW} ORDER BY row DESC`).all() as DeskStatementRow[];
  }

  find(sha256: string): DeskStatementRow | undefined {
    return this.#db.prepare(`${ROW} WHERE sha256 = ?`).get(sha256) as DeskStatementRow | undefined;
  }

  insert(row: DeskStatementRow): void {
    this.#db
      .prepare(
        `INSERT INTO desk_statements (sha256, kind, site_id, site_name, to_name, file, key, signed_at)
         VALUES (@sha256, @kind, @siteId, @siteName, @toName, @file, @key, @signedAt)`,
      )
      .run(row);
  }

  /** Where it was written, oldest first. */
  listFiles(sha256: string): { file: string; at: string }[] {
    return this.#db
      .prepare(
        'SELECT path AS file, written_at AS at FROM desk_statement_files WHERE sha256 = ? ORDER BY row',
      )
      .all(sha256) as { file: string; at: string }[];
  }

  insertFile(sha256: string, path: string, writtenAt: string): void {
    this.#db
      .prepare('INSERT INTO desk_statement_files (sha256, path, written_at) VALUES (?, ?, ?)')
      .run(sha256, path, writtenAt);
  }
}
