// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { enrolmentText } from '../../../../contract/vocabulary.ts';
import { changedTerms } from '../../../../renderer/format/policy.ts';
import { endOfDay } from '../../../../renderer/format/days.ts';
import { fail, type Answers } from '../../../e2e/gallery/fake-client.ts';
import { aDigest, NOW } from '../../../e2e/gallery/fixtures/made-up.ts';
import { DESK_SITES, DESK_STATEMENTS } from '../../../e2e/gallery/fixtures/statements.ts';
import { customerDesk } from '../../../e2e/gallery/statement-scenes.ts';
import { cleanup, mountWindow } from '../mount.tsx';

afterEach(cleanup);

const type = (label: string, value: string): void => {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
};
const press = (name: string): void => {
  fireEvent.click(screen.getByRole('button', { name }));
};
const button = (name: string): HTMLButtonElement => screen.getByRole<HTMLButtonElement>('button', { name });
const open = (section: string, answers: Answers = {}) =>
  mountWindow({ ...customerDesk, ...answers }, ({ navigation }) =>
    navigation.getState().go('policies', null, section),
  );
const POLICY = DESK_STATEMENTS[2];
const SITE = DESK_SITES[0];
const TERMS = SITE?.groups[0]?.inForce?.terms;
if (POLICY === undefined || SITE === undefined || TERMS === undefined) throw new Error('no fixtures');

test('the list says what was signed, where it went and what has not gone anywhere yet', async () => {
  open('list');
  await screen.findByText('Opt-out for Web, version 2');
  screen.getByText('Ines Okoye decides for you until 3 December 2026');
  screen.getByText('/media/usb2/policy-web-version-2.json');
  screen.getByText('Not written yet');
  fireEvent.click(screen.getByText('Opt-in for Web, version 1'));
  await screen.findByRole('region', { name: 'Opt-in for Web, version 1' });
  press('All that I signed');
  await screen.findByText('Not written yet');
});

test('a policy begins at what is in force, says what it changes, and is signed as the next version', async () => {
  const { client } = open('policy', { 'statements.signPolicy': () => POLICY });
  const side = within(await screen.findByRole('complementary', { name: 'The policy in sentences' }));
  side.getByText('Nothing, beside version 2.');
  fireEvent.click(screen.getByRole('radio', { name: /^Opt-in: silence means no/ }));
  press('Take out exclusion 2');
  type('Approvers', '1');
  const changes = within(side.getByRole('region', { name: 'What changes' }));
  changes.getByText('Beside version 2.');
  changes.getByText('Opt-in: nothing is installed without an explicit yes.');
  changes.getByText('Update KB5031356: Breaks the label printers');
  expect(changes.queryByText(/postgresql-16/)).toBeNull();
  expect(button('Sign the policy').disabled).toBe(true);
  type('New file on the medium', '/media/usb/policy.json');
  type('Passphrase of your key', 'a kettle under the bridge');
  press('Sign the policy');
  await waitFor(() => expect(client.callsOf('statements.signPolicy')).toHaveLength(1));
  const [sent] = client.callsOf('statements.signPolicy');
  expect(sent).toMatchObject({
    ...{ siteId: SITE.siteId, customer: 'Harbour NHS Trust', group: 'Web', version: null },
    ...{ file: '/media/usb/policy.json', passphrase: 'a kettle under the bridge' },
    terms: { ...TERMS, mode: 'opt-in', approvers: 1, exclusions: [TERMS.exclusions[0]], standing: [{}] },
  });
  // The day is what a person gave; the hour of a policy from elsewhere is not kept.
  expect(sent?.terms.standing[0]?.until).toBe(endOfDay('2027-03-24'));
  await screen.findByRole('region', { name: 'Opt-out for Web, version 2' });
});

