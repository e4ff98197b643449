// @vitest-environment jsdom
import { screen, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { fail } from '../../../e2e/gallery/fake-client.ts';
import { anId } from '../../../e2e/gallery/fixtures/made-up.ts';
import { POLICIES } from '../../../e2e/gallery/fixtures/policies.ts';
import { RUNS } from '../../../e2e/gallery/fixtures/runs.ts';
import { busySite } from '../../../e2e/gallery/site-answers.ts';
import { cleanup, mountWindow } from '../mount.tsx';

const ENGINEER = 'Ada Whitfield';
const [POLICY] = POLICIES;
if (POLICY === undefined) throw new Error('no policy');

afterEach(cleanup);

async function expectPolicy(): Promise<void> {
  const made = within(await screen.findByRole('group', { name: 'Made under' }));
  made.getByText(/^Made under policy .*, version 2$/);
  made.getByText(/^Signed by Grace Lindqvist for Harbour NHS Trust, /);
  made.getByText(/^Opt-out: silence at the cut-off means yes/);
  made.getByText('Package postgresql-16: The portal is tied to 16.2');
  made.getByRole('group', { name: /^Fingerprint of policy .*, version 2$/ });
}

test('an approval shows the policy that it was made under, as it was signed', async () => {
  const { client } = mountWindow(busySite(ENGINEER), ({ navigation }) =>
    navigation.getState().go('approvals', anId(4, 2)),
  );
  await expectPolicy();
  expect(client.callsOf('policies.ofApproval')).toEqual([{ approvalId: anId(4, 2) }]);
});

test('a run shows the policy of its approval', async () => {
  const [run] = RUNS;
  if (run === undefined) throw new Error('no run');
  const { client } = mountWindow(busySite(ENGINEER), ({ navigation }) =>
    navigation.getState().go('runs', run.id),
  );
  await expectPolicy();
  expect(client.callsOf('policies.ofApproval')).toEqual([{ approvalId: run.approvalId }]);
});

test('a policy that another took the place of is said to be replaced', async () => {
  const answers = { ...busySite(ENGINEER), 'policies.ofApproval': () => [{ ...POLICY, inForce: false }] };
  mountWindow(answers, ({ navigation }) => navigation.getState().go('approvals', anId(4, 2)));
  await screen.findByText(', replaced since');
});

test('without a policy it is said what held, and what waits for a decision was made under none yet', async () => {
  const answers = { ...busySite(ENGINEER), 'policies.ofApproval': () => [] };
  const { application } = mountWindow(answers, ({ navigation }) =>
    navigation.getState().go('approvals', anId(4, 2)),
  );
  await screen.findByText(/^Made under no policy/);
  application.navigation.getState().openObject('approvals', anId(4, 1));
  await screen.findByText('You asked for it. Somebody else must decide.');
  expect(screen.queryByText(/Made under/)).toBeNull();
});

test('that it cannot be read is said with its code', async () => {
  const answers = { ...busySite(ENGINEER), 'policies.ofApproval': () => fail('INTERNAL', 'Damaged.') };
  mountWindow(answers, ({ navigation }) => navigation.getState().go('approvals', anId(4, 2)));
  await screen.findByText('INTERNAL');
});
