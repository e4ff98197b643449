// @vitest-environment jsdom
import { fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import type { SettledPack } from '../../../../contract/policies.ts';
import type { ImportedDecision } from '../../../../contract/reviews.ts';
import type { ApprovalView } from '../../../../contract/runs.ts';
import { COUNSEL_SCENES } from '../../../e2e/gallery/counsel-scenes.ts';
import type { Answers } from '../../../e2e/gallery/fake-client.ts';
import { LISTS } from '../../../e2e/gallery/fixtures/lists.ts';
import { ago, anId, HOUR } from '../../../e2e/gallery/fixtures/made-up.ts';
import { approvalDetail, approvalsFor } from '../../../e2e/gallery/fixtures/plans.ts';
import { siteWithList } from '../../../e2e/gallery/site-answers.ts';
import { cleanup, mountWindow } from '../mount.tsx';

const APPROVER = 'Grace Lindqvist';
const ENGINEER = 'Ada Whitfield';
const ASKED = anId(4, 1);
const NOTHING_LEFT = { awaited: 0, yes: 0, no: 0, held: 0, standing: 0, out: 0 };

afterEach(cleanup);

const press = async (name: string | RegExp): Promise<void> => {
  fireEvent.click(await screen.findByRole('button', { name }));
};
const inDialog = async () => within(await screen.findByRole('dialog'));

/** A site that decides as the engine does: once an answer is in, the approval is what it came to, and the window is told. */
function deciding(me: string, answers: Answers, status: ApprovalView['status'], more: Partial<Answers> = {}) {
  let decided = false;
  const approvals = () =>
    approvalsFor(me, me === APPROVER).map((item) =>
      item.id === ASKED && decided
        ? {
            ...item,
            status,
            mayDecide: false,
            decidedBy: APPROVER,
            decidedAt: ago(0),
            reason: '3 of 60 patches approved',
          }
        : item,
    );
  const { application, client } = mountWindow(
    {
      ...answers,
      'queue.silence': () => NOTHING_LEFT,
      'approvals.list': approvals,
      'approvals.get': ({ id }) => {
        const approval = approvals().find((item) => item.id === id);
        const detail = approval === undefined ? null : approvalDetail(approval);
        if (detail === null) throw new Error('no such approval');
        return detail;
      },
      ...more,
    },
    ({ navigation }) => navigation.getState().go('approvals', ASKED),
  );
  /** The engine says that something changed before it replies to whoever changed it. */
  const decide = async (): Promise<void> => {
    decided = status !== 'requested';
    client.say({ kind: 'changed', area: 'approvals', id: ASKED });
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { application, client, decide };
}

const decision = (fields: Partial<ImportedDecision>): ImportedDecision => ({
  ...{ packId: anId(12, 1), approvalId: ASKED, decidedBy: APPROVER, status: 'granted', operationId: null },
  ...{ approved: 60, rejected: 0, deferred: 0, waitingFor: 0, ...fields },
});

describe('what a signature at the console came to', () => {
  const signs = (fields: Partial<ImportedDecision>, status: ApprovalView['status'], more: Answers = {}) => {
    const made = deciding(APPROVER, siteWithList(APPROVER), status, {
      'queue.sign': async () => {
        await made.decide();
        return decision(fields);
      },
      ...more,
    });
    return made;
  };
  const sign = async (): Promise<void> => {
    await press('Sign');
    await press('Sign and hand in');
  };

  test('stays on the screen when everything is approved and the list has gone', async () => {
    signs({}, 'granted');
    await sign();
    await screen.findByText('Everything is approved');
    await expect.poll(() => screen.getAllByRole('dialog')).toHaveLength(1);
    await press('Show it');
    await screen.findByText(/^Approved\. An engineer can start it/);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  test('stays when nothing is approved', async () => {
    signs({ status: 'rejected', approved: 0, rejected: 60 }, 'rejected');
    await sign();
    await screen.findByText('Nothing is approved');
  });

  test('stays, with the plan of the rest, when only some is approved', async () => {
    const operationId = anId(10, 7);
    signs({ status: 'partly', approved: 3, rejected: 57, operationId }, 'rejected', {
      'operations.list': () => [
        {
          ...{
            id: operationId,
            kind: 'plan',
            title: 'Plan for 24 endpoints',
            status: 'running',
            startedAt: ago(0),
          },
          ...{ activity: 'web-3', done: 3, total: 24, unit: 'items', steps: [] },
        },
      ],
    });
    await sign();
    const outcome = await screen.findByText('Some of it is approved');
    await (await inDialog()).findByText('Plan for 24 endpoints');
    // Whoever closes it still sees that the rest is being planned.
    fireEvent.keyDown(outcome, { key: 'Escape' });
    await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
    const bar = within(await screen.findByRole('region', { name: 'Decision' }));
    await bar.findByText('Plan for 24 endpoints');
    expect(bar.queryByText(/Make another plan/)).toBeNull();
  });

  test('stays when others have to answer as well', async () => {
    signs({ status: 'waiting', waitingFor: 1 }, 'requested');
    await sign();
    await screen.findByText(/It waits for 1 more approver/);
  });

  test('is not shown to whoever comes to the screen later', async () => {
    const { application } = signs({}, 'granted');
    await sign();
    await screen.findByText('Everything is approved');
    application.navigation.getState().go('today');
    await screen.findByRole('heading', { level: 1, name: 'Today' });
    application.navigation.getState().go('approvals');
    await screen.findByText(/^Approved\. An engineer can start it/);
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

describe('before the signature at the console', () => {
  const openWith = async (silence: typeof NOTHING_LEFT): Promise<void> => {
    mountWindow({ ...siteWithList(APPROVER), 'queue.silence': () => silence }, ({ navigation }) =>
      navigation.getState().go('approvals', ASKED),
    );
    await press('Sign');
  };

  test('says what silence means yes for', async () => {
    await openWith({ ...NOTHING_LEFT, yes: 41 });
    await screen.findByText('Silence means yes for 41 patches');
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Sign and hand in' });
    expect(button.disabled).toBe(false);
  });

  test('lets nobody sign while a patch needs a word', async () => {
    await openWith({ ...NOTHING_LEFT, awaited: 3 });
    await screen.findByText('3 patches need your word before you can sign');
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Sign and hand in' });
    expect(button.disabled).toBe(true);
  });
});

test('what a countersignature came to stays when the list has gone', async () => {
  const answers = COUNSEL_SCENES['approvals-sheet-waits']?.answers ?? {};
  const made = deciding(APPROVER, answers, 'granted', {
    'reviews.countersign': async () => {
      await made.decide();
      return decision({});
    },
  });
  await press('Countersign');
  const field = await screen.findByLabelText('How do you know that they mean it?');
  fireEvent.change(field, { target: { value: 'Telephoned her on the number in the contract' } });
  fireEvent.click((await inDialog()).getByRole('button', { name: 'Countersign' }));
  await screen.findByText('Everything is approved');
  await expect.poll(() => screen.getAllByRole('dialog')).toHaveLength(1);
});

describe('a list that nobody has to answer any more', () => {
  const settled = (fields: Partial<SettledPack>): SettledPack => ({
    ...{ packId: anId(12, 1), approvalId: ASKED, status: 'granted', operationId: null },
    ...{ approved: 2, standing: 1, silence: 57, left: 0, ...fields },
  });
  const lists = LISTS.map((item) => ({
    ...{ ...item, closes: true, state: 'cut-off-passed' as const, cutOffAt: ago(2 * HOUR) },
  }));
  const closes = (value: SettledPack[], status: ApprovalView['status']) => {
    const made = deciding(ENGINEER, siteWithList(ENGINEER), status, {
      'queue.list': () => lists.map((item) => ({ ...item })),
      'reviews.settle': async () => {
        await made.decide();
        return value;
      },
    });
    return made;
  };

  test('is closed by an engineer who is told what that does, and what came of it is shown', async () => {
    const { client } = closes([settled({})], 'granted');
    await press('Close the list');
    const dialog = await inDialog();
    await dialog.findByText(/^The cut-off was .* Everything else is left out\.$/);
    expect(client.callsOf('reviews.settle')).toEqual([]);
    fireEvent.click(dialog.getByRole('button', { name: 'Close the list' }));
    await screen.findByText('Everything is approved');
    await screen.findByText('57 packages');
    expect(client.callsOf('reviews.settle')).toEqual([{ packId: anId(12, 1) }]);
    await press('Show it');
    await screen.findByRole('button', { name: 'Start the run' });
  });

  test('shows that only some was approved, with the plan of it', async () => {
    closes([settled({ status: 'partly', left: 4, operationId: anId(10, 7) })], 'rejected');
    await press('Close the list');
    fireEvent.click((await inDialog()).getByRole('button', { name: 'Close the list' }));
    await screen.findByText('Some of it is approved');
    (await inDialog()).getByText('4 packages');
  });

  test('is said to wait where no policy gives anything', async () => {
    closes([], 'requested');
    await press('Close the list');
    fireEvent.click((await inDialog()).getByRole('button', { name: 'Close the list' }));
    await screen.findByText('The list was left to wait');
  });

  test('is not closed by an approver', async () => {
    deciding(APPROVER, siteWithList(APPROVER), 'requested', { 'queue.list': () => lists });
    await screen.findByRole('button', { name: 'The plan' });
    expect(screen.queryByRole('button', { name: 'Close the list' })).toBeNull();
  });
});

test('what was rejected in part says so, and leads to what was approved', async () => {
  const [asked, , granted] = approvalsFor(ENGINEER, false);
  if (asked === undefined || granted === undefined) throw new Error('no approvals');
  const approval: ApprovalView = { ...asked, status: 'rejected', reason: '3 of 60 patches approved' };
  mountWindow(
    {
      ...siteWithList(ENGINEER),
      'approvals.list': () => [approval, granted],
      'approvals.get': ({ id }) => {
        const detail = approvalDetail(id === ASKED ? approval : granted);
        if (detail === null) throw new Error('no plan');
        return id === ASKED ? { ...detail, narrowedTo: granted.id } : detail;
      },
    },
    ({ navigation }) => navigation.getState().go('approvals', ASKED),
  );
  await screen.findByText('3 of 60 patches approved. They have a plan and an approval of their own.');
  expect(screen.queryByText(/Make another plan/)).toBeNull();
  await press('Show what is approved');
  await screen.findByRole('button', { name: 'Start the run' });
});
