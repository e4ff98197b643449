// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { fail } from '../../../e2e/gallery/fake-client.ts';
import type { EmergencyView } from '../../../../contract/policies.ts';
import { anId } from '../../../e2e/gallery/fixtures/made-up.ts';
import { DELEGATIONS, EMERGENCIES, GROUPS, POLICIES } from '../../../e2e/gallery/fixtures/policies.ts';
import { ENROLMENT, REVIEWER_KEYS } from '../../../e2e/gallery/fixtures/reviewers.ts';
import { RACI } from '../../../e2e/gallery/fixtures/raci.ts';
import { PERSONS, SCAN } from '../../../e2e/gallery/fixtures/site.ts';
import { busySite } from '../../../e2e/gallery/site-answers.ts';
import { cleanup, mountWindow } from '../mount.tsx';

afterEach(cleanup);

const type = (label: string, value: string): void => {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
};
const press = (name: string): void => {
  fireEvent.click(screen.getByRole('button', { name }));
};
const open = (who: string, section: string, answers = {}) =>
  mountWindow({ ...busySite(who), ...answers }, ({ navigation }) =>
    navigation.getState().go('settings', null, section),
  );
describe('groups and policies', () => {
  const [group] = GROUPS;
  const name = group?.name ?? '';

  test('says the policy in force in words, what was before it, and what holds where there is none', async () => {
    open('Ada Whitfield', 'groups');
    const card = within(await screen.findByRole('region', { name: `Group ${name}` }));
    card.getByText(/^Opt-out: silence at the cut-off means yes, if the list went out at least 72 hours/);
    card.getByText('2 different approvers, each for themselves.');
    card.getByText('Security fixes.');
    card.getByText('Update KB5031356: Breaks the label printers');
    card.getByText(/^Names like tzdata\*, security fixes and other patches, until/);
    card.getByText('1 earlier version');
    const other = within(await screen.findByRole('region', { name: `Group ${GROUPS[1]?.name ?? ''}` }));
    other.getByText(/^The customer has signed no policy\. Opt-in applies/);
  });

  test('keeps what was typed when the engine refuses, and says why', async () => {
    const { client } = open('Ada Whitfield', 'groups', {
      'groups.set': () =>
        fail('CONTRACT_CONFLICT', 'Harbour NHS Trust has signed a policy.', 'Make another.'),
    });
    await screen.findByRole('region', { name: `Group ${name}` });
    press(`Change the customer of ${name}`);
    type(`Customer of ${name}`, '  Quay Council ');
    press('Keep it');
    await screen.findByText('The group stays whose it was');
    expect(client.callsOf('groups.set')).toEqual([{ name, customer: 'Quay Council' }]);
    expect(screen.getByLabelText<HTMLInputElement>(`Customer of ${name}`).value).toBe('  Quay Council ');
  });

  test('imports a signed policy by its path and reads everything again', async () => {
    const { client } = open('Ada Whitfield', 'groups', {
      'policies.import': () => ({ ...POLICIES[0], version: 3 }),
    });
    await screen.findByRole('region', { name: `Group ${name}` });
    const reads = client.callsOf('policies.list').length;
    type('File of the signed policy', '/media/usb/policy.json');
    press('Import the policy');
    await screen.findByText(`Version 3 for ${name} is in, signed by Grace Lindqvist.`);
    expect(client.callsOf('policies.import')).toEqual([{ file: '/media/usb/policy.json' }]);
    expect(client.callsOf('policies.list').length).toBe(reads + 1);
  });

  test('revokes a delegation with a reason, never without, and offers it only for one that counts', async () => {
    const { client } = open('Ada Whitfield', 'groups', {
      'delegations.revoke': () => ({ ...DELEGATIONS[0], state: 'revoked' }),
    });
    await screen.findByRole('region', { name: 'Delegations' });
    expect(screen.getAllByRole('button', { name: /^Revoke / })).toHaveLength(1);
    press('Revoke Grace Lindqvist to Ines Okoye');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Revoke it' }).disabled).toBe(true);
    type('Reason', 'Back on Monday');
    press('Revoke it');
    await waitFor(() =>
      expect(client.callsOf('delegations.revoke')).toEqual([
        { sha256: DELEGATIONS[0]?.sha256, reason: 'Back on Monday' },
      ]),
    );
  });

  test('an approver signs terms here, beginning at what is in force', async () => {
    const { client } = open('Grace Lindqvist', 'groups', {
      'policies.sign': () => fail('REVIEW_NOT_THEIR_CUSTOMER', 'Grace does not speak for them.', 'Ask.'),
    });
    fireEvent.click(await screen.findByRole('button', { name: `Sign terms for ${name}` }));
    const form = within(screen.getByRole('form', { name: `Terms of ${name}` }));
    form.getByText('Nothing, beside version 2.');
    fireEvent.click(form.getByRole('radio', { name: /^Opt-in: silence means no/ }));
    press('Sign these terms');
    await screen.findByText('Nothing was signed');
    expect(client.callsOf('policies.sign')).toMatchObject([
      { group: name, terms: { mode: 'opt-in', approvers: 2, emergency: true } },
    ]);
    // A group that belongs to nobody yet has no customer to sign for.
    expect(screen.getAllByRole('button', { name: /^Sign terms for/ })).toHaveLength(1);
  });

  test('a plan of an emergency request is followed to its end, and leads to the approval', async () => {
    const made = { ...EMERGENCIES[0], approvals: [anId(4, 1)] } as EmergencyView;
    const { client, application } = open('Ada Whitfield', 'groups', {
      'emergency.plan': () => ({ operationId: SCAN.id }),
      'operations.wait': () => ({ operation: { ...SCAN, status: 'done' }, result: {} }),
    });
    const plan = await screen.findByRole('button', { name: 'Plan openssl' });
    expect(screen.queryByRole('button', { name: 'Open the approval of openssl' })).toBeNull();
    client.answer({ 'emergency.list': () => [made] });
    fireEvent.click(plan);
    fireEvent.click(await screen.findByRole('button', { name: 'Open the approval of openssl' }));
    expect(client.callsOf('operations.wait')).toEqual([{ id: SCAN.id }]);
    const { screen: shown, open: opened } = application.navigation.getState();
    expect([shown, opened.approvals]).toEqual(['approvals', anId(4, 1)]);
  });

  test('an auditor reads it all and is offered no change', async () => {
    open('Priya Raman', 'groups');
    await screen.findByRole('region', { name: `Group ${name}` });
    for (const button of [/^Change the customer/, /^Revoke/, /^Import/, /^Plan/])
      expect(screen.queryByRole('button', { name: button })).toBeNull();
  });
});

