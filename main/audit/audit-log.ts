import { createHash } from 'node:crypto';
import { canonicalJson } from '../core/plan.ts';
import type { Db } from '../catalogue/database.ts';

const GENESIS = '0'.repeat(64);

export interface AuditRow {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: Readonly<Record<string, string>>;
  readonly hash: string;
}

interface StoredRow {
  seq: number;
  at: string;
  actor: string;
  action: string;
  subject: string;
  prev_hash: string;
  hash: string;
}

/** Each entry's hash covers the one before it, so that a changed or missing entry breaks every later one. */
function chain(prevHash: string, at: string, actor: string, action: string, subject: string): string {
  return createHash('sha256')
    .update(`${prevHash}\n${canonicalJson([at, actor, action, subject])}`)
    .digest('hex');
}

/** Append-only record of who did what. `append` must run inside the transaction of the change that it records. */
export class AuditLog {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  append(entry: {
    at: string;
    actor: string;
    action: string;
    subject: Readonly<Record<string, string>>;
  }): void {
    const last = this.#db.prepare('SELECT hash FROM audit ORDER BY seq DESC LIMIT 1').get() as
      { hash: string } | undefined;
    const prevHash = last?.hash ?? GENESIS;
    const subject = canonicalJson(entry.subject);
    this.#db
      .prepare('INSERT INTO audit (at, actor, action, subject, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?)')
      .run(
        entry.at,
        entry.actor,
        entry.action,
        subject,
        prevHash,
        chain(prevHash, entry.at, entry.actor, entry.action, subject),
      );
  }

  /** Number of the newest entry; it moves with every command, of whichever process. */
  lastSeq(): number {
    return (this.#db.prepare('SELECT max(seq) FROM audit').pluck().get() as number | null) ?? 0;
  }

  list(afterSeq: number, limit: number): readonly AuditRow[] {
    const rows = this.#db
      .prepare('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?')
      .all(afterSeq, limit) as StoredRow[];
    return rows.map((row) => ({
      seq: row.seq,
      at: row.at,
      actor: row.actor,
      action: row.action,
      subject: JSON.parse(row.subject) as Record<string, string>,
      hash: row.hash,
    }));
  }

  /** Walks the whole chain. `firstBroken` is the first entry that does not follow from the one before it. */
  verify(): { readonly entries: number; readonly firstBroken: number | null } {
    let prevHash = GENESIS;
    let expectedSeq = 1;
    let entries = 0;
    for (const row of this.#db.prepare('SELECT * FROM audit ORDER BY seq').iterate() as Iterable<StoredRow>) {
      const holds =
        row.seq === expectedSeq &&
        row.prev_hash === prevHash &&
        row.hash === chain(prevHash, row.at, row.actor, row.action, row.subject);
      if (!holds) return { entries, firstBroken: row.seq };
      prevHash = row.hash;
      expectedSeq += 1;
      entries += 1;
    }
    return { entries, firstBroken: null };
  }
}
