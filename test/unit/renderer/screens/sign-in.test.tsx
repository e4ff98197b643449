// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { fail } from '../../../e2e/gallery/fake-client.ts';
import { siteView } from '../../../e2e/gallery/fixtures/site.ts';
import { busySite, noSite } from '../../../e2e/gallery/site-answers.ts';
import { cleanup, mountWindow } from '../mount.tsx';

afterEach(cleanup);

const fill = (label: string, value: string): void =>
  void fireEvent.change(screen.getByLabelText(label), { target: { value } });

describe('the first start', () => {
  test('makes a site from what it asks, and only when both passphrases agree', async () => {
    const { client } = mountWindow({ ...noSite, 'site.create': () => siteView('Ada Whitfield') });
    await screen.findByRole('heading', { name: 'Begin a site' });
    const begin = screen.getByRole<HTMLButtonElement>('button', { name: 'Begin' });
    fill('Name of the site', 'Harbour Street');
    fill('Your name', 'Ada Whitfield');
    fill('Passphrase', 'seven grey herons');
    fill('The same again', 'seven grey heron');
    expect(begin.disabled).toBe(true);
    expect(screen.getByText('The two differ.')).toBeTruthy();
    fill('The same again', 'seven grey herons');
    expect(begin.disabled).toBe(false);
    fireEvent.click(begin);
    await expect.poll(() => client.callsOf('site.create')).toHaveLength(1);
    expect(client.callsOf('site.create')[0]).toEqual({
      name: 'Harbour Street',
      marking: 'OFFICIAL',
      workspace: 'operate',
      person: {
        name: 'Ada Whitfield',
        roles: ['engineer', 'service-manager'],
        passphrase: 'seven grey herons',
      },
    });
  });

  test('marks the page as ready once the first answer is painted', async () => {
    mountWindow(noSite);
    await screen.findByRole('heading', { name: 'Begin a site' });
    expect(document.documentElement.dataset['ready']).toBe('true');
  });
});

describe('signing in', () => {
  test('says what is wrong and forgets what was typed', async () => {
    mountWindow({
      ...busySite(null),
      'session.signIn': () => fail('VAULT_PASSPHRASE_WRONG', 'This is not the passphrase.'),
    });
    const field = await screen.findByLabelText<HTMLInputElement>('Passphrase');
    fireEvent.change(field, { target: { value: 'wrong' } });
    fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByText('VAULT_PASSPHRASE_WRONG')).toBeTruthy();
    expect(field.value).toBe('');
  });

  test('shows the marking before anybody is signed in', async () => {
    mountWindow(busySite(null));
    await screen.findByLabelText('Passphrase');
    expect(screen.getByText('OFFICIAL')).toBeTruthy();
  });
});
