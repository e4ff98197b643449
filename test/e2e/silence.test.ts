import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PERSONS } from '../lab/embedded/persons.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { addPerson } from '../support/caller.ts';
import { Hands } from './hands.ts';
import { findViolations, launchWindow, type OpenWindow } from './window.ts';

const CUSTOMER = 'Harbour Trust';
const EXCLUDED = 'tzdata';
const HOUR_MS = 3_600_000;

/**
 * A list went out three days ago, under terms that make a yes of silence, and its cut-off has passed: the engineer finds it on Today,
 * closes it, and installs what silence covers and nothing else.
 */
describe('a list that nobody answered', () => {
  let simulated: SimulatedSite;
  let window: OpenWindow;
  let hands: Hands;
  let media: string;

  beforeAll(async () => {
    const past = (): string => new Date(Date.now() - 72 * HOUR_MS).toISOString();
    simulated = await SimulatedSite.prepare({ endpoints: 1, now: past });
    media = mkdtempSync(join(tmpdir(), 'sallyport-media-'));
    const { engine, engineer, approver, dataDir } = await simulated.open({ now: past });
    const manager = { name: 'Mo', passphrase: 'quiet lanterns on a pier' };
    const mo = await addPerson(engine, engineer, { ...manager, roles: ['service-manager'] });
    const group = (await engineer.call('endpoints.list', {}))[0]?.group ?? '';
    await mo.call('groups.set', { name: group, customer: CUSTOMER });
    await approver.call('policies.sign', {
      group,
      terms: {
        ...{
          mode: 'opt-out',
          noticeHours: 24,
          approvers: 1,
          classes: ['security', 'other'],
          emergency: false,
        },
        exclusions: [{ match: { kind: 'package', value: EXCLUDED }, reason: 'Certified with the old one' }],
        standing: [],
      },
    });
    const { planId } = await engineer.finish(await engineer.call('plans.make', {}));
    const { id: approvalId } = await engineer.call('approvals.request', { planId: String(planId) });
    await engineer.export({
      ...{ approvalId, file: join(media, 'november.json') },
      cutOffAt: new Date(Date.now() - HOUR_MS).toISOString(),
    });
    await engine.close();
    window = await launchWindow({ dataDir, size: { width: 1_280, height: 800 } });
    hands = new Hands(window.page);
  }, 900_000);
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await window.screenshot('silence-failed');
  });
  afterAll(async () => {
    await window.close();
    await simulated.close();
    rmSync(media, { recursive: true, force: true });
  });

  test('is closed by hand, and what silence covers is installed, and nothing else', async () => {
    const { page } = window;
    await hands.choose('Who', PERSONS.engineer.name);
    await hands.fill('Passphrase', PERSONS.engineer.passphrase);
    await hands.press('Sign in');
    const waiting = page.getByRole('region', { name: 'Waiting for you' });
    await waiting.getByRole('button', { name: new RegExp(`Close the list for ${CUSTOMER}`) }).click();
    const close = page.getByRole('button', { name: 'Close the list', exact: true });
    await close.waitFor();
    await window.screenshot('silence-passed');

    // By keyboard, from anywhere.
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('close the list');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Close the list' });
    await dialog.getByText(/^The cut-off was/).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await window.screenshot('silence-close');
    await page.keyboard.press('Enter');

    const outcome = page.getByRole('dialog', { name: 'The list is closed' });
    await outcome.getByText('Some of it is approved').waitFor();
    expect(await findViolations(page)).toEqual([]);
    await window.screenshot('silence-outcome');
    await outcome.getByRole('button', { name: 'Show what is approved' }).click();
    await hands.press('Start the run');
    await page
      .getByRole('grid', { name: /^Endpoints of this run/ })
      .getByText('Succeeded')
      .waitFor();

    const machine = simulated.lab.endpoint('web-1')?.machine;
    const [install, ...others] = machine?.installs ?? [];
    expect(others).toEqual([]);
    expect(install?.packages.length).toBeGreaterThan(0);
    expect(install?.packages).not.toContain(EXCLUDED);

    // What was asked says where the rest of it went.
    await hands.go('Approvals');
    await page.getByRole('option', { name: /Rejected/ }).click();
    await page.getByText(/They have a plan and an approval of their own\.$/).waitFor();
    await window.screenshot('silence-rejected-in-part');
    expect(window.complaints).toEqual([]);
  });
});
