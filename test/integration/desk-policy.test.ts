import { copyFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Desk, PHRASE, TERMS } from '../support/desk.ts';
import { RulesSite, type OpenRules } from '../support/rules-site.ts';

/** What a customer signs in their own window, carried to the site as a file and nothing else. */

const base = new RulesSite();
let site: OpenRules;
let desk: Desk;

beforeAll(() => base.prepare());
afterAll(() => base.close());
beforeEach(async () => {
  site = await base.open();
  desk = new Desk();
  desk.clock = site.now();
  await desk.start();
  await desk.mira.call('site.beginReview', {});
  await desk.mira.call('myKey.create', { name: 'Mira', passphrase: PHRASE });
});
afterEach(async () => {
  await desk.close();
  await site.close();
});

/** Enrols the key that the desk signs with now, as a service manager who compared it does. */
async function enrol(): Promise<void> {
  const { current } = await desk.mira.call('myKey.get', {});
  const { publicKey = '', fingerprint = '' } = current ?? {};
  await site.mo.call('reviewers.enrol', { name: 'Mira', publicKey, fingerprint, customers: ['Trust'] });
}

/** The medium: a copy, so that neither side reads a file of the other. */
function carry(file: string): string {
  const there = site.newFile();
  copyFileSync(file, there);
  return there;
}

async function exportPack(names: readonly string[]): Promise<{ approvalId: string; file: string }> {
  const planId = site.insertPlan(['e1'], names);
  const { id } = await site.asha.call('approvals.request', { planId });
  const file = site.newFile();
  await site.asha.export({
    ...{ approvalId: id, file, cutOffAt: site.at(site.clock.hours + 72) },
  });
  return { approvalId: id, file };
}

/** Opens a pack at the desk and compares the site's key with what the site says. */
async function openAtDesk(file: string): Promise<void> {
  const brought = desk.newFile();
  copyFileSync(file, brought);
  const pack = await desk.mira.call('packs.open', { file: brought });
  await desk.mira.call('packs.trustSite', { id: pack.id, fingerprint: pack.siteKeyWords.join(' ') });
}

async function signPolicy(change: object = {}): Promise<string> {
  const [known] = await desk.mira.call('statements.sites', {});
  const file = desk.newFile();
  await desk.mira.call('statements.signPolicy', {
    ...{ siteId: known?.siteId ?? '', customer: known?.customer ?? '', group: known?.groups[0]?.name ?? '' },
    ...{ terms: { ...TERMS, mode: 'opt-out', noticeHours: 48 }, file, passphrase: PHRASE },
    ...change,
  });
  return carry(file);
}

it('a policy signed at the desk is taken in, packs are made under it, and silence at the cut-off grants', async () => {
  await enrol();
  await openAtDesk((await exportPack(['doc'])).file);
  const policy = await signPolicy();
  const taken = await site.asha.call('policies.import', { file: policy });
  expect(taken).toMatchObject({
    group: 'web',
    version: 1,
    signedBy: 'Mira',
    customer: 'Trust',
    inForce: true,
  });
  const [signed] = await desk.mira.call('statements.list', {});
  expect(signed?.sha256).toBe(taken.sha256);

  const { approvalId, file } = await exportPack(['app']);
  site.clock.hours = 71;
  expect((await site.asha.call('reviews.settle', {})).map((item) => item.approvalId)).not.toContain(
    approvalId,
  );
  expect(site.mayRun(approvalId)).toBe(false);
  site.clock.hours = 72;
  const settled = await site.asha.call('reviews.settle', {});
  expect(settled.find((item) => item.approvalId === approvalId)).toMatchObject({
    ...{ status: 'granted', silence: 1, left: 0 },
  });
  expect(site.mayRun(approvalId)).toBe(true);

  // The next pack tells the desk what is in force, and the desk goes on from there.
  desk.clock = site.now();
  const brought = desk.newFile();
  copyFileSync(file, brought);
  await desk.mira.call('packs.open', { file: brought });
  const [known] = await desk.mira.call('statements.sites', {});
  expect(known?.groups).toMatchObject([{ name: 'web', inForce: { version: 1, terms: { mode: 'opt-out' } } }]);
  const back = await signPolicy({ terms: TERMS });
  expect(await site.asha.call('policies.import', { file: back })).toMatchObject({ version: 2 });
  expect(site.mayRun(approvalId)).toBe(false);
});

