import { describe, expect, test } from 'vitest';
import { RunError } from '../../../../contract/errors.ts';
import { openDatabase, type Db } from '../../../../main/catalogue/database.ts';
import type { TaskTerms } from '../../../../main/core/run/state.ts';
import { Journal, type StoredEvent } from '../../../../main/runs/journal.ts';

const AT = '2026-11-24T02:00:00.000Z';
const TERMS: TaskTerms = {
  planId: 'plan',
  planDigest: 'a'.repeat(64),
  approvalId: 'approval',
  snapshotMode: 'hard',
  restoreOnFailure: true,
  rebootPolicy: 'never',
  snapshotName: 'ours',
  stageId: 'stage',
  packages: 1,
};

/** A site with one run of one endpoint, just enough for the foreign keys. */
function prepared(): { db: Db; journal: Journal; told: StoredEvent[] } {
  const db = openDatabase(':memory:');
  db.exec(`
    INSERT INTO secrets VALUES ('s', x'00', '${AT}');
    INSERT INTO persons (id, name, roles, public_key, key_fingerprint, keyslot, created_at)
      VALUES ('p', 'Asha', '[]', '', '', '', '${AT}');
    INSERT INTO endpoints (id, name, group_name, address, port, user, secret_id, snapshot_mode, restore_on_failure, reboot_policy, health_checks, created_at)
      VALUES ('e', 'web-1', 'g', '10.0.0.1', 22, 'ops', 's', 'hard', 1, 'never', '[]', '${AT}');
    INSERT INTO plans VALUES ('plan', 'd', '{}', '[]', 'Asha', '${AT}');
    INSERT INTO approvals VALUES ('approval', 'plan', 'd', 'p', '${AT}');
    INSERT INTO runs VALUES ('r', 'plan', 'approval', 'Asha', '${AT}');`);
  const told: StoredEvent[] = [];
  return {
    db,
    journal: new Journal(
      db,
      () => AT,
      (stored) => told.push(stored),
    ),
    told,
  };
}

describe('the journal', () => {
  test('commits what the state machine allows, and tells of it afterwards', () => {
    const { journal, told, db } = prepared();
    journal.append('r', 'e', { kind: 'task-created', terms: TERMS });
    const state = journal.append('r', 'e', { kind: 'step-started', step: 'preflight', key: 'k' });
    expect(state.kind).toBe('running');
    expect(told.map((stored) => stored.event.kind)).toEqual(['task-created', 'step-started']);
    expect(db.inTransaction).toBe(false);
  });

  test('refuses an entry that would break a safety rule, and keeps nothing of it', () => {
    const { journal, db } = prepared();
    journal.append('r', 'e', { kind: 'task-created', terms: TERMS });
    let alongside = false;
    expect(() =>
      journal.append('r', 'e', { kind: 'step-started', step: 'install', key: 'k' }, () => {
        alongside = true;
      }),
    ).toThrow();
    expect(alongside).toBe(false);
    expect(db.prepare('SELECT count(*) FROM run_events').pluck().get()).toBe(1);
  });

  test('tells of an entry inside a larger transaction only when that is durable, and never of one taken back', async () => {
    const { journal, told, db } = prepared();
    expect(() =>
      db.transaction(() => {
        journal.append('r', 'e', { kind: 'task-created', terms: TERMS });
        throw new Error('the rest failed');
      })(),
    ).toThrow('the rest failed');
    await Promise.resolve();
    expect(told).toEqual([]);
    db.transaction(() => {
      journal.append('r', 'e', { kind: 'task-created', terms: TERMS });
      expect(told).toEqual([]);
    })();
    await Promise.resolve();
    expect(told.map((stored) => stored.event.kind)).toEqual(['task-created']);
  });

  test('takes back the entry when what belongs to it cannot be kept', () => {
    const { journal, db, told } = prepared();
    expect(() =>
      journal.append('r', 'e', { kind: 'task-created', terms: TERMS }, () => {
        throw new Error('the ledger is full');
      }),
    ).toThrow('the ledger is full');
    expect(db.prepare('SELECT count(*) FROM run_events').pluck().get()).toBe(0);
    expect(told).toEqual([]);
  });

  test('is never changed or shortened through the database', () => {
    const { journal, db } = prepared();
    journal.append('r', 'e', { kind: 'task-created', terms: TERMS });
    expect(() => db.exec("UPDATE run_events SET kind = 'ended'")).toThrow(/history/);
    expect(() => db.exec('DELETE FROM run_events')).toThrow(/history/);
  });

  test('says damaged when an entry was changed by someone who removed the triggers', () => {
    const { journal, db } = prepared();
    journal.append('r', 'e', { kind: 'task-created', terms: TERMS });
    journal.append('r', 'e', { kind: 'step-started', step: 'preflight', key: 'k' });
    db.exec('DROP TRIGGER run_events_no_update');
    db.exec(`UPDATE run_events SET payload = replace(payload, '"hard"', '"soft"') WHERE seq = 1`);
    expect(() => journal.stateOf('r', 'e')).toThrow(RunError);
  });
});
