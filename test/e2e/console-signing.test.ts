import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PERSONS } from '../lab/embedded/persons.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { Hands } from './hands.ts';
import { findViolations, launchWindow, type OpenWindow } from './window.ts';

const KEPT_OUT = 'tzdata';

/** Three lists signed at the console by one approver: all of it, part of it, none of it; what each came to stays on the screen. */
describe('signing at the console', () => {
  let simulated: SimulatedSite;
  let window: OpenWindow;
  let hands: Hands;
  const asked: Record<'all' | 'part' | 'none', number> = { all: 0, part: 0, none: 0 };

  beforeAll(async () => {
    simulated = await SimulatedSite.prepare({ endpoints: 1 });
    const { engine, engineer, dataDir } = await simulated.open();
    const cutOffAt = new Date(Date.now() + 6 * 86_400_000).toISOString();
    const wishes = { all: ['openssl'], part: [], none: ['sudo'] };
    for (const key of ['all', 'part', 'none'] as const) {
      const made = await engineer.finish(await engineer.call('plans.make', { packages: wishes[key] }));
      const approval = await engineer.call('approvals.request', { planId: String(made.planId) });
      await engineer.prepare({ approvalId: approval.id, cutOffAt });
      asked[key] = approval.packages;
    }
    await engine.close();
    window = await launchWindow({ dataDir, size: { width: 1_280, height: 800 } });
    hands = new Hands(window.page);
    await hands.choose('Who', PERSONS.approver.name);
    await hands.fill('Passphrase', PERSONS.approver.passphrase);
    await hands.press('Sign in');
    await hands.go('Approvals');
  }, 900_000);
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await window.screenshot('console-signing-failed');
  });
  afterAll(async () => {
    await window.close();
    await simulated.close();
  });

  const open = async (packages: number): Promise<void> => {
    const { page } = window;
    await page.getByRole('option', { name: new RegExp(`\\b${packages} packages? on 1 endpoint`) }).click();
    await page.getByText(new RegExp(`^${packages} undecided$`)).waitFor();
  };
  const sign = async (): Promise<void> => {
    await hands.press('Sign');
    const dialog = window.page.getByRole('dialog', { name: 'Sign your decisions' });
    await dialog.getByRole('button', { name: 'Sign and hand in' }).click();
  };
  const outcome = async (title: string, name: string) => {
    const dialog = window.page.getByRole('dialog', { name: 'Signed and taken in' });
    await dialog.getByText(title, { exact: true }).waitFor();
    expect(await window.page.getByRole('dialog').count()).toBe(1);
    expect(await findViolations(window.page)).toEqual([]);
    await window.screenshot(name);
    return dialog;
  };

  test('all of it: the outcome stays, and leads to what can be started', async () => {
    await open(asked.all);
    await hands.press(`Select all ${asked.all} shown`);
    await window.page.keyboard.press('a');
    await window.page.getByText('Nothing left to decide').waitFor();
    await sign();
    const dialog = await outcome('Everything is approved', 'console-signed-all');
    await dialog.getByRole('button', { name: 'Show it' }).click();
    await window.page.getByText('Approved. An engineer can start it.').waitFor();
  });

  test('part of it: the outcome stays until the plan of the rest is there, and leads to it', async () => {
    const { page } = window;
    await open(asked.part);
    await hands.press(`Select all ${asked.part} shown`);
    await page.keyboard.press('a');
    await page.getByText('Nothing left to decide').waitFor();
    await page.getByRole('grid', { name: 'Patches to decide' }).getByText(KEPT_OUT, { exact: true }).click();
    await page.keyboard.press('r');
    await hands.fill('Why is it rejected?', 'Certified with the old one.');
    await page.keyboard.press('Enter');
    await page.getByText(/ 1 rejected,/).waitFor();
    await sign();
    const dialog = await outcome('Some of it is approved', 'console-signed-part');
    await dialog.getByRole('button', { name: 'Show what is approved' }).click();
    await page.getByText('Approved. An engineer can start it.').waitFor();
    await page.getByRole('heading', { level: 2, name: `${asked.part - 1} patches on 1 endpoint` }).waitFor();

    // The list that was asked for leads to the same place.
    await page.getByRole('option', { name: /Rejected/ }).click();
    await page.getByText(`${asked.part - 1} of ${asked.part} patches approved. They have a plan`).waitFor();
    await hands.press('Show what is approved');
    await page.getByText('Approved. An engineer can start it.').waitFor();
  });

  test('none of it: the outcome says that nothing is installed', async () => {
    const { page } = window;
    await open(asked.none);
    await page.keyboard.press('r');
    await hands.fill('Why is it rejected?', 'Not this month.');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing left to decide').waitFor();
    await sign();
    const dialog = await outcome('Nothing is approved', 'console-signed-none');
    await dialog.getByRole('button', { name: 'Show it' }).click();
    await page.getByText('Rejected. Make another plan to ask again.').waitFor();
    expect(window.complaints).toEqual([]);
  });
});