test('an exclusion without a reason, a day gone by and a wrong number keep the policy from being signed', async () => {
  const { client } = open('policy');
  await screen.findByRole('button', { name: 'Sign the policy' });
  type('New file on the medium', '/media/usb/policy.json');
  type('Passphrase of your key', 'a kettle under the bridge');
  expect(button('Sign the policy').disabled).toBe(false);
  press('Exclude patches');
  const row = within(screen.getByRole('group', { name: 'Exclusion 3' }));
  fireEvent.change(row.getByLabelText('Name'), { target: { value: 'curl' } });
  screen.getByText('Exclusion 3: Give a reason.');
  expect(button('Sign the policy').disabled).toBe(true);
  fireEvent.change(row.getByLabelText('Why'), { target: { value: 'breaks the portal' } });
  expect(button('Sign the policy').disabled).toBe(false);
  type('Until the end of', '2026-11-23');
  screen.getByText('Approval in advance 1: Give a day that is still to come.');
  press('Take out approval in advance 1');
  type('Approvers', '6');
  screen.getAllByText('Give a number from 1 to 5.');
  expect(button('Sign the policy').disabled).toBe(true);
  fireEvent.submit(button('Sign the policy').closest('form') as HTMLFormElement);
  expect(client.callsOf('statements.signPolicy')).toEqual([]);
});

test('a refusal keeps what was typed but for the passphrase, and so does a closed window', async () => {
  const refused = {
    'statements.signPolicy': () => fail('VAULT_PASSPHRASE_WRONG', 'The passphrase is wrong.', 'Try again.'),
  };
  open('policy', refused);
  await screen.findByRole('button', { name: 'Sign the policy' });
  type('Approvers', '3');
  type('New file on the medium', '/media/usb/policy.json');
  type('Passphrase of your key', 'not the right one');
  press('Sign the policy');
  await screen.findByText('The passphrase is wrong.');
  expect(screen.getByLabelText<HTMLInputElement>('Passphrase of your key').value).toBe('');
  expect(screen.getByLabelText<HTMLInputElement>('Approvers').value).toBe('3');
  const kept = window.localStorage.getItem('draft.policy.1') ?? '';
  expect(kept).not.toContain('not the right one');
  cleanup();
  mountWindow({ ...customerDesk }, ({ navigation }) => {
    window.localStorage.setItem('draft.policy.1', kept);
    navigation.getState().go('policies', null, 'policy');
  });
  await screen.findByText('This is what you typed last time.');
  expect(screen.getByLabelText<HTMLInputElement>('Approvers').value).toBe('3');
  press('Begin anew');
  expect(screen.getByLabelText<HTMLInputElement>('Approvers').value).toBe('2');
  expect(window.localStorage.getItem('draft.policy.1')).toBeNull();
});

test('a site of which no pack was opened is typed, and nothing is signed without its id', async () => {
  const { client } = open('policy', {
    'statements.sites': () => [],
    'statements.list': () => [],
    'statements.signPolicy': () => POLICY,
  });
  await screen.findByRole('button', { name: 'Sign the policy' });
  screen.getByText(/^No policy is known for this group/);
  type('New file on the medium', '/media/usb/policy.json');
  type('Passphrase of your key', 'a kettle under the bridge');
  type('Customer', 'Trust');
  type('Name of the patch group', 'web');
  expect(button('Sign the policy').disabled).toBe(true);
  type('Id of the site', 'site-9');
  type('Version', '4');
  press('Sign the policy');
  await waitFor(() =>
    expect(client.callsOf('statements.signPolicy')).toMatchObject([
      { siteId: 'site-9', customer: 'Trust', group: 'web', version: 4, terms: { mode: 'opt-in' } },
    ]),
  );
});

