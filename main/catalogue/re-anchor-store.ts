import { createHash } from 'node:crypto';
import { canonicalJson } from '../core/plan.ts';
import type { GivenUp, ReAnchorProposal } from '../core/bundle/re-anchor.ts';
import type { TrustState } from '../core/bundle/trust.ts';
import type { Db } from './database.ts';

export interface ReAnchorRow extends ReAnchorProposal {
  readonly proposedByName: string;
  readonly reason: string;
  /** `main/12` */
  readonly bundle: string;
  readonly manifestSha256: string;
  readonly givesUp: readonly GivenUp[];
  readonly confirmedByName: string | null;
  readonly confirmedAt: string | null;
}

interface StoredRow {
  readonly id: string;
  readonly proposed_by: string;
  readonly proposed_by_name: string;
  readonly proposed_at: string;
  readonly reason: string;
  readonly fingerprint: string;
  readonly bundle: string;
  readonly manifest_sha256: string;
  readonly trust_digest: string;
  readonly gives_up: string;
  readonly trust_after: string;
  readonly confirmed_by_name: string | null;
  readonly confirmed_at: string | null;
}

type StoredTrust = Omit<TrustState, 'roots'> & {
  readonly roots: readonly { version: number; bytes: string }[];
};

function write(trust: TrustState): string {
  const roots = trust.roots.map(({ version, bytes }) => ({
    version,
    bytes: Buffer.from(bytes).toString('base64'),
  }));
  return canonicalJson({ ...trust, roots });
}

function read(text: string): TrustState {
  const stored = JSON.parse(text) as StoredTrust;
  const roots = stored.roots.map(({ version, bytes }) => ({ version, bytes: Buffer.from(bytes, 'base64') }));
  return { ...stored, roots };
}

/** Proposals to re-anchor the trust, and the one writer that may lower what a site knows. Records are never removed. */
export class ReAnchorStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** What a trust is known by: it changes with every root, version, number and signed time accepted. SHA-256, hexadecimal. */
  digestOf(trust: TrustState): string {
    return createHash('sha256').update(write(trust)).digest('hex');
  }

  propose(row: Omit<ReAnchorRow, 'confirmedByName' | 'confirmedAt'>): void {
    this.#db
      .prepare(
        `INSERT INTO trust_reanchors (id, proposed_by, proposed_by_name, proposed_at, reason, fingerprint, bundle,
           manifest_sha256, trust_digest, gives_up, trust_after)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        row.id,
        row.proposedBy,
        row.proposedByName,
        row.proposedAt,
        row.reason,
        row.fingerprint,
        row.bundle,
        row.manifestSha256,
        row.trustDigest,
        JSON.stringify(row.givesUp),
        write(row.next),
      );
  }

  /** Newest first. */
  list(): readonly ReAnchorRow[] {
    const rows = this.#db
      .prepare('SELECT * FROM trust_reanchors ORDER BY proposed_at DESC, id')
      .all() as StoredRow[];
    return rows.map((row) => ({
      id: row.id,
      proposedBy: row.proposed_by,
      proposedByName: row.proposed_by_name,
      proposedAt: row.proposed_at,
      reason: row.reason,
      fingerprint: row.fingerprint,
      bundle: row.bundle,
      manifestSha256: row.manifest_sha256,
      trustDigest: row.trust_digest,
      givesUp: JSON.parse(row.gives_up) as GivenUp[],
      next: read(row.trust_after),
      confirmedByName: row.confirmed_by_name,
      confirmedAt: row.confirmed_at,
    }));
  }

  get(id: string): ReAnchorRow | undefined {
    return this.list().find((row) => row.id === id);
  }

  /**
   * Puts the proposed trust in the place of what the site has, with the record of both. One transaction.
   *
   * @param before the trust as it is, kept whole in the record
   */
  apply(
    id: string,
    confirmation: { readonly by: string; readonly byName: string; readonly at: string },
    before: TrustState,
    next: TrustState,
  ): void {
    this.#db.transaction(() => {
      this.#db
        .prepare(
          `UPDATE trust_reanchors SET confirmed_by = ?, confirmed_by_name = ?, confirmed_at = ?, trust_before = ?
           WHERE id = ?`,
        )
        .run(confirmation.by, confirmation.byName, confirmation.at, write(before), id);
      this.#db.exec('DELETE FROM trust_roots; DELETE FROM trust_marks');
      const root = this.#db.prepare(
        'INSERT INTO trust_roots (version, bytes, accepted_at, pinned_by) VALUES (?, ?, ?, ?)',
      );
      for (const [index, { version, bytes }] of next.roots.entries())
        root.run(version, Buffer.from(bytes), confirmation.at, index === 0 ? confirmation.byName : null);
      const mark = this.#db.prepare(
        'INSERT INTO trust_marks (role, version, sha256, signed_by) VALUES (?, ?, ?, ?)',
      );
      for (const [role, item] of Object.entries(next.marks))
        if (item !== null) mark.run(role, item.version, item.sha256, item.signedBy?.join(' ') ?? null);
      if (next.timeFloor !== null) {
        this.#db
          .prepare(
            `INSERT INTO trust_time (id, floor) VALUES (1, ?)
             ON CONFLICT (id) DO UPDATE SET floor = max(floor, excluded.floor)`,
          )
          .run(next.timeFloor);
      }
    })();
  }
}
