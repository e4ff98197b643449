import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { QueueItem } from '../../contract/queue.ts';
import { DEFAULT_POLICY } from '../../main/review/statement-files.ts';
import { RulesSite, type OpenRules } from '../support/rules-site.ts';

/** What the queue says of each list: whose it is, who has to answer, and whether anybody still has to. */
describe('the lists of the queue', () => {
  const base = new RulesSite();
  let open: OpenRules;
  beforeAll(() => base.prepare());
  afterAll(() => base.close());
  beforeEach(async () => {
    open = await base.open();
  });
  afterEach(() => open.close());

  const terms = { ...DEFAULT_POLICY, classes: [...DEFAULT_POLICY.classes], exclusions: [], standing: [] };
  const policy = async (fields: object, group = 'web', version = 1) => {
    const signed = { customer: 'Trust', group, version, ...terms, signedAt: open.now(), ...fields };
    await open.asha.call('policies.import', { file: open.sign('A', 'policy', signed) });
  };
  const standing = (value: string) => [
    { match: { kind: 'package', value }, classes: ['security', 'other'], until: open.at(200), reason: '' },
  ];
  const ask = async (endpoints = ['e1'], names = ['app', 'doc']) =>
    (await open.asha.call('approvals.request', { planId: open.insertPlan(endpoints, names) })).id;
  const exportPack = async (approvalId: string, hours = 48, approvers = 1) => {
    const file = open.newFile();
    const cutOffAt = open.at(open.clock.hours + hours);
    await open.asha.export({ approvalId, file, cutOffAt, approvers });
    return file;
  };
  const listOf = async (approvalId: string): Promise<QueueItem> => {
    const found = (await open.asha.call('queue.list', {})).find(
      (item) => item.approvalId === approvalId && item.state !== 'superseded',
    );
    if (found === undefined) throw new Error('the queue lacks it');
    return found;
  };

  it('closes under opt-out from the cut-off on, not before, and not twice', async () => {
    await policy({ mode: 'opt-out' });
    const id = await ask();
    await exportPack(id);
    open.clock.hours = 47;
    expect(await listOf(id)).toMatchObject({ state: 'open', closes: false });
    open.clock.hours = 48;
    const item = await listOf(id);
    expect(item).toMatchObject({ state: 'cut-off-passed', closes: true });
    await open.asha.call('reviews.settle', { packId: item.packId });
    expect(await listOf(id)).toMatchObject({ state: 'decided', closes: false });
  });

  it('does not close where nothing is given by settling: opt-in, or a signer who counts no more', async () => {
    const optIn = await ask(['e2']);
    await exportPack(optIn);
    await policy({ mode: 'opt-out' });
    const optOut = await ask();
    await exportPack(optOut);
    open.clock.hours = 50;
    expect(await listOf(optIn)).toMatchObject({ state: 'cut-off-passed', closes: false });
    expect(await listOf(optOut)).toMatchObject({ state: 'cut-off-passed', closes: true });
    await open.mo.call('reviewers.revoke', { id: open.idOfKey('A'), reason: 'lost' });
    expect(await listOf(optOut)).toMatchObject({ closes: false });
    expect(await open.asha.call('reviews.settle', {})).toEqual([]);
  });

  it('closes before the cut-off where standing approvals cover all of it, and only then', async () => {
    await policy({ standing: standing('app') });
    const whole = await ask(['e1'], ['app']);
    await exportPack(whole);
    const part = await ask(['e1'], ['app', 'doc']);
    await exportPack(part);
    expect(await listOf(whole)).toMatchObject({ state: 'open', closes: true });
    expect(await listOf(part)).toMatchObject({ state: 'open', closes: false });
    open.clock.hours = 48;
    expect(await listOf(part)).toMatchObject({ state: 'cut-off-passed', closes: true });
  });

  it('says how many must approve as the list or a policy of its groups wants, whichever is more', async () => {
    await policy({ approvers: 2 });
    const byPolicy = await ask();
    expect(await listOf(byPolicy)).toMatchObject({ state: 'unlisted', approvers: 2 });
    const file = await exportPack(byPolicy);
    const byList = await ask();
    await exportPack(byList, 48, 3);
    expect(await listOf(byPolicy)).toMatchObject({ approvers: 2, answeredBy: [] });
    expect(await listOf(byList)).toMatchObject({ approvers: 3 });
    const { packId } = await listOf(byPolicy);
    const sheet = await open.bilal.call('queue.sheet', { packId: packId ?? '' });
    expect(sheet.head.approvers).toBe(2);
    const packs = await open.asha.call('reviews.list', {});
    expect(packs.find((pack) => pack.id === packId)?.approvers).toBe(2);
    // One of two is no outcome.
    const taken = await open.asha.call('reviews.import', { file: open.decide(file, 'A', () => 'approve') });
    expect(taken).toMatchObject({ status: 'waiting', waitingFor: 1 });
    expect(await listOf(byPolicy)).toMatchObject({ state: 'open', approvers: 2, answeredBy: ['A'] });
  });

  it('names the customer of what has no list yet', async () => {
    const id = await ask(['e3']);
    expect(await listOf(id)).toMatchObject({ state: 'unlisted', customer: 'Council', groups: ['hr'] });
    const two = await ask(['e1', 'e3']);
    expect(await listOf(two)).toMatchObject({ customer: 'Council and Trust', groups: ['hr', 'web'] });
    const approvals = await open.asha.call('approvals.list', {});
    expect(approvals.find((item) => item.id === id)?.customers).toEqual(['Council']);
    const plans = await open.asha.call('plans.list', {});
    const planOf = (approvalId: string) => approvals.find((item) => item.id === approvalId)?.planId;
    expect(plans.find((plan) => plan.id === planOf(two))?.customers).toEqual(['Council', 'Trust']);
  });

  it('carries drafts over to the next list, but for what is about something else, and grants nothing by it', async () => {
    const id = await ask(['e1', 'e2'], ['app', 'doc']);
    const prepare = async (): Promise<string> => {
      const cutOffAt = open.at(open.clock.hours + 48);
      return (await open.asha.prepare({ approvalId: id, cutOffAt })).id;
    };
    const packId = await prepare();
    const { rows } = await open.bilal.call('queue.sheet', { packId });
    const draft = rows.map(({ patch }) => ({
      ...{ patch, verdict: 'defer' as const, reason: 'month end', control: 'behind the firewall' },
      until: open.at(400),
    }));
    await open.bilal.call('queue.draft', { packId, rows: draft });
    expect(await open.bilal.call('queue.carried', { packId })).toBeNull();

    await open.asha.call('quality.record', { patches: [draft[0]?.patch ?? ''], verdict: 'no-concern' });
    const second = await prepare();
    const byPatch = (a: { patch: string }, b: { patch: string }): number => (a.patch < b.patch ? -1 : 1);
    const there = await open.bilal.call('queue.sheet', { packId: second });
    expect(there.draft.toSorted(byPatch)).toEqual(draft.toSorted(byPatch));
    expect(await open.bilal.call('queue.carried', { packId: second })).toEqual({ carried: 2, left: [] });
    // Nobody else's, and nothing that counts.
    expect((await open.asha.call('queue.sheet', { packId: second })).draft).toEqual([]);
    expect(await listOf(id)).toMatchObject({ packId: second, state: 'open', answeredBy: [] });
    expect(open.mayRun(id)).toBe(false);
    expect(await open.bilal.codeOf('queue.draft', { packId, rows: [] })).toBe('CONTRACT_FORBIDDEN');

    await policy({});
    const third = await prepare();
    expect((await open.bilal.call('queue.sheet', { packId: third })).draft).toEqual([]);
    const carried = await open.bilal.call('queue.carried', { packId: third });
    expect(carried?.carried).toBe(0);
    expect(carried?.left.map((row) => `${row.package} ${row.version} ${row.verdict}`).toSorted()).toEqual([
      'app 2 defer',
      'doc 2 defer',
    ]);
  });

  it('says what silence on a draft means to whoever would sign it', async () => {
    await policy({ mode: 'opt-out' });
    const id = await ask(['e1', 'e2'], ['app', 'doc']);
    await exportPack(id);
    const { packId } = await listOf(id);
    const list = { packId: packId ?? '' };
    const before = await open.bilal.call('queue.silence', list);
    expect(before).toMatchObject({ awaited: 2, yes: 0 });
    const { rows } = await open.bilal.call('queue.sheet', list);
    const patch = rows[0]?.patch ?? '';
    const draft = [{ patch, verdict: 'approve' as const, reason: '', until: null, control: '' }];
    await open.bilal.call('queue.draft', { ...list, rows: draft });
    expect(await open.bilal.call('queue.silence', list)).toMatchObject({ awaited: 1, yes: 0 });
    const alone = await ask(['e1'], ['app', 'doc']);
    await exportPack(alone);
    const other = (await listOf(alone)).packId ?? '';
    expect(await open.bilal.call('queue.silence', { packId: other })).toMatchObject({ awaited: 0, yes: 2 });
  });
});