test('a delegation needs the other key read, a later day and a reason', async () => {
  const text = enrolmentText(aDigest(940), 'Ines Okoye');
  const { client } = open('delegation', {
    'statements.signDelegation': () => DESK_STATEMENTS[1] ?? POLICY,
  });
  await screen.findByRole('button', { name: 'Sign the delegation' });
  type('New file on the medium', '/media/usb/delegation.json');
  type('Passphrase of your key', 'a kettle under the bridge');
  type('Why', 'On leave');
  type('Until the end of', '2026-12-04');
  expect(button('Sign the delegation').disabled).toBe(true);
  type('Or the text of its QR code, or their public key', text);
  press('Read their key');
  await screen.findByText('This is the key of Ines Okoye');
  expect(button('Sign the delegation').disabled).toBe(false);
  type('From (optional)', '2026-12-05');
  screen.getByText('It would end before it begins. Give a later day.');
  expect(button('Sign the delegation').disabled).toBe(true);
  type('From (optional)', '2026-11-30');
  press('Sign the delegation');
  await waitFor(() =>
    expect(client.callsOf('statements.signDelegation')).toMatchObject([
      { siteId: SITE.siteId, to: text, until: endOfDay('2026-12-04'), reason: 'On leave' },
    ]),
  );
});

test('an emergency request says which groups have no lane, and names exactly what was typed', async () => {
  const { client } = open('emergency', {
    'statements.signEmergency': () => DESK_STATEMENTS[0] ?? POLICY,
  });
  await screen.findByRole('button', { name: 'Sign the request' });
  type('New file on the medium', '/media/usb/emergency.json');
  type('Passphrase of your key', 'a kettle under the bridge');
  fireEvent.click(screen.getByRole('checkbox', { name: 'Group Web' }));
  expect(screen.queryByText(/^No emergency lane/)).toBeNull();
  fireEvent.click(screen.getByRole('checkbox', { name: 'Group Databases' }));
  screen.getByText('No emergency lane: Databases');
  fireEvent.click(screen.getByRole('checkbox', { name: 'Group Databases' }));
  type('Name', ' openssl ');
  type('Version (optional)', '3.0.22-1');
  type('Why', 'Exploited at a neighbour');
  type('Until the end of', '2026-11-20');
  expect(button('Sign the request').disabled).toBe(true);
  type('Until the end of', '2026-11-27');
  press('Sign the request');
  await waitFor(() =>
    expect(client.callsOf('statements.signEmergency')).toEqual([
      {
        ...{ siteId: SITE.siteId, customer: 'Harbour NHS Trust', groups: ['Web'], pullsIn: true },
        names: [{ kind: 'package', value: 'openssl', version: '3.0.22-1' }],
        ...{ reason: 'Exploited at a neighbour', until: endOfDay('2026-11-27') },
        ...{ file: '/media/usb/emergency.json', passphrase: 'a kettle under the bridge' },
      },
    ]),
  );
});

test('what is signed and was not written can be written from its page, without a passphrase', async () => {
  const { client } = open('list', {
    'statements.write': () =>
      fail('CONTRACT_CONFLICT', 'It cannot be written as a new file.', 'Another name.'),
  });
  fireEvent.click(await screen.findByText('Not written yet'));
  await screen.findByText('It is signed, and no file of it was written yet');
  type('New file on the medium', '/media/usb/emergency.json');
  press('Write the file');
  await screen.findByText('It cannot be written as a new file.');
  expect(client.callsOf('statements.write')).toEqual([
    { sha256: DESK_STATEMENTS[0]?.sha256, file: '/media/usb/emergency.json' },
  ]);
});

test('without a key the form says where one is made', async () => {
  const { application } = open('policy', { 'myKey.get': () => ({ current: null, retired: [] }) });
  await screen.findByText('You have no key yet');
  press('Make my key');
  expect(application.navigation.getState().screen).toBe('my-key');
});

test('terms that stay are no change', () => {
  expect(changedTerms(TERMS, TERMS, NOW)).toEqual([]);
  expect(changedTerms(TERMS, { ...TERMS, noticeHours: 48 }, NOW).map(({ label }) => label)).toEqual([
    'How it is decided',
  ]);
});
