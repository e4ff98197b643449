import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../main/catalogue/database.ts';
import type { NoticeView } from '../../contract/notices.ts';
import { RACI_ELEMENTS, type RaciElement } from '../../contract/vocabulary.ts';
import { embeddedFaults } from '../lab/embedded/faults.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { addPerson, Caller } from '../support/caller.ts';
import { openSite, type OpenSite } from '../support/prepared-site.ts';

const PHRASE = 'eleven quiet harbour bells';
const CUT_OFF = '2099-01-01T00:00:00.000Z';
/** Everything that a month with one restored endpoint goes through. */
const GONE_THROUGH: readonly RaciElement[] = [
  'platform-configuration',
  'scan',
  'approve',
  'snapshot',
  'ensure-snapshot',
  'apply',
  'ensure-success',
  'restore',
];

/** Whom a matrix with a C and an I in every row asks and tells, through a whole approval and a run that several engines carry on. Engines that are killed: crash-every-commit.test.ts. */
describe('notices', () => {
  let simulated: SimulatedSite;
  let site: OpenSite;
  let dataDir: string;
  let media: string;

  beforeAll(async () => {
    simulated = await SimulatedSite.prepare({ endpoints: 3 });
    media = mkdtempSync(join(tmpdir(), 'sallyport-notices-'));
    dataDir = simulated.copy();
    site = await openSite(dataDir);
  });
  afterAll(async () => {
    await site.engine.close();
    await simulated.close();
    rmSync(media, { recursive: true, force: true });
  });

  const list = (caller: Caller = site.engineer): Promise<NoticeView[]> =>
    caller.call('notices.list', { limit: 5_000 });
  const signIn = async (person: string): Promise<Caller> => {
    const caller = new Caller(site.engine);
    await caller.call('session.signIn', { person, passphrase: PHRASE });
    return caller;
  };

  it('of a whole month: every C was asked and every I told, none twice, also when the engine is opened anew in the middle', async () => {
    const { engine, engineer } = site;
    const mo = await addPerson(engine, engineer, {
      name: 'Mo',
      passphrase: PHRASE,
      roles: ['service-manager'],
    });
    await addPerson(engine, engineer, { name: 'Ira', passphrase: PHRASE, roles: ['auditor'] });
    const { current } = await mo.call('raci.get', {});
    // The provider's service manager is asked, the customer's approver is told, of everything.
    await mo.call('raci.set', {
      ...{ basedOn: current.version, reason: 'ask and tell of everything' },
      rows: current.rows.map((row) => ({
        ...row,
        provider: ['R' as const, 'A' as const, 'C' as const],
        customer: ['I' as const],
      })),
    });

    await site.engineer.finish(await site.engineer.call('endpoints.scan', {}));
    const { planId } = await site.engineer.finish(await site.engineer.call('plans.make', {}));
    const { id: approvalId } = await site.engineer.call('approvals.request', { planId: String(planId) });
    const { id: packId } = await site.engineer.prepare({ approvalId, cutOffAt: CUT_OFF });
    await site.engineer.export({ approvalId, file: join(media, 'pack.json') });
    const { rows } = await site.approver.call('queue.sheet', { packId });
    const [patch] = rows;
    await site.engineer.call('quality.record', {
      ...{ patches: [patch?.patch ?? ''], verdict: 'no-concern', note: '' },
    });
    await site.approver.call('queue.draft', {
      packId,
      rows: rows.map((row) => ({
        ...{ patch: row.patch, verdict: 'approve', reason: '', until: null, control: '' },
      })),
    });
    expect(await site.approver.call('queue.sign', { packId })).toMatchObject({ status: 'granted' });

    const faults = embeddedFaults(simulated.lab);
    await faults.failHealthCheck('db-1', 'libssl3');
    const { id: runId } = await site.engineer.call('runs.start', { approvalId });
    // Engines that go on with the run one after another; each is closed somewhere in it.
    for (let opened = 0; opened < 6; opened += 1) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      await site.engine.close();
      site = await openSite(dataDir);
    }
    const view = await site.engineer.call('runs.wait', { id: runId });
    expect(view.tasks.map((task) => `${task.endpointName} ${task.status}`)).toContain('db-1 restored');

    // Version 1 of the matrix; the scan of before it was told by the one in force then.
    const all = await list();
    expect(all.filter((item) => item.version === 0).map((item) => item.kind)).toEqual(['scan-done']);
    const notices = all.filter((item) => item.version === 1);
    const has = (element: RaciElement, letter: 'C' | 'I', person: string): boolean =>
      notices.some((item) => item.element === element && item.letter === letter && item.person === person);
    for (const element of GONE_THROUGH) {
      expect([element, 'asked', has(element, 'C', 'Mo')]).toEqual([element, 'asked', true]);
      expect([element, 'told', has(element, 'I', 'Bilal')]).toEqual([element, 'told', true]);
    }
    const others = RACI_ELEMENTS.filter((element) => !GONE_THROUGH.includes(element));
    expect(notices.filter((item) => others.includes(item.element))).toEqual([]);
    // An auditor has no letter, an engineer none but R and A.
    expect([...new Set(notices.map((item) => `${item.letter} ${item.person}`))].sort()).toEqual([
      'C Mo',
      'I Bilal',
    ]);

    const kinds = (kind: NoticeView['kind'], letter: 'C' | 'I'): NoticeView[] =>
      notices.filter((item) => item.kind === kind && item.letter === letter);
    for (const kind of [
      ...([
        'matrix-changed',
        'scan-done',
        'plan-made',
        'approval-requested',
        'list-made',
        'pack-exported',
      ] as const),
      ...(['quality-checked', 'decision-taken-in', 'approval-decided', 'run-started', 'run-ended'] as const),
      ...(['incident', 'restored'] as const),
    ])
      expect([kind, kinds(kind, 'I').length]).toEqual([kind, 1]);
    // Of each of the three endpoints, once, however often the engine began anew.
    expect(
      kinds('snapshot-taken', 'I')
        .map((item) => item.text)
        .sort(),
    ).toEqual(['app-1', 'db-1', 'web-1'].map((name) => `A snapshot of ${name} was taken before patching.`));
    expect(kinds('snapshot-proven', 'C')).toHaveLength(3);
    expect(kinds('restore-begun', 'C')).toHaveLength(1);
    expect(kinds('scan-done', 'I')[0]?.endpoints).toBe(3);
    // Asked once of each thing, told of every step.
    expect(kinds('approval-decided', 'C')).toEqual([]);

    const audit = await site.engineer.call('audit.list', { limit: 5_000 });
    const opened = audit.filter((entry) => entry.action === 'notices opened');
    const db = openDatabase(join(dataDir, 'site.db'));
    const count = (sql: string): unknown => db.prepare(sql).pluck().get();
    expect(opened).toHaveLength(count('SELECT count(*) FROM notice_occasions') as number);
    expect(
      count(
        `SELECT count(*) FROM (SELECT 1 FROM notices n JOIN notice_occasions o ON o.id = n.occasion_id
           GROUP BY o.key, n.party, n.letter, n.person_id HAVING count(*) > 1)`,
      ),
    ).toBe(0);
    // History: SQLite itself refuses.
    for (const table of ['notice_occasions', 'notices', 'notice_endpoints'])
      expect(() => db.exec(`DELETE FROM ${table}`)).toThrow(/never changed/);
    db.close();
    expect((await site.engineer.call('audit.verify', {})).intact).toBe(true);
  });

  it('is told when the person sees it, once, and never by what somebody else looks at', async () => {
    const before = (await list()).filter((item) => item.person === 'Bilal');
    expect(before.every((item) => item.told === null)).toBe(true);
    const ids = before.map((item) => item.id);
    expect(await site.engineer.call('notices.see', { ids })).toEqual({ seen: 0 });
    const desk = await site.approver.call('notices.mine', {});
    expect(desk.told.flatMap((item) => item.ids).sort()).toEqual(ids.toSorted());
    expect(desk.told.every((item) => item.isNew)).toBe(true);
    // Snapshots of three endpoints are one line.
    expect(desk.told.filter((item) => item.kind === 'snapshot-taken')).toHaveLength(1);
    expect(await site.approver.call('notices.see', { ids })).toEqual({ seen: ids.length });
    expect(await site.approver.call('notices.see', { ids })).toEqual({ seen: 0 });
    const after = (await list()).filter((item) => item.person === 'Bilal');
    expect(after.every((item) => item.told?.by === 'in-app')).toBe(true);
    expect(after.every((item) => item.entries.length === 1)).toBe(true);
  });

  it('keeps the answer of who was asked, or says that there was none', async () => {
    const mo = await signIn('Mo');
    const asked = (await list()).filter((item) => item.letter === 'C');
    const ofPlan = asked.find((item) => item.kind === 'approval-requested');
    const ofEnd = asked.find((item) => item.kind === 'run-ended');
    if (ofPlan === undefined || ofEnd === undefined) throw new Error('nobody was asked');
    // Decided without them: no longer on their desk, and the record says so.
    expect(ofPlan).toMatchObject({ answer: null, settledAt: expect.any(String) as string });
    const desk = await mo.call('notices.mine', {});
    expect(desk.asked.flatMap((item) => item.ids)).not.toContain(ofPlan.id);
    expect(desk.asked.flatMap((item) => item.ids)).toContain(ofEnd.id);

    const fine = { ids: [ofEnd.id], answer: 'no-objection' as const };
    expect(await site.approver.codeOf('notices.answer', fine)).toBe('CONTRACT_FORBIDDEN');
    // An approver writes nothing down for others, and an engineer only says that they do.
    expect(await site.approver.codeOf('notices.answer', { ...fine, onBehalf: true })).toBe(
      'CONTRACT_FORBIDDEN',
    );
    expect(await site.engineer.codeOf('notices.answer', fine)).toBe('CONTRACT_FORBIDDEN');
    expect(await mo.codeOf('notices.answer', { ids: [ofEnd.id], answer: 'remark' })).toBe(
      'CONTRACT_INPUT_INVALID',
    );
    await site.engineer.call('notices.answer', {
      ...{ ids: [ofEnd.id], answer: 'remark', remark: 'Look at db-1 first.', onBehalf: true },
    });
    expect((await list()).find((item) => item.id === ofEnd.id)?.answer).toMatchObject({
      ...{ answer: 'remark', remark: 'Look at db-1 first.', by: 'Asha', onBehalf: true },
    });
    // Nobody carries a notice to somebody whose answer is written down.
    expect((await list()).find((item) => item.id === ofEnd.id)?.told).toMatchObject({ by: 'answer' });
    const untold = await site.engineer.call('notices.list', { only: 'untold', limit: 5_000 });
    expect(untold.map((item) => item.id)).not.toContain(ofEnd.id);
    await mo.call('notices.answer', fine);
    expect((await list()).find((item) => item.id === ofEnd.id)?.answer).toMatchObject({
      ...{ answer: 'no-objection', by: 'Mo', onBehalf: false },
    });
    const told = (await list()).find((item) => item.letter === 'I');
    expect(await mo.codeOf('notices.answer', { ...fine, ids: [told?.id ?? ''] })).toBe('CONTRACT_CONFLICT');
  });

  it('is handed over on paper, or written to a folder with its digest, one for each person', async () => {
    const toMo = (await list()).filter((item) => item.person === 'Mo' && item.told === null);
    expect(toMo.length).toBeGreaterThan(1);
    const ids = toMo.map((item) => item.id);
    const [page, ...more] = await site.engineer.call('notices.print', { ids });
    expect(more).toEqual([]);
    expect(page).toMatchObject({ to: 'Mo', declaration: null, by: 'Asha' });
    expect(page?.items).toHaveLength(ids.length);
    // Printed is not told.
    expect((await list()).find((item) => item.id === ids[0])?.told).toBeNull();
    const record = (at: string) => ({ ids: [ids[0] ?? ''], to: 'Mo at the front desk', at });
    expect(await site.engineer.codeOf('notices.record', record('2199-01-01T00:00:00.000Z'))).toBe(
      'CONTRACT_INPUT_INVALID',
    );
    expect(await site.engineer.codeOf('notices.record', record('2001-01-01T00:00:00.000Z'))).toBe(
      'CONTRACT_INPUT_INVALID',
    );
    const [handed] = await site.engineer.call('notices.record', record(new Date().toISOString()));
    expect(handed?.told).toMatchObject({ by: 'printed-notice', detail: 'Mo at the front desk' });

    const rest = ids.slice(1);
    const bilal = (await list()).find((item) => item.person === 'Bilal');
    const files = await site.engineer.call('notices.drop', {
      ids: [...rest, bilal?.id ?? ''],
      folder: media,
    });
    expect(files.map((file) => [file.to, file.notices]).sort()).toEqual([
      ['Bilal', 1],
      ['Mo', rest.length],
    ]);
    for (const { file, sha256 } of files)
      expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256);
    const dropped = (await list()).filter((item) => rest.includes(item.id));
    expect(dropped.every((item) => item.told?.by === 'file-drop')).toBe(true);
    // What was seen in the window first stays told by the window.
    expect((await list()).find((item) => item.id === bilal?.id)?.told?.by).toBe('in-app');
    const [json] = await site.engineer.call('notices.drop', {
      ids: [ids[0] ?? ''],
      folder: media,
      format: 'json',
    });
    expect(JSON.parse(readFileSync(json?.file ?? '', 'utf8'))).toMatchObject({
      ...{ format: 'sallyport-notice/1', to: 'Mo', site: 'Simulated site' },
    });
    expect(await site.engineer.codeOf('notices.drop', { ids, folder: join(media, 'none') })).toBe(
      'CONTRACT_NOT_FOUND',
    );
    expect(await site.approver.codeOf('notices.drop', { ids, folder: media })).toBe('CONTRACT_FORBIDDEN');
  });

  it('shows on the strip of an approval, a step, an incident and a scan who was asked and told', async () => {
    const [approval] = await site.engineer.call('approvals.list', {});
    const [incident] = await site.engineer.call('incidents.list', {});
    const [run] = await site.engineer.call('runs.list', {});
    const endpointId = site.ids.get('db-1') ?? '';
    const noticesOf = async (about: Parameters<typeof read>[0]): Promise<string[]> => {
      const { notices } = await read(about);
      return notices.map((item) => `${item.letter} ${item.person} ${item.kind}`);
    };
    const read = (about: Parameters<typeof site.engineer.call<'raci.of'>>[1]['about']) =>
      site.engineer.call('raci.of', { about });
    expect(await noticesOf({ kind: 'approval', id: approval?.id ?? '' })).toEqual([
      ...['C Mo approval-requested', 'I Bilal approval-decided'],
    ]);
    expect(await noticesOf({ kind: 'incident', id: incident?.id ?? '' })).toEqual([
      'C Mo incident',
      'I Bilal incident',
    ]);
    expect(await noticesOf({ kind: 'scan', endpointId })).toEqual(['C Mo scan-done', 'I Bilal scan-done']);
    expect(await noticesOf({ kind: 'scan' })).toEqual([]);
    const step = { kind: 'run-step', id: run?.id ?? '', endpointId } as const;
    expect(await noticesOf({ ...step, step: 'snapshot' })).toEqual([
      'C Mo snapshot-taken',
      'I Bilal snapshot-taken',
    ]);
    expect(await noticesOf({ ...step, step: 'install' })).toEqual(['C Mo plan-made', 'I Bilal run-started']);
    expect(await noticesOf({ ...step, step: 'restore' })).toEqual(['C Mo restore-begun', 'I Bilal restored']);
  });

  it('stop no run that cannot make them: the run ends as ever, and the audit trail says that nobody was told', async () => {
    simulated.lab.reset();
    const other = simulated.copy();
    let open = await openSite(other);
    try {
      const { planId } = await open.engineer.finish(await open.engineer.call('plans.make', {}));
      const asked = await open.engineer.call('approvals.request', { planId: String(planId) });
      await open.approver.call('approvals.grant', { id: asked.id, planDigest: asked.planDigest });
      await embeddedFaults(simulated.lab).failHealthCheck('db-1', 'libssl3');
      await open.engine.close();
      const db = openDatabase(join(other, 'site.db'));
      db.exec(
        `CREATE TRIGGER no_notices BEFORE INSERT ON notices WHEN (SELECT subject FROM notice_occasions WHERE id = NEW.occasion_id)
           IN ('run', 'incident') BEGIN SELECT RAISE(ABORT, 'the notices are broken'); END`,
      );
      db.close();
      open = await openSite(other);
      const { id: runId } = await open.engineer.call('runs.start', { approvalId: asked.id });
      const view = await open.engineer.call('runs.wait', { id: runId });
      expect(view.tasks.map((task) => `${task.endpointName} ${task.status}`).sort()).toEqual([
        ...['app-1 succeeded', 'db-1 restored', 'web-1 succeeded'],
      ]);
      expect(await open.engineer.call('incidents.list', {})).toHaveLength(1);
      const audit = await open.engineer.call('audit.list', { limit: 5_000 });
      const failed = audit.filter((entry) => entry.action === 'notices not opened');
      expect(failed.map(({ subject }) => subject['run'] === runId && subject['code'])).toEqual(
        failed.map(() => 'INTERNAL'),
      );
      const said = failed.map(({ subject }) => `${subject['entry'] ?? ''}${subject['incident'] ?? ''}`);
      // A snapshot of each, of which the customer is told.
      expect(said.filter((what) => what.endsWith('step-finished'))).toHaveLength(3);
      expect(said).toContain((await open.engineer.call('incidents.list', {}))[0]?.id);
      expect((await open.engineer.call('audit.verify', {})).intact).toBe(true);
    } finally {
      await open.engine.close();
    }
  });
});
