import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DemoLab } from '../lab/demo/demo-lab.ts';
import { openSimulatedLab } from '../lab/demo/simulated-demo-lab.ts';
import { Hands } from './hands.ts';
import {
  addEndpoint,
  addHypervisor,
  addPerson,
  askForApproval,
  beginSite,
  bringBundleIn,
  scanAll,
} from './site-by-hand.ts';
import { findViolations, launchWindow, type OpenWindow } from './window.ts';

const ENGINEER = { name: 'Ada Whitfield', passphrase: 'seven grey herons at dusk' };
const APPROVER = { name: 'Grace Lindqvist', passphrase: 'a kettle under the bridge' };

/** The job of the month from the first start to the last outcome, by hand, on simulated endpoints and the true engine. */
describe('the main job in the window', () => {
  let lab: DemoLab;
  let window: OpenWindow;
  let page: Page;
  let hands: Hands;
  let folder: string;
  let before: ReadonlyMap<string, ReadonlyMap<string, string>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-main-job-'));
    lab = await openSimulatedLab(folder, () => undefined);
    await lab.arm();
    before = new Map(Object.values(lab.cast).map((name) => [name, lab.readPackages(name)]));
    window = await launchWindow({ size: { width: 1_280, height: 800 } });
    page = window.page;
    hands = new Hands(page);
  });
  afterAll(async () => {
    await window.close();
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a site is begun, and it asks three things', async () => {
    await beginSite(hands, 'Harbour Street', ENGINEER);
    expect(await page.locator('.band-marking').textContent()).toBe('OFFICIAL');
  });

  test('another person and a hypervisor are added', async () => {
    await addPerson(hands, ENGINEER, APPROVER);
    await addHypervisor(hands, lab.host);
  });

  test('endpoints are added and their keys compared, then scanned', async () => {
    for (const endpoint of lab.endpoints) await addEndpoint(hands, endpoint);
    await scanAll(hands, lab.endpoints.length);
  });

  test('the needs-list goes out, and a bundle comes in through the chain of trust', async () => {
    await bringBundleIn(hands, lab, folder);
    expect(await findViolations(page)).toEqual([]);
    await hands.press('Look at the bundle');
    await page.getByRole('heading', { name: /^Bundle / }).waitFor();
  });

  test('a plan is made and asked for; whoever asked cannot approve it', async () => {
    await askForApproval(hands);
    expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
  });

  test('somebody else approves it with a key', async () => {
    await hands.signIn(APPROVER);
    await hands.go('Approvals');
    await page.getByRole('button', { name: /^Approve/ }).waitFor();
    await page.keyboard.press('a');
    await page.getByText('Approved. An engineer can start it.').waitFor();
  });

  test('the run ends in three ways, and says so', async () => {
    await hands.signIn(ENGINEER);
    await hands.go('Approvals');
    await hands.press('Start the run');
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
    await hands.openTab(/^Changes/);
    expect(await page.getByRole('region', { name: 'Changes' }).getByRole('row').count()).toBeGreaterThan(1);
    await hands.openTab(/^Journal/);
    await page.getByRole('list', { name: 'Journal' }).getByRole('listitem').first().waitFor();
    await window.screenshot('main-job-run');
  });

  test('the way back and the incident are there', async () => {
    await hands.go('Incidents');
    await page.getByRole('option', { name: new RegExp(lab.cast.restored) }).waitFor();
    await hands.go('Restore');
    await page.getByRole('grid', { name: 'Restore points' }).getByText(lab.cast.succeeded).click();
    await hands.press(`Restore ${lab.cast.succeeded}`);
    await page.getByText('The run after this snapshot succeeded. I want to go back all the same.').click();
    await hands.fill('Name of the endpoint', lab.cast.succeeded);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Restore' }).click();
    await page.getByText(/^Restored today/i).waitFor();
    await hands.go('Settings');
    await hands.openTab(/^Audit/);
    await hands.press('Check the chain');
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
      await hands.go(screen);
      await page.getByRole('heading', { level: 1, name: screen }).waitFor();
      expect([screen, await findViolations(page)]).toEqual([screen, []]);
    }
  });

  test('the page never complained', () => {
    expect([...new Set(window.complaints)]).toEqual([]);
  });
});
