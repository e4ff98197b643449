import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embeddedFaults } from '../lab/embedded/faults.ts';
import { PERSONS } from '../lab/embedded/persons.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { findViolations, launchWindow, type OpenWindow } from './window.ts';

/**
 * The main job in the true window with its true engine process, on simulated endpoints: plan, ask, decide as another
 * person, run, look. Everything is done by what a person sees: names of buttons and fields.
 */
describe('the main job in the window', () => {
  let site: SimulatedSite;
  let window: OpenWindow;
  let page: Page;

  beforeAll(async () => {
    site = await SimulatedSite.prepare({ endpoints: 3 });
    const dataDir = site.copy();
    const faults = embeddedFaults(site.lab);
    await faults.failHealthCheck('db-1', 'openssl');
    await faults.breakSnapshots('app-1');
    window = await launchWindow({ dataDir, size: { width: 1280, height: 800 } });
    page = window.page;
    page.setDefaultTimeout(60_000);
  });
  afterAll(async () => {
    await window.close();
    await site.close();
  });

  const goTo = (screen: string): Promise<void> =>
    page
      .getByRole('navigation', { name: 'Screens' })
      .getByRole('button', { name: new RegExp(`^${screen}`) })
      .click();

  const signIn = async ({ name, passphrase }: { name: string; passphrase: string }): Promise<void> => {
    const who = page.getByRole('button', { name: /Who/ });
    await who.waitFor();
    if (!(await who.innerText()).includes(name)) {
      await who.click();
      await page.getByRole('option', { name: new RegExp(`^${name}`) }).click();
    }
    await page.getByLabel('Passphrase').fill(passphrase);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  };

  const lock = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Lock' }).click();
    await page.getByLabel('Passphrase').waitFor();
  };

  test('a wrong passphrase lets nobody in, and says so', async () => {
    await page.getByLabel('Passphrase').fill('this is not the passphrase');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('VAULT_PASSPHRASE_WRONG').waitFor();
  });

  test('the engineer makes a plan of every finding and asks for its approval', async () => {
    await signIn(PERSONS.engineer);
    await page.getByText('Simulated endpoints').waitFor();
    await goTo('Endpoints');
    await page.getByRole('button', { name: 'Make a plan' }).click();
    await page.getByRole('button', { name: 'Make the plan' }).click();
    await page.getByText('Plan, not asked for yet').waitFor();
    await page.getByRole('region', { name: 'Decision' }).getByRole('button').click();
    // The engineer is told why the decision is not theirs.
    await page
      .getByRole('region', { name: 'Decision' })
      .getByText(/approver|another person/)
      .waitFor();
    await window.screenshot('job-asked');
    await lock();
  });

  test('another person approves it with one key', async () => {
    await signIn(PERSONS.approver);
    await goTo('Approvals');
    await page.getByRole('option').first().click();
    await page.getByRole('button', { name: /^Approve/ }).waitFor();
    await window.screenshot('job-to-decide');
    await page.keyboard.press('a');
    await page.getByText('Approved. An engineer can start it.').waitFor();
    await lock();
  });

  test('the run ends in three ways, each in its own word', async () => {
    await signIn(PERSONS.engineer);
    await goTo('Approvals');
    await page.getByRole('option').first().click();
    await page.getByRole('button', { name: 'Start the run' }).click();
    for (const outcome of ['Succeeded', 'Restored', 'Refused']) {
      await page.getByText(outcome, { exact: true }).first().waitFor({ timeout: 120_000 });
    }
    await window.screenshot('job-run');
    expect(site.lab.endpoint('web-1').machine.installs).toHaveLength(1);
    expect(site.lab.endpoint('db-1').machine.installs).toHaveLength(1);
    expect(site.lab.endpoint('app-1').machine.installs).toHaveLength(0);
    expect(site.lab.unexpected()).toEqual([]);
  });

  test('what it left is on the other screens, and axe has no objection to any of them', async () => {
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
      await goTo(screen);
      await page.locator('main').first().waitFor();
      expect([screen, await findViolations(page)]).toEqual([screen, []]);
      await window.screenshot(`job-${screen.toLowerCase()}`);
    }
    expect(window.complaints).toEqual([]);
  });
});
