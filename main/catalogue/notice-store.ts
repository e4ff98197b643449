import type { Letter, NoticeSubject, OccasionKind, Party, RaciElement } from '../../contract/vocabulary.ts';
import type { Db } from './database.ts';

export interface OccasionRow {
  readonly id: string;
  /** What the step is known by; the same step is entered once. */
  readonly key: string;
  readonly kind: OccasionKind;
  readonly element: RaciElement;
  /** Of the matrix. */
  readonly version: number;
  readonly subject: NoticeSubject;
  readonly subjectId: string;
  readonly text: string;
  readonly at: string;
  /** A name. */
  readonly by: string;
  /** Whom it is said to; `null`: the provider, and in sites of before, both parties. */
  readonly customer: string | null;
}

export interface NoticeRow {
  readonly id: string;
  readonly occasionId: string;
  readonly party: Party;
  readonly letter: Extract<Letter, 'C' | 'I'>;
  readonly personId: string | null;
}

/** What came of a notice. Fields that its kind has no use for are null. */
export interface NoticeEntryRow {
  readonly noticeId: string;
  readonly kind: 'seen' | 'printed' | 'handed-over' | 'dropped' | 'answered';
  readonly at: string;
  readonly recordedAt: string;
  /** A person's id. */
  readonly by: string;
  readonly recipient: string | null;
  readonly file: string | null;
  readonly sha256: string | null;
  readonly answer: 'no-objection' | 'remark' | null;
  readonly remark: string | null;
}

/** A notice with its occasion. */
export interface ReadNotice extends NoticeRow {
  readonly row: number;
  readonly occasion: OccasionRow;
  readonly endpoints: number;
}

export interface NoticeFilter {
  readonly ids?: readonly string[];
  readonly personId?: string;
  readonly subject?: { readonly subject: NoticeSubject; readonly id: string };
  /** Of occasions that name this endpoint; those that name none are left out. */
  readonly endpointId?: string;
  readonly kinds?: readonly OccasionKind[];
  /** `untold`: neither seen, handed over, dropped nor answered. `unanswered`: asked, without an answer. */
  readonly only?: 'untold' | 'unanswered';
  /** What a desk shows: asked without an answer, and told but not seen before this instant. */
  readonly waitingSince?: string;
  /** Absent: all. */
  readonly limit?: number;
}

const NOTICE = `
  SELECT n.row, n.id, n.occasion_id AS occasionId, n.party, n.letter, n.person_id AS personId,
    o.key, o.kind, o.element, o.version, o.subject, o.subject_id AS subjectId, o.text, o.at, o.by, o.customer,
    (SELECT count(*) FROM notice_endpoints e WHERE e.occasion_id = o.id) AS endpoints
  FROM notices n JOIN notice_occasions o ON o.id = n.occasion_id`;

/** Occasions, the notices that the matrix asked for, and what came of them. Nothing in it is ever changed. */
export class NoticeStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  hasOccasion(key: string): boolean {
    return this.#db.prepare('SELECT 1 FROM notice_occasions WHERE key = ?').get(key) !== undefined;
  }

  insertOccasion(row: OccasionRow): void {
    this.#db
      .prepare(
        `INSERT INTO notice_occasions (id, key, kind, element, version, subject, subject_id, text, at, by,
           customer)
         VALUES (@id, @key, @kind, @element, @version, @subject, @subjectId, @text, @at, @by, @customer)`,
      )
      .run(row);
  }

  /** An endpoint more that the step reached; one that is there stays. */
  addEndpoint(key: string, endpointId: string): void {
    this.#db
      .prepare(
        `INSERT INTO notice_endpoints (occasion_id, endpoint_id)
         SELECT id, ? FROM notice_occasions WHERE key = ? ON CONFLICT DO NOTHING`,
      )
      .run(endpointId, key);
  }

  insertNotice(row: NoticeRow): void {
    this.#db
      .prepare(
        `INSERT INTO notices (id, occasion_id, party, letter, person_id)
         VALUES (@id, @occasionId, @party, @letter, @personId)`,
      )
      .run(row);
  }

  insertEntry(row: NoticeEntryRow): void {
    this.#db
      .prepare(
        `INSERT INTO notice_entries (notice_id, kind, at, recorded_at, by, recipient, file, sha256, answer, remark)
         VALUES (@noticeId, @kind, @at, @recordedAt, @by, @recipient, @file, @sha256, @answer, @remark)`,
      )
      .run(row);
  }

  /** Newest first. */
  list(filter: NoticeFilter): readonly ReadNotice[] {
    const where: string[] = [];
    const values: unknown[] = [];
    const add = (clause: string, ...more: unknown[]): void => {
      where.push(clause);
      values.push(...more);
    };
    if (filter.ids !== undefined) add('n.id IN (SELECT value FROM json_each(?))', JSON.stringify(filter.ids));
    if (filter.personId !== undefined) add('n.person_id = ?', filter.personId);
    if (filter.subject !== undefined)
      add('o.subject = ? AND o.subject_id = ?', filter.subject.subject, filter.subject.id);
    if (filter.endpointId !== undefined) {
      add(
        'EXISTS (SELECT 1 FROM notice_endpoints e WHERE e.occasion_id = o.id AND e.endpoint_id = ?)',
        filter.endpointId,
      );
    }
    if (filter.kinds !== undefined)
      add('o.kind IN (SELECT value FROM json_each(?))', JSON.stringify(filter.kinds));
    if (filter.only === 'untold') add(hasNo("'seen', 'handed-over', 'dropped', 'answered'"));
    if (filter.only === 'unanswered') add(`n.letter = 'C' AND ${hasNo("'answered'")}`);
    if (filter.waitingSince !== undefined) {
      const seenBefore = `EXISTS (SELECT 1 FROM notice_entries x WHERE x.notice_id = n.id AND x.kind = 'seen' AND x.at <= ?)`;
      add(
        `((n.letter = 'C' AND ${hasNo("'answered'")}) OR (n.letter = 'I' AND NOT ${seenBefore}))`,
        filter.waitingSince,
      );
    }
    const clause = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
    const rows = this.#db
      .prepare(`${NOTICE} ${clause} ORDER BY n.row DESC LIMIT ?`)
      .all(...values, filter.limit ?? -1) as (NoticeRow & OccasionRow & { row: number; endpoints: number })[];
    return rows.map(({ row, id, occasionId, party, letter, personId, endpoints, ...occasion }) => ({
      ...{ row, id, occasionId, party, letter, personId, endpoints },
      occasion: { ...occasion, id: occasionId },
    }));
  }

  /** What came of these notices, oldest first. */
  entriesOf(ids: readonly string[]): ReadonlyMap<string, readonly NoticeEntryRow[]> {
    const rows = this.#db
      .prepare(
        `SELECT notice_id AS noticeId, kind, at, recorded_at AS recordedAt, by, recipient, file, sha256, answer, remark
         FROM notice_entries WHERE notice_id IN (SELECT value FROM json_each(?)) ORDER BY row`,
      )
      .all(JSON.stringify(ids)) as NoticeEntryRow[];
    const found = new Map<string, NoticeEntryRow[]>();
    for (const row of rows) found.set(row.noticeId, [...(found.get(row.noticeId) ?? []), row]);
    return found;
  }
}

const hasNo = (kinds: string): string =>
  `NOT EXISTS (SELECT 1 FROM notice_entries x WHERE x.notice_id = n.id AND x.kind IN (${kinds}))`;
