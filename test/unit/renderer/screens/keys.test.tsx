// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BUILD, KEY_DRAFT, KEY_STATUS } from '../../../e2e/gallery/fixtures/collect.ts';
import { collectSite, emptyCollectSite } from '../../../e2e/gallery/site-answers.ts';
import { cleanup, mountWindow } from '../mount.tsx';

const ENGINEER = 'Ada Whitfield';
const OWN = 'a kettle under the bridge';

afterEach(cleanup);

const type = (label: string, value: string): void => {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
};
const press = (name: string): void => {
  fireEvent.click(screen.getByRole('button', { name }));
};

describe('signing keys', () => {
  test('a ceremony asks each keyholder in turn, never goes on without a good passphrase, and ends at the cards', async () => {
    const { client } = mountWindow(
      {
        ...emptyCollectSite(ENGINEER),
        'collect.holdCeremony': () => ({ operationId: BUILD.id }),
        'operations.wait': () => ({ operation: { ...BUILD, status: 'done' }, result: {} }),
      },
      ({ navigation }) => navigation.getState().go('keys', null, 'ceremony'),
    );
    await screen.findByRole('heading', { name: 'Before you begin' });
    press('Go on');
    for (const [index, name] of ['Ann', 'Bea', 'Cem'].entries()) {
      await screen.findByRole('heading', { name: `Keyholder ${index + 1} of 3` });
      const on = screen.getByRole<HTMLButtonElement>('button', { name: 'Go on' });
      type('Name of the keyholder', name);
      type('Folder of their medium', `/media/${name}`);
      type('Their passphrase', 'too short');
      type('The same again', 'too short');
      expect(on.disabled).toBe(true);
      type('Their passphrase', `the passphrase of ${name}`);
      type('The same again', `the passphrase of ${name}`);
      await waitFor(() => expect(on.disabled).toBe(false));
      press('Go on');
    }
    await screen.findByRole('heading', { name: 'This machine' });
    type('New folder for the signing keys', '/srv/keys');
    type('Passphrase of this machine’s keys', OWN);
    type('The same again', OWN);
    press('Go on');
    await screen.findByText(/^Ann, Bea, Cem: 2 of them together/);
    client.answer({ 'collect.keyStatus': () => KEY_STATUS });
    press('Make the keys');
    expect(await screen.findByRole('article', { name: 'Page for the sites' })).toBeTruthy();
    expect(client.callsOf('collect.holdCeremony')).toEqual([
      {
        folder: '/srv/keys',
        passphrase: OWN,
        holders: ['Ann', 'Bea', 'Cem'].map((name) => ({
          name,
          folder: `/media/${name}`,
          passphrase: `the passphrase of ${name}`,
        })),
        threshold: 2,
        spare: null,
        allowSameDisk: false,
      },
    ]);
  });

  test('the cards print the fingerprint in digits and words, a page for each keyholder', async () => {
    const print = vi.fn();
    vi.stubGlobal('print', print);
    mountWindow(collectSite(ENGINEER), ({ navigation }) => navigation.getState().go('keys', null, 'card'));
    const pages = await screen.findAllByRole('article');
    expect(pages.map((page) => page.getAttribute('aria-label'))).toEqual([
      'Page for the sites',
      'Page for Ada Whitfield',
      'Page for Tom Okafor',
      'Page for Ingrid Vale',
    ]);
    for (const page of pages) {
      expect(page.textContent.replace(/\s/g, '')).toContain(KEY_STATUS.fingerprint);
      expect(page.querySelectorAll('.card-words li')).toHaveLength(24);
    }
    press('Print');
    expect(print).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });

  test('a lost key becomes a draft that says what it means', async () => {
    const { client } = mountWindow(
      { ...collectSite(ENGINEER), 'collect.draftRoot': () => KEY_DRAFT },
      ({ navigation }) => navigation.getState().go('keys', null, 'change'),
    );
    expect(await screen.findByText(/^Nothing but a later expiry/)).toBeTruthy();
    type('How many must sign a change', '4');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Draft root 3' }).disabled).toBe(true);
    type('How many must sign a change', '2');
    fireEvent.click(screen.getByRole('button', { name: /What becomes of Tom Okafor/ }));
    fireEvent.click(await screen.findByRole('option', { name: 'Was lost' }));
    expect(await screen.findByText(/^The key of Tom Okafor counts no more\./)).toBeTruthy();
    press('Draft root 3');
    expect(await screen.findByText('Root 3 waits for 1 more signature')).toBeTruthy();
    expect(client.callsOf('collect.draftRoot')).toEqual([
      {
        addHolders: [],
        removeHolders: [{ name: 'Tom Okafor', why: 'lost' }],
        threshold: 2,
        renew: [],
        passphrase: null,
        allowSameDisk: false,
      },
    ]);
  });

  test('a keyholder signs the draft here, and their passphrase leaves the field at once', async () => {
    const { client } = mountWindow(
      {
        ...collectSite(ENGINEER),
        'collect.keyStatus': () => KEY_DRAFT,
        'collect.signDraft': () => ({ version: 3, holder: 'Tom Okafor', isComplete: true }),
      },
      ({ navigation }) => navigation.getState().go('keys'),
    );
    await screen.findByText('Root 3 waits for 1 more signature');
    type('Folder of the keyholder’s medium', '/media/tom');
    type('Passphrase of the keyholder', OWN);
    client.answer({ 'collect.keyStatus': () => ({ ...KEY_STATUS, version: 3 }) });
    press('Sign as this keyholder');
    await waitFor(() => expect(screen.queryByText('Root 3 waits for 1 more signature')).toBeNull());
    expect(client.callsOf('collect.signDraft')).toEqual([
      { file: null, medium: '/media/tom', passphrase: OWN },
    ]);
    expect(document.querySelector<HTMLInputElement>('input[type=password]')?.value ?? '').toBe('');
  });
});
