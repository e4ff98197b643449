import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase, type Db } from '../../../../main/catalogue/database.ts';
import { PlanStore, planDigest } from '../../../../main/catalogue/plan-store.ts';
import type { Plan } from '../../../../main/core/plan.ts';

const PLAN: Plan = {
  ...{ format: 'sallyport-plan/1', planId: '00000001-0000-4000-8000-000000000001', siteId: 'site' },
  catalogueDigest: '',
  endpoints: [
    {
      ...{ endpointId: 'one', endpointName: 'web-1', address: '192.0.2.1', distribution: 'debian' },
      ...{ codename: 'bookworm', snapshotMode: 'hard', restoreOnFailure: true, rebootPolicy: 'never' },
      healthChecks: [],
      packages: [
        {
          ...{ name: 'tzdata', arch: 'all', from: '2024a', to: '2024b' },
          ...{ sha256: 'ab'.repeat(32), requested: true },
        },
      ],
    },
  ],
};

describe('a plan that is kept', () => {
  let db: Db;
  let store: PlanStore;

  beforeEach(() => {
    db = openDatabase(':memory:');
    db.exec(
      "INSERT INTO persons (id, name, roles, public_key, key_fingerprint, keyslot, created_at) VALUES ('p', 'P', '[]', '', '', '', '2026-11-01T00:00:00.000Z')",
    );
    store = new PlanStore(db);
    store.insertPlan(PLAN, [], 'p', '2026-11-01T00:00:00.000Z');
  });
  afterEach(() => db.close());

  const write = (text: string): void => {
    db.exec('DROP TRIGGER IF EXISTS plans_no_update');
    db.prepare('UPDATE plans SET canonical = ?').run(text);
  };
  const stored = (): string => db.prepare('SELECT canonical FROM plans').pluck().get() as string;

  test('is read once and has the digest of its text', () => {
    const first = store.getPlan(PLAN.planId);
    expect(first?.digest).toBe(planDigest(PLAN));
    expect(first?.plan).toEqual(PLAN);
    expect(store.getPlan(PLAN.planId)?.plan).toBe(first?.plan);
    expect(store.listPlans()[0]?.plan).toBe(first?.plan);
  });

  test('has another digest as soon as its text was changed beneath it, also by what means the same', () => {
    const before = store.getPlan(PLAN.planId);
    const text = stored();
    write(text.replace('2024b', '2024c'));
    const changed = store.getPlan(PLAN.planId);
    expect(changed?.digest).not.toBe(before?.digest);
    expect(changed?.plan.endpoints[0]?.packages[0]?.to).toBe('2024c');
    write(`${text} `);
    expect(store.getPlan(PLAN.planId)?.digest).not.toBe(before?.digest);
    write(text);
    expect(store.getPlan(PLAN.planId)?.digest).toBe(before?.digest);
  });
});
