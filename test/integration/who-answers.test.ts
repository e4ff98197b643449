import { createPublicKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addPerson } from '../support/caller.ts';
import { RulesSite, type OpenRules } from '../support/rules-site.ts';

/** Whoever is invited to decide, named on the strip or said to hold the ball is somebody whose word would count. */
describe('who is asked for an answer', () => {
  const base = new RulesSite();
  let open: OpenRules;
  beforeAll(() => base.prepare());
  afterAll(() => base.close());
  beforeEach(async () => (open = await base.open()));
  afterEach(() => open.close());

  const ask = async (asker = open.asha): Promise<string> =>
    (await asker.call('approvals.request', { planId: open.insertPlan(['e1'], ['app']) })).id;
  const stripOf = (id: string) => open.asha.call('raci.of', { about: { kind: 'approval', id } });

  it('is nobody of another customer: not on the strip, not by the ball, not in the list', async () => {
    const carl = await addPerson(open.engine, open.mo, {
      ...{ name: 'Carl', roles: ['approver'], passphrase: 'a pear tree in the yard' },
    });
    await open.mo.call('persons.setCustomers', {
      person: 'Carl',
      customers: ['Council'],
      reason: 'by letter',
    });
    const id = await ask();
    const { parties, ball } = await stripOf(id);
    const named = parties
      .find(({ party }) => party === 'customer')
      ?.holders.flatMap(({ persons }) => persons);
    expect(new Set(named)).toEqual(new Set(['A', 'B', 'Bilal']));
    expect(ball?.persons).toEqual(['A', 'B', 'Bilal']);
    const seen = async (): Promise<unknown> => {
      const item = (await carl.call('approvals.list', {})).find((one) => one.id === id);
      return [item?.mayDecide, item?.mayNotDecideBecause];
    };
    expect(await seen()).toEqual([false, 'Carl does not speak for Trust.']);
    const { pack } = await open.asha.export({
      ...{ approvalId: id, file: open.newFile(), cutOffAt: open.at(48) },
    });
    expect(await carl.call('queue.sheet', { packId: pack.id })).toMatchObject({
      ...{ mayDecide: false, mayNotDecideBecause: 'Carl does not speak for Trust.' },
    });
    expect(await carl.codeOf('queue.draft', { packId: pack.id, rows: [] })).toBe('CONTRACT_FORBIDDEN');
    expect((await open.bilal.call('queue.sheet', { packId: pack.id })).mayDecide).toBe(true);
    // What the asker says of Carl does not make it his.
    await open.mo.call('persons.setRoles', {
      ...{ person: 'Asha', roles: ['engineer', 'service-manager'], reason: 'for once' },
    });
    await open.asha.call('persons.setCustomers', { person: 'Carl', customers: ['Trust'], reason: 'mine' });
    expect(await seen()).toEqual([false, 'Carl does not speak for Trust.']);
  });

  it('is a delegate too, who has one voice with whoever lets them', async () => {
    const der = createPublicKey(open.site.findPerson('Bilal')?.publicKey ?? '').export({
      ...{ type: 'spki', format: 'der' },
    });
    const key = der.subarray(-32).toString('hex');
    await open.mo.call('persons.setRoles', { person: 'Bilal', roles: ['auditor'], reason: 'stands in' });
    const id = await ask();
    expect((await stripOf(id)).ball?.persons).toEqual(['A', 'B']);
    const file = open.sign('A', 'delegation', {
      ...{ to: key, from: open.now(), until: open.at(40), reason: 'on leave', signedAt: open.now() },
    });
    await open.mo.call('delegations.import', { file });
    expect((await stripOf(id)).ball?.persons).toEqual(['A', 'B', 'Bilal']);
    await open.mo.call('persons.setRoles', { person: 'B', roles: ['auditor'], reason: 'moved on' });
    // Two are wanted, and A and Bilal are one voice.
    const packFile = open.newFile();
    await open.asha.export({
      ...{ approvalId: id, file: packFile, cutOffAt: open.at(48), approvers: 2 },
    });
    expect((await stripOf(id)).ball).toMatchObject({ party: 'provider', persons: ['Mo'] });
  });

  it('is nobody whose key whoever asks enrolled, and a list that only they could answer is not made', async () => {
    await open.mo.call('persons.setRoles', { person: 'Bilal', roles: ['auditor'], reason: 'moved on' });
    await open.mo.call('persons.setRoles', {
      ...{ person: 'Asha', roles: ['engineer', 'service-manager'], reason: 'for once' },
    });
    await open.asha.call('persons.setRoles', {
      ...{ person: 'Mo', roles: ['engineer', 'service-manager'], reason: 'asks for once' },
    });
    for (const person of ['A', 'B'])
      await open.asha.call('persons.setCustomers', { person, customers: ['Trust'], reason: 'by letter' });
    const id = await ask(open.mo);
    expect((await stripOf(id)).ball).toMatchObject({ party: 'provider' });
    expect(
      await open.mo.codeOf('reviews.export', { approvalId: id, file: open.newFile(), cutOffAt: open.at(48) }),
    ).toBe('POLICY_SAME_PERSON');
    // Asha did not enrol them: what she asks they may answer.
    const hers = await open.asha.call('approvals.request', { planId: open.insertPlan(['e1'], ['doc']) });
    expect((await stripOf(hers.id)).ball?.persons).toEqual(['A', 'B']);
  });
});
