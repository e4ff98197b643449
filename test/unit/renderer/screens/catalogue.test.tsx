// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { fail } from '../../../e2e/gallery/fake-client.ts';
import {
  BUNDLES,
  INSPECTION,
  NO_FACETS,
  ROOT_FINGERPRINT,
  TRUST,
} from '../../../e2e/gallery/fixtures/catalogue.ts';
import { diffOf } from '../../../e2e/gallery/fixtures/risk.ts';
import { IMPORT_RESULT, IMPORTED } from '../../../e2e/gallery/fixtures/imports.ts';
import { busySite, emptySite } from '../../../e2e/gallery/site-answers.ts';
import { cleanup, mountWindow } from '../mount.tsx';

const ENGINEER = 'Ada Whitfield';
const FOLDER = 'Folder of the bundle, on the medium';

afterEach(cleanup);

async function lookAt(folder: string): Promise<void> {
  fireEvent.change(await screen.findByLabelText(FOLDER), { target: { value: folder } });
  fireEvent.click(screen.getByRole('button', { name: 'Look at it' }));
}

describe('an import', () => {
  test('offers nothing but the comparison while no root is trusted', async () => {
    let trusted = false;
    const { client } = mountWindow(
      {
        ...emptySite(ENGINEER),
        'bundles.inspect': () => ({ ...INSPECTION, trusted }),
        'trust.pinRoot': () => {
          trusted = true;
          return TRUST;
        },
      },
      ({ navigation }) => navigation.getState().go('catalogue', null, 'import'),
    );
    await lookAt('/media/usb/bundle');
    const field = await screen.findByLabelText('Fingerprint from the other way');
    expect(screen.queryByRole('button', { name: 'Check and import' })).toBeNull();
    const trust = screen.getByRole<HTMLButtonElement>('button', { name: 'Trust this root' });
    fireEvent.change(field, {
      target: { value: ROOT_FINGERPRINT.replace(/.$/, (last) => (last === '0' ? '1' : '0')) },
    });
    expect(trust.disabled).toBe(true);
    fireEvent.change(field, { target: { value: ROOT_FINGERPRINT.toUpperCase().replace(/(.{8})/g, '$1 ') } });
    fireEvent.click(trust);
    expect(await screen.findByRole('button', { name: 'Check and import' })).toBeTruthy();
    expect(client.callsOf('trust.pinRoot')).toEqual([
      { folder: '/media/usb/bundle', fingerprint: ROOT_FINGERPRINT },
    ]);
  });

  test('that is refused names the file and says that the catalogue is unchanged', async () => {
    mountWindow(
      {
        ...busySite(ENGINEER),
        'bundles.inspect': () => fail('BUNDLE_HASH_MISMATCH', 'objects/9f/9f3c has other bytes.'),
      },
      ({ navigation }) => navigation.getState().go('catalogue', null, 'import'),
    );
    await lookAt('/media/usb/bundle');
    expect(await screen.findByText('BUNDLE_HASH_MISMATCH')).toBeTruthy();
    expect(screen.getByText('objects/9f/9f3c has other bytes.')).toBeTruthy();
    expect(screen.getByText(/The catalogue is unchanged/)).toBeTruthy();
  });

  test('of a bundle that is in already has nothing to do', async () => {
    mountWindow(
      { ...busySite(ENGINEER), 'bundles.inspect': () => ({ ...INSPECTION, alreadyImported: true }) },
      ({ navigation }) => navigation.getState().go('catalogue', null, 'import'),
    );
    await lookAt('/media/usb/bundle');
    expect(await screen.findByText('Already in the catalogue')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Check and import' })).toBeNull();
  });

  test('that is through shows its custody, what was looked for, and what it brings beside the one before', async () => {
    const imported = { ...INSPECTION.bundle, importedBy: ENGINEER, importedAt: INSPECTION.bundle.createdAt };
    mountWindow(
      {
        ...busySite(ENGINEER),
        'bundles.list': () => [imported, ...BUNDLES],
        'bundles.diff': ({ from, to }) => {
          const diff = diffOf(from, to);
          const words = ['low', 'not stated', 'critical', 'high'];
          return {
            ...diff,
            advisories: diff.advisories.map((each, index) => ({
              ...each,
              id: String(index),
              severity: words[index] ?? 'low',
            })),
          };
        },
        'operations.wait': () => ({ operation: IMPORTED, result: { ...IMPORT_RESULT } }),
      },
      ({ navigation }) => navigation.getState().go('catalogue', null, 'import'),
    );
    await lookAt('/media/usb/bundle');
    fireEvent.click(await screen.findByRole('button', { name: 'Check and import' }));
    const before = BUNDLES.filter(({ stream }) => stream === imported.stream)[0];
    expect(await screen.findByText(`Beside ${before?.stream} ${before?.seq}`)).toBeTruthy();
    expect(await screen.findByText('New advisory')).toBeTruthy();
    expect(screen.getByText('Custody')).toBeTruthy();
    const cells = [...document.querySelectorAll('.wizard-main tbody tr td:nth-child(2)')];
    expect(cells.map((cell) => cell.textContent)).toEqual(['Critical', 'High', 'Low', 'Not stated']);
  });
});

describe('the patches', () => {
  test('are narrowed to one kind of package where the site has several', async () => {
    const { client } = mountWindow(
      {
        ...busySite(ENGINEER),
        'catalogue.facets': () => ({ ...NO_FACETS, total: 5, ecosystems: { deb: 3, rpm: 2 } }),
      },
      ({ navigation }) => navigation.getState().go('catalogue', null, 'patches'),
    );
    fireEvent.click(await screen.findByRole('button', { name: /^RPM/ }));
    expect(client.callsOf('catalogue.search').at(-1)).toMatchObject({ ecosystems: ['rpm'] });
    expect(screen.queryByRole('button', { name: /^Windows/ })).toBeNull();
  });

  test('offer no kinds to choose between where there is one', async () => {
    mountWindow(busySite(ENGINEER), ({ navigation }) =>
      navigation.getState().go('catalogue', null, 'patches'),
    );
    await screen.findByRole('button', { name: /^Security/ });
    expect(screen.queryByRole('button', { name: /^Debian/ })).toBeNull();
  });
});
