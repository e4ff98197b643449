import type { Db } from './database.ts';

export interface ReviewKeyRow {
  readonly id: string;
  readonly personId: string;
  /** Ed25519, 32 bytes in hex. */
  readonly publicKey: string;
  readonly enrolledAt: string;
  readonly enrolledBy: string;
  readonly validUntil: string | null;
  /** How the fingerprint was compared; `null`: nobody said. */
  readonly compared: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  readonly revokedReason: string | null;
}

export interface ReviewPackRow {
  readonly id: string;
  readonly approvalId: string;
  /** Of the payload. */
  readonly sha256: string;
  readonly payload: Uint8Array;
  readonly createdAt: string;
  /** A later pack for the same approval. */
  readonly supersededBy: string | null;
}

/** A pack without its bytes, of which one can have tens of megabytes: for lists, and for what only asks how it stands. */
export type ReviewPackFacts = Omit<ReviewPackRow, 'payload'>;

export interface ReviewDecisionRow {
  /** Of the signed payload, which several persons may have signed alike. */
  readonly sha256: string;
  readonly packId: string;
  readonly personId: string;
  /** As it came. */
  readonly file: Uint8Array;
  readonly sshSignature: Uint8Array | null;
  readonly importedAt: string;
  readonly importedBy: string;
}

/** Keys of reviewers, packs that went out, decisions that came back. Nothing in it is ever changed. */
export class ReviewStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  insertKey({ compared, ...key }: Omit<ReviewKeyRow, 'revokedAt' | 'revokedBy' | 'revokedReason'>): void {
    this.#db
      .prepare(
        `INSERT INTO review_keys (id, person_id, public_key, enrolled_at, enrolled_by, valid_until)
         VALUES (@id, @personId, @publicKey, @enrolledAt, @enrolledBy, @validUntil)`,
      )
      .run(key);
    if (compared === null) return;
    this.#db.prepare('INSERT INTO review_key_comparisons (key_id, how) VALUES (?, ?)').run(key.id, compared);
  }

  revokeKey(keyId: string, by: string, at: string, reason: string): void {
    this.#db
      .prepare(
        'INSERT INTO review_key_revocations (key_id, revoked_at, revoked_by, reason) VALUES (?, ?, ?, ?)',
      )
      .run(keyId, at, by, reason);
  }

  /** Oldest first, revoked ones among them. */
  listKeys(): readonly ReviewKeyRow[] {
    return this.#db
      .prepare(
        `SELECT k.id, k.person_id AS personId, k.public_key AS publicKey, k.enrolled_at AS enrolledAt,
           k.enrolled_by AS enrolledBy, k.valid_until AS validUntil, c.how AS compared,
           r.revoked_at AS revokedAt, r.revoked_by AS revokedBy, r.reason AS revokedReason
         FROM review_keys k LEFT JOIN review_key_revocations r ON r.key_id = k.id
           LEFT JOIN review_key_comparisons c ON c.key_id = k.id ORDER BY k.enrolled_at, k.id`,
      )
      .all() as ReviewKeyRow[];
  }

  insertPack(pack: Omit<ReviewPackRow, 'supersededBy'>): void {
    this.#db
      .prepare(
        `INSERT INTO review_packs (id, approval_id, sha256, payload, created_at)
         VALUES (@id, @approvalId, @sha256, @payload, @createdAt)`,
      )
      .run(pack);
  }

  /** Newest first. */
  listPacks(): readonly ReviewPackFacts[] {
    return this.#packs<ReviewPackFacts>('', 'INDEXED BY review_packs_facts ORDER BY p.row DESC');
  }

  /** Of an approval: id of the pack that was made last; `null`: none was. */
  newestPackOf(approvalId: string): string | null {
    const id = this.#db
      .prepare('SELECT id FROM review_packs WHERE approval_id = ? ORDER BY row DESC LIMIT 1')
      .pluck()
      .get(approvalId) as string | undefined;
    return id ?? null;
  }

  findPackFacts(id: string): ReviewPackFacts | undefined {
    return this.#packs<ReviewPackFacts>('', 'INDEXED BY review_packs_facts WHERE p.id = ?', id)[0];
  }

  findPack(id: string): ReviewPackRow | undefined {
    return this.#packs<ReviewPackRow>('p.payload,', 'WHERE p.id = ?', id)[0];
  }

  /** Keeps when a pack first went out; later times change nothing. */
  insertExport(packId: string, at: string, by: string): void {
    this.#db
      .prepare(
        'INSERT INTO review_pack_exports (pack_id, first_at, by) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      )
      .run(packId, at, by);
  }

  /** `null`: the pack never went out. */
  firstExportOf(packId: string): string | null {
    const at = this.#db
      .prepare('SELECT first_at FROM review_pack_exports WHERE pack_id = ?')
      .pluck()
      .get(packId) as string | undefined;
    return at ?? null;
  }

  insertDecision(decision: ReviewDecisionRow): void {
    this.#db
      .prepare(
        `INSERT INTO review_decisions (sha256, pack_id, person_id, file, ssh_signature, imported_at, imported_by)
         VALUES (@sha256, @packId, @personId, @file, @sshSignature, @importedAt, @importedBy)`,
      )
      .run(decision);
  }

  /** Of one pack, or all; oldest first. */
  listDecisions(packId?: string): readonly ReviewDecisionRow[] {
    const where = packId === undefined ? '' : 'WHERE pack_id = ?';
    return this.#db
      .prepare(
        `SELECT sha256, pack_id AS packId, person_id AS personId, file, ssh_signature AS sshSignature,
           imported_at AS importedAt, imported_by AS importedBy FROM review_decisions ${where} ORDER BY row`,
      )
      .all(...(packId === undefined ? [] : [packId])) as ReviewDecisionRow[];
  }

  countDecisions(packId: string): number {
    return this.#db
      .prepare('SELECT count(*) FROM review_decisions WHERE pack_id = ?')
      .pluck()
      .get(packId) as number;
  }

  #packs<Row>(columns: string, rest: string, ...values: string[]): readonly Row[] {
    return this.#db
      .prepare(
        `SELECT p.id, p.approval_id AS approvalId, p.sha256, ${columns} p.created_at AS createdAt,
           (SELECT n.id FROM review_packs n WHERE n.approval_id = p.approval_id AND n.row > p.row
            ORDER BY n.row DESC LIMIT 1) AS supersededBy
         FROM review_packs p ${rest}`,
      )
      .all(...values) as Row[];
  }
}
