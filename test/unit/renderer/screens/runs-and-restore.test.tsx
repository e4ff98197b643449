// @vitest-environment jsdom
import { fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { anId } from '../../../e2e/gallery/fixtures/made-up.ts';
import { ATTENTION_ENDPOINT, runById, RUNS } from '../../../e2e/gallery/fixtures/runs.ts';
import { busySite } from '../../../e2e/gallery/site-answers.ts';
import { fail } from '../../../e2e/gallery/fake-client.ts';
import { cleanup, mountWindow } from '../mount.tsx';

const ENGINEER = 'Ada Whitfield';
const RUN = anId(5, 1);

afterEach(cleanup);

describe('a run', () => {
  test('opens at what needs a person, with its code and what to do', async () => {
    mountWindow(busySite(ENGINEER), ({ navigation }) => navigation.getState().go('runs', RUN));
    const task = await screen.findByRole('region', { name: 'Task on web-05' });
    expect(within(task).getByText('PATCHING_INSTALL_UNDETERMINED')).toBeTruthy();
    expect(within(task).getByText(/Look at \/var\/log\/dpkg.log/)).toBeTruthy();
  });

  test('is stopped only after it was said what stopping does', async () => {
    const { client } = mountWindow(
      { ...busySite(ENGINEER), 'runs.cancel': () => RUNS[0] ?? fail('RUN_NOT_FOUND', 'none') },
      ({ navigation }) => navigation.getState().go('runs', RUN),
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Stop' }));
    expect(screen.getByText(/Stopping takes effect between steps/)).toBeTruthy();
    expect(client.callsOf('runs.cancel')).toHaveLength(0);
    fireEvent.click(screen.getByRole('button', { name: 'Stop the run' }));
    await expect.poll(() => client.callsOf('runs.cancel')).toEqual([{ id: RUN }]);
  });

  test('that needs attention is settled with a reason', async () => {
    const view = runById(RUN);
    const { client } = mountWindow(
      { ...busySite(ENGINEER), 'runs.resolve': () => view ?? fail('RUN_NOT_FOUND', 'none') },
      ({ navigation }) => navigation.getState().go('runs', RUN),
    );
    const reason = await screen.findByLabelText('Reason');
    const settle = screen.getByRole<HTMLButtonElement>('button', { name: 'Settle it' });
    expect(settle.disabled).toBe(true);
    fireEvent.change(reason, { target: { value: 'Looked at the console.' } });
    fireEvent.click(settle);
    await expect
      .poll(() => client.callsOf('runs.resolve'))
      .toEqual([
        {
          runId: RUN,
          endpointId: ATTENTION_ENDPOINT,
          decision: 'look-again',
          reason: 'Looked at the console.',
        },
      ]);
  });

  test('shows a refusal as one, not as a failure', async () => {
    mountWindow(busySite(ENGINEER), ({ navigation }) => navigation.getState().go('runs', RUN));
    const grid = await screen.findByRole('grid', { name: /Endpoints of this run/ });
    const row = within(grid).getByText('web-04').closest('[role=row]');
    if (!(row instanceof HTMLElement)) throw new Error('no row');
    fireEvent.click(row);
    const task = await screen.findByRole('region', { name: 'Task on web-04' });
    expect(within(task).getByText('Refused: nothing was touched')).toBeTruthy();
  });
});

describe('a restore', () => {
  test('needs the name of the endpoint, and the second confirmation after a success', async () => {
    const { client } = mountWindow(
      { ...busySite(ENGINEER), 'snapshots.restore': () => ({ operationId: anId(10, 9) }) },
      ({ navigation }) => navigation.getState().go('restore', anId(6, 1)),
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Restore web-01' }));
    const dialog = await screen.findByRole('alertdialog');
    const restore = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Restore' });
    fireEvent.change(within(dialog).getByLabelText('Name of the endpoint'), { target: { value: 'web-01' } });
    expect(restore.disabled).toBe(true);
    fireEvent.click(within(dialog).getByRole('checkbox'));
    expect(restore.disabled).toBe(false);
    fireEvent.change(within(dialog).getByLabelText('Name of the endpoint'), { target: { value: 'web-02' } });
    expect(restore.disabled).toBe(true);
    fireEvent.change(within(dialog).getByLabelText('Name of the endpoint'), { target: { value: 'web-01' } });
    fireEvent.click(restore);
    await expect
      .poll(() => client.callsOf('snapshots.restore'))
      .toEqual([{ id: anId(6, 1), confirmName: 'web-01', evenAfterSuccess: true }]);
  });
});
