import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { composeDecision, openPack, signDecision } from '../../main/review/review-files.ts';
import { RulesSite, type OpenRules, type Who } from '../support/rules-site.ts';

/** As with ssh-keygen over one file that went round: the words of two persons, byte for byte the same. */
describe('two approvers who signed the very same bytes', () => {
  const base = new RulesSite();
  let open: OpenRules;
  beforeAll(() => base.prepare());
  afterAll(() => base.close());
  beforeEach(async () => {
    open = await base.open();
  });
  afterEach(() => open.close());

  it('are two of two, each of them once, and each of them is needed', async () => {
    const planId = open.insertPlan(['e1'], ['app']);
    const { id } = await open.asha.call('approvals.request', { planId });
    const pack = open.newFile();
    await open.asha.export({
      ...{ approvalId: id, file: pack, cutOffAt: open.at(48), approvers: 2 },
    });
    const opened = openPack(pack);
    const rows = opened.pack.patches.map((patch) => ({
      ...{ patch: patch.sha256, verdict: 'approve' as const, reason: '', until: null, control: '' },
    }));
    const payload = composeDecision(opened, rows, { decidedBy: 'both of us', decidedAt: open.now() });
    const signed = (who: Who): string => {
      const file = open.newFile();
      writeFileSync(file, signDecision(payload, base.keys[who]));
      return file;
    };
    const first = await open.asha.call('reviews.import', { file: signed('A') });
    expect(first).toMatchObject({ status: 'waiting', waitingFor: 1 });
    expect(await open.asha.codeOf('reviews.import', { file: signed('A') })).toBe('REVIEW_REPLAYED');
    expect(await open.asha.call('reviews.import', { file: signed('B') })).toMatchObject({
      status: 'granted',
    });
    expect(await open.asha.codeOf('reviews.import', { file: signed('B') })).toBe('REVIEW_REPLAYED');
    expect(open.mayRun(id)).toBe(true);
    await open.mo.call('reviewers.revoke', { id: open.idOfKey('B'), reason: 'lost' });
    expect(open.mayRun(id)).toBe(false);
  });
});
