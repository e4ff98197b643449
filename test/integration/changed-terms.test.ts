import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../main/review/statement-files.ts';
import { idOf, RulesSite, type OpenRules } from '../support/rules-site.ts';

/** Between export and import the site changed: the file is refused with its own answer, and the approval waits on. */
describe('an answer to terms that are no more', () => {
  const base = new RulesSite();
  let open: OpenRules;
  beforeAll(() => base.prepare());
  afterAll(() => base.close());
  beforeEach(async () => {
    open = await base.open();
  });
  afterEach(() => open.close());

  const ask = async () => {
    const planId = open.insertPlan(['e1', 'e2'], ['app', 'doc']);
    const { id } = await open.asha.call('approvals.request', { planId });
    return { id, decision: open.decide(await exportPack(id), 'A', () => 'approve') };
  };
  const exportPack = async (approvalId: string) => {
    const file = open.newFile();
    await open.asha.export({ approvalId, file, cutOffAt: open.at(48) });
    return file;
  };
  const codeOf = (file: string) => open.asha.codeOf('reviews.import', { file });

  it.each([
    [
      'REVIEW_POLICY_CHANGED',
      async () => {
        const terms = {
          ...DEFAULT_POLICY,
          customer: 'Trust',
          group: 'web',
          version: 1,
          signedAt: open.now(),
        };
        await open.asha.call('policies.import', { file: open.sign('A', 'policy', terms) });
      },
    ],
    ['REVIEW_ENDPOINTS_CHANGED', () => open.mo.call('endpoints.setGroup', { id: idOf('e1'), group: 'db' })],
  ])('is refused: %s; made again, the list can be decided', async (code, change) => {
    const { id, decision } = await ask();
    await change();
    expect(await codeOf(decision)).toBe(code);
    expect(open.plans.getApproval(id)?.decision).toBeNull();
    expect(open.db.prepare('SELECT count(*) FROM review_decisions').pluck().get()).toBe(0);
    const again = open.decide(await exportPack(id), 'A', () => 'approve');
    expect(await codeOf(decision)).toBe('REVIEW_PACK_SUPERSEDED');
    expect(await open.asha.call('reviews.import', { file: again })).toMatchObject({ status: 'granted' });
    expect(open.mayRun(id)).toBe(true);
  });

  it('counts when all is as it was shown again', async () => {
    const { id, decision } = await ask();
    for (const group of ['db', 'web']) {
      await open.mo.call('endpoints.setGroup', { id: idOf('e1'), group });
      if (group === 'db') expect(await codeOf(decision)).toBe('REVIEW_ENDPOINTS_CHANGED');
    }
    expect(await codeOf(decision)).toBeUndefined();
    expect(open.mayRun(id)).toBe(true);
  });
});
