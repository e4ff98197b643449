// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { fail } from '../../../e2e/gallery/fake-client.ts';
import { MEDIA } from '../../../e2e/gallery/fixtures/imports.ts';
import { BUILD, BUILT, COLLECT, NEEDS } from '../../../e2e/gallery/fixtures/collect.ts';
import { collectSite, emptyCollectSite } from '../../../e2e/gallery/site-answers.ts';
import { cleanup, mountWindow } from '../mount.tsx';

const ENGINEER = 'Ada Whitfield';
const PASSPHRASE = 'a kettle under the bridge';

afterEach(cleanup);

const type = (label: string, value: string): void => {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
};

describe('the Collect workspace', () => {
  test('has its own rail, opens at the bundles, and asks the engine for nothing of Operate', async () => {
    const { client } = mountWindow(collectSite(ENGINEER));
    expect(await screen.findByRole('heading', { level: 1, name: /^Bundles/ })).toBeTruthy();
    const rail = screen.getByRole('navigation', { name: 'Screens' });
    expect(
      [...rail.querySelectorAll('.rail-button > span:first-of-type')].map((item) => item.textContent),
    ).toEqual(['Sources', 'Needs-lists', 'Bundles', 'Media', 'Signing keys', 'Settings', 'Keys']);
    const asked = client.calls
      .map(({ name }) => name)
      .filter((name) => /^(endpoints|plans|runs|bundles)\./.test(name));
    expect(asked).toEqual([]);
  });

  test('teaches what comes before the first bundle', async () => {
    mountWindow(emptyCollectSite(ENGINEER));
    const build = await screen.findByRole<HTMLButtonElement>('button', { name: 'Build a bundle' });
    expect(build.disabled).toBe(true);
    fireEvent.click(screen.getByRole('button', { name: 'Make or choose the keys' }));
    expect(await screen.findByRole('heading', { level: 1, name: 'Sources' })).toBeTruthy();
  });

  test('makes keys only with a long passphrase that was typed twice', async () => {
    const { client } = mountWindow(
      {
        ...emptyCollectSite(ENGINEER),
        'collect.createKeys': () => fail('COLLECT_KEY_INVALID', 'There are keys.'),
      },
      ({ navigation }) => navigation.getState().go('sources'),
    );
    await screen.findByLabelText('New folder for the keys');
    const make = screen.getByRole<HTMLButtonElement>('button', { name: 'Make the keys' });
    type('New folder for the keys', '/srv/keys');
    type('Passphrase of the keys', 'short');
    type('The same again', 'short');
    expect(make.disabled).toBe(true);
    type('Passphrase of the keys', PASSPHRASE);
    expect(make.disabled).toBe(true);
    type('The same again', PASSPHRASE);
    fireEvent.click(make);
    expect(await screen.findByText('COLLECT_KEY_INVALID')).toBeTruthy();
    expect(client.callsOf('collect.createKeys')).toEqual([{ folder: '/srv/keys', passphrase: PASSPHRASE }]);
  });

  test('keeps every kind of source, also of the tabs that are not in sight', async () => {
    const { client, application } = mountWindow(
      { ...collectSite(ENGINEER), 'collect.setSources': () => COLLECT },
      ({ navigation }) => navigation.getState().go('sources'),
    );
    const save = await screen.findByRole<HTMLButtonElement>('button', { name: 'Save the sources' });
    expect(save.disabled).toBe(true);
    type('RPM repositories taken unsigned', 'extras, our-own');
    application.navigation.getState().openSection('sources', 'fetching');
    await screen.findByLabelText('Proxy');
    type('Proxy', 'proxy.example:3128');
    expect(save.disabled).toBe(true);
    type('Proxy', 'http://proxy.example:8080');
    application.navigation.getState().openSection('sources', 'advisories');
    await screen.findByLabelText('FIRST’s scores (EPSS)');
    type('FIRST’s scores (EPSS)', '/srv/epss.csv.gz');
    fireEvent.click(screen.getByRole('button', { name: 'Remove advisories 1' }));
    await waitFor(() => expect(save.disabled).toBe(false));
    fireEvent.click(save);
    await waitFor(() => expect(client.callsOf('collect.setSources')).toHaveLength(1));
    expect(client.callsOf('collect.setSources')).toEqual([
      {
        ...COLLECT.sources,
        unsignedRoots: ['extras', 'our-own'],
        advisories: COLLECT.sources.advisories.slice(1),
        epss: '/srv/epss.csv.gz',
        proxy: 'http://proxy.example:8080',
      },
    ]);
  });

  test('takes back a bundle that never arrived only when its name is typed', async () => {
    const { client } = mountWindow(
      { ...collectSite(ENGINEER), 'collect.takeBack': () => ({ takenBack: ['main/6', 'main/7'] }) },
      ({ navigation }) => navigation.getState().go('bundles', null, 'sites'),
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Take back main 6' }));
    expect(await screen.findByText(/with 1 bundle that builds on it/)).toBeTruthy();
    const confirm = screen.getByRole<HTMLButtonElement>('button', { name: 'Take it back' });
    expect(confirm.disabled).toBe(true);
    type('Name of the bundle', 'main 6');
    await waitFor(() => expect(confirm.disabled).toBe(false));
    fireEvent.click(confirm);
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(client.callsOf('collect.takeBack')).toEqual([{ site: 'cold-store', stream: 'main', seq: 6 }]);
  });

  test('writes the chosen medium of a bundle to the chosen stick, and to none that is read only', async () => {
    const { client } = mountWindow(
      {
        ...collectSite(ENGINEER),
        'collect.writeToMedium': () => ({ operationId: BUILD.id }),
        'operations.wait': () => ({ operation: BUILD, result: { files: 214, bytes: 285_000_000 } }),
      },
      ({ navigation }) => navigation.getState().go('media'),
    );
    const full = await screen.findByRole<HTMLButtonElement>('button', {
      name: 'Write a bundle to TRANSFER-07',
    });
    expect(full.disabled).toBe(true);
    expect(screen.getByText('1.8 GB of 8.0 GB free')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Write a bundle to /media/usb1' }));
    fireEvent.click(await screen.findByRole('button', { name: /harbour 42/ }));
    fireEvent.click(await screen.findByRole('option', { name: /harbour 41, medium 2 of 2/ }));
    fireEvent.click(screen.getByRole('button', { name: 'Write it' }));
    expect(await screen.findByText('Written: 214 files, 285 MB')).toBeTruthy();
    expect(client.callsOf('collect.writeToMedium')).toEqual([
      { manifestSha256: BUILT[1]?.manifestSha256, volume: 2, folder: '/media/usb1/harbour-41' },
    ]);
  });

  test('does not begin to write what a stick has no room for, and says how much it has', async () => {
    const [, stick] = MEDIA;
    if (stick === undefined) throw new Error('the second stick is missing');
    mountWindow(
      { ...collectSite(ENGINEER), 'media.list': () => [{ ...stick, free: 180_000_000 }] },
      ({ navigation }) => navigation.getState().go('media'),
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Write a bundle to /media/usb1' }));
    expect(await screen.findByText('It has 180 MB free, and 285 MB are needed')).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Write it' }).disabled).toBe(true);
  });

  test('says of which repository no mirror is known before anybody builds', async () => {
    mountWindow(collectSite(ENGINEER), ({ navigation }) =>
      navigation.getState().go('needs', NEEDS[1]?.id ?? null),
    );
    expect(await screen.findByText('No mirror is known for debian-security bookworm-security')).toBeTruthy();
  });

  test('builds for the chosen lists, follows the steps and ends with the fingerprint', async () => {
    const { client } = mountWindow(
      {
        ...collectSite(ENGINEER),
        'operations.wait': () => ({ operation: { ...BUILD, status: 'done' }, result: { ...BUILT[0] } }),
      },
      ({ navigation }) => navigation.getState().go('bundles', null, 'build'),
    );
    const build = await screen.findByRole<HTMLButtonElement>('button', { name: 'Build it' });
    type('Folder to write to', '/media/usb/bundle');
    type('Passphrase of the signing keys', PASSPHRASE);
    expect(build.disabled).toBe(true);
    fireEvent.click(screen.getByLabelText(/^harbour-street/));
    await waitFor(() => expect(build.disabled).toBe(false));
    type('Size of each medium', 'a large one');
    await waitFor(() => expect(build.disabled).toBe(true));
    type('Size of each medium', '32 GB');
    await waitFor(() => expect(build.disabled).toBe(false));
    fireEvent.click(build);
    expect(await screen.findByText(/^Bundle harbour 42 lies in/)).toBeTruthy();
    expect(screen.getByRole('group', { name: 'Fingerprint of the root' }).textContent).toContain(
      BUILT[0]?.fingerprint.slice(0, 8),
    );
    expect(screen.getByText(/21% of the 1.3 GB that a full bundle would have/)).toBeTruthy();
    expect(client.callsOf('collect.build')).toEqual([
      {
        needs: [NEEDS[0]?.id],
        folder: '/media/usb/bundle',
        passphrase: PASSPHRASE,
        full: false,
        site: null,
        stream: null,
        volumeBytes: 32_000_000_000,
        partBytes: null,
      },
    ]);
  });

  test('shows a failed build with its code and lets it be tried again', async () => {
    const { application } = mountWindow(
      {
        ...collectSite(ENGINEER),
        'operations.wait': () => fail('COLLECT_KEY_PASSPHRASE_WRONG', 'It does not open the signing key.'),
      },
      ({ navigation }) => navigation.getState().go('bundles', null, 'build'),
    );
    await screen.findByRole('button', { name: 'Build it' });
    application.collect.getState().choose(NEEDS[0]?.id ?? '', true);
    application.operations.setState({ operations: new Map([[BUILD.id, BUILD]]) });
    type('Folder to write to', '/media/usb/bundle');
    type('Passphrase of the signing keys', 'wrong');
    fireEvent.click(screen.getByRole('button', { name: 'Build it' }));
    expect(await screen.findByText('COLLECT_KEY_PASSPHRASE_WRONG')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('button', { name: 'Build it' })).toBeTruthy();
  });
});