describe('people', () => {
  test('a service manager changes roles, with a reason', async () => {
    const { client } = open('Grace Lindqvist', 'people', {
      'persons.setRoles': () => ({ ...PERSONS[0], roles: ['engineer', 'auditor'] }),
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Change Ada Whitfield' }));
    const keep = screen.getByRole<HTMLButtonElement>('button', { name: 'Keep these roles' });
    fireEvent.click(screen.getByRole('checkbox', { name: /^Auditor/ }));
    expect(keep.disabled).toBe(true);
    type('Reason, for the history', 'Reads the trail now');
    fireEvent.click(keep);
    await waitFor(() =>
      expect(client.callsOf('persons.setRoles')).toEqual([
        { person: 'Ada Whitfield', roles: ['engineer', 'auditor'], reason: 'Reads the trail now' },
      ]),
    );
  });

  test('access ends only once the name was typed', async () => {
    const { client } = open('Grace Lindqvist', 'people', {
      'persons.endAccess': () => ({ ...PERSONS[0], roles: [] }),
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Change Ada Whitfield' }));
    type('Reason, for the history', 'Left the company');
    press('End their access');
    const end = await screen.findByRole<HTMLButtonElement>('button', { name: 'End it' });
    expect(end.disabled).toBe(true);
    type('Name of the person', 'Ada Whitfield');
    fireEvent.click(end);
    await waitFor(() =>
      expect(client.callsOf('persons.endAccess')).toEqual([
        { person: 'Ada Whitfield', reason: 'Left the company' },
      ]),
    );
    expect(client.callsOf('persons.setRoles')).toEqual([]);
  });

  test('an engineer is offered no change of roles', async () => {
    open('Ada Whitfield', 'people');
    await screen.findByRole('button', { name: 'Add a person' });
    expect(screen.queryByRole('button', { name: /^Change / })).toBeNull();
  });
});

describe('reviewers', () => {
  const [revoked, live] = REVIEWER_KEYS;
  const showLive = `Show the key of ${live?.personName ?? ''}, ${live?.id.slice(0, 8) ?? ''}`;

  test('every key says whose it is, for whom, until when and in what state', async () => {
    open('Grace Lindqvist', 'reviewers');
    const table = within(await screen.findByRole('table', { name: 'Keys of reviewers' }));
    const rows = table.getAllByRole('row').slice(1);
    expect(rows.map((row) => within(row).getAllByRole('cell')[4]?.textContent)).toEqual([
      'Enrolled',
      'Enrolled',
      'Expired',
      'Revoked',
    ]);
    expect(rows.map((row) => within(row).getAllByRole('cell')[2]?.textContent).at(1)).toBe(
      'Nobody on record',
    );
  });

  test('a key is enrolled only with its owner’s fingerprint and a person’s word for it', async () => {
    const { client } = open('Grace Lindqvist', 'reviewers', {
      'reviewers.list': () => [],
      'reviewers.enrol': () =>
        fail('CONTRACT_INPUT_INVALID', 'The fingerprint is not that of this key.', 'Read it again.'),
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Enrol a reviewer' }));
    type('Enrolment file', '/media/usb/ines.txt');
    press('Read the key');
    const enrol = await screen.findByRole<HTMLButtonElement>('button', { name: 'Enrol the key' });
    expect(client.callsOf('reviewers.read')).toEqual([{ file: '/media/usb/ines.txt' }]);
    // Nothing on the screen tells the fingerprint before its owner does.
    expect(document.querySelector('.fingerprint, .card-words')).toBeNull();
    type('Fingerprint, as its owner says or wrote it', 'ab '.repeat(32));
    expect(enrol.disabled).toBe(true);
    fireEvent.click(
      screen.getByRole('checkbox', { name: 'I have it from the owner of the key, and know them' }),
    );
    fireEvent.click(screen.getByRole('radio', { name: 'By a signed letter' }));
    fireEvent.click(screen.getByRole('checkbox', { name: 'Harbour NHS Trust' }));
    fireEvent.click(enrol);
    await screen.findByText('The key was not enrolled');
    expect(client.callsOf('reviewers.enrol')).toEqual([
      {
        ...{ name: ENROLMENT.name, publicKey: ENROLMENT.publicKey, fingerprint: 'ab '.repeat(32).trim() },
        ...{ compared: 'letter', validUntil: null, customers: ['Harbour NHS Trust'] },
      },
    ]);
  });

  test('a key that was revoked here before is not offered for enrolment', async () => {
    open('Grace Lindqvist', 'reviewers', {
      'reviewers.read': () => ({ ...ENROLMENT, known: revoked ?? null }),
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Enrol a reviewer' }));
    type('Or the text of its QR code, or the public key', ENROLMENT.publicKey);
    press('Read the key');
    await screen.findByText('This key of Mira Patel is here already: revoked');
    expect(screen.queryByRole('button', { name: 'Enrol the key' })).toBeNull();
  });

  test('revokes with a reason, never without', async () => {
    const { client } = open('Grace Lindqvist', 'reviewers', {
      'reviewers.revoke': () => ({ ...live, state: 'revoked' }),
    });
    fireEvent.click(await screen.findByRole('button', { name: showLive }));
    press('Revoke this key');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Revoke it' }).disabled).toBe(true);
    type('Reason', 'Laptop stolen');
    press('Revoke it');
    await waitFor(() =>
      expect(client.callsOf('reviewers.revoke')).toEqual([{ id: live?.id, reason: 'Laptop stolen' }]),
    );
  });

  test('an auditor reads it all and is offered no change', async () => {
    open('Priya Raman', 'reviewers');
    fireEvent.click(await screen.findByRole('button', { name: showLive }));
    await screen.findByRole('region', { name: 'Key of Mira Patel' });
    for (const button of [/^Enrol/, /^Revoke/, /^Change whom/])
      expect(screen.queryByRole('button', { name: button })).toBeNull();
  });
});

describe('who answers', () => {
  const [, grace] = PERSONS;
  const change = (element: string): void => press(`Change ${element}`);
  const named = (label: string, who: string): HTMLElement =>
    within(screen.getByRole('group', { name: label, hidden: true })).getByLabelText(who);

  test('says beside a row that no step opens a notice for it yet, and who is named', async () => {
    open('Grace Lindqvist', 'raci');
    await screen.findByText(/^No step opens a notice for it yet: there are no schedules/);
    expect(screen.getAllByText(/^No step opens a notice for it yet/)).toHaveLength(RACI.withoutStep.length);
    await screen.findByText('I is told (Grace Lindqvist)');
  });

  test('names persons for a letter, several too, and drops them with it', async () => {
    const { client } = open('Grace Lindqvist', 'raci', { 'raci.set': () => RACI });
    await screen.findByText('I is told (Grace Lindqvist)');
    change('Applying approved patches');
    fireEvent.click(named('Named for I of the customer', 'Tom Okafor'));
    fireEvent.click(named('Named for R of the provider', 'Ada Whitfield'));
    // A letter that goes takes its names along.
    fireEvent.click(named('Named for A of the provider', 'Tom Okafor'));
    fireEvent.click(
      within(screen.getByRole('group', { name: 'Provider' })).getByLabelText('A has the final word'),
    );
    expect(screen.queryByRole('group', { name: 'Named for A of the provider', hidden: true })).toBeNull();
    type('Reason, for the history', 'The contract names them');
    press('Change it');
    const id = (name: string): string => PERSONS.find((person) => person.name === name)?.id ?? '';
    await waitFor(() =>
      expect(client.callsOf('raci.set')).toMatchObject([
        {
          rows: [
            {
              element: 'apply',
              persons: [
                { party: 'customer', letter: 'I', personId: grace?.id },
                { party: 'customer', letter: 'I', personId: id('Tom Okafor') },
                { party: 'provider', letter: 'R', personId: id('Ada Whitfield') },
              ],
            },
          ],
        },
      ]),
    );
  });

  test('says of a letter without a name that everybody with the role that fits is meant', async () => {
    open('Grace Lindqvist', 'raci');
    await screen.findByText('I is told (Grace Lindqvist)');
    change('Applying approved patches');
    screen.getByText('R does the work: everybody with the role that fits');
    fireEvent.click(named('Named for I of the customer', 'Grace Lindqvist'));
    screen.getByText('I is told: everybody with the role that fits');
  });
});
