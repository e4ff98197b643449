import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sheetOf } from '../../main/core/review/sheet.ts';
import { openPack } from '../../main/review/review-files.ts';
import { formatCsv, formatXlsx } from '../../main/review/sheet-files.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { addPerson, type Caller } from '../support/caller.ts';
import type { OpenSite } from '../support/prepared-site.ts';

const CAROL = { person: 'Carol', passphrase: 'three lamps over water' };

/** A customer fills in the spreadsheet of a pack; a person at the site stands for it. Simulated endpoints, true SSH, true engine. */
describe('a decision that came in a spreadsheet', () => {
  let simulated: SimulatedSite;
  let site: OpenSite;
  let carol: Caller;
  let files = 0;

  beforeAll(async () => {
    simulated = await SimulatedSite.prepare({ endpoints: 3 });
  });
  afterAll(() => simulated.close());
  beforeEach(async () => {
    site = await simulated.open();
    carol = await addPerson(site.engine, site.engineer, {
      ...{ name: CAROL.person, passphrase: CAROL.passphrase, roles: ['engineer', 'approver'] },
    });
  });
  afterEach(() => site.engine.close());

  const newFile = (name: string): string => join(simulated.folder, `${(files += 1)}-${name}`);
  const ask = async (by: Caller = site.engineer, approvers = 1) => {
    const { planId } = await by.finish(await by.call('plans.make', {}));
    const { id: approvalId } = await by.call('approvals.request', { planId: String(planId) });
    const file = newFile('pack.json');
    await by.export({ approvalId, file, approvers, cutOffAt: '2099-01-01T00:00:00.000Z' });
    const { pack, sha256 } = openPack(file);
    return { approvalId, pack, rows: sheetOf(pack, sha256) };
  };
  /** The rows below the titles, changed. */
  const fill = (rows: string[][], change: (row: string[], index: number) => string[]): string[][] => {
    const titles = rows.findIndex((row) => row[0] === 'Decision');
    return rows.map((row, index) => (index > titles ? change(row, index - titles - 1) : row));
  };
  const write = (rows: string[][]): string => {
    const file = newFile('patches.csv');
    writeFileSync(file, formatCsv(rows));
    return file;
  };
  const approveAll = (rows: string[][]): string[][] => fill(rows, (row) => row.with(0, 'approve'));
  const assurance = 'Read out to Ms Okoye by telephone';

  it('counts once an approver countersigned it, is marked for ever, and exactly that is installed', async () => {
    const { approvalId, rows } = await ask();
    const file = newFile('patches.xlsx');
    writeFileSync(file, await formatXlsx(approveAll(rows), 'Patches'));
    const sheet = await site.engineer.call('reviews.importSheet', { file, saidBy: 'Ms Okoye' });
    expect(sheet).toMatchObject({ countersigned: [], approvers: 1, mark: 'unsigned sheet of Ms Okoye' });
    expect(await site.engineer.codeOf('runs.start', { approvalId })).toMatch(/^POLICY_/);

    const outcome = await site.approver.call('reviews.countersign', { id: sheet.id, assurance });
    expect(outcome).toMatchObject({ status: 'granted', approvalId });
    const { approval } = await site.engineer.call('approvals.get', { id: approvalId });
    expect(approval.decidedBy).toMatch(/ \(unsigned sheet of Ms Okoye; added by whoever asked\)$/);
    const { id } = await site.engineer.call('runs.start', { approvalId });
    const { run, tasks } = await site.engineer.call('runs.wait', { id });
    expect(new Set(tasks.map((task) => task.status))).toEqual(new Set(['succeeded']));
    expect(run.approvedBy).toBe(approval.decidedBy);
    const audit = await site.engineer.call('audit.list', {});
    expect(JSON.stringify(audit)).toContain('unsigned sheet of Ms Okoye');
    expect(readKept(sheet.id)).toEqual(readFileSync(file));
  });

  const database = () => new Database(join(site.dataDir, 'site.db'));
  const readKept = (sha256: string): Buffer => {
    const db = database();
    const row = db.prepare('SELECT file FROM review_sheets WHERE sha256 = ?').get(sha256) as { file: Buffer };
    db.close();
    return row.file;
  };

  it('approves some of it: a new plan has that and no more', async () => {
    const { rows } = await ask();
    const file = write(
      fill(rows, (row, index) =>
        index === 0 ? row.with(0, 'reject').with(1, 'not now') : row.with(0, 'approve'),
      ),
    );
    const sheet = await site.engineer.call('reviews.importSheet', { file, saidBy: 'Ms Okoye' });
    const outcome = await site.approver.call('reviews.countersign', { id: sheet.id, assurance });
    expect(outcome).toMatchObject({ status: 'partly', rejected: 1 });
    await site.approver.finish({ operationId: outcome.operationId ?? '' });
    const granted = (await site.engineer.call('approvals.list', {})).find(
      (item) => item.status === 'granted',
    );
    expect(granted?.decidedBy).toMatch(/unsigned sheet of Ms Okoye/);
  });

  it('is heard in the next list like any other answer, and its questions can be answered', async () => {
    const { rows } = await ask();
    const titles = rows.findIndex((row) => row[0] === 'Decision');
    const nameOf = (index: number): string => rows[titles + 1 + index]?.[4] ?? '';
    const file = write(
      fill(rows, (row, index) => {
        if (index > 1) return row.with(0, 'reject').with(1, 'not now');
        const words =
          index === 0
            ? ['defer', 'month end', '2098-06-01', 'not reachable from outside']
            : ['ask', 'Does it restart the portal?', '', ''];
        return [...words, ...row.slice(4)];
      }),
    );
    const sheet = await site.engineer.call('reviews.importSheet', { file, saidBy: 'Ms Okoye' });
    expect(await site.engineer.call('questions.list', {})).toEqual([]);
    await site.approver.call('reviews.countersign', { id: sheet.id, assurance });
    const [question] = await site.engineer.call('questions.list', {});
    expect(question).toMatchObject({ question: 'Does it restart the portal?', answer: null });
    expect(question?.askedBy).toMatch(/ \(unsigned sheet of Ms Okoye\)$/);
    await site.engineer.call('questions.answer', {
      ...{ packId: sheet.packId, patch: question?.patch ?? '', askedById: question?.askedById ?? '' },
      answer: 'No, it does not.',
    });
    const { pack } = await ask();
    const find = (name: string) => pack.patches.find((patch) => patch.package === name);
    expect(find(nameOf(0))).toMatchObject({
      previous: { verdict: 'defer', reason: 'month end', by: 'word' },
      deferral: { times: 1, until: '2098-06-01T00:00:00.000Z', control: 'not reachable from outside' },
    });
    expect(find(nameOf(1))?.answers).toMatchObject([
      { answer: 'No, it does not.', by: question?.askedBy ?? '' },
    ]);
  });

  it('where two have to approve, two persons stand for one sheet, and only then it is granted', async () => {
    const { approvalId, rows } = await ask(site.engineer, 2);
    const file = write(fill(rows, (row) => row.with(0, 'approve')));
    const sheet = await site.engineer.call('reviews.importSheet', { file, saidBy: 'Ms Okoye' });
    expect(sheet.approvers).toBe(2);
    expect(await site.approver.call('reviews.countersign', { id: sheet.id, assurance })).toMatchObject({
      ...{ status: 'waiting', waitingFor: 1 },
    });
    expect(await site.approver.codeOf('reviews.countersign', { id: sheet.id, assurance })).toBe(
      'CONTRACT_CONFLICT',
    );
    expect(await carol.call('reviews.countersign', { id: sheet.id, assurance })).toMatchObject({
      status: 'granted',
    });
    const [kept] = await carol.call('reviews.sheets', {});
    expect(kept?.countersigned).toHaveLength(2);
    const { id } = await site.engineer.call('runs.start', { approvalId });
    const { tasks } = await site.engineer.call('runs.wait', { id });
    expect(new Set(tasks.map((task) => task.status))).toEqual(new Set(['succeeded']));
  });

  it('where two sheets make up the two approvals, the mark names both', async () => {
    const { approvalId, rows } = await ask(site.engineer, 2);
    for (const [saidBy, by, note] of [
      ['Ms Okoye', site.approver, ''],
      ['Mr Adams', carol, 'seen'],
    ] as const) {
      const file = write(fill(rows, (row) => row.with(0, 'approve').with(1, note)));
      const { id } = await site.engineer.call('reviews.importSheet', { file, saidBy });
      await by.call('reviews.countersign', { id, assurance });
    }
    const { approval } = await site.engineer.call('approvals.get', { id: approvalId });
    expect(approval.decidedBy).toMatch(/\(unsigned sheet of Ms Okoye, unsigned sheet of Mr Adams; /);
  });

  it('shows whoever countersigns every line, what speaks against a patch first', async () => {
    const { pack, rows } = await ask();
    const last = pack.patches.at(-1);
    const file = write(
      fill(rows, (row) =>
        row.at(-1) === last?.sha256 ? row.with(0, 'reject').with(1, 'not now') : row.with(0, 'approve'),
      ),
    );
    const { id } = await site.engineer.call('reviews.importSheet', { file, saidBy: 'Ms Okoye' });
    const lines = await site.approver.call('reviews.sheetRows', { id });
    expect(lines).toHaveLength(pack.patches.length);
    expect(lines[0]).toMatchObject({ patch: last?.sha256, verdict: 'reject', reason: 'not now' });
    expect(new Set(lines.slice(1).map(({ verdict }) => verdict))).toEqual(new Set(['approve']));
  });

  it('names every mistake and takes nothing in', async () => {
    const { rows } = await ask();
    const file = write(
      fill(rows, (row, index) => (index === 0 ? row.with(0, 'yes please') : row.with(0, 'reject'))),
    );
    const reading = await site.engineer.call('reviews.readSheet', { file });
    const count = rows.length - rows.findIndex((row) => row[0] === 'Decision') - 1;
    expect(reading.problems.map((item) => item.column)).toEqual([
      'Decision',
      ...Array.from({ length: count - 1 }, () => 'Reason'),
    ]);
    expect(await site.engineer.codeOf('reviews.importSheet', { file, saidBy: 'x' })).toBe(
      'REVIEW_SHEET_INVALID',
    );
    expect(await site.engineer.call('reviews.sheets', {})).toEqual([]);
  });

  it('is refused for whoever asked, for another pack, a second time, and after a newer pack', async () => {
    const { pack, rows, approvalId } = await ask(carol);
    const file = write(approveAll(rows));
    const sheet = await carol.call('reviews.importSheet', { file, saidBy: 'Ms Okoye' });
    expect(await carol.codeOf('reviews.countersign', { id: sheet.id, assurance })).toBe('POLICY_SAME_PERSON');
    expect(await site.engineer.codeOf('reviews.countersign', { id: sheet.id, assurance })).toBe(
      'CONTRACT_FORBIDDEN',
    );
    expect(await carol.codeOf('reviews.importSheet', { file, saidBy: 'x' })).toBe('REVIEW_REPLAYED');
    const other = write(
      approveAll(rows).map((row) =>
        row[0] === 'Pack' ? row.with(1, '00000000-0000-4000-8000-000000000000') : row,
      ),
    );
    expect(await carol.codeOf('reviews.readSheet', { file: other })).toBe('REVIEW_PACK_UNKNOWN');
    const differs = write(
      approveAll(rows).map((row) => (row[0] === 'SHA-256 of the pack' ? row.with(1, 'f'.repeat(64)) : row)),
    );
    expect(await carol.codeOf('reviews.readSheet', { file: differs })).toBe('REVIEW_PACK_DIFFERS');
    expect(pack.approvalId).toBe(approvalId);
    await carol.export({
      approvalId,
      file: newFile('pack.json'),
      cutOffAt: '2099-01-01T00:00:00.000Z',
    });
    expect(await site.approver.codeOf('reviews.countersign', { id: sheet.id, assurance })).toBe(
      'REVIEW_PACK_SUPERSEDED',
    );
  });

  it('holds no longer when its bytes or its statement were changed, and its history refuses a change', async () => {
    const { approvalId, rows } = await ask();
    const sheet = await site.engineer.call('reviews.importSheet', {
      file: write(approveAll(rows)),
      saidBy: 'Ms Okoye',
    });
    await site.approver.call('reviews.countersign', { id: sheet.id, assurance });
    const db = database();
    expect(() => db.prepare("UPDATE review_sheets SET said_by = 'nobody'").run()).toThrow(/history/);
    expect(() => db.prepare('DELETE FROM review_countersignatures').run()).toThrow(/history/);
    db.exec('DROP TRIGGER review_sheets_no_update');
    db.prepare("UPDATE review_sheets SET file = CAST('other' AS BLOB)").run();
    db.close();
    expect(await site.engineer.codeOf('runs.start', { approvalId })).toMatch(/^POLICY_/);
  });
});
