import { createHash } from 'node:crypto';
import { RunError } from '../../contract/errors.ts';
import type { Outcome } from '../../contract/vocabulary.ts';
import type { Db } from '../catalogue/database.ts';
import { canonicalJson } from '../core/plan.ts';
import { NEW_TASK, type TaskEvent, type TaskState } from '../core/run/state.ts';
import { transition } from '../core/run/transition.ts';

/** `Omit` that keeps the members of a union apart. */
type WithoutAt<E> = E extends unknown ? Omit<E, 'at'> : never;
export type NewTaskEvent = WithoutAt<TaskEvent>;

export interface StoredEvent {
  /** Order over all runs: what a reader asks to go on from. */
  readonly row: number;
  readonly runId: string;
  readonly endpointId: string;
  readonly seq: number;
  readonly event: TaskEvent;
  readonly hash: string;
}

interface Row {
  row: number;
  run_id: string;
  endpoint_id: string;
  seq: number;
  at: string;
  kind: string;
  payload: string;
  prev_hash: string;
  hash: string;
}

const GENESIS = '0'.repeat(64);

function chain(prevHash: string, runId: string, endpointId: string, seq: number, payload: string): string {
  return createHash('sha256')
    .update(`${prevHash}\n${runId}\n${endpointId}\n${seq}\n${payload}`)
    .digest('hex');
}

/**
 * The append-only record of runs, and the only writer of run state. An entry that the state machine calls illegal is
 * never committed. Every entry's hash covers the one before it in its task.
 */
export class Journal {
  readonly #db: Db;
  readonly #now: () => string;
  readonly #afterCommit: (stored: StoredEvent) => void;
  readonly #alongside: (stored: StoredEvent) => void;

  /**
   * @param afterCommit told of each entry once it is durable; must not throw
   * @param alongside what every entry brings with it, in its own transaction; must not throw
   */
  constructor(
    db: Db,
    now: () => string,
    afterCommit: (stored: StoredEvent) => void,
    alongside: (stored: StoredEvent) => void = () => undefined,
  ) {
    this.#db = db;
    this.#now = now;
    this.#afterCommit = afterCommit;
    this.#alongside = alongside;
  }

  /**
   * Commits one entry and returns the state after it. Durable when it returns (`synchronous = FULL`).
   *
   * @param alongside other changes that belong to this entry (ledger of snapshots, incidents), in the same transaction
   * @throws RunError RUN_JOURNAL_DAMAGED when what is stored is no history; Error when the entry is illegal (a bug)
   */
  append(runId: string, endpointId: string, event: NewTaskEvent, alongside?: () => void): TaskState {
    const dated = { ...event, at: this.#now() } as TaskEvent;
    const commit = this.#db.transaction((): { state: TaskState; stored: StoredEvent } => {
      const { state, last } = this.#read(runId, endpointId);
      const next = transition(state, dated);
      if (!next.ok) throw new Error(`"${dated.kind}" cannot be entered in the journal here: ${next.reason}.`);
      const seq = (last?.seq ?? 0) + 1;
      const prevHash = last?.hash ?? GENESIS;
      const payload = canonicalJson(dated);
      const hash = chain(prevHash, runId, endpointId, seq, payload);
      const inserted = this.#db
        .prepare(
          'INSERT INTO run_events (run_id, endpoint_id, seq, at, kind, payload, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(runId, endpointId, seq, dated.at, dated.kind, payload, prevHash, hash);
      alongside?.();
      const row = Number(inserted.lastInsertRowid);
      const stored = { row, runId, endpointId, seq, event: dated, hash };
      this.#alongside(stored);
      return { state: next.state, stored };
    });
    const { state, stored } = commit.immediate();
    if (this.#db.inTransaction) this.#tellWhenDurable(stored);
    else this.#afterCommit(stored);
    return state;
  }

  /** Inside a caller's transaction an entry isn't durable yet, and may be rolled back with it; that ends synchronously. */
  #tellWhenDurable(stored: StoredEvent): void {
    queueMicrotask(() => {
      const isKept = this.#db.open && this.#db.prepare('SELECT hash FROM run_events WHERE row = ?').pluck();
      if (isKept !== false && isKept.get(stored.row) === stored.hash) this.#afterCommit(stored);
    });
  }

