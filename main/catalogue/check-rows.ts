import type { MalwareVerdict, PinnedVendorKey } from '../core/bundle/checks.ts';
import type { Db } from './database.ts';

export function readVerdicts(
  db: Db,
  engine: string,
  database: string,
): ReadonlyMap<string, MalwareVerdict['verdict']> {
  const rows = db
    .prepare('SELECT sha256, verdict FROM malware_verdicts WHERE engine = ? AND database = ?')
    .all(engine, database) as Pick<MalwareVerdict, 'sha256' | 'verdict'>[];
  return new Map(rows.map(({ sha256, verdict }) => [sha256, verdict]));
}

export function writeVerdicts(
  db: Db,
  { engine, database }: { readonly engine: string; readonly database: string },
  verdicts: readonly MalwareVerdict[],
  at: string,
): void {
  const upsert = db.prepare(
    `INSERT INTO malware_verdicts (sha256, engine, database, verdict, signature, scanned_at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (sha256, engine, database) DO UPDATE SET
       verdict = excluded.verdict, signature = excluded.signature, scanned_at = excluded.scanned_at`,
  );
  db.transaction(() => {
    for (const { sha256, verdict, signature } of verdicts)
      upsert.run(sha256, engine, database, verdict, signature, at);
  })();
}

/** Vendors' keys that persons of the site vouched for. */
export class VendorKeyStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  list(): PinnedVendorKey[] {
    return this.#db
      .prepare(
        `SELECT fingerprint, root, user_id AS userId, bytes, pinned_by AS pinnedBy, pinned_at AS pinnedAt
         FROM vendor_keys ORDER BY root, pinned_at, fingerprint`,
      )
      .all() as PinnedVendorKey[];
  }

  /** A key that is pinned already for that root stays as it is. */
  pin(key: PinnedVendorKey): void {
    this.#db
      .prepare(
        `INSERT INTO vendor_keys (fingerprint, root, user_id, bytes, pinned_by, pinned_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
      )
      .run(key.fingerprint, key.root, key.userId, Buffer.from(key.bytes), key.pinnedBy, key.pinnedAt);
  }
}
