import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DemoEndpoint, DemoLab } from '../lab/demo/demo-lab.ts';
import { openSimulatedLab } from '../lab/demo/simulated-demo-lab.ts';
import { findViolations, launchWindow, type OpenWindow } from './window.ts';

const ENGINEER = { name: 'Ada Whitfield', passphrase: 'seven grey herons at dusk' };
const APPROVER = { name: 'Grace Lindqvist', passphrase: 'a kettle under the bridge' };
const PATIENCE_MS = 120_000;

/** The job of the month from the first start to the last outcome, by hand, on simulated endpoints and the true engine. */
describe('the main job in the window', () => {
  let lab: DemoLab;
  let window: OpenWindow;
  let page: Page;
  let folder: string;
  let fingerprint: string;
  let before: ReadonlyMap<string, ReadonlyMap<string, string>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-main-job-'));
    lab = await openSimulatedLab(folder, () => undefined);
    await lab.arm();
    before = new Map(Object.values(lab.cast).map((name) => [name, lab.readPackages(name)]));
    window = await launchWindow({ size: { width: 1_280, height: 800 } });
    page = window.page;
    page.setDefaultTimeout(PATIENCE_MS);
  });
  afterAll(async () => {
    await window.close();
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const fill = (label: string, value: string) => page.getByLabel(label, { exact: true }).fill(value);
  const go = (screen: string) =>
    page
      .getByRole('navigation', { name: 'Screens' })
      .getByRole('button', { name: new RegExp(`^${screen}`) })
      .click();
  const openTab = (name: RegExp) => page.getByRole('tab', { name }).click();
  const choose = async (label: string, option: string): Promise<void> => {
    await page.getByRole('button', { name: new RegExp(`${label}$`) }).click();
    await page.getByRole('option', { name: option }).click();
  };
  const signIn = async (person: typeof ENGINEER): Promise<void> => {
    await press('Lock');
    await choose('Who', person.name);
    await fill('Passphrase', person.passphrase);
    await press('Sign in');
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  };
  const pin = async (name: string, hostKey: string): Promise<void> => {
    await press(`Read the key of ${name}`);
    await fill('Fingerprint read at the console', hostKey);
    await press('Pin this key');
    await page.getByText('Pinned. A machine that shows another key gets no credential.').waitFor();
  };
  const addEndpoint = async (endpoint: DemoEndpoint): Promise<void> => {
    await go('Endpoints');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await fill('Name', endpoint.name);
    await fill('Group', endpoint.group);
    await fill('Address', endpoint.address);
    await fill('Port', String(endpoint.port));
    await fill('User', endpoint.user);
    if (endpoint.login.kind === 'password') {
      await page.getByText('A password', { exact: true }).click();
      await fill('Password', endpoint.login.password);
    } else {
      await fill('Private key', endpoint.login.privateKey);
    }
    if (endpoint.sudoPassword !== null) {
      await page.getByText('sudo with a password').click();
      await fill('Password for sudo', endpoint.sudoPassword);
    }
    await choose('Hypervisor', 'lab-host');
    await fill('Name of its disk there', endpoint.vm);
    await fill('Health check', endpoint.healthCheck.slice(endpoint.healthCheck.indexOf('=') + 1));
    await press('Add it and compare its key');
    await pin(endpoint.name, endpoint.hostKey);
  };

  test('a site is begun, and it asks three things', async () => {
    await fill('Name of the site', 'Harbour Street');
    await fill('Your name', ENGINEER.name);
    await fill('Passphrase', ENGINEER.passphrase);
    await fill('The same again', ENGINEER.passphrase);
    await press('Begin');
    await page.getByRole('heading', { name: 'Today' }).waitFor();
    expect(await page.locator('.band-marking').textContent()).toBe('OFFICIAL');
  });

  test('another person and a hypervisor are added', async () => {
    await go('Settings');
    await openTab(/^People/);
    await press('Add a person');
    await fill('Name', APPROVER.name);
    await fill('Passphrase', APPROVER.passphrase);
    await fill('The same again', APPROVER.passphrase);
    await press('Add');
    await page.getByRole('cell', { name: APPROVER.name, exact: true }).waitFor();
    await openTab(/^Hypervisors/);
    await press('Add a hypervisor');
    const { host } = lab;
    await fill('Name', 'lab-host');
    await fill('Address', host.address);
    await fill('Port', String(host.port));
    await fill('User', host.user);
    await fill('Private key', host.privateKey);
    await page.getByText('It is root').click();
    await fill('Folder of the disks', host.disksRoot);
    await fill('Folder of the snapshots', host.snapshotsRoot);
    await fill('Command that switches a machine on and off', host.powerCommand);
    await press('Add');
    await pin('lab-host', host.hostKey);
  });

  test('endpoints are added and their keys compared, then scanned', async () => {
    for (const endpoint of lab.endpoints) await addEndpoint(endpoint);
    await press('Scan all');
    await expect
      .poll(
        () =>
          page
            .getByRole('grid', { name: 'Endpoints' })
            .getByText(/^Today, /)
            .count(),
        { timeout: PATIENCE_MS },
      )
      .toBe(lab.endpoints.length);
  });

  test('the needs-list goes out, and a bundle comes in through the chain of trust', async () => {
    await go('Catalogue');
    await press('Export needs-list');
    const file = join(folder, 'needs-list.json');
    await fill('File to write', file);
    await press('Export');
    await page.getByText('Written', { exact: true }).waitFor();
    await press('Close');
    const media = join(folder, 'media');
    ({ fingerprint } = await lab.collect(file, media, () => undefined));
    await press('Import a bundle');
    await fill('Folder of the bundle, on the medium', media);
    await press('Look at it');
    await fill('Fingerprint from the other way', fingerprint);
    await press('Trust this root');
    await press('Check and import');
    await page.getByText('Imported', { exact: true }).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await press('Look at the bundle');
    await page.getByRole('heading', { name: /^Bundle / }).waitFor();
  });

  test('a plan is made and asked for; whoever asked cannot approve it', async () => {
    await go('Endpoints');
    await press('Make a plan');
    await press('Make the plan');
    await press('Ask for approval');
    await page.getByRole('region', { name: 'Decision' }).getByRole('button', { name: 'Withdraw' }).waitFor();
    expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
  });

  test('somebody else approves it with a key', async () => {
    await signIn(APPROVER);
    await go('Approvals');
    await page.getByRole('button', { name: /^Approve/ }).waitFor();
    await page.keyboard.press('a');
    await page.getByText('Approved. An engineer can start it.').waitFor();
  });

  test('the run ends in three ways, and says so', async () => {
    await signIn(ENGINEER);
    await go('Approvals');
    await press('Start the run');
    const grid = page.getByRole('grid', { name: /^Endpoints of this run/ });
    const rowOf = (name: string) => grid.getByRole('row').filter({ hasText: name });
    for (const [name, word] of [
      [lab.cast.succeeded, 'Succeeded'],
      [lab.cast.restored, 'Restored'],
      [lab.cast.refused, 'Refused'],
    ] as const) {
      await rowOf(name).getByText(word, { exact: true }).waitFor();
    }
    // The disks say the same as the window.
    expect(lab.readPackages(lab.cast.restored)).toEqual(before.get(lab.cast.restored));
    expect(lab.readPackages(lab.cast.refused)).toEqual(before.get(lab.cast.refused));
    expect(lab.readPackages(lab.cast.succeeded)).not.toEqual(before.get(lab.cast.succeeded));
    await rowOf(lab.cast.restored).click();
    await page.getByText('PATCHING_HEALTH_CHECK_FAILED').waitFor();
    await rowOf(lab.cast.succeeded).click();
    await openTab(/^Changes/);
    expect(await page.getByRole('region', { name: 'Changes' }).getByRole('row').count()).toBeGreaterThan(1);
    await openTab(/^Journal/);
    await page.getByRole('list', { name: 'Journal' }).getByRole('listitem').first().waitFor();
    await window.screenshot('main-job-run');
  });

  test('the way back and the incident are there', async () => {
    await go('Incidents');
    await page.getByRole('option', { name: new RegExp(lab.cast.restored) }).waitFor();
    await go('Restore');
    await page.getByRole('grid', { name: 'Restore points' }).getByText(lab.cast.succeeded).click();
    await press(`Restore ${lab.cast.succeeded}`);
    await page.getByText('The run after this snapshot succeeded. I want to go back all the same.').click();
    await fill('Name of the endpoint', lab.cast.succeeded);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Restore' }).click();
    await page.getByText(/^Restored today/i).waitFor();
    await go('Settings');
    await openTab(/^Audit/);
    await press('Check the chain');
    await page.getByText(/^Whole: /).waitFor();
  });

  test('axe has no objection to any screen with what the job left on it', async () => {
    for (const screen of [
      'Today',
      'Endpoints',
      'Catalogue',
      'Approvals',
      'Runs',
      'Restore',
      'Incidents',
      'Settings',
    ]) {
      await go(screen);
      await page.getByRole('heading', { level: 1, name: screen }).waitFor();
      expect([screen, await findViolations(page)]).toEqual([screen, []]);
    }
  });

  test('the page never complained', () => {
    expect([...new Set(window.complaints)]).toEqual([]);
  });
});