  /** @throws RunError RUN_JOURNAL_DAMAGED */
  stateOf(runId: string, endpointId: string): TaskState {
    return this.#read(runId, endpointId).state;
  }

  /** Every task of a run, in the order of its plan's endpoints. */
  statesOf(runId: string): ReadonlyMap<string, TaskState> {
    const ids = this.#db
      .prepare('SELECT endpoint_id FROM run_events WHERE run_id = ? AND seq = 1 ORDER BY row')
      .pluck()
      .all(runId) as string[];
    return new Map(ids.map((id) => [id, this.stateOf(runId, id)]));
  }

  eventsOf(runId: string, endpointId: string): readonly StoredEvent[] {
    const rows = this.#db
      .prepare('SELECT * FROM run_events WHERE run_id = ? AND endpoint_id = ? ORDER BY seq')
      .all(runId, endpointId) as Row[];
    return rows.map(toStored);
  }

  /** Entries of a run after a row number, oldest first. */
  entriesAfter(runId: string, afterRow: number): readonly StoredEvent[] {
    const rows = this.#db
      .prepare('SELECT * FROM run_events WHERE run_id = ? AND row > ? ORDER BY row')
      .all(runId, afterRow) as Row[];
    return rows.map(toStored);
  }

  /** How the endpoint's newest task ended; undefined while none has. */
  lastEnded(endpointId: string): { runId: string; at: string; outcome: Outcome } | undefined {
    const row = this.#db
      .prepare(
        `SELECT * FROM run_events WHERE endpoint_id = ? AND kind IN ('ended', 'attention-needed') ORDER BY row DESC LIMIT 1`,
      )
      .get(endpointId) as Row | undefined;
    if (row === undefined) return undefined;
    const state = this.stateOf(row.run_id, endpointId);
    if (state.kind === 'needs-attention')
      return { runId: row.run_id, at: row.at, outcome: 'needs-attention' };
    return state.kind === 'ended' ? { runId: row.run_id, at: row.at, outcome: state.outcome } : undefined;
  }

  /** Tasks of any run that are not at their end, oldest first. */
  openTasks(): readonly { readonly runId: string; readonly endpointId: string }[] {
    return this.#db
      .prepare(
        `SELECT run_id AS runId, endpoint_id AS endpointId FROM run_events WHERE seq = 1
         AND NOT EXISTS (SELECT 1 FROM run_events e WHERE e.run_id = run_events.run_id
           AND e.endpoint_id = run_events.endpoint_id AND e.kind = 'ended')
         ORDER BY row`,
      )
      .all() as { runId: string; endpointId: string }[];
  }

  #read(
    runId: string,
    endpointId: string,
  ): { state: TaskState; last: { seq: number; hash: string } | undefined } {
    let state: TaskState = NEW_TASK;
    let last: { seq: number; hash: string } | undefined;
    const rows = this.#db
      .prepare('SELECT * FROM run_events WHERE run_id = ? AND endpoint_id = ? ORDER BY seq')
      .all(runId, endpointId) as Row[];
    for (const row of rows) {
      const prevHash: string = last?.hash ?? GENESIS;
      const holds =
        row.seq === (last?.seq ?? 0) + 1 &&
        row.prev_hash === prevHash &&
        row.hash === chain(prevHash, runId, endpointId, row.seq, row.payload);
      const next = holds
        ? transition(state, JSON.parse(row.payload) as TaskEvent)
        : { ok: false as const, reason: 'its hash does not follow' };
      if (!next.ok) {
        throw new RunError(
          'RUN_JOURNAL_DAMAGED',
          `Entry ${row.seq} of this task's journal is damaged: ${next.reason}.`,
          {
            hint: 'Nothing more is done to this endpoint. Restore the database from a backup and compare.',
            subject: { runId, endpointId },
          },
        );
      }
      state = next.state;
      last = { seq: row.seq, hash: row.hash };
    }
    return { state, last };
  }
}

function toStored(row: Row): StoredEvent {
  return {
    row: row.row,
    runId: row.run_id,
    endpointId: row.endpoint_id,
    seq: row.seq,
    event: JSON.parse(row.payload) as TaskEvent,
    hash: row.hash,
  };
}
