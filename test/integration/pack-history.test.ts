import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReviewPack } from '../../main/core/review/review-pack.ts';
import { openPack } from '../../main/review/review-files.ts';
import { DEFAULT_POLICY } from '../../main/review/statement-files.ts';
import { idOf, RulesSite, type OpenRules, type Who } from '../support/rules-site.ts';

/** What the next list says of the last, however that one was answered. */
describe('the next list of a customer', () => {
  const base = new RulesSite();
  let open: OpenRules;
  beforeAll(() => base.prepare());
  afterAll(() => base.close());
  beforeEach(async () => {
    open = await base.open();
  });
  afterEach(() => open.close());

  const policy = (fields: object, group = 'web') => {
    const terms = { ...DEFAULT_POLICY, customer: 'Trust', group, version: 1, signedAt: open.now() };
    return open.asha.call('policies.import', { file: open.sign('A', 'policy', { ...terms, ...fields }) });
  };
  const ask = async (endpoints: string[], names: string[] = ['app', 'doc']) => {
    const planId = open.insertPlan(endpoints, names);
    const { id: approvalId } = await open.asha.call('approvals.request', { planId });
    const file = open.newFile();
    const cutOffAt = open.at(open.clock.hours + 48);
    await open.asha.export({ approvalId, file, cutOffAt });
    const { pack } = openPack(file);
    const row = (name: string): ReviewPack['patches'][number] | undefined =>
      pack.patches.find((patch) => patch.package === name);
    return { approvalId, file, pack, row };
  };
  const answer = (file: string, who: Who, verdictOf: Parameters<OpenRules['decide']>[2]) =>
    open.asha.call('reviews.import', { file: open.decide(file, who, verdictOf) });

  it('differs from what silence and standing approvals granted', async () => {
    const standing = [
      {
        ...{ match: { kind: 'package', value: 'doc' }, classes: ['security', 'other'] },
        ...{ until: open.at(900), reason: '' },
      },
    ];
    await policy({ mode: 'opt-out', standing });
    const first = await ask(['e1']);
    expect(first.pack.diff).toBeNull();
    open.clock.hours += 48;
    expect(await open.asha.call('reviews.settle', {})).toMatchObject([{ status: 'granted', left: 0 }]);
    const next = await ask(['e1']);
    expect(next.pack.diff).toMatchObject({ sincePackId: first.pack.packId, new: 0, again: 2 });
    expect(next.row('app')?.previous).toMatchObject({ verdict: 'approve', by: 'silence', at: open.at(48) });
    expect(next.row('doc')?.previous).toMatchObject({ verdict: 'approve', by: 'standing' });
  });

  it('keeps one group’s deferrals whatever another group of the same customer approves', async () => {
    const web = await ask(['e1']);
    await answer(web.file, 'A', () => 'defer');
    const db = await ask(['e2']);
    expect(db.row('app')).toMatchObject({ deferral: null, previous: null, change: 'new' });
    expect(await answer(db.file, 'A', () => 'approve')).toMatchObject({ status: 'granted' });
    const again = await ask(['e1']);
    expect(again.row('app')).toMatchObject({
      deferral: { times: 1, control: 'not reachable from outside' },
      ...{ previous: { verdict: 'defer' }, change: 'new' },
    });
    expect(again.pack.diff).toBeNull();
    await answer(again.file, 'B', () => 'defer');
    const both = await ask(['e1', 'e2']);
    expect(both.row('app')).toMatchObject({ deferral: { times: 2 }, previous: { verdict: 'defer' } });
    await open.mo.call('endpoints.setGroup', { id: idOf('e1'), group: 'db' });
    const moved = await ask(['e1']);
    expect(moved.row('app')).toMatchObject({ deferral: { times: 2 }, previous: { verdict: 'approve' } });
  });
});
