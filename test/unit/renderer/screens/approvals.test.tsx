// @vitest-environment jsdom
import { fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import type { ApprovalDetail, ApprovalView } from '../../../../contract/runs.ts';
import { fail } from '../../../e2e/gallery/fake-client.ts';
import { aDigest, anId } from '../../../e2e/gallery/fixtures/made-up.ts';
import { approvalsFor } from '../../../e2e/gallery/fixtures/plans.ts';
import { busySite } from '../../../e2e/gallery/site-answers.ts';
import { cleanup, mountWindow } from '../mount.tsx';

const APPROVER = 'Grace Lindqvist';
const ENGINEER = 'Ada Whitfield';
const ASKED = anId(4, 1);

afterEach(cleanup);

describe('approvals', () => {
  test('a approves exactly the digest that is on the screen', async () => {
    const [approval] = approvalsFor(APPROVER, true);
    if (approval === undefined) throw new Error('no approval');
    const { client } = mountWindow(
      { ...busySite(APPROVER), 'approvals.grant': () => ({ ...approval, status: 'granted' }) },
      ({ navigation }) => navigation.getState().go('approvals', ASKED),
    );
    await screen.findByRole('button', { name: /^Approve/ });
    fireEvent.keyDown(document.body, { key: 'a' });
    await expect.poll(() => client.callsOf('approvals.grant')).toHaveLength(1);
    expect(client.callsOf('approvals.grant')[0]).toEqual({
      id: ASKED,
      planDigest: aDigest(801),
      validHours: 72,
    });
  });

  test('r asks for a reason before it rejects', async () => {
    const [approval] = approvalsFor(APPROVER, true);
    if (approval === undefined) throw new Error('no approval');
    const { client } = mountWindow(
      { ...busySite(APPROVER), 'approvals.reject': () => ({ ...approval, status: 'rejected' }) },
      ({ navigation }) => navigation.getState().go('approvals', ASKED),
    );
    await screen.findByRole('button', { name: /^Approve/ });
    fireEvent.keyDown(document.body, { key: 'r' });
    const reason = await screen.findByLabelText('Reason, for the person who asked');
    const reject = screen.getByRole<HTMLButtonElement>('button', { name: 'Reject' });
    expect(reject.disabled).toBe(true);
    // Typing an "a" into the reason must not approve.
    fireEvent.keyDown(reason, { key: 'a' });
    fireEvent.change(reason, { target: { value: 'Not before Friday.' } });
    fireEvent.click(reject);
    await expect.poll(() => client.callsOf('approvals.reject')).toHaveLength(1);
    expect(client.callsOf('approvals.reject')[0]).toMatchObject({ id: ASKED, reason: 'Not before Friday.' });
    expect(client.callsOf('approvals.grant')).toHaveLength(0);
  });

  test('whoever asked is told why they may not decide, and has no way to', async () => {
    const { client } = mountWindow(busySite(ENGINEER), ({ navigation }) =>
      navigation.getState().go('approvals', ASKED),
    );
    await screen.findByText('You asked for it. Somebody else must decide.');
    expect(screen.queryByRole('button', { name: /^Approve/ })).toBeNull();
    fireEvent.keyDown(document.body, { key: 'a' });
    expect(client.callsOf('approvals.grant')).toHaveLength(0);
  });

  test('a plan of which a list was made is not approved as a whole, and the reason is said', async () => {
    const approvals = approvalsFor(APPROVER, true).map((item) => ({ ...item, hasList: true }));
    const answers = busySite(APPROVER);
    const { client } = mountWindow(
      {
        ...answers,
        'approvals.list': () => approvals,
        'approvals.get': (input) => ({
          ...(answers['approvals.get']?.(input) as ApprovalDetail),
          approval: approvals.find(({ id }) => id === input.id) as ApprovalView,
        }),
      },
      ({ navigation }) => navigation.getState().go('approvals', ASKED),
    );
    await screen.findByText('A list was made of this plan: approve on the list, patch by patch.');
    expect(screen.queryByRole('button', { name: /^Approve/ })).toBeNull();
    fireEvent.keyDown(document.body, { key: 'a' });
    screen.getByRole('button', { name: /^Reject/ });
    expect(client.callsOf('approvals.grant')).toHaveLength(0);
  });

  test.each([ENGINEER, APPROVER])('what is granted can be taken back, by %s', async (person) => {
    const { client } = mountWindow(busySite(person), ({ navigation }) =>
      navigation.getState().go('approvals', anId(4, 2)),
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Withdraw' }));
    await expect.poll(() => client.callsOf('approvals.withdraw')).toEqual([{ id: anId(4, 2) }]);
  });

  test('a refusal of the engine is shown with its code', async () => {
    mountWindow(
      {
        ...busySite(APPROVER),
        'approvals.grant': () => fail('POLICY_PLAN_CHANGED', 'The plan changed since.', 'Look at it again.'),
      },
      ({ navigation }) => navigation.getState().go('approvals', ASKED),
    );
    fireEvent.click(await screen.findByRole('button', { name: /^Approve/ }));
    const note = await screen.findByRole('alert');
    expect(within(note).getByText('POLICY_PLAN_CHANGED')).toBeTruthy();
    expect(within(note).getByText('Look at it again.')).toBeTruthy();
  });

  test('the queue is narrowed to one customer, and shows all again to whoever is led elsewhere', async () => {
    const { application } = mountWindow(busySite(APPROVER), ({ navigation }) =>
      navigation.getState().go('approvals', ASKED),
    );
    const options = (): (string | null)[] =>
      within(screen.getByRole('listbox', { name: 'Approvals and plans' }))
        .getAllByRole('option')
        .map((option) => option.querySelector('strong')?.textContent ?? null);
    const filter = await screen.findByRole('button', { name: /Customer$/ });
    const all = options().length;
    fireEvent.click(filter);
    fireEvent.click(await screen.findByRole('option', { name: 'Borough Council' }));
    await expect.poll(options).toEqual(['Tom Okafor']);
    application.navigation.getState().openObject('approvals', ASKED);
    await expect.poll(() => options().length).toBe(all);
  });

  test('what nobody asked for by name is shown apart', async () => {
    mountWindow(busySite(APPROVER), ({ navigation }) => navigation.getState().go('approvals', ASKED));
    expect(await screen.findByText(/Nobody asked for these by name/)).toBeTruthy();
  });
});
