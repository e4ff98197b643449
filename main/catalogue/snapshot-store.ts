import type { Db } from './database.ts';

export interface SnapshotRow {
  readonly id: string;
  readonly platformId: string;
  readonly name: string;
  readonly vm: string;
  readonly hypervisorId: string;
  readonly endpointId: string;
  readonly runId: string;
  readonly takenAt: string;
  readonly provenAt: string | null;
  readonly keptUntil: string;
  readonly restoredAt: string | null;
  readonly deletedAt: string | null;
}

export interface IncidentRow {
  readonly id: string;
  readonly openedAt: string;
  readonly code: string;
  readonly message: string;
  readonly endpointId: string | null;
  readonly runId: string | null;
  readonly evidence: readonly { readonly label: string; readonly text: string }[];
}

const COLUMNS = `id, platform_id AS platformId, name, vm, hypervisor_id AS hypervisorId, endpoint_id AS endpointId, run_id AS runId,
  taken_at AS takenAt, proven_at AS provenAt, kept_until AS keptUntil, restored_at AS restoredAt, deleted_at AS deletedAt`;

/** The ledger of snapshots that Sallyport itself took: the only ones it may ever delete (safety rule 7). */
export class SnapshotStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  insert(
    row: Pick<
      SnapshotRow,
      'id' | 'platformId' | 'name' | 'vm' | 'hypervisorId' | 'endpointId' | 'runId' | 'takenAt' | 'keptUntil'
    >,
  ): void {
    this.#db
      .prepare(
        `INSERT INTO snapshots (id, platform_id, name, vm, hypervisor_id, endpoint_id, run_id, taken_at, kept_until)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        row.id,
        row.platformId,
        row.name,
        row.vm,
        row.hypervisorId,
        row.endpointId,
        row.runId,
        row.takenAt,
        row.keptUntil,
      );
  }

  get(id: string): SnapshotRow | undefined {
    return this.#db.prepare(`SELECT ${COLUMNS} FROM snapshots WHERE id = ?`).get(id) as
      SnapshotRow | undefined;
  }

  findByRun(runId: string, endpointId: string): SnapshotRow | undefined {
    return this.#db
      .prepare(`SELECT ${COLUMNS} FROM snapshots WHERE run_id = ? AND endpoint_id = ?`)
      .get(runId, endpointId) as SnapshotRow | undefined;
  }

  list(): readonly SnapshotRow[] {
    return this.#db
      .prepare(`SELECT ${COLUMNS} FROM snapshots ORDER BY taken_at DESC, id`)
      .all() as SnapshotRow[];
  }

  markProven(id: string, at: string): void {
    this.#db.prepare('UPDATE snapshots SET proven_at = ? WHERE id = ?').run(at, id);
  }

  markRestored(id: string, at: string): void {
    this.#db.prepare('UPDATE snapshots SET restored_at = ? WHERE id = ?').run(at, id);
  }

  markDeleted(id: string, at: string): void {
    this.#db.prepare('UPDATE snapshots SET deleted_at = ? WHERE id = ?').run(at, id);
  }

  openIncident(row: IncidentRow): void {
    this.#db
      .prepare(
        `INSERT INTO incidents (id, opened_at, code, message, endpoint_id, run_id, evidence) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (run_id, endpoint_id, code) DO NOTHING`,
      )
      .run(
        row.id,
        row.openedAt,
        row.code,
        row.message,
        row.endpointId,
        row.runId,
        JSON.stringify(row.evidence),
      );
  }

  listIncidents(): readonly IncidentRow[] {
    const rows = this.#db
      .prepare(
        'SELECT id, opened_at AS openedAt, code, message, endpoint_id AS endpointId, run_id AS runId, evidence FROM incidents ORDER BY opened_at DESC, id',
      )
      .all() as (Omit<IncidentRow, 'evidence'> & { evidence: string })[];
    return rows.map((row) => ({ ...row, evidence: JSON.parse(row.evidence) as IncidentRow['evidence'] }));
  }
}
