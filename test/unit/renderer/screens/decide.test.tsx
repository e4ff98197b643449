// @vitest-environment jsdom
import { fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { fail } from '../../../e2e/gallery/fake-client.ts';
import { sheetFor } from '../../../e2e/gallery/fixtures/lists.ts';
import { anId } from '../../../e2e/gallery/fixtures/made-up.ts';
import { siteWithList } from '../../../e2e/gallery/site-answers.ts';
import { cleanup, mountWindow } from '../mount.tsx';

const APPROVER = 'Grace Lindqvist';
const ASKED = anId(4, 1);

afterEach(cleanup);

const open = (answers = siteWithList(APPROVER)) =>
  mountWindow(answers, ({ navigation }) => navigation.getState().go('approvals', ASKED));
const status = () => document.querySelector('.decide [role="status"]')?.textContent ?? '';
const press = (key: string, more: object = {}) => fireEvent.keyDown(document.body, { key, ...more });

describe('the list that an approver decides on at the console', () => {
  test('shows what was drafted, counts exactly, and an approval takes one key', async () => {
    const { client } = open();
    await screen.findByText('55 undecided');
    press('a');
    await expect.poll(status).toMatch(/ approved$/);
    await screen.findByText('54 undecided');
    await expect.poll(() => client.callsOf('queue.draft')).toHaveLength(1);
    expect(client.callsOf('queue.draft')[0]).toMatchObject({
      packId: anId(12, 1),
      rows: [{ verdict: 'approve', reason: '' }],
      removed: [],
    });
  });

  test('undo brings back what was, and the engine is told', async () => {
    const { client } = open();
    await screen.findByText('55 undecided');
    press('a');
    await expect.poll(() => client.callsOf('queue.draft')).toHaveLength(1);
    press('u');
    await screen.findByText('55 undecided');
    await expect.poll(() => client.callsOf('queue.draft')).toHaveLength(2);
    expect(client.callsOf('queue.draft')[1]).toMatchObject({ rows: [] });
  });

  test('any decision is cleared again, by its key or its button, not only the last', async () => {
    const { client } = open();
    await screen.findByText('55 undecided');
    const bar = within(screen.getByRole('region', { name: 'Decision' }));
    const clear = bar.getByRole<HTMLButtonElement>('button', { name: /^Clear/ });
    expect(clear.disabled).toBe(true);
    press('c');
    await expect.poll(status).toBe('Nothing to take back: undecided already');
    press('a');
    await expect.poll(status).toMatch(/ approved$/);
    press('a');
    await screen.findByText('53 undecided');
    press('k');
    press('k');
    expect(clear.disabled).toBe(false);
    press('c');
    await screen.findByText('54 undecided');
    await expect.poll(() => client.callsOf('queue.draft').at(-1)).toMatchObject({ rows: [] });
    expect(client.callsOf('queue.draft').at(-1)?.removed).toEqual([
      client.callsOf('queue.draft')[0]?.rows[0]?.patch,
    ]);
    press('u');
    await screen.findByText('53 undecided');
  });

  test('what is selected is cleared at once, and the selection with it', async () => {
    const { client } = open();
    await screen.findByText('55 undecided');
    fireEvent.click(screen.getByRole('button', { name: 'Select all 60 shown' }));
    fireEvent.click(screen.getByRole('button', { name: /^Clear/ }));
    await expect.poll(status).toBe('3 decisions taken back');
    await screen.findByText('58 undecided');
    await expect.poll(() => client.callsOf('queue.draft')).toHaveLength(1);
    expect(client.callsOf('queue.draft')[0]).toMatchObject({ rows: [] });
    expect(client.callsOf('queue.draft')[0]?.removed).toHaveLength(3);
    expect(screen.queryByText('60 selected')).toBeNull();
  });

  test('a rejection needs words, and letters in them decide nothing', async () => {
    const { client } = open();
    await screen.findByText('55 undecided');
    press('r');
    const reason = await screen.findByLabelText('Why is it rejected?');
    const bar = within(screen.getByRole('region', { name: 'Decision' }));
    expect(bar.getByRole<HTMLButtonElement>('button', { name: 'Reject' }).disabled).toBe(true);
    fireEvent.keyDown(reason, { key: 'a' });
    fireEvent.change(reason, { target: { value: 'Breaks the print service.' } });
    fireEvent.click(bar.getByRole('button', { name: 'Reject' }));
    await expect.poll(() => client.callsOf('queue.draft')).toHaveLength(1);
    expect(client.callsOf('queue.draft')[0]?.rows).toMatchObject([
      { verdict: 'reject', reason: 'Breaks the print service.' },
    ]);
  });

  test('all that the filter shows are decided at once, but for what the policy keeps out', async () => {
    const { client } = open();
    await screen.findByText('55 undecided');
    fireEvent.click(screen.getByRole('button', { name: 'Select all 60 shown' }));
    press('a');
    await expect.poll(status).toBe('59 patches approved, 1 patch left out by policy');
    await expect.poll(() => client.callsOf('queue.draft')[0]?.rows.length).toBe(59);
    const excluded = sheetFor(true).rows.find((row) => row.standing === 'excluded')?.patch;
    expect(client.callsOf('queue.draft')[0]?.rows.map((row) => row.patch)).not.toContain(excluded);
  });

  test('a draft that could not be saved is said, and is not signed', async () => {
    const { client } = open({
      ...siteWithList(APPROVER),
      'queue.draft': () => fail('ENGINE_LOST', 'The engine did not answer.'),
      'queue.silence': () => ({ awaited: 0, yes: 54, no: 0, held: 0, standing: 1, out: 1 }),
    });
    await screen.findByText('55 undecided');
    press('a');
    await screen.findByText('Not saved. The next decision tries again.');
    fireEvent.click(screen.getByRole('button', { name: 'Sign' }));
    fireEvent.click(await screen.findByRole('button', { name: 'Sign and hand in' }));
    await screen.findByText(/nothing was signed/);
    expect(client.callsOf('queue.sign')).toHaveLength(0);
  });

  test('says what came along from the list before, and names what did not', async () => {
    const left = [
      { patch: 'e'.repeat(64), package: 'nginx', version: '1.22.1-9', verdict: 'reject' as const },
    ];
    open({ ...siteWithList(APPROVER), 'queue.carried': () => ({ carried: 12, left }) });
    await screen.findByText('12 decisions came along from the list before, not signed yet');
    await screen.findByText(/^1 did not: .*nginx 1\.22\.1-9 \(rejected\)$/);
  });

  test('whoever asked sees the list, why they may not decide, and no way to', async () => {
    const { client } = open(siteWithList('Ada Whitfield'));
    await screen.findByText('You asked for it: another person has to decide.');
    press('a');
    expect(screen.queryByRole('button', { name: 'Sign' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Export review pack' })).toBeTruthy();
    expect(client.callsOf('queue.draft')).toHaveLength(0);
  });

  test('the detail counts the endpoints that restart by their own setting', async () => {
    open();
    await screen.findByText('55 undecided');
    await screen.findByText('If needed on all 12 endpoints, by their setting.');
    await screen.findByText(/snapshot( tried)?( first)? on .*12 endpoints/i, { selector: 'p' });
  });

  test('words narrow the list, and a word that means nothing is named', async () => {
    open();
    await screen.findByText('55 undecided');
    const filter = screen.getByRole('searchbox');
    fireEvent.change(filter, { target: { value: 'kev:ransomware' } });
    await screen.findByText('1 of 60 patches');
    fireEvent.change(filter, { target: { value: 'severty:high' } });
    await screen.findByText(/No such word: severty:high/);
  });
});
