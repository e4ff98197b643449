import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalPlan, type Plan } from '../core/plan.ts';
import type { Db } from './database.ts';

export interface LeftOut {
  readonly endpointId: string;
  readonly endpointName: string;
  readonly code: string;
  readonly message: string;
}

export interface PlanRow {
  readonly id: string;
  readonly digest: string;
  readonly plan: Plan;
  readonly leftOut: readonly LeftOut[];
  readonly createdBy: string;
  readonly createdAt: string;
}

export interface DecisionRow {
  readonly kind: 'granted' | 'rejected' | 'withdrawn';
  readonly decidedBy: string;
  readonly decidedAt: string;
  readonly expiresAt: string | null;
  readonly reason: string | null;
  readonly statement: string;
  readonly signature: string;
}

export interface ApprovalRow {
  readonly id: string;
  readonly planId: string;
  readonly planDigest: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  /** The one decision, if there is one yet. */
  readonly decision: DecisionRow | null;
  readonly runId: string | null;
}

export interface RunRow {
  readonly id: string;
  readonly planId: string;
  readonly approvalId: string;
  readonly startedBy: string;
  readonly startedAt: string;
}

const LeftOutList = z.array(
  z.strictObject({ endpointId: z.string(), endpointName: z.string(), code: z.string(), message: z.string() }),
);

/** SHA-256 of the plan's one text form, hexadecimal. */
export function planDigest(plan: Plan): string {
  return digestOf(canonicalPlan(plan));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Characters of plans that are kept read: one of 50,000 packages has nine million. */
const MOST_KEPT = 24_000_000;

interface ReadPlan {
  readonly plan: Plan;
  readonly digest: string;
  readonly length: number;
}

/** Plans, the approvals asked for, the decisions on them, and the runs made of them. All of it is history. */
export class PlanStore {
  readonly #db: Db;
  /** By digest, so that another text is read anew; the one used last comes last. */
  readonly #read = new Map<string, ReadPlan>();

  constructor(db: Db) {
    this.#db = db;
  }

  insertPlan(plan: Plan, leftOut: readonly LeftOut[], createdBy: string, createdAt: string): PlanRow {
    const canonical = canonicalPlan(plan);
    const digest = digestOf(canonical);
    this.#db
      .prepare(
        'INSERT INTO plans (id, digest, canonical, left_out, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(plan.planId, digest, canonical, JSON.stringify(leftOut), createdBy, createdAt);
    return { id: plan.planId, digest, plan: JSON.parse(canonical) as Plan, leftOut, createdBy, createdAt };
  }

  /** The digest is that of the text which is stored now, never read back: a text that is not the plan's one form has another. */
  getPlan(id: string): PlanRow | undefined {
    const row = this.#db.prepare('SELECT * FROM plans WHERE id = ?').get(id) as
      Record<string, string> | undefined;
    return row === undefined ? undefined : this.#toPlan(row);
  }

  listPlans(): readonly PlanRow[] {
    return (
      this.#db.prepare('SELECT * FROM plans ORDER BY created_at DESC, id').all() as Record<string, string>[]
    ).map((row) => this.#toPlan(row));
  }

  insertApproval(
    approval: Pick<ApprovalRow, 'id' | 'planId' | 'planDigest' | 'requestedBy' | 'requestedAt'>,
  ): void {
    this.#db
      .prepare(
        'INSERT INTO approvals (id, plan_id, plan_digest, requested_by, requested_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(approval.id, approval.planId, approval.planDigest, approval.requestedBy, approval.requestedAt);
  }

  insertDecision(approvalId: string, decision: DecisionRow): void {
    this.#db
      .prepare(
        `INSERT INTO decisions (approval_id, kind, decided_by, decided_at, expires_at, reason, statement, signature)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        approvalId,
        decision.kind,
        decision.decidedBy,
        decision.decidedAt,
        decision.expiresAt,
        decision.reason,
        decision.statement,
        decision.signature,
      );
  }

  getApproval(id: string): ApprovalRow | undefined {
    return this.#approvals('WHERE a.id = ?', id)[0];
  }

  listApprovals(): readonly ApprovalRow[] {
    return this.#approvals('');
  }

  insertRun(run: RunRow): void {
    this.#db
      .prepare('INSERT INTO runs (id, plan_id, approval_id, started_by, started_at) VALUES (?, ?, ?, ?, ?)')
      .run(run.id, run.planId, run.approvalId, run.startedBy, run.startedAt);
  }

  getRun(id: string): RunRow | undefined {
    return this.#runs('WHERE id = ?', id)[0];
  }

  /** Newest first. */
  listRuns(): readonly RunRow[] {
    return this.#runs('');
  }

  #runs(where: string, ...values: string[]): readonly RunRow[] {
    return this.#db
      .prepare(
        `SELECT id, plan_id AS planId, approval_id AS approvalId, started_by AS startedBy, started_at AS startedAt
         FROM runs ${where} ORDER BY started_at DESC, id`,
      )
      .all(...values) as RunRow[];
  }

  #approvals(where: string, ...values: string[]): readonly ApprovalRow[] {
    // A later "withdrawn" beats a grant; otherwise the first decision stands.
    const rows = this.#db
      .prepare(
        `SELECT a.*, d.kind, d.decided_by, d.decided_at, d.expires_at, d.reason, d.statement, d.signature, r.id AS run_id
         FROM approvals a
         LEFT JOIN decisions d ON d.id = (SELECT x.id FROM decisions x WHERE x.approval_id = a.id ORDER BY x.kind = 'withdrawn' DESC, x.id LIMIT 1)
         LEFT JOIN runs r ON r.approval_id = a.id
         ${where} ORDER BY a.requested_at DESC, a.id`,
      )
      .all(...values) as Record<string, string | null>[];
    return rows.map(toApproval);
  }

  #toPlan(row: Record<string, string>): PlanRow {
    const { plan, digest } = this.#readPlan(row['canonical'] ?? '');
    return {
      ...{ id: row['id'] ?? '', digest, plan },
      leftOut: LeftOutList.parse(JSON.parse(row['left_out'] ?? '[]')),
      createdBy: row['created_by'] ?? '',
      createdAt: row['created_at'] ?? '',
    };
  }

  #readPlan(text: string): ReadPlan {
    const digest = digestOf(text);
    const read = this.#read.get(digest) ?? { plan: JSON.parse(text) as Plan, digest, length: text.length };
    this.#read.delete(digest);
    this.#read.set(digest, read);
    let kept = [...this.#read.values()].reduce((sum, { length }) => sum + length, 0);
    for (const [oldest, { length }] of this.#read) {
      if (kept <= MOST_KEPT || oldest === digest) break;
      this.#read.delete(oldest);
      kept -= length;
    }
    return read;
  }
}

function toApproval(row: Record<string, string | null>): ApprovalRow {
  const kind = row['kind'] as DecisionRow['kind'] | null;
  return {
    id: row['id'] ?? '',
    planId: row['plan_id'] ?? '',
    planDigest: row['plan_digest'] ?? '',
    requestedBy: row['requested_by'] ?? '',
    requestedAt: row['requested_at'] ?? '',
    decision:
      kind === null
        ? null
        : {
            kind,
            decidedBy: row['decided_by'] ?? '',
            decidedAt: row['decided_at'] ?? '',
            expiresAt: row['expires_at'] ?? null,
            reason: row['reason'] ?? null,
            statement: row['statement'] ?? '',
            signature: row['signature'] ?? '',
          },
    runId: row['run_id'] ?? null,
  };
}