it('a policy signed with a key that the site never enrolled is refused, and so is one of a revoked key', async () => {
  await openAtDesk((await exportPack(['doc'])).file);
  const file = await signPolicy();
  expect(await site.asha.codeOf('policies.import', { file })).toBe('REVIEW_KEY_NOT_ENROLLED');
  await enrol();
  const { fingerprint = '' } = (await desk.mira.call('myKey.get', {})).current ?? {};
  await site.mo.call('reviewers.revoke', { id: fingerprint, reason: 'laptop stolen' });
  expect(await site.asha.codeOf('policies.import', { file })).toBe('REVIEW_KEY_REVOKED');
  expect(await site.asha.call('policies.list', {})).toEqual([]);
});

it('a delegation and an emergency request of the desk count at the site as any others', async () => {
  await enrol();
  await openAtDesk((await exportPack(['doc'])).file);
  const [known] = await desk.mira.call('statements.sites', {});
  const signing = { siteId: known?.siteId ?? '', passphrase: PHRASE };
  const delegation = desk.newFile();
  await desk.mira.call('statements.signDelegation', {
    ...{ ...signing, file: delegation, to: site.keyOf('D'), until: site.at(100), reason: 'on leave' },
  });
  expect(await site.mo.call('delegations.import', { file: carry(delegation) })).toMatchObject({
    ...{ from: { name: 'Mira' }, to: { name: 'D' }, state: 'counts' },
  });
  const request = {
    ...{ ...signing, customer: 'Trust', groups: ['web'], pullsIn: false, reason: 'exploited' },
    ...{ names: [{ kind: 'package' as const, value: 'app' }], until: site.at(50) },
  };
  const first = desk.newFile();
  await desk.mira.call('statements.signEmergency', { ...request, file: first });
  expect(await site.asha.codeOf('emergency.import', { file: carry(first) })).toBe('REVIEW_EMERGENCY_NO_LANE');
  await site.asha.call('policies.import', {
    file: await signPolicy({ terms: { ...TERMS, emergency: true } }),
  });
  expect(await site.asha.call('emergency.import', { file: carry(first) })).toMatchObject({
    ...{ customer: 'Trust', requestedBy: 'Mira', state: 'counts' },
  });
});

it('under opt-out the desk signs a partial answer, and says beforehand what silence will mean', async () => {
  await enrol();
  await openAtDesk((await exportPack(['doc'])).file);
  await site.asha.call('policies.import', { file: await signPolicy() });
  const { approvalId, file } = await exportPack(['app', 'doc']);
  const brought = desk.newFile();
  copyFileSync(file, brought);
  const { id } = await desk.mira.call('packs.open', { file: brought });
  expect(await desk.mira.call('packs.silence', { id })).toMatchObject({ awaited: 0, yes: 2 });
  const { rows } = await desk.mira.call('packs.sheet', { id });
  const patch = rows.find((row) => row.package === 'doc')?.patch ?? '';
  await desk.mira.call('packs.draft', { id, rows: [{ patch, verdict: 'reject', reason: 'not now' }] });
  expect(await desk.mira.call('packs.silence', { id })).toMatchObject({ awaited: 0, yes: 1 });
  const answer = desk.newFile();
  expect(await desk.mira.call('packs.export', { id, file: answer, passphrase: PHRASE })).toMatchObject({
    ...{ approved: 0, rejected: 1 },
  });
  expect(await site.asha.call('reviews.import', { file: carry(answer) })).toMatchObject({ rejected: 1 });
  site.clock.hours = 72;
  const settled = await site.asha.call('reviews.settle', {});
  expect(settled.find((item) => item.approvalId === approvalId)).toMatchObject({
    status: 'partly',
    silence: 1,
  });
});
