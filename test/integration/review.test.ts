import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DecidedRow } from '../../main/core/review/decision-file.ts';
import { composeDecision, openPack, signDecision } from '../../main/review/review-files.ts';
import { createReviewerKey, openReviewerKey, type ReviewerKey } from '../../main/review/reviewer-key.ts';
import { keyFingerprint } from '../../main/review/public-key.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { addPerson } from '../support/caller.ts';
import type { OpenSite } from '../support/prepared-site.ts';

const PASSPHRASE = 'nine wet umbrellas drying';
const COST = { N: 1024, r: 8, p: 1 };

/**
 * The customer decides far away: a signed pack goes out, a signed decision comes back, and what runs is what they
 * approved. Simulated endpoints, true SSH, true engine; the two sides share nothing but the files.
 */
describe('a decision that was made elsewhere', () => {
  let simulated: SimulatedSite;
  let site: OpenSite;
  let key: ReviewerKey;
  let files = 0;

  beforeAll(async () => {
    simulated = await SimulatedSite.prepare({ endpoints: 3 });
    const keyFile = join(simulated.folder, 'grace.key');
    await createReviewerKey(keyFile, 'Grace', PASSPHRASE, COST);
    key = await openReviewerKey(keyFile, PASSPHRASE);
  });
  afterAll(() => simulated.close());
  beforeEach(async () => {
    site = await simulated.open();
  });
  afterEach(() => site.engine.close());

  const newFile = (name: string): string => join(simulated.folder, `${(files += 1)}-${name}`);
  const enrol = (reviewer: ReviewerKey = key, name = 'Grace', caller = site.approver) =>
    caller.call('reviewers.enrol', {
      name,
      publicKey: reviewer.publicKey,
      fingerprint: keyFingerprint(reviewer.publicKey),
    });
  const ask = async (): Promise<{ approvalId: string; pack: string }> => {
    const { planId } = await site.engineer.finish(await site.engineer.call('plans.make', {}));
    const { id: approvalId } = await site.engineer.call('approvals.request', { planId: String(planId) });
    const pack = newFile('pack');
    await site.engineer.export({
      approvalId,
      file: pack,
      cutOffAt: '2099-01-01T00:00:00.000Z',
    });
    return { approvalId, pack };
  };
  const decide = (
    pack: string,
    verdictOf: (name: string) => Partial<DecidedRow> = () => ({}),
    by: ReviewerKey = key,
  ): string => {
    const opened = openPack(pack);
    const rows = opened.pack.patches.map((patch): DecidedRow => ({
      ...{ patch: patch.sha256, verdict: 'approve', reason: '', until: null, control: '' },
      ...verdictOf(patch.package),
    }));
    const payload = composeDecision(opened, rows, {
      decidedBy: by.name,
      decidedAt: new Date().toISOString(),
    });
    const file = newFile('decision');
    writeFileSync(file, signDecision(payload, by));
    return file;
  };
  const runAndWait = async (approvalId: string): Promise<readonly (readonly [string, string])[]> => {
    const { id } = await site.engineer.call('runs.start', { approvalId });
    const { tasks } = await site.engineer.call('runs.wait', { id });
    return tasks.map((task) => [task.endpointName, task.status] as const);
  };

  it('approves all of it, and exactly that is installed', async () => {
    // Whoever asks cannot have vouched for the key: here the approver at the site enrols it.
    await grantManager(site);
    await enrol();
    const { approvalId, pack } = await ask();
    const outcome = await site.engineer.call('reviews.import', { file: decide(pack) });
    expect(outcome).toMatchObject({ approvalId, status: 'granted', rejected: 0, deferred: 0, waitingFor: 0 });
    const approval = await site.engineer.call('approvals.get', { id: approvalId });
    expect(approval.approval).toMatchObject({
      status: 'granted',
      decidedBy: 'Grace (brought in by whoever asked)',
    });
    expect(new Set((await runAndWait(approvalId)).map(([, status]) => status))).toEqual(
      new Set(['succeeded']),
    );
  });

  async function grantManager(open: OpenSite): Promise<void> {
    await addPerson(open.engine, open.engineer, {
      name: 'Mo',
      roles: ['service-manager'],
      passphrase: 'quiet lanterns on a pier',
    });
    await open.approver.call('session.signOut', {});
    await open.approver.call('session.signIn', { person: 'Mo', passphrase: 'quiet lanterns on a pier' });
  }

  it('approves some of it: a new plan has that and no more, and runs', async () => {
    await grantManager(site);
    await enrol();
    const { approvalId, pack } = await ask();
    const names = openPack(pack).pack.patches.map((patch) => patch.package);
    const [refused = ''] = names;
    const outcome = await site.engineer.call('reviews.import', {
      file: decide(pack, (name) =>
        name === refused ? { verdict: 'reject', reason: 'breaks the portal' } : {},
      ),
    });
    expect(outcome).toMatchObject({ status: 'partly', rejected: 1 });
    if (outcome.operationId === null) throw new Error('no plan is made');
    await site.engineer.finish({ operationId: outcome.operationId });
    const approvals = await site.engineer.call('approvals.list', {});
    expect(approvals.find((item) => item.id === approvalId)).toMatchObject({ status: 'rejected' });
    const narrowed = approvals.find((item) => item.status === 'granted');
    if (narrowed === undefined) throw new Error('nothing is granted');
    const plan = await site.engineer.call('plans.get', { id: narrowed.planId });
    const planned = new Set(plan.endpoints.flatMap((endpoint) => endpoint.packages.map((item) => item.name)));
    expect(planned.has(refused)).toBe(false);
    expect(planned.size).toBeGreaterThan(0);
    expect(new Set((await runAndWait(narrowed.id)).map(([, status]) => status))).toEqual(
      new Set(['succeeded']),
    );
  });

  it('approves none of it: nothing can be run', async () => {
    await grantManager(site);
    await enrol();
    const { approvalId, pack } = await ask();
    const file = decide(pack, () => ({
      verdict: 'defer',
      reason: 'year end',
      until: '2098-01-01T00:00:00.000Z',
      control: 'not reachable from outside',
    }));
    expect(await site.engineer.call('reviews.import', { file })).toMatchObject({
      status: 'rejected',
      approved: 0,
    });
    expect(await site.engineer.codeOf('runs.start', { approvalId })).toMatch(/^POLICY_|^CONTRACT_/);
  });

  it('a no of another approver takes a grant back, and what a plan of the rest was granted, until the run begins', async () => {
    await grantManager(site);
    await enrol();
    const heidi = await another('heidi');
    const ivan = await another('ivan');
    const judy = await another('judy');
    const { approvalId, pack } = await ask();
    const [first, second] = ['sudo', 'tzdata'];
    const no = (name: string) => (patch: string) =>
      patch === name ? { verdict: 'reject' as const, reason: 'breaks the portal' } : {};
    const take = async (file: string) => {
      const outcome = await site.engineer.call('reviews.import', { file });
      if (outcome.operationId !== null) await site.engineer.finish({ operationId: outcome.operationId });
      const approvals = await site.engineer.call('approvals.list', {});
      return { outcome, granted: approvals.filter((item) => item.status === 'granted'), approvals };
    };
    const namesOf = async (planId: string): Promise<ReadonlySet<string>> => {
      const plan = await site.engineer.call('plans.get', { id: planId });
      return new Set(plan.endpoints.flatMap((endpoint) => endpoint.packages.map((item) => item.name)));
    };
    expect((await take(decide(pack))).outcome.status).toBe('granted');

    const once = await take(decide(pack, no(first), heidi));
    expect(once.outcome).toMatchObject({ status: 'partly', rejected: 1 });
    expect(once.approvals.find(({ id }) => id === approvalId)).toMatchObject({
      ...{ status: 'withdrawn', decidedBy: 'heidi', reason: 'heidi answered against it' },
    });
    expect(await site.engineer.codeOf('runs.start', { approvalId })).toMatch(/^POLICY_/);
    expect(once.granted).toHaveLength(1);
    expect((await namesOf(once.granted[0]?.planId ?? '')).has(first)).toBe(false);

    const twice = await take(decide(pack, no(second), ivan));
    expect(twice.outcome).toMatchObject({ status: 'partly', rejected: 2 });
    expect(twice.granted).toHaveLength(1);
    const [left] = twice.granted;
    expect(left?.id).not.toBe(once.granted[0]?.id);
    const planned = await namesOf(left?.planId ?? '');
    expect([planned.has(first), planned.has(second), planned.size > 0]).toEqual([false, false, true]);
    // Against nothing that is still to come: the grant stands.
    expect(await site.engineer.codeOf('reviews.import', { file: decide(pack, () => ({}), judy) })).toBe(
      'REVIEW_DECIDED_ALREADY',
    );
    expect((await take(decide(pack, no(first), judy))).outcome.status).toBe('granted');
    expect(new Set((await runAndWait(left?.id ?? '')).map(([, status]) => status))).toEqual(
      new Set(['succeeded']),
    );
    // Whoever answers now learns that it runs.
    const late = decide(pack, no(first), await another('ken'));
    expect(await site.engineer.codeOf('reviews.import', { file: late })).toBe('REVIEW_DECIDED_ALREADY');
  });

  async function another(name: string): Promise<ReviewerKey> {
    const file = newFile(`${name}.key`);
    await createReviewerKey(file, name, PASSPHRASE, COST);
    const other = await openReviewerKey(file, PASSPHRASE);
    await enrol(other, name);
    return other;
  }

  it('counts once, by an enrolled key only, and not with a key that the asker vouched for', async () => {
    const { pack } = await ask();
    const file = decide(pack);
    expect(await site.engineer.codeOf('reviews.import', { file })).toBe('REVIEW_KEY_NOT_ENROLLED');
    await enrol(key, 'Grace', site.engineer);
    expect(await site.engineer.codeOf('reviews.import', { file })).toBe('POLICY_SAME_PERSON');
    expect(await site.engineer.call('reviews.list', {})).toMatchObject([{ answeredBy: [] }]);
  });

  it('loses its force when its key is revoked before the run', async () => {
    await grantManager(site);
    const { id } = await enrol();
    const { approvalId, pack } = await ask();
    await site.engineer.call('reviews.import', { file: decide(pack) });
    await site.approver.call('reviewers.revoke', { id, reason: 'the laptop was stolen' });
    expect(await site.engineer.codeOf('runs.start', { approvalId })).toMatch(/^POLICY_/);
    expect(await site.engineer.codeOf('reviews.import', { file: decide(pack) })).toMatch(/^REVIEW_/);
  });

  it('is bound to the newest pack, and to its bytes', async () => {
    await grantManager(site);
    await enrol();
    const { approvalId, pack } = await ask();
    const early = decide(pack);
    await site.engineer.export({
      ...{ approvalId, file: newFile('pack'), cutOffAt: '2099-01-01T00:00:00.000Z' },
    });
    expect(await site.engineer.codeOf('reviews.import', { file: early })).toBe('REVIEW_PACK_SUPERSEDED');
    const changed = newFile('pack');
    const bytes = readFileSync(pack);
    const at = bytes.indexOf('"payload":"') + 400;
    bytes[at] = bytes[at] === 0x41 ? 0x42 : 0x41;
    writeFileSync(changed, bytes);
    expect(() => openPack(changed)).toThrow(/does not hold/);
  });
});
