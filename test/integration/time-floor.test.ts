import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../main/catalogue/database.ts';
import { sheetOf } from '../../main/core/review/sheet.ts';
import { openPack } from '../../main/review/review-files.ts';
import { formatCsv } from '../../main/review/sheet-files.ts';
import { DEFAULT_POLICY } from '../../main/review/statement-files.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { RulesSite, type OpenRules } from '../support/rules-site.ts';

/** Time that has been proven to have passed does not come back when somebody sets the clock of the site back. */
describe('a clock that was set back behind the time floor', () => {
  const base = new RulesSite();
  let open: OpenRules;
  beforeAll(() => base.prepare());
  afterAll(() => base.close());
  beforeEach(async () => {
    open = await base.open();
  });
  afterEach(() => open.close());

  const ask = async (): Promise<{ id: string; planDigest: string }> =>
    open.asha.call('approvals.request', { planId: open.insertPlan(['e1'], ['app', 'doc']) });
  const exportPack = async (approvalId: string, cutOff: number): Promise<string> => {
    const file = open.newFile();
    await open.asha.export({ approvalId, file, cutOffAt: open.at(cutOff) });
    return file;
  };
  const setBack = (floor: number, clock: number): void => {
    open.raiseFloor(floor);
    open.clock.hours = clock;
  };

  it('brings no approval back to life that has expired', async () => {
    const { id, planDigest } = await ask();
    await open.bilal.call('approvals.grant', { id, planDigest, validHours: 10 });
    open.clock.hours = 5;
    expect(open.mayRun(id)).toBe(true);
    setBack(20, 5);
    expect(open.mayRun(id)).toBe(false);
    expect((await open.asha.call('approvals.get', { id })).approval.status).toBe('expired');
    expect(await open.asha.codeOf('runs.start', { approvalId: id })).toMatch(/^POLICY_/);
    // What is granted now is good from now on.
    const next = await ask();
    const wish = { id: next.id, planDigest: next.planDigest, validHours: 10 };
    const granted = await open.bilal.call('approvals.grant', wish);
    expect([granted.decidedAt, granted.expiresAt]).toEqual([open.at(20), open.at(30)]);
    expect(open.mayRun(next.id)).toBe(true);
  });

  it('makes no list for a cut-off that has passed, and gives no notice', async () => {
    const file = open.sign('A', 'policy', {
      ...{ ...DEFAULT_POLICY, customer: 'Trust', group: 'web', version: 1, mode: 'opt-out' },
      ...{ noticeHours: 24, signedAt: open.now() },
    });
    await open.asha.call('policies.import', { file });
    setBack(60, 0);
    const { id } = await ask();
    const wish = { approvalId: id, approvers: 1 };
    for (const cutOff of [10, 60])
      expect(await open.asha.codeOf('queue.prepare', { ...wish, cutOffAt: open.at(cutOff) })).toBe(
        'CONTRACT_INPUT_INVALID',
      );
    await exportPack(id, 70);
    expect((await open.asha.call('reviews.list', {}))[0]?.createdAt).toBe(open.at(60));
    open.clock.hours = 70;
    expect(await open.asha.call('reviews.settle', {})).toEqual([]);
    expect(open.mayRun(id)).toBe(false);
  });

  it('lets no late answer count: no file, no list at the console, no spreadsheet', async () => {
    const { id } = await ask();
    const pack = await exportPack(id, 48);
    const { packId } = openPack(pack).pack;
    const decision = open.decide(pack, 'A', () => 'approve');
    const sheetFile = open.newFile();
    const grid = sheetOf(openPack(pack).pack, openPack(pack).sha256);
    const titles = grid.findIndex((row) => row[0] === 'Decision');
    writeFileSync(sheetFile, formatCsv(grid.map((row, at) => (at > titles ? row.with(0, 'approve') : row))));
    const sheet = await open.asha.call('reviews.importSheet', { file: sheetFile, saidBy: 'Ms Okoye' });
    setBack(50, 5);
    const assurance = 'They rang me about it.';
    expect(await open.bilal.codeOf('reviews.countersign', { id: sheet.id, assurance })).toBe('REVIEW_LATE');
    expect(await open.asha.codeOf('reviews.readSheet', { file: sheetFile })).toBe('REVIEW_LATE');
    expect(await open.asha.codeOf('reviews.import', { file: decision })).toBe('REVIEW_LATE');
    expect(await open.bilal.codeOf('queue.sign', { packId })).toBe('CONTRACT_FORBIDDEN');
    expect(open.mayRun(id)).toBe(false);
  });

  it('can still sign a list at the console before its cut-off', async () => {
    setBack(20, 0);
    const { id } = await ask();
    const { packId, patches } = openPack(await exportPack(id, 48)).pack;
    const rows = patches.map(({ sha256 }) => ({
      ...{ patch: sha256, verdict: 'approve' as const, reason: '', until: null, control: '' },
    }));
    await open.bilal.call('queue.draft', { packId, rows });
    expect(await open.bilal.call('queue.sign', { packId })).toMatchObject({ status: 'granted' });
    expect(open.mayRun(id)).toBe(true);
  });
});

it('a run that is under way is stopped before its next step when the floor passes the end of its approval', async () => {
  const simulated = await SimulatedSite.prepare({ endpoints: 1 });
  const site = await simulated.open();
  try {
    const { engineer, approver } = site;
    const { planId } = await engineer.finish(await engineer.call('plans.make', {}));
    const { id, planDigest } = await engineer.call('approvals.request', { planId: String(planId) });
    await approver.call('approvals.grant', { id, planDigest });
    const db = openDatabase(join(site.dataDir, 'site.db'));
    // With the first entry of the run the floor is beyond everything.
    db.exec(`CREATE TRIGGER passes AFTER INSERT ON run_events BEGIN
      INSERT INTO trust_time (id, floor) VALUES (1, '2099-01-01T00:00:00Z')
      ON CONFLICT (id) DO UPDATE SET floor = '2099-01-01T00:00:00Z'; END`);
    db.close();
    const { id: runId } = await engineer.call('runs.start', { approvalId: id });
    const [task] = (await engineer.call('runs.wait', { id: runId })).tasks;
    expect([task?.status, task?.failure?.code]).toEqual(['refused', 'POLICY_APPROVAL_EXPIRED']);
  } finally {
    await site.engine.close();
    await simulated.close();
  }
});
