import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sheetOf } from '../../main/core/review/sheet.ts';
import { openPack } from '../../main/review/review-files.ts';
import { formatCsv } from '../../main/review/sheet-files.ts';
import { DEFAULT_POLICY } from '../../main/review/statement-files.ts';
import type { Caller } from '../support/caller.ts';
import { idOf, RulesSite, type OpenRules } from '../support/rules-site.ts';

/**
 * Safety rule 9: whoever asks cannot grant, at no door, also not with every role there is. Bilal has them all and asks; each test tries
 * one way in, and finds that what he asked for may not run.
 */
describe('whoever asks cannot grant', () => {
  const base = new RulesSite();
  let open: OpenRules;
  beforeAll(() => base.prepare());
  afterAll(() => base.close());
  beforeEach(async () => {
    open = await base.open();
    await open.mo.call('persons.setRoles', {
      ...{ person: 'Bilal', reason: 'every role' },
      roles: ['engineer', 'approver', 'service-manager'],
    });
  });
  afterEach(() => open.close());

  const terms = { ...DEFAULT_POLICY, classes: [...DEFAULT_POLICY.classes], exclusions: [], standing: [] };
  const ask = async (): Promise<{ id: string; planDigest: string }> =>
    open.bilal.call('approvals.request', { planId: open.insertPlan(['e1'], ['app', 'doc']) });
  const exportPack = async (approvalId: string): Promise<{ file: string; packId: string }> => {
    const file = open.newFile();
    const cutOffAt = open.at(open.clock.hours + 48);
    const { pack } = await open.bilal.export({ approvalId, file, cutOffAt });
    return { file, packId: pack.id };
  };

  /** Bilal adds somebody, and signs in as them with the passphrase that he typed. */
  const secondSelf = async (...roles: ('engineer' | 'approver')[]): Promise<Caller> => {
    await open.bilal.call('persons.add', { name: 'Ghost', roles, passphrase: 'typed by Bilal himself' });
    const ghost = open.newCaller();
    await ghost.call('session.signIn', { person: 'Ghost', passphrase: 'typed by Bilal himself' });
    return ghost;
  };

  it('by a second self that grants', async () => {
    const ghost = await secondSelf('approver');
    const { id, planDigest } = await ask();
    expect(await ghost.codeOf('approvals.grant', { id, planDigest })).toBe('POLICY_PASSPHRASE_NOT_OWN');
    expect(open.mayRun(id)).toBe(false);
    // Nor if such a decision stood in the table: every step judges it anew.
    const { packId } = await exportPack(id);
    expect(await ghost.codeOf('queue.draft', { packId, rows: [] })).toBe('POLICY_PASSPHRASE_NOT_OWN');
  });

  it('by a second self that asks', async () => {
    const ghost = await secondSelf('engineer');
    const planId = open.insertPlan(['e1'], ['app', 'doc']);
    expect(await ghost.codeOf('approvals.request', { planId })).toBe('POLICY_PASSPHRASE_NOT_OWN');
    // As if it had asked all the same: both rules judge by the hand.
    const self = open.site.findPerson('Ghost');
    const id = open.insertApproval(planId, self?.id ?? '');
    const planDigest = open.plans.getApproval(id)?.planDigest ?? '';
    expect(await open.bilal.codeOf('approvals.grant', { id, planDigest })).toBe('POLICY_SAME_PERSON');
    expect(open.mayRun(id)).toBe(false);
    const file = open.newFile();
    const { pack } = await open.asha.export({
      ...{ approvalId: id, file, cutOffAt: open.at(48) },
    });
    expect(await open.bilal.codeOf('queue.draft', { packId: pack.id, rows: [] })).toBe('CONTRACT_FORBIDDEN');
    await open.bilal.call('policies.sign', { group: 'web', terms: { ...terms, mode: 'opt-out' } });
    open.clock.hours = 49;
    await open.asha.call('reviews.settle', {});
    expect(open.mayRun(id)).toBe(false);
  });

  it('by a second self that asks, with a key that he enrolled', async () => {
    await open.mo.call('persons.add', {
      name: 'Ghost',
      roles: ['engineer'],
      passphrase: 'typed by Mo herself',
    });
    const id = open.insertApproval(open.insertPlan(['e1'], ['app']), open.site.findPerson('Ghost')?.id ?? '');
    const file = open.newFile();
    await open.asha.export({ approvalId: id, file, cutOffAt: open.at(48) });
    const decision = open.decide(file, 'A', () => 'approve');
    expect(await open.asha.codeOf('reviews.import', { file: decision })).toBe('POLICY_SAME_PERSON');
    expect(open.mayRun(id)).toBe(false);
  });

  const strict = {
    ...terms,
    approvers: 2,
    exclusions: [{ match: { kind: 'package' as const, value: 'app' }, reason: 'not here' }],
  };
  const standing = [
    {
      match: { kind: 'pattern' as const, value: '*' },
      classes: ['security' as const, 'other' as const],
      until: '2027-06-01T00:00:00.000Z',
      reason: 'always',
    },
  ];

  it('by a group to which he moves the endpoint', async () => {
    const sign = (group: string, version: number, said: object): Promise<unknown> =>
      open.asha.call('policies.import', {
        file: open.sign('A', 'policy', {
          ...{ customer: 'Trust', group, version, signedAt: open.now() },
          ...said,
        }),
      });
    await sign('web', 1, strict);
    await sign('db', 1, { ...terms, standing });
    await open.bilal.call('endpoints.setGroup', { id: idOf('e1'), group: 'db' });
    const { id } = await ask();
    await exportPack(id);
    await open.asha.call('reviews.settle', {});
    open.clock.hours = 49;
    await open.asha.call('reviews.settle', {});
    expect(open.mayRun(id)).toBe(false);
    // Moving it on changes nothing; somebody else who says where it belongs does.
    await open.bilal.call('endpoints.setGroup', { id: idOf('e1'), group: 'Ungrouped' });
    await open.bilal.call('endpoints.setGroup', { id: idOf('e1'), group: 'db' });
    const again = await ask();
    await exportPack(again.id);
    await open.asha.call('reviews.settle', {});
    expect(open.mayRun(again.id)).toBe(false);
    await open.asha.call('endpoints.setGroup', { id: idOf('e1'), group: 'db' });
    const third = await ask();
    await open.bilal.export({
      ...{ approvalId: third.id, file: open.newFile(), cutOffAt: open.at(90) },
    });
    await open.asha.call('reviews.settle', {});
    expect(open.mayRun(third.id)).toBe(true);
  });

  it('by giving the group to a customer whose approver is a friend', async () => {
    await open.mo.call('persons.add', {
      name: 'Friend',
      roles: ['approver'],
      passphrase: 'for the first time',
    });
    const friend = open.newCaller();
    await friend.call('session.signIn', { person: 'Friend', passphrase: 'for the first time' });
    await friend.call('persons.changePassphrase', {
      current: 'for the first time',
      next: 'a pear tree in the yard',
    });
    await open.mo.call('persons.setCustomers', {
      person: 'Friend',
      customers: ['Council'],
      reason: 'by letter',
    });
    expect(await open.asha.codeOf('groups.set', { name: 'web', customer: 'Council' })).toBe(
      'POLICY_ROLE_MISSING',
    );
    await open.bilal.call('groups.set', { name: 'web', customer: 'Council' });
    const { id, planDigest } = await ask();
    expect(await friend.codeOf('approvals.grant', { id, planDigest })).toBe('REVIEW_NOT_COVERED');
    // By way of nobody's it is no better.
    await open.bilal.call('groups.set', { name: 'web', customer: '' });
    await open.bilal.call('groups.set', { name: 'web', customer: 'Council' });
    expect(await friend.codeOf('approvals.grant', { id, planDigest })).toBe('REVIEW_NOT_COVERED');
    const file = open.newFile();
    await open.bilal.export({ approvalId: id, file, cutOffAt: open.at(48) });
    await open.asha.call('reviews.import', { file: open.decide(file, 'C', () => 'approve') });
    expect(open.mayRun(id)).toBe(false);
  });

  it('by saying that somebody speaks for the customer', async () => {
    const { id } = await ask();
    const { file } = await exportPack(id);
    const decision = open.decide(file, 'C', () => 'approve');
    expect(await open.asha.codeOf('reviews.import', { file: decision })).toBe('REVIEW_NOT_THEIR_CUSTOMER');
    await open.bilal.call('persons.setCustomers', {
      person: 'C',
      customers: ['Trust', 'Council'],
      reason: 'mine',
    });
    expect(await open.asha.codeOf('reviews.import', { file: decision })).toBe('REVIEW_NOT_THEIR_CUSTOMER');
    expect(open.mayRun(id)).toBe(false);
    // Another service manager's word counts.
    await open.mo.call('persons.setCustomers', {
      person: 'C',
      customers: ['Trust', 'Council'],
      reason: 'by letter',
    });
    expect(await open.asha.codeOf('reviews.import', { file: decision })).toBeUndefined();
    expect(open.mayRun(id)).toBe(true);
  });

  it('by ending the access of whoever forbade it', async () => {
    await open.bilal.call('persons.setRoles', { person: 'Asha', roles: ['approver'], reason: 'for once' });
    await open.mo.call('persons.setCustomers', { person: 'Asha', customers: ['Trust'], reason: 'by letter' });
    await open.asha.call('policies.sign', { group: 'web', terms: { ...strict, standing, mode: 'opt-out' } });
    await open.bilal.call('persons.endAccess', { person: 'Asha', reason: 'left' });
    const [policy] = await open.bilal.call('policies.list', {});
    expect(policy).toMatchObject({ group: 'web', signedBy: 'Asha', inForce: true });
    const { id, planDigest } = await ask();
    const { file } = await exportPack(id);
    expect(openPack(file).pack.groups[0]?.policy?.exclusions).toHaveLength(1);
    open.clock.hours = 49;
    await open.bilal.call('reviews.settle', {});
    expect(open.mayRun(id)).toBe(false);
    // It forbids on, and gives nothing.
    const doc = await open.bilal.call('approvals.request', { planId: open.insertPlan(['e1'], ['doc']) });
    await open.bilal.export({
      approvalId: doc.id,
      file: open.newFile(),
      cutOffAt: open.at(60),
    });
    open.clock.hours = 100;
    await open.bilal.call('reviews.settle', {});
    expect(open.mayRun(doc.id)).toBe(false);
    expect(await open.bilal.codeOf('runs.start', { approvalId: id })).not.toBe('INTERNAL');
    expect(await open.bilal.codeOf('groups.set', { name: 'web', customer: 'Trust' })).toBeUndefined();
    expect(planDigest).toHaveLength(64);
  });

  it('openly, once the person whom he added has chosen their own passphrase: it says so for ever', async () => {
    const ghost = await secondSelf('approver');
    await ghost.call('persons.changePassphrase', {
      ...{ current: 'typed by Bilal himself', next: 'a pear tree in the yard' },
    });
    await open.mo.call('persons.setCustomers', {
      person: 'Ghost',
      customers: ['Trust'],
      reason: 'by letter',
    });
    const { id, planDigest } = await ask();
    const granted = await ghost.call('approvals.grant', { id, planDigest });
    expect(granted.decidedBy).toBe('Ghost (added by whoever asked)');
    expect(open.mayRun(id)).toBe(true);
    const approvals = await open.asha.call('approvals.list', {});
    expect(approvals.find((item) => item.id === id)?.decidedBy).toBe('Ghost (added by whoever asked)');
  });

  it('at the console', async () => {
    const { id, planDigest } = await ask();
    expect(await open.bilal.codeOf('approvals.grant', { id, planDigest })).toBe('POLICY_SAME_PERSON');
    expect(await open.bilal.codeOf('approvals.reject', { id, planDigest, reason: 'mine' })).toBe(
      'POLICY_SAME_PERSON',
    );
    expect(open.mayRun(id)).toBe(false);
  });

  it('by the list in the queue', async () => {
    const { id } = await ask();
    const { file, packId } = await exportPack(id);
    const rows = openPack(file).pack.patches.map((patch) => ({
      ...{ patch: patch.sha256, verdict: 'approve' as const, reason: '', until: null, control: '' },
    }));
    expect(await open.bilal.codeOf('queue.draft', { packId, rows })).toBe('CONTRACT_FORBIDDEN');
    expect(await open.bilal.codeOf('queue.sign', { packId })).toBe('CONTRACT_FORBIDDEN');
    expect(open.mayRun(id)).toBe(false);
  });

  it('by a spreadsheet that he stands for', async () => {
    const { id } = await ask();
    const { file } = await exportPack(id);
    const { pack, sha256 } = openPack(file);
    const grid = sheetOf(pack, sha256);
    const titles = grid.findIndex((row) => row[0] === 'Decision');
    const sheetFile = open.newFile();
    writeFileSync(
      sheetFile,
      formatCsv(grid.map((row, index) => (index > titles ? row.with(0, 'approve') : row))),
    );
    const sheet = await open.bilal.call('reviews.importSheet', { file: sheetFile, saidBy: 'Ms Okoye' });
    expect(
      await open.bilal.codeOf('reviews.countersign', { id: sheet.id, assurance: 'They rang me about it.' }),
    ).toBe('POLICY_SAME_PERSON');
    expect(open.mayRun(id)).toBe(false);
  });

  it('by a decision file of a key that he enrolled', async () => {
    // Mo enrolled the customers' keys, so for what Mo asks they do not count.
    await open.bilal.call('persons.setRoles', {
      ...{ person: 'Mo', reason: 'every role' },
      roles: ['engineer', 'approver', 'service-manager'],
    });
    const planId = open.insertPlan(['e1'], ['app']);
    const { id } = await open.mo.call('approvals.request', { planId });
    const file = open.newFile();
    await open.mo.export({ approvalId: id, file, cutOffAt: open.at(48) });
    const decision = open.decide(file, 'A', () => 'approve');
    expect(await open.mo.codeOf('reviews.import', { file: decision })).toBe('POLICY_SAME_PERSON');
    // Nor does it help to have somebody else take it in.
    expect(await open.asha.codeOf('reviews.import', { file: decision })).toBe('POLICY_SAME_PERSON');
    expect(open.mayRun(id)).toBe(false);
  });

  it('as somebody to whom a customer delegated', async () => {
    const bilal = open.site.findPerson('Bilal');
    const der = createPublicKey(bilal?.publicKey ?? '').export({ type: 'spki', format: 'der' });
    const delegation = {
      ...{ to: der.subarray(-32).toString('hex'), from: open.now(), until: open.at(40), reason: 'on leave' },
      signedAt: open.now(),
    };
    const file = open.sign('A', 'delegation', delegation);
    expect(await open.mo.codeOf('delegations.import', { file })).toBeUndefined();
    const { id, planDigest } = await ask();
    const { packId } = await exportPack(id);
    expect(await open.bilal.codeOf('approvals.grant', { id, planDigest })).toBe('POLICY_SAME_PERSON');
    expect(await open.bilal.codeOf('queue.draft', { packId, rows: [] })).toBe('CONTRACT_FORBIDDEN');
    expect(open.mayRun(id)).toBe(false);
  });

  it('by silence under a policy that he signed', async () => {
    await open.bilal.call('policies.sign', { group: 'web', terms: { ...terms, mode: 'opt-out' } });
    const { id } = await ask();
    await exportPack(id);
    open.clock.hours = 49;
    await open.asha.call('reviews.settle', {});
    expect(open.mayRun(id)).toBe(false);
  });

  it('by an emergency request of a key that he enrolled', async () => {
    await open.mo.call('persons.setRoles', {
      ...{ person: 'Asha', reason: 'for once' },
      roles: ['engineer', 'service-manager'],
    });
    await open.bilal.call('persons.setRoles', {
      ...{ person: 'Mo', reason: 'plans as well' },
      roles: ['engineer', 'service-manager'],
    });
    await open.bilal.call('policies.sign', { group: 'web', terms: { ...terms, emergency: true } });
    const file = open.sign('A', 'emergency', {
      ...{ customer: 'Trust', groups: ['web'], names: [{ kind: 'cve', value: 'CVE-2026-1001' }] },
      ...{ pullsIn: true, reason: 'exploited', requestedAt: open.now(), until: open.at(20) },
    });
    const { sha256 } = await open.asha.call('emergency.import', { file });
    expect(await open.mo.codeOf('emergency.plan', { sha256 })).toBe('REVIEW_NOT_COVERED');
  });
});
