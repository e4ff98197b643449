import { createHash, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ReviewStore } from '../../main/catalogue/review-store.ts';
import { openPack } from '../../main/review/review-files.ts';
import { keyFingerprint } from '../../main/review/public-key.ts';
import { canonicalJson, DEFAULT_POLICY, signStatement } from '../../main/review/statement-files.ts';
import { makeKey } from '../support/review-site.ts';
import { idOf, RulesSite, type OpenRules, type Who } from '../support/rules-site.ts';

/** Through the engine, as the window and the command line do it: what customers sign, and what follows. */
describe('what customers signed, at the site', () => {
  const base = new RulesSite();
  let open: OpenRules;
  beforeAll(() => base.prepare());
  afterAll(() => base.close());
  beforeEach(async () => {
    open = await base.open();
  });
  afterEach(() => open.close());

  const terms = { ...DEFAULT_POLICY, classes: [...DEFAULT_POLICY.classes], exclusions: [], standing: [] };
  const policy = async (fields: object = {}, group = 'web', who: Who = 'A', version = 1) =>
    open.asha.codeOf('policies.import', {
      file: open.sign(who, 'policy', {
        ...{ customer: 'Trust', group, version, ...terms, signedAt: open.now() },
        ...fields,
      }),
    });
  const ask = async (endpoints = ['e1'], names = ['app', 'doc']) => {
    const planId = open.insertPlan(endpoints, names);
    return (await open.asha.call('approvals.request', { planId })).id;
  };
  const exportPack = async (approvalId: string, hours = 48) => {
    const file = open.newFile();
    await open.asha.export({ approvalId, file, cutOffAt: open.at(open.clock.hours + hours) });
    return file;
  };
  const answer = async (pack: string, who: Who, verdict: 'approve' | 'reject' = 'approve') =>
    open.asha.codeOf('reviews.import', { file: open.decide(pack, who, () => verdict) });

  it('opt-out: silence is a yes at the cut-off, by settling, and not before', async () => {
    expect(await policy({ mode: 'opt-out' })).toBeUndefined();
    const id = await ask();
    await exportPack(id);
    open.clock.hours = 47;
    expect(await open.asha.call('reviews.settle', {})).toEqual([]);
    open.clock.hours = 48;
    expect(await open.asha.call('reviews.settle', {})).toMatchObject([
      { status: 'granted', silence: 2, left: 0 },
    ]);
    expect(open.mayRun(id)).toBe(true);
    await open.mo.call('reviewers.revoke', { id: open.idOfKey('A'), reason: 'lost' });
    expect(open.mayRun(id)).toBe(false);
  });

  const settle = () => open.asha.call('reviews.settle', {});
  it('opt-out: silence on a list that never went out is no yes', async () => {
    await policy({ mode: 'opt-out' });
    const id = await ask();
    await open.asha.prepare({ approvalId: id, cutOffAt: open.at(48), approvers: 1 });
    open.clock.hours = 48;
    expect(await settle()).toEqual([]);
    expect(open.mayRun(id)).toBe(false);
  });

  it.each([
    [24, true],
    [25, false],
    [47, false],
  ])('opt-out: notice runs from when the list first went out, hour %i', async (hour, isEnough) => {
    await policy({ mode: 'opt-out' });
    const id = await ask();
    await open.asha.prepare({ approvalId: id, cutOffAt: open.at(48), approvers: 1 });
    const write = () => open.asha.export({ approvalId: id, file: open.newFile(), cutOffAt: null });
    open.clock.hours = hour;
    await write();
    // Writing the same list once more neither takes notice away nor gives any.
    open.clock.hours = 47;
    await write();
    open.clock.hours = 48;
    await settle();
    expect(open.mayRun(id)).toBe(isEnough);
  });

  it('opt-out: a file that could not be written went out to nobody', async () => {
    await policy({ mode: 'opt-out' });
    const id = await ask();
    await open.asha.prepare({ approvalId: id, cutOffAt: open.at(48), approvers: 1 });
    const file = `${open.newFile()}/no/such/folder`;
    expect(await open.asha.codeOf('reviews.export', { approvalId: id, file, cutOffAt: null })).toBe(
      'CONTRACT_CONFLICT',
    );
    open.clock.hours = 48;
    await settle();
    expect(open.mayRun(id)).toBe(false);
  });

  it('what a customer deferred or rejected in one list, silence and standing approvals leave out of the next', async () => {
    const standing = [
      {
        match: { kind: 'package', value: 'doc' },
        classes: ['security', 'other'],
        until: open.at(900),
        reason: '',
      },
    ];
    await policy({ mode: 'opt-out', standing });
    const first = await exportPack(await ask());
    const words = { app: 'defer', doc: 'reject' } as const;
    const file = open.decide(first, 'A', (name) => words[name as 'app']);
    expect(await open.asha.call('reviews.import', { file })).toMatchObject({ status: 'rejected' });
    open.clock.hours = 2;
    const id = await ask();
    const second = await exportPack(id);
    expect(openPack(second).pack.patches.map((patch) => [patch.package, patch.standing])).toEqual([
      ['app', 'decide'],
      ['doc', 'decide'],
    ]);
    open.clock.hours = 60;
    await settle();
    expect(open.mayRun(id)).toBe(false);
    // Another word of theirs ends it.
    const next = await ask();
    expect(await answer(await exportPack(next), 'B')).toBeUndefined();
    expect(open.mayRun(next)).toBe(true);
  });

  it('standing approvals need no answer, until their day', async () => {
    const standing = [
      {
        match: { kind: 'package', value: 'app' },
        classes: ['security', 'other'],
        until: open.at(20),
        reason: '',
      },
    ];
    await policy({ standing });
    const id = await ask(['e1'], ['app']);
    await exportPack(id);
    expect(await open.asha.call('reviews.settle', {})).toMatchObject([{ status: 'granted', standing: 1 }]);
    expect(open.mayRun(id)).toBe(true);
    open.clock.hours = 20;
    expect(open.mayRun(id)).toBe(false);
  });

  it('a delegate decides until the delegation is revoked', async () => {
    const file = open.sign('A', 'delegation', {
      ...{
        to: open.keyOf('D'),
        from: open.now(),
        until: open.at(100),
        reason: 'leave',
        signedAt: open.now(),
      },
    });
    const id = await ask();
    const pack = await exportPack(id);
    expect(await answer(pack, 'D')).toBe('REVIEW_NOT_APPROVER');
    const { sha256 } = await open.mo.call('delegations.import', { file });
    expect(await answer(pack, 'D')).toBeUndefined();
    expect(open.mayRun(id)).toBe(true);
    await open.mo.call('delegations.revoke', { sha256, reason: 'is back' });
    expect(open.mayRun(id)).toBe(false);
  });

  it('nobody signs for a customer for whom they do not speak, and a record taken back ends an approval', async () => {
    expect(await policy({}, 'web', 'C')).toBe('REVIEW_NOT_THEIR_CUSTOMER');
    const request = { customer: 'Trust', groups: ['web'], names: [{ kind: 'cve', value: 'CVE-2026-1001' }] };
    const times = { pullsIn: true, reason: 'exploited', requestedAt: open.now(), until: open.at(9) };
    await policy({ emergency: true });
    expect(
      await open.asha.codeOf('emergency.import', {
        file: open.sign('C', 'emergency', { ...request, ...times }),
      }),
    ).toBe('REVIEW_NOT_THEIR_CUSTOMER');
    const across = {
      to: open.keyOf('C'),
      from: open.now(),
      until: open.at(9),
      reason: '',
      signedAt: open.now(),
    };
    expect(await open.mo.codeOf('delegations.import', { file: open.sign('A', 'delegation', across) })).toBe(
      'REVIEW_NOT_THEIR_CUSTOMER',
    );
    const id = await ask();
    const pack = await exportPack(id);
    expect(await answer(pack, 'C')).toBe('REVIEW_NOT_THEIR_CUSTOMER');
    expect(await answer(pack, 'A')).toBeUndefined();
    expect(open.mayRun(id)).toBe(true);
    await open.mo.call('persons.setCustomers', { person: 'A', customers: ['Council'], reason: 'moved' });
    expect(open.mayRun(id)).toBe(false);
    await open.mo.call('persons.setCustomers', {
      person: 'A',
      customers: [],
      reason: 'nobody in particular',
    });
    expect(open.mayRun(id)).toBe(false);
    expect(
      await open.mo.codeOf('persons.setCustomers', { person: 'Mo', customers: ['Trust'], reason: 'own' }),
    ).toBe('POLICY_SAME_PERSON');
  });

  it('a policy is signed at the console, and refuses a grant that it does not let through', async () => {
    const exclusions = [{ match: { kind: 'package' as const, value: 'app' }, reason: 'breaks the portal' }];
    const signed = await open.bilal.call('policies.sign', { group: 'web', terms: { ...terms, exclusions } });
    expect(signed).toMatchObject({ version: 1, signedBy: 'Bilal', inForce: true, customer: 'Trust' });
    const grant = async (id: string, by = open.bilal) =>
      by.codeOf('approvals.grant', { id, planDigest: open.plans.getApproval(id)?.planDigest ?? '' });
    expect(await grant(await ask())).toBe('REVIEW_NOT_COVERED');
    const rest = await ask(['e1'], ['doc']);
    expect(await grant(rest)).toBeUndefined();
    expect(open.mayRun(rest)).toBe(true);
    expect(await grant(await ask(['e3'], ['doc']))).toBe('REVIEW_NOT_COVERED');
    expect(await open.bilal.codeOf('policies.sign', { group: 'hr', terms })).toBe(
      'REVIEW_NOT_THEIR_CUSTOMER',
    );
    await open.mo.call('persons.setRoles', { person: 'Bilal', roles: ['auditor'], reason: 'moved on' });
    expect(open.mayRun(rest)).toBe(false);
  });

  it('a list that a customer answered, or that wants two, is not gone past by a grant of the whole plan', async () => {
    const grant = async (id: string) =>
      open.bilal.codeOf('approvals.grant', { id, planDigest: open.plans.getApproval(id)?.planDigest ?? '' });
    await policy({ mode: 'opt-out' });
    const refused = await ask();
    const list = await exportPack(refused);
    expect(
      await open.asha.call('reviews.import', {
        file: open.decide(list, 'A', (name) => (name === 'app' ? 'reject' : null)),
      }),
    ).toMatchObject({ status: 'waiting' });
    expect(await grant(refused)).toBe('REVIEW_DECIDE_ON_LIST');
    expect(open.mayRun(refused)).toBe(false);
    const wantsTwo = await ask(['e2']);
    const file = open.newFile();
    const cutOffAt = open.at(48);
    await open.asha.export({ approvalId: wantsTwo, file, cutOffAt, approvers: 2 });
    expect(await answer(file, 'A', 'reject')).toBeUndefined();
    expect(await grant(wantsTwo)).toBe('REVIEW_DECIDE_ON_LIST');
    expect(open.mayRun(wantsTwo)).toBe(false);
    const [view] = await open.bilal.call('approvals.list', {});
    expect(view).toMatchObject({ hasList: true, mayDecide: true });
    // Without a list it is granted as ever.
    const plain = await ask(['e2']);
    expect(await grant(plain)).toBeUndefined();
    expect(open.mayRun(plain)).toBe(true);
  });

  it('a grant of before there was a list hears what was said on it', async () => {
    const planId = open.insertPlan(['e1'], ['app', 'doc']);
    const { id, planDigest } = await open.asha.call('approvals.request', { planId });
    await open.bilal.call('approvals.grant', { id, planDigest });
    const { pack } = openPack(await exportPack(await ask()));
    const keepList = (approvers: number, packId: string): void => {
      const payload = Buffer.from(
        canonicalJson({ ...pack, packId, approvers, approvalId: id, planId, planDigest }),
      );
      const sha256 = createHash('sha256').update(payload).digest('hex');
      new ReviewStore(open.db).insertPack({
        id: packId,
        approvalId: id,
        sha256,
        payload,
        createdAt: open.now(),
      });
    };
    keepList(1, 'one');
    expect(open.mayRun(id)).toBe(true);
    keepList(2, 'two');
    expect(open.mayRun(id)).toBe(false);
  });

  it('an approver withdraws what was granted for a customer for whom they speak', async () => {
    const id = await ask();
    expect(await answer(await exportPack(id), 'A')).toBeUndefined();
    expect(open.mayRun(id)).toBe(true);
    const speakFor = (customer: string) =>
      open.mo.call('persons.setCustomers', { person: 'Bilal', customers: [customer], reason: 'moved' });
    const mayWithdraw = async () => (await open.bilal.call('approvals.get', { id })).approval.mayWithdraw;
    await speakFor('Council');
    expect(await mayWithdraw()).toBe(false);
    expect(await open.bilal.codeOf('approvals.withdraw', { id })).toBe('REVIEW_NOT_THEIR_CUSTOMER');
    await speakFor('Trust');
    expect(await mayWithdraw()).toBe(true);
    expect(await open.bilal.call('approvals.withdraw', { id })).toMatchObject({
      ...{ status: 'withdrawn', decidedBy: 'Bilal', mayWithdraw: false },
    });
    expect(open.mayRun(id)).toBe(false);
    // A changed mind leads here, and on to a new list of the same plan.
    const planId = open.plans.getApproval(id)?.planId ?? '';
    const again = (await open.asha.call('approvals.request', { planId })).id;
    expect(await answer(await exportPack(again), 'A', 'reject')).toBeUndefined();
    expect(open.mayRun(again)).toBe(false);
  });

  it('a no that comes after the grant takes it back; of the same person, after the cut-off, or for, it does not', async () => {
    const id = await ask();
    const pack = await exportPack(id);
    expect(await answer(pack, 'A')).toBeUndefined();
    open.clock.hours = 1;
    expect(await answer(pack, 'A', 'reject')).toBe('REVIEW_CONFLICTING');
    expect(await answer(pack, 'B')).toBe('REVIEW_DECIDED_ALREADY');
    expect(await answer(pack, 'C', 'reject')).toBe('REVIEW_NOT_THEIR_CUSTOMER');
    const late = open.decide(pack, 'B', () => 'reject');
    open.clock.hours = 49;
    expect(await open.asha.codeOf('reviews.import', { file: late })).toBe('REVIEW_LATE');
    expect(open.mayRun(id)).toBe(true);
    open.clock.hours = 2;
    expect(await open.asha.call('reviews.import', { file: late })).toMatchObject({ status: 'rejected' });
    expect(open.mayRun(id)).toBe(false);
    expect((await open.asha.call('approvals.get', { id })).approval).toMatchObject({
      ...{ status: 'withdrawn', decidedBy: 'B', reason: 'B answered against it' },
    });
    // It stays a no when the key that signed it is lost.
    await open.mo.call('reviewers.revoke', { id: open.idOfKey('B'), reason: 'lost' });
    expect(open.mayRun(id)).toBe(false);
  });

  it('what goes on giving ends with the key that signed it: policy, delegation, emergency request', async () => {
    const { publicKey, privateKey } = makeKey();
    const eva = { name: 'Eva', publicKey, sign: (message: Uint8Array) => sign(null, message, privateKey) };
    await open.mo.call('reviewers.enrol', {
      ...{ name: 'Eva', publicKey, fingerprint: keyFingerprint(publicKey), customers: ['Trust'] },
      validUntil: open.at(60),
    });
    const write = (kind: string, fields: object): string => {
      const payload = { format: `sallyport-${kind}/1`, siteId: open.siteId(), signedBy: 'Eva', ...fields };
      const file = open.newFile();
      writeFileSync(
        file,
        signStatement(`application/vnd.sallyport.${kind}+json`, canonicalJson(payload), eva),
      );
      return file;
    };
    await open.asha.call('policies.import', {
      file: write('policy', {
        ...{ customer: 'Trust', group: 'web', version: 1, ...terms, mode: 'opt-out', signedAt: open.now() },
      }),
    });
    await open.mo.call('delegations.import', {
      file: write('delegation', {
        ...{ to: open.keyOf('D'), from: open.now(), until: open.at(900), reason: '', signedAt: open.now() },
      }),
    });
    const silent = await ask();
    await exportPack(silent);
    const lent = await ask(['e2']);
    expect(await answer(await exportPack(lent), 'D')).toBeUndefined();
    open.clock.hours = 48;
    await settle();
    const mayRun = () => [silent, lent].map((id) => open.mayRun(id));
    expect(mayRun()).toEqual([true, true]);
    open.clock.hours = 59;
    expect(mayRun()).toEqual([true, true]);
    open.clock.hours = 60;
    expect(mayRun()).toEqual([false, false]);
    open.raiseFloor(60);
    open.clock.hours = 50;
    expect(mayRun()).toEqual([false, false]);
  });

  it('an endpoint that moves to another group takes its approval with it, and back', async () => {
    const id = await ask();
    expect(await answer(await exportPack(id), 'A')).toBeUndefined();
    for (const [group, holds] of [
      ['db', false],
      ['hr', false],
      ['web', true],
    ] as const) {
      await open.mo.call('endpoints.setGroup', { id: idOf('e1'), group });
      expect([group, open.mayRun(id)]).toEqual([group, holds]);
    }
  });

  it('a no stays a no when whoever said it loses the role, also under opt-out', async () => {
    await policy({ mode: 'opt-out', approvers: 2 });
    const id = await ask();
    const pack = await exportPack(id);
    await answer(pack, 'B', 'reject');
    await open.mo.call('persons.setRoles', { person: 'B', roles: ['auditor'], reason: 'left' });
    open.clock.hours = 50;
    await open.asha.call('reviews.settle', {});
    expect(open.mayRun(id)).toBe(false);
  });

  it('cut between a decision and its outcome: neither is there, and the file can be imported again', async () => {
    const id = await ask();
    const file = open.decide(await exportPack(id), 'A', () => 'approve');
    open.db.exec("CREATE TRIGGER cut BEFORE INSERT ON decisions BEGIN SELECT RAISE(ABORT, 'cut'); END");
    expect(await open.asha.codeOf('reviews.import', { file })).toBe('INTERNAL');
    expect(open.db.prepare('SELECT count(*) FROM review_decisions').pluck().get()).toBe(0);
    open.db.exec('DROP TRIGGER cut');
    expect(await open.asha.call('reviews.import', { file })).toMatchObject({ status: 'granted' });
    expect(open.mayRun(id)).toBe(true);
  });
});
