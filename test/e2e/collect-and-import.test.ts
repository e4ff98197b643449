import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAptRepository, needsListFor, whyNoAptRepository } from '../support/apt-repository.ts';
import type { AptRepository } from '../support/apt-repository.ts';
import { skipNote } from '../support/debian-tools.ts';
import { findViolations, launchWindow, type OpenWindow } from './window.ts';

const ADA = { name: 'Ada Whitfield', passphrase: 'seven grey herons at dusk' };
const KEYS_PASSPHRASE = 'a kettle under the bridge';
const PATIENCE_MS = 60_000;
const reason = whyNoAptRepository();

/** A bundle's way by hand: collected from a vendor's repository in one window, imported in another, on true engines. */
describe.skipIf(reason !== null)(`a bundle by hand${skipNote(reason)}`, () => {
  let folder: string;
  let repository: AptRepository;
  let window: OpenWindow;
  let page: Page;
  let fingerprint: string;
  const complaints: string[] = [];

  const open = async (): Promise<void> => {
    window = await launchWindow({ size: { width: 1_100, height: 700 } });
    page = window.page;
    page.setDefaultTimeout(PATIENCE_MS);
  };
  const close = async (): Promise<void> => {
    complaints.push(...window.complaints);
    await window.close();
  };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sp-by-hand-'));
    repository = makeAptRepository(join(folder, 'vendor'));
    writeFileSync(join(folder, 'harbour-street.json'), needsListFor(repository));
    await open();
  });
  afterAll(async () => {
    await window.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const fill = (label: string, value: string) => page.getByLabel(label, { exact: true }).fill(value);
  const go = (screen: string) =>
    page
      .getByRole('navigation', { name: 'Screens' })
      .getByRole('button', { name: new RegExp(`^${screen}`) })
      .click();
  const begin = async (site: string, workspace: RegExp): Promise<void> => {
    await page.getByText(workspace).click();
    await fill('Name of the site', site);
    await fill('Your name', ADA.name);
    await fill('Passphrase', ADA.passphrase);
    await fill('The same again', ADA.passphrase);
    await press('Begin');
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  };

  test('a site that collects is begun, and its keys are made in a ceremony, by keyboard alone', async () => {
    await begin('Depot', /^Collect: build bundles/);
    await go('Signing keys');
    await press('Hold a key ceremony');
    await page.getByRole('button', { name: /^3 Keyholders/ }).click();
    await page.getByRole('option', { name: '1', exact: true }).click();
    await page.getByRole('button', { name: 'Go on' }).focus();
    await page.keyboard.press('Enter');
    // One is enough here: each key takes a second, and the ceremony of three is tried where keys are cheap.
    mkdirSync(join(folder, 'ada'));
    await page.locator('input[type=text]:focus').waitFor();
    for (const [text, fields] of [
      [ADA.name, 1],
      [join(folder, 'ada'), 2],
      [ADA.passphrase, 1],
      [ADA.passphrase, 0],
    ] as const) {
      await page.keyboard.type(text);
      for (let field = 0; field < fields; field += 1) await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await fill('New folder for the signing keys', join(folder, 'keys'));
    await fill('Passphrase of this machine’s keys', KEYS_PASSPHRASE);
    await fill('The same again', KEYS_PASSPHRASE);
    await page.getByText('This is a laboratory: keys may lie on one disk').click();
    await press('Go on');
    await press('Make the keys');
    await page.getByRole('article', { name: `Page for ${ADA.name}` }).waitFor();
    const pdf = join(folder, 'cards.pdf');
    await window.app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, pdf);
    await press('Save as PDF');
    await expect
      .poll(() => (existsSync(pdf) ? readFileSync(pdf).subarray(0, 5).toString() : ''))
      .toBe('%PDF-');
    await press('Back to the keys');
    const digest = page.getByRole('group', { name: 'Fingerprint of the root' }).locator('code');
    fingerprint = ((await digest.textContent()) ?? '').replace(/\s+/g, '');
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a mirror and a needs-list are given', async () => {
    await go('Sources');
    await press('Add a mirror');
    await fill('Repository 1', repository.root);
    await fill('Address 1', repository.address);
    await fill('Vendor’s keys', repository.keyring);
    await press('Save the sources');
    await go('Needs-lists');
    await page.getByRole('button', { name: 'Open a needs-list' }).first().click();
    await fill('File of the needs-list', join(folder, 'harbour-street.json'));
    await press('Open');
    await page.getByText(repository.address).waitFor();
  });

  test('a bundle is built, and the window says how large it is', async () => {
    await press('Build a bundle');
    await fill('Folder to write to', join(folder, 'media'));
    await fill('Passphrase of the signing keys', KEYS_PASSPHRASE);
    await press('Build it');
    await page.getByText(/^Bundle main 1 lies in/).waitFor();
    const steps = page.getByRole('list', { name: 'Steps of the build' }).getByRole('listitem');
    expect(await steps.filter({ hasText: ', passed' }).count()).toBe(4);
    await page.getByText('3 upgrades, 0 additions').waitFor();
    expect(await findViolations(page)).toEqual([]);
    await window.screenshot('by-hand-built');
    await press('Go to the bundles');
    await page.getByRole('heading', { name: 'Bundle main 1' }).waitFor();
    await close();
  });

  test('another site compares the root, checks each link and takes it in', async () => {
    await open();
    await begin('Harbour Street', /^Operate: look after endpoints/);
    await go('Catalogue');
    await press('Import a bundle');
    await fill('Folder of the bundle, on the medium', join(folder, 'media'));
    await press('Look at it');
    await fill('Fingerprint from the other way', fingerprint);
    await press('Trust this root');
    await fill('Who brought it', 'Tom Okafor');
    await fill('Serial or label of the medium', 'TRANSFER-07');
    await press('Check and import');
    await page.getByText('Imported', { exact: true }).waitFor();
    const links = page.getByRole('list', { name: 'Steps of the import' }).getByRole('listitem');
    const marks = await links.locator('.unseen').allTextContents();
    // Whether this machine has a scanner is its own affair; nobody pinned this vendor's key; all else must have passed.
    expect(marks.filter((_, index) => index !== 4)).toEqual([
      ...Array.from({ length: 4 }, () => ', passed'),
      ', not done',
      ', passed',
    ]);
    expect(await findViolations(page)).toEqual([]);
    await window.screenshot('by-hand-imported');
    await press('Look at the bundle');
    await page.getByText(/^Brought by Tom Okafor, .*TRANSFER-07/).waitFor();
  });

  test('a bundle that somebody changed is refused at its link, with a code', async () => {
    writeFileSync(join(folder, 'media', 'metadata', 'targets.json'), '{"signed":{},"signatures":[]}');
    await press('Import a bundle');
    await fill('Folder of the bundle, on the medium', join(folder, 'media'));
    await press('Look at it');
    await page.getByText(/^This bundle may not come in/).waitFor();
    const failed = page.getByRole('list', { name: 'Steps of the import' }).getByText(', failed');
    expect(await failed.count()).toBe(1);
    await page.getByText(/^BUNDLE_/).waitFor();
  });

  test('neither page complained', () => {
    expect([...new Set([...complaints, ...window.complaints])]).toEqual([]);
  });
});
