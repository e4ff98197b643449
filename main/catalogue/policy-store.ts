import type { Db } from './database.ts';

/** A statement that a customer signed, as it came. */
interface StatementRow {
  /** Of the signed payload. */
  readonly sha256: string;
  readonly personId: string;
  readonly file: Uint8Array;
  readonly importedAt: string;
  readonly importedBy: string;
}
export interface PolicyRow extends StatementRow {
  readonly group: string;
  readonly version: number;
}
export interface DelegationRow extends StatementRow {
  readonly toPerson: string;
  readonly revokedAt: string | null;
  readonly revokedReason: string | null;
}
export type EmergencyRow = StatementRow;

/** For which customers a person speaks. */
export interface SpeakerRow {
  readonly personId: string;
  /** Empty: none on record. */
  readonly customers: readonly string[];
  readonly reason: string;
  readonly at: string;
  readonly by: string;
}

/** An endpoint's move to another group, or a group's to another customer. */
export interface MoveRow {
  /** Of the endpoint, or the name of the group. */
  readonly id: string;
  readonly before: string;
  /** The same: somebody confirmed it. */
  readonly after: string;
  readonly at: string;
  readonly by: string;
}

/** Whose a patch group is; policies, delegations and emergency requests. Nothing that was signed is ever changed. */
export class PolicyStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** By name; groups that only endpoints name have the customer ''. */
  listGroups(): readonly { readonly name: string; readonly customer: string; readonly endpoints: number }[] {
    return this.#db
      .prepare(
        `SELECT n.name, coalesce(g.customer, '') AS customer,
           (SELECT count(*) FROM endpoints e WHERE e.group_name = n.name) AS endpoints
         FROM (SELECT name FROM patch_groups UNION SELECT group_name FROM endpoints) n
         LEFT JOIN patch_groups g ON g.name = n.name ORDER BY n.name`,
      )
      .all() as { name: string; customer: string; endpoints: number }[];
  }

  putGroup(name: string, customer: string): void {
    this.#db
      .prepare(
        `INSERT INTO patch_groups (name, customer) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET customer = excluded.customer`,
      )
      .run(name, customer);
  }

  /** Of every endpoint that was ever moved, oldest first. */
  listEndpointMoves(): readonly MoveRow[] {
    return this.#db
      .prepare('SELECT endpoint_id AS id, before, after, at, by FROM endpoint_moves ORDER BY row')
      .all() as MoveRow[];
  }

  insertEndpointMove(move: MoveRow): void {
    this.#db
      .prepare(
        'INSERT INTO endpoint_moves (endpoint_id, before, after, at, by) VALUES (@id, @before, @after, @at, @by)',
      )
      .run(move);
  }

  /** Who said whose each group is, oldest first. */
  listGroupOwners(): readonly MoveRow[] {
    return this.#db
      .prepare('SELECT group_name AS id, before, after, at, by FROM group_owners ORDER BY row')
      .all() as MoveRow[];
  }

  insertGroupOwner(move: MoveRow): void {
    this.#db
      .prepare(
        'INSERT INTO group_owners (group_name, before, after, at, by) VALUES (@id, @before, @after, @at, @by)',
      )
      .run(move);
  }

  /** Who speaks for whom, newest entry of each person; persons without any are not in it. */
  listSpeakers(): readonly SpeakerRow[] {
    const rows = this.#db
      .prepare(
        `SELECT person_id AS personId, customers, reason, at, by FROM person_customers p
         WHERE row = (SELECT max(row) FROM person_customers q WHERE q.person_id = p.person_id) ORDER BY row`,
      )
      .all() as (Omit<SpeakerRow, 'customers'> & { customers: string })[];
    return rows.map((row) => ({ ...row, customers: JSON.parse(row.customers) as string[] }));
  }

  /** Everything that was ever recorded, oldest first. */
  listSpeakerHistory(): readonly SpeakerRow[] {
    const rows = this.#db
      .prepare('SELECT person_id AS personId, customers, reason, at, by FROM person_customers ORDER BY row')
      .all() as (Omit<SpeakerRow, 'customers'> & { customers: string })[];
    return rows.map((row) => ({ ...row, customers: JSON.parse(row.customers) as string[] }));
  }

  insertSpeaker(row: SpeakerRow): void {
    this.#db
      .prepare(
        `INSERT INTO person_customers (person_id, customers, reason, at, by)
         VALUES (@personId, @customers, @reason, @at, @by)`,
      )
      .run({ ...row, customers: JSON.stringify(row.customers) });
  }

  insertPolicy(row: PolicyRow): void {
    this.#db
      .prepare(
        `INSERT INTO group_policies (sha256, group_name, version, person_id, file, imported_at, imported_by)
         VALUES (@sha256, @group, @version, @personId, @file, @importedAt, @importedBy)`,
      )
      .run(row);
  }

  /** Newest first. */
  listPolicies(): readonly PolicyRow[] {
    return this.#policies('');
  }

  findPolicy(sha256: string): PolicyRow | undefined {
    return this.#policies('WHERE sha256 = ?', sha256)[0];
  }

  /** The highest version of a group. */
  policyInForce(group: string): PolicyRow | undefined {
    return this.#policies('WHERE group_name = ?', group).toSorted((a, b) => b.version - a.version)[0];
  }

  insertDelegation(row: Omit<DelegationRow, 'revokedAt' | 'revokedReason'>): void {
    this.#db
      .prepare(
        `INSERT INTO delegations (sha256, from_person, to_person, file, imported_at, imported_by)
         VALUES (@sha256, @personId, @toPerson, @file, @importedAt, @importedBy)`,
      )
      .run(row);
  }

  revokeDelegation(sha256: string, by: string, at: string, reason: string): void {
    this.#db
      .prepare(
        'INSERT INTO delegation_revocations (sha256, revoked_at, revoked_by, reason) VALUES (?, ?, ?, ?)',
      )
      .run(sha256, at, by, reason);
  }

  /** Newest first, revoked ones among them. */
  listDelegations(): readonly DelegationRow[] {
    return this.#db
      .prepare(
        `SELECT d.sha256, d.from_person AS personId, d.to_person AS toPerson, d.file, d.imported_at AS importedAt,
           d.imported_by AS importedBy, r.revoked_at AS revokedAt, r.reason AS revokedReason
         FROM delegations d LEFT JOIN delegation_revocations r ON r.sha256 = d.sha256 ORDER BY d.row DESC`,
      )
      .all() as DelegationRow[];
  }

  insertEmergency(row: EmergencyRow): void {
    this.#db
      .prepare(
        `INSERT INTO emergency_requests (sha256, person_id, file, imported_at, imported_by)
         VALUES (@sha256, @personId, @file, @importedAt, @importedBy)`,
      )
      .run(row);
  }

  /** Newest first. */
  listEmergencies(): readonly EmergencyRow[] {
    return this.#db
      .prepare(
        `SELECT sha256, person_id AS personId, file, imported_at AS importedAt, imported_by AS importedBy
         FROM emergency_requests ORDER BY row DESC`,
      )
      .all() as EmergencyRow[];
  }

  #policies(where: string, ...values: string[]): readonly PolicyRow[] {
    return this.#db
      .prepare(
        `SELECT sha256, group_name AS "group", version, person_id AS personId, file, imported_at AS importedAt,
           imported_by AS importedBy FROM group_policies ${where} ORDER BY row DESC`,
      )
      .all(...values) as PolicyRow[];
  }
}
