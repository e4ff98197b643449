// @vitest-environment jsdom
import { fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { ENDPOINTS, findEndpoint } from '../../../e2e/gallery/fixtures/endpoints.ts';
import { aHostKey } from '../../../e2e/gallery/fixtures/made-up.ts';
import { busySite, emptySite } from '../../../e2e/gallery/site-answers.ts';
import { cleanup, mountWindow } from '../mount.tsx';

const ENGINEER = 'Ada Whitfield';
const UNPINNED = findEndpoint('desk-174');

afterEach(cleanup);

describe('endpoints', () => {
  test('an empty site teaches the next step', async () => {
    mountWindow(emptySite(ENGINEER), ({ navigation }) => navigation.getState().go('endpoints'));
    expect(await screen.findByText('No endpoint yet')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Add an endpoint' }));
    expect(await screen.findByRole('complementary', { name: 'Add an endpoint' })).toBeTruthy();
  });

  test('the table says how many rows it has, not how many it draws', async () => {
    mountWindow(busySite(ENGINEER), ({ navigation }) => navigation.getState().go('endpoints'));
    const grid = await screen.findByRole('grid', { name: 'Endpoints' });
    expect(grid.getAttribute('aria-rowcount')).toBe(String(ENDPOINTS.length + 1));
    expect(within(grid).getAllByRole('row').length).toBeLessThan(60);
  });

  test('j moves, x selects, and a scan takes the selection', async () => {
    const { application, client } = mountWindow(busySite(ENGINEER), ({ navigation }) =>
      navigation.getState().go('endpoints'),
    );
    await screen.findByRole('grid', { name: 'Endpoints' });
    fireEvent.keyDown(document.body, { key: 'j' });
    fireEvent.keyDown(document.body, { key: 'x' });
    fireEvent.keyDown(document.body, { key: 'j' });
    fireEvent.keyDown(document.body, { key: 'x' });
    const bar = await screen.findByRole('region', { name: 'Selection' });
    expect(within(bar).getByText('2 endpoints selected')).toBeTruthy();
    fireEvent.click(within(bar).getByRole('button', { name: 'Scan' }));
    await expect.poll(() => client.callsOf('endpoints.scan')).toHaveLength(1);
    expect(client.callsOf('endpoints.scan')[0]?.ids).toEqual([...application.endpoints.getState().selected]);
  });

  test('single letters can be turned off', async () => {
    const { application } = mountWindow(busySite(ENGINEER), ({ navigation, preferences }) => {
      preferences.getState().setSingleKeys(false);
      navigation.getState().go('endpoints');
    });
    await screen.findByRole('grid', { name: 'Endpoints' });
    fireEvent.keyDown(document.body, { key: 'j' });
    expect(application.navigation.getState().open.endpoints).toBeUndefined();
  });

  test('a host key is pinned only when the one read at the console is the same', async () => {
    const shown = aHostKey(ENDPOINTS.indexOf(UNPINNED) + 1);
    const { client } = mountWindow(
      { ...busySite(ENGINEER), 'endpoints.pinHostKey': ({ hostKey }) => ({ ...UNPINNED, hostKey }) },
      ({ navigation }) => navigation.getState().go('endpoints', UNPINNED.id, 'access'),
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Read the key of desk-174' }));
    const field = await screen.findByLabelText('Fingerprint read at the console');
    const pin = screen.getByRole<HTMLButtonElement>('button', { name: 'Pin this key' });
    fireEvent.change(field, { target: { value: aHostKey(4_711) } });
    expect(pin.disabled).toBe(true);
    expect(screen.getByText(/Do not pin it/)).toBeTruthy();
    fireEvent.change(field, { target: { value: ` ${shown} ` } });
    expect(pin.disabled).toBe(false);
    fireEvent.click(pin);
    await expect
      .poll(() => client.callsOf('endpoints.pinHostKey'))
      .toEqual([{ id: UNPINNED.id, hostKey: shown }]);
  });

  test('an auditor reads and is offered nothing that changes', async () => {
    mountWindow(busySite('Priya Raman'), ({ navigation }) =>
      navigation.getState().go('endpoints', findEndpoint('web-06').id, 'findings'),
    );
    await screen.findByRole('complementary', { name: 'Endpoint web-06' });
    for (const name of ['Add', 'Scan all', 'Scan', 'Plan', 'Make a plan']) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
  });
});
