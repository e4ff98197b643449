import type { DraftRowRecord } from './queue-store.ts';
import type { Db } from './database.ts';

/** A pack without its file, which may have tens of megabytes. */
export interface DeskPackEntry {
  readonly id: string;
  readonly siteId: string;
  readonly approvalId: string;
  readonly createdAt: string;
  readonly openedAt: string;
}

export interface DeskPackRow extends DeskPackEntry {
  readonly envelope: Buffer;
}

export interface DeskKeyRow {
  readonly fingerprint: string;
  readonly name: string;
  readonly publicKey: string;
  /** Name in the data folder. */
  readonly file: string;
  readonly madeAt: string;
  readonly retiredAt: string | null;
  readonly reason: string | null;
}

export interface DeskAnswerRow {
  readonly packId: string;
  readonly file: Buffer;
  readonly key: string;
  readonly signedAt: string;
}

const ENTRY =
  'id, site_id AS siteId, approval_id AS approvalId, created_at AS createdAt, opened_at AS openedAt';

/** What the Review workspace remembers. */
export class DeskStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Newest first. */
  listPacks(): DeskPackEntry[] {
    return this.#db.prepare(`SELECT ${ENTRY} FROM desk_packs ORDER BY row DESC`).all() as DeskPackEntry[];
  }

  findPack(id: string): DeskPackRow | undefined {
    return this.#db.prepare(`SELECT ${ENTRY}, envelope FROM desk_packs WHERE id = ?`).get(id) as
      DeskPackRow | undefined;
  }

  insertPack(row: DeskPackRow): void {
    this.#db
      .prepare(
        `INSERT INTO desk_packs (id, site_id, approval_id, created_at, envelope, opened_at)
         VALUES (@id, @siteId, @approvalId, @createdAt, @envelope, @openedAt)`,
      )
      .run(row);
  }

  /** @param patches only of these; of all of the pack when absent */
  listDraft(packId: string, patches?: readonly string[]): DraftRowRecord[] {
    const only = patches === undefined ? '' : 'AND patch IN (SELECT value FROM json_each(?))';
    return this.#db
      .prepare(
        `SELECT patch, verdict, reason, until, control FROM desk_drafts WHERE pack_id = ? ${only} ORDER BY patch`,
      )
      .all(packId, ...(patches === undefined ? [] : [JSON.stringify(patches)])) as DraftRowRecord[];
  }

  countDraft(packId: string): number {
    return this.#db
      .prepare('SELECT count(*) FROM desk_drafts WHERE pack_id = ?')
      .pluck()
      .get(packId) as number;
  }

  putDraft(packId: string, row: DraftRowRecord): void {
    this.#db
      .prepare(
        `INSERT INTO desk_drafts (pack_id, patch, verdict, reason, until, control)
         VALUES (@packId, @patch, @verdict, @reason, @until, @control)
         ON CONFLICT (pack_id, patch) DO UPDATE SET verdict = excluded.verdict, reason = excluded.reason,
           until = excluded.until, control = excluded.control`,
      )
      .run({ packId, ...row });
  }

  dropDraft(packId: string, patch: string): void {
    this.#db.prepare('DELETE FROM desk_drafts WHERE pack_id = ? AND patch = ?').run(packId, patch);
  }

  siteKeyOf(siteId: string): string | null {
    const found = this.#db
      .prepare('SELECT fingerprint FROM desk_site_keys WHERE site_id = ?')
      .pluck()
      .get(siteId) as string | undefined;
    return found ?? null;
  }

  insertSiteKey(siteId: string, fingerprint: string, comparedAt: string): void {
    this.#db
      .prepare('INSERT INTO desk_site_keys (site_id, fingerprint, compared_at) VALUES (?, ?, ?)')
      .run(siteId, fingerprint, comparedAt);
  }

  /** Newest first; at most one is not retired. */
  listKeys(): DeskKeyRow[] {
    return this.#db
      .prepare(
        `SELECT k.fingerprint, name, public_key AS publicKey, file, made_at AS madeAt, retired_at AS retiredAt, reason
         FROM desk_keys k LEFT JOIN desk_key_retirements r ON r.fingerprint = k.fingerprint ORDER BY row DESC`,
      )
      .all() as DeskKeyRow[];
  }

  insertKey(row: Omit<DeskKeyRow, 'retiredAt' | 'reason'>): void {
    this.#db
      .prepare(
        `INSERT INTO desk_keys (fingerprint, name, public_key, file, made_at)
         VALUES (@fingerprint, @name, @publicKey, @file, @madeAt)`,
      )
      .run(row);
  }

  retireKey(fingerprint: string, retiredAt: string, reason: string): void {
    this.#db
      .prepare('INSERT INTO desk_key_retirements (fingerprint, retired_at, reason) VALUES (?, ?, ?)')
      .run(fingerprint, retiredAt, reason);
  }

  findAnswer(packId: string): DeskAnswerRow | undefined {
    return this.#db
      .prepare(
        'SELECT pack_id AS packId, file, key, signed_at AS signedAt FROM desk_answers WHERE pack_id = ?',
      )
      .get(packId) as DeskAnswerRow | undefined;
  }

  insertAnswer(row: DeskAnswerRow): void {
    this.#db
      .prepare(
        'INSERT INTO desk_answers (pack_id, file, key, signed_at) VALUES (@packId, @file, @key, @signedAt)',
      )
      .run(row);
  }
}
