// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { COUNSEL_SCENES } from '../../../e2e/gallery/counsel-scenes.ts';
import { fail, type Answers } from '../../../e2e/gallery/fake-client.ts';
import { aDigest, anId } from '../../../e2e/gallery/fixtures/made-up.ts';
import { sheetFor } from '../../../e2e/gallery/fixtures/lists.ts';
import { cleanup, mountWindow } from '../mount.tsx';

afterEach(cleanup);

const OUTCOME = {
  ...{ packId: anId(12, 1), approvalId: anId(4, 1), decidedBy: 'Grace Lindqvist', operationId: null },
  ...{ status: 'granted' as const, approved: 60, rejected: 0, deferred: 0, waitingFor: 0 },
};
function open(scene: string, more: Answers = {}) {
  const answers = COUNSEL_SCENES[scene]?.answers;
  if (answers === undefined) throw new Error(`no scene ${scene}`);
  return mountWindow({ ...answers, ...more }, ({ navigation }) =>
    navigation.getState().go('approvals', anId(4, 1)),
  );
}
const press = async (name: string | RegExp): Promise<void> => {
  fireEvent.click(await screen.findByRole('button', { name }));
};
const type = async (label: string, value: string): Promise<void> => {
  fireEvent.change(await screen.findByLabelText(label), { target: { value } });
};
async function lookAtSheet(file = '/media/usb/patches.xlsx'): Promise<void> {
  await press('Import decision');
  await type('Decision file', file);
  await press('Look at the spreadsheet');
}

describe('a spreadsheet', () => {
  test('is looked at before it is kept, under the name of whoever filled it in', async () => {
    const { client } = open('approvals-sheet-read', {
      'reviews.importSheet': () => ({
        ...{ id: aDigest(960), packId: anId(12, 1), approvalId: anId(4, 1), fileName: 'patches.xlsx' },
        ...{
          saidBy: 'Ines Okoye',
          mark: 'unsigned sheet of Ines Okoye',
          importedAt: '2026-11-24T14:00:00.000Z',
        },
        ...{ importedBy: 'Ada Whitfield', counts: { approved: 60, rejected: 0, deferred: 0, asked: 0 } },
        ...{ countersigned: [], approvers: 1 },
      }),
    });
    await lookAtSheet();
    const keep = await screen.findByRole<HTMLButtonElement>('button', { name: 'Keep it as unsigned' });
    expect(keep.disabled).toBe(true);
    expect(client.callsOf('reviews.import')).toEqual([]);
    await type('Who at the customer filled it in', 'Ines Okoye');
    fireEvent.click(keep);
    await screen.findByText(/unsigned sheet of Ines Okoye/);
    expect(client.callsOf('reviews.importSheet')).toEqual([
      { file: '/media/usb/patches.xlsx', saidBy: 'Ines Okoye' },
    ]);
  });

  test('with mistakes names each by its row, and cannot be kept', async () => {
    const { client } = open('approvals-sheet-mistakes');
    await lookAtSheet();
    const rows = within(await screen.findByRole('region', { name: 'Mistakes by row' })).getAllByRole('row');
    expect(rows.map((row) => row.textContent)).toEqual([
      'RowColumnWhat is wrongWhat to do',
      '7ReasonRejected without a reason.Say why, in a few words.',
      '19Decision“maybe” is no decision.Write approve, reject, defer or ask.',
    ]);
    expect(screen.queryByRole('button', { name: 'Keep it as unsigned' })).toBeNull();
    expect(client.callsOf('reviews.importSheet')).toEqual([]);
  });

  test('is countersigned by an approver who says how they know, and by nobody else', async () => {
    const { client } = open('approvals-sheet-waits', { 'reviews.countersign': () => OUTCOME });
    await press('Countersign');
    const dialog = within(await screen.findByRole('dialog'));
    const sign = dialog.getByRole<HTMLButtonElement>('button', { name: 'Countersign' });
    expect(sign.disabled).toBe(true);
    const lines = within(await dialog.findByRole('region', { name: 'What the sheet says' }));
    const [, first, second, third] = lines.getAllByRole('row');
    expect(first?.textContent).toMatch(/^Reject.*The ward system does not start with it$/);
    expect(second?.textContent).toMatch(/^Reject.*Frozen until the inspection$/);
    expect(third?.textContent).toMatch(/^Defer.*until .*; Year end; meanwhile: Web filter$/);
    expect(lines.getAllByRole('row')).toHaveLength(61);
    await type('How do you know that they mean it?', 'Telephoned her on the number in the contract');
    fireEvent.click(sign);
    await screen.findByText('Everything is approved');
    expect(client.callsOf('reviews.countersign')).toEqual([
      {
        ...{ id: aDigest(960), assurance: 'Telephoned her on the number in the contract' },
        validHours: 72,
      },
    ]);
  });

  test('that cannot be shown is not countersigned', async () => {
    open('approvals-sheet-waits', {
      'reviews.sheetRows': () => fail('CONTRACT_NOT_FOUND', 'There is no such pack.'),
    });
    await press('Countersign');
    await screen.findByText('What the sheet says can’t be shown');
    await type('How do you know that they mean it?', 'Telephoned her on the number in the contract');
    const sign = within(screen.getByRole('dialog')).getByRole<HTMLButtonElement>('button', {
      name: 'Countersign',
    });
    expect(sign.disabled).toBe(true);
  });

  test('an engineer sees that one waits and is offered no signature', async () => {
    open('approvals-quality');
    await screen.findByText('A spreadsheet of Ines Okoye waits, which nobody signed');
    expect(screen.queryByRole('button', { name: 'Countersign' })).toBeNull();
  });
});

test('the provider’s check is about the row in hand, and a concern needs words', async () => {
  const { client } = open('approvals-quality', { 'quality.record': () => ({ patches: 1 }) });
  const first = sheetFor(true).rows.find((row) => row.kev === 'ransomware');
  await press('Our check');
  fireEvent.click(await screen.findByRole('radio', { name: /^A concern/ }));
  const record = screen.getByRole<HTMLButtonElement>('button', { name: 'Record it' });
  expect(record.disabled).toBe(true);
  await type('The concern', 'The proxy on web-1 does not start with it');
  fireEvent.click(record);
  await screen.findByText('The check is recorded');
  expect(client.callsOf('quality.record')).toEqual([
    {
      ...{ patches: [first?.patch], verdict: 'concern' },
      note: 'The proxy on web-1 does not start with it',
    },
  ]);
});

test('questions are answered one by one', async () => {
  const { client } = open('approvals-questions', {
    'questions.answer': ({ packId, patch, askedById, answer }) => ({
      ...{ packId, patch, askedById, answer, package: '', version: '', askedBy: '', question: '' },
      answeredBy: 'Ada Whitfield',
    }),
  });
  await press('2 open questions');
  await press(/Is the restart needed/);
  const [, question] = within(await screen.findByRole('list', { name: 'Questions' })).getAllByRole('button');
  expect(question?.getAttribute('aria-pressed')).toBe('true');
  fireEvent.change(screen.getByRole('textbox', { name: /^Answer about/ }), {
    target: { value: 'It can wait.' },
  });
  await press('Answer');
  await waitFor(() => expect(client.callsOf('questions.answer')).toHaveLength(1));
  expect(client.callsOf('questions.answer')[0]).toMatchObject({
    ...{ packId: anId(12, 1), patch: sheetFor(true).rows[4]?.patch, answer: 'It can wait.' },
  });
});
