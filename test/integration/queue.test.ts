import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { riskOf } from '../../contract/review-order.ts';
import type { DraftRow } from '../../contract/reviews.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { buildPage } from '../setup/build-page.ts';
import { outDir } from '../setup/paths.ts';
import { openSite, type OpenSite } from '../support/prepared-site.ts';

const CUT_OFF = '2099-01-01T00:00:00.000Z';

/** Deciding at the console, patch by patch: the queue, drafts, the signature, and what the next list then says. */
describe('the queue of the site', () => {
  let simulated: SimulatedSite;
  let site: OpenSite;
  let dataDir: string;

  beforeAll(async () => {
    await buildPage(join(outDir, 'page', 'review.html'));
    simulated = await SimulatedSite.prepare({ endpoints: 2 });
  });
  afterAll(() => simulated.close());
  beforeEach(async () => {
    dataDir = simulated.copy();
    site = await openSite(dataDir);
  });
  afterEach(() => site.engine.close());

  const ask = async (): Promise<string> => {
    const { planId } = await site.engineer.finish(await site.engineer.call('plans.make', {}));
    const { id } = await site.engineer.call('approvals.request', { planId: String(planId) });
    return id;
  };
  const prepare = async (): Promise<string> => {
    const { id } = await site.engineer.prepare({ approvalId: await ask(), cutOffAt: CUT_OFF });
    return id;
  };
  const row = (patch: string, more: Partial<DraftRow> = {}): DraftRow => ({
    ...{ patch, verdict: 'approve', reason: '', until: null, control: '' },
    ...more,
  });

  it('counts the CVEs of a list as its patches name them', async () => {
    const id = await ask();
    const counted = (await site.engineer.call('approvals.list', {})).find((item) => item.id === id)?.cves;
    const { patches } = await site.engineer.call('approvals.get', { id });
    expect(counted).toBe(new Set(patches.flatMap(({ cves }) => cves)).size);
    expect(counted).toBeGreaterThan(0);
  });

  it.each(['facts', 'list', 'files'])(
    'leaves nothing behind when it is cancelled at %s, and says how far it is',
    async (step) => {
      const approvalId = await ask();
      const before = await site.engineer.call('notices.list', {});
      const file = join(dataDir, '..', `${step}.zip`);
      const said: string[] = [];
      const stop = site.engine.subscribe((topic) => {
        if (topic.kind !== 'operation' || topic.operation.kind !== 'export') return;
        const running = topic.operation.steps.find((item) => item.state === 'running')?.id;
        if (running !== undefined) said.push(running);
        if (running === step) void site.engineer.call('operations.cancel', { id: topic.operation.id });
      });
      const wish = { approvalId, file, cutOffAt: CUT_OFF };
      await expect(site.engineer.export(wish)).rejects.toMatchObject({ code: 'CONTRACT_CANCELLED' });
      stop();
      expect(said.at(-1)).toBe(step);
      expect(existsSync(file)).toBe(false);
      expect(await site.engineer.call('reviews.list', {})).toEqual([]);
      expect(await site.engineer.call('notices.list', {})).toEqual(before);
      const { pack } = await site.engineer.export(wish);
      expect((await site.engineer.call('reviews.list', {})).map(({ id }) => id)).toEqual([pack.id]);
    },
  );

  it('keeps no list that was made under terms which changed meanwhile', async () => {
    const approvalId = await ask();
    const [endpoint] = await site.engineer.call('endpoints.list', {});
    const stop = site.engine.subscribe((topic) => {
      if (topic.kind !== 'operation' || topic.operation.steps[1]?.state !== 'running') return;
      stop();
      void site.engineer.call('endpoints.setGroup', { id: endpoint?.id ?? '', group: 'Elsewhere' });
    });
    await expect(site.engineer.prepare({ approvalId, cutOffAt: CUT_OFF })).rejects.toMatchObject({
      code: 'CONTRACT_CONFLICT',
    });
    expect(await site.engineer.call('reviews.list', {})).toEqual([]);
  });

  it('shows what waits, keeps a draft through a restart, and signs it', async () => {
    const approvalId = await ask();
    const before = await site.engineer.call('queue.list', {});
    expect(before.find((item) => item.approvalId === approvalId)).toMatchObject({
      state: 'unlisted',
      packId: null,
    });
    const { id: packId } = await site.engineer.prepare({ approvalId, cutOffAt: CUT_OFF });
    const listed = (await site.engineer.call('queue.list', {})).find((item) => item.packId === packId);
    expect(listed).toMatchObject({ state: 'open', answeredBy: [], approvers: 1, endpoints: 2, drafted: 0 });

    const mine = await site.engineer.call('queue.sheet', { packId });
    expect(mine.mayDecide).toBe(false);
    const sheet = await site.approver.call('queue.sheet', { packId });
    expect(sheet).toMatchObject({ mayDecide: true, draft: [] });
    expect(sheet.head.evidence.map((item) => item.label)).toContain('Scans');
    // Something that no other package of the list needs.
    const first = sheet.rows.find(
      ({ source }) => sheet.rows.filter((item) => item.source === source).length === 1,
    );
    const rest = sheet.rows.filter((item) => item !== first);
    if (first === undefined || rest.length === 0) throw new Error('The simulated site lacks patches.');
    const detail = await site.approver.call('queue.patch', { packId, patch: first.patch });
    expect(detail.endpoints).toHaveLength(first.endpoints);

    await site.approver.call('queue.draft', {
      packId,
      rows: [row(first.patch, { verdict: 'reject', reason: 'breaks the portal' }), row(rest[0]?.patch ?? '')],
    });
    // Undecided rows are no answer.
    await expect(site.approver.call('queue.sign', { packId })).rejects.toMatchObject({
      code: 'REVIEW_INCOMPLETE',
    });
    await site.engine.close();
    site = await openSite(dataDir);
    expect((await site.approver.call('queue.sheet', { packId })).draft).toHaveLength(2);
    await site.approver.call('queue.draft', { packId, rows: rest.map((item) => row(item.patch)) });

    const outcome = await site.approver.call('queue.sign', { packId });
    expect(outcome).toMatchObject({ status: 'partly', approved: rest.length, rejected: 1, deferred: 0 });
    const { operationId } = outcome;
    if (operationId !== null) await site.engineer.finish({ operationId });
    const granted = (await site.engineer.call('approvals.list', {})).find(
      (item) => item.status === 'granted',
    );
    // Whoever looks at what was rejected finds what is left of it.
    const asked = await site.engineer.call('approvals.get', { id: approvalId });
    expect(asked).toMatchObject({ approval: { status: 'rejected' }, narrowedTo: granted?.id });
    const narrowed = await site.engineer.call('approvals.get', { id: granted?.id ?? '' });
    expect(narrowed.narrowedTo).toBeNull();
    const { id } = await site.engineer.call('runs.start', { approvalId: granted?.id ?? '' });
    const { tasks } = await site.engineer.call('runs.wait', { id });
    const changed = tasks.flatMap((task) => task.changes ?? []).map((change) => change.name);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed).not.toContain(first.package);
    await expect(site.approver.call('queue.sign', { packId })).rejects.toMatchObject({
      code: 'CONTRACT_FORBIDDEN',
    });
  });

  it('gives a list in parts, the most pressing first, that make up the whole', async () => {
    const packId = await prepare();
    const all = await site.approver.call('queue.sheet', { packId });
    const rest = all.rows.slice(1).map((item) => row(item.patch));
    await site.approver.call('queue.draft', { packId, rows: rest });
    const parts = [];
    for (let from = 0; from < all.total; from += 2)
      parts.push(await site.approver.call('queue.sheet', { packId, part: { from, count: 2 } }));
    const rows = parts.flatMap((part) => part.rows);
    expect(rows.map(riskOf)).toEqual(all.rows.map(riskOf).toSorted((a, b) => b - a));
    const byPatch = (a: { patch: string }, b: { patch: string }) => (a.patch < b.patch ? -1 : 1);
    expect(rows.toSorted(byPatch)).toEqual(all.rows.toSorted(byPatch));
    for (const part of parts) {
      expect(part.total).toBe(all.total);
      const here = part.rows.map((item) => item.patch).filter((patch) => patch !== all.rows[0]?.patch);
      expect(part.draft.map((item) => item.patch)).toEqual(here.toSorted());
    }
    const past = await site.approver.call('queue.sheet', { packId, part: { from: all.total, count: 5 } });
    expect(past).toMatchObject({ rows: [], draft: [] });
  });

  it('says in the next list what was said of the last: deferrals, questions with answers, the own check', async () => {
    const packId = await prepare();
    const { rows } = await site.approver.call('queue.sheet', { packId });
    const [deferred, asked, ...others] = rows;
    if (deferred === undefined || asked === undefined) throw new Error('The simulated site lacks patches.');
    const until = '2098-06-01T00:00:00.000Z';
    await site.approver.call('queue.draft', {
      packId,
      rows: [
        row(deferred.patch, {
          verdict: 'defer',
          reason: 'month end',
          until,
          control: 'not reachable from outside',
        }),
        row(asked.patch, { verdict: 'ask', reason: 'Does it restart the portal?' }),
        ...others.map((item) => row(item.patch, { verdict: 'reject', reason: 'not this month' })),
      ],
    });
    await site.approver.call('queue.sign', { packId });
    const [question] = await site.engineer.call('questions.list', {});
    expect(question).toMatchObject({
      question: 'Does it restart the portal?',
      answer: null,
      package: asked.package,
    });
    await site.engineer.call('questions.answer', {
      ...{ packId, patch: asked.patch, askedById: question?.askedById ?? '', answer: 'No, it does not.' },
    });
    await expect(
      site.engineer.call('quality.record', { patches: [deferred.patch], verdict: 'concern' }),
    ).rejects.toMatchObject({ code: 'CONTRACT_INPUT_INVALID' });
    await site.engineer.call('quality.record', {
      patches: [deferred.patch],
      verdict: 'no-concern',
      note: 'on web-9',
    });

    const next = await site.approver.call('queue.sheet', { packId: await prepare() });
    const find = (name: string) => next.rows.find((item) => item.package === name);
    expect(find(deferred.package)).toMatchObject({
      deferral: { times: 1, until, control: 'not reachable from outside' },
      previous: { verdict: 'defer', reason: 'month end' },
      quality: { verdict: 'no-concern', note: 'on web-9' },
      dueAt: deferred.dueAt,
    });
    expect(find(asked.package)?.answers).toMatchObject([{ answer: 'No, it does not.' }]);
  });
});
