import type { Db } from './database.ts';

export interface PackFactsRow {
  readonly packId: string;
  readonly customer: string;
  readonly groups: readonly string[];
  readonly cutOffAt: string;
  readonly approvers: number;
  readonly patches: number;
  readonly endpoints: number;
  readonly findings: number;
}

export interface DraftRowRecord {
  readonly patch: string;
  readonly verdict: 'approve' | 'reject' | 'defer' | 'ask';
  readonly reason: string;
  readonly until: string | null;
  readonly control: string;
}

export interface QualityRow {
  readonly patch: string;
  readonly verdict: 'no-concern' | 'concern';
  readonly note: string;
  readonly checkedBy: string;
  readonly checkedAt: string;
}

export interface AnswerRow {
  readonly packId: string;
  readonly patch: string;
  readonly askedBy: string;
  readonly question: string;
  readonly answer: string;
  readonly answeredBy: string;
  readonly answeredAt: string;
}

/** Lists that wait for decisions: what they say in short, drafts, the provider's own checks, answers to questions. */
export class QueueStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  insertFacts(facts: PackFactsRow): void {
    this.#db
      .prepare(
        `INSERT INTO review_pack_facts (pack_id, customer, groups, cut_off_at, approvers, patches, endpoints, findings)
         VALUES (@packId, @customer, @groups, @cutOffAt, @approvers, @patches, @endpoints, @findings)`,
      )
      .run({ ...facts, groups: JSON.stringify(facts.groups) });
  }

  findFacts(packId: string): PackFactsRow | undefined {
    const row = this.#db
      .prepare(
        `SELECT pack_id AS packId, customer, groups, cut_off_at AS cutOffAt, approvers, patches, endpoints, findings
         FROM review_pack_facts WHERE pack_id = ?`,
      )
      .get(packId) as (Omit<PackFactsRow, 'groups'> & { groups: string }) | undefined;
    return row === undefined ? undefined : { ...row, groups: JSON.parse(row.groups) as string[] };
  }

  /** @param patches only of these; of all of the list when absent */
  draftOf(packId: string, personId: string, patches?: readonly string[]): readonly DraftRowRecord[] {
    const only = patches === undefined ? '' : 'AND patch IN (SELECT value FROM json_each(?))';
    return this.#db
      .prepare(
        `SELECT patch, verdict, reason, until, control FROM review_drafts
         WHERE pack_id = ? AND person_id = ? ${only} ORDER BY patch`,
      )
      .all(packId, personId, ...(patches === undefined ? [] : [JSON.stringify(patches)])) as DraftRowRecord[];
  }

  /** Persons who have drafted something on a list. */
  draftersOf(packId: string): readonly string[] {
    return this.#db
      .prepare('SELECT DISTINCT person_id FROM review_drafts WHERE pack_id = ? ORDER BY person_id')
      .pluck()
      .all(packId) as string[];
  }

  countDraft(packId: string, personId: string): number {
    return this.#db
      .prepare('SELECT count(*) FROM review_drafts WHERE pack_id = ? AND person_id = ?')
      .pluck()
      .get(packId, personId) as number;
  }

  /** In one transaction: all of it or nothing. */
  saveDraft(
    packId: string,
    personId: string,
    rows: readonly DraftRowRecord[],
    removed: readonly string[],
  ): void {
    const put = this.#db.prepare(
      `INSERT INTO review_drafts (pack_id, person_id, patch, verdict, reason, until, control)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pack_id, person_id, patch)
       DO UPDATE SET verdict = excluded.verdict, reason = excluded.reason, until = excluded.until, control = excluded.control`,
    );
    const drop = this.#db.prepare(
      'DELETE FROM review_drafts WHERE pack_id = ? AND person_id = ? AND patch = ?',
    );
    this.#db.transaction(() => {
      for (const row of rows) {
        put.run(packId, personId, row.patch, row.verdict, row.reason, row.until, row.control);
      }
      for (const patch of removed) drop.run(packId, personId, patch);
    })();
  }

  insertQuality(row: QualityRow): void {
    this.#db
      .prepare(
        `INSERT INTO quality_checks (patch, verdict, note, checked_by, checked_at)
         VALUES (@patch, @verdict, @note, @checkedBy, @checkedAt)`,
      )
      .run(row);
  }

  /** The last word on each patch. */
  qualityOf(patches: readonly string[]): ReadonlyMap<string, QualityRow> {
    const rows = this.#db
      .prepare(
        `SELECT q.patch, q.verdict, q.note, q.checked_by AS checkedBy, q.checked_at AS checkedAt
         FROM json_each(?) wanted CROSS JOIN quality_checks q ON q.patch = wanted.value ORDER BY q.row`,
      )
      .all(JSON.stringify(patches)) as QualityRow[];
    return new Map(rows.map((row) => [row.patch, row]));
  }

  insertAnswer(row: AnswerRow): void {
    this.#db
      .prepare(
        `INSERT INTO review_answers (pack_id, patch, asked_by, question, answer, answered_by, answered_at)
         VALUES (@packId, @patch, @askedBy, @question, @answer, @answeredBy, @answeredAt)`,
      )
      .run(row);
  }

  /** Of one pack, oldest first. */
  answersOf(packId: string): readonly AnswerRow[] {
    return this.#db
      .prepare(
        `SELECT pack_id AS packId, patch, asked_by AS askedBy, question, answer, answered_by AS answeredBy,
           answered_at AS answeredAt FROM review_answers WHERE pack_id = ? ORDER BY row`,
      )
      .all(packId) as AnswerRow[];
  }
}
