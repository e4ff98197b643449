import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PERSONS } from '../lab/embedded/persons.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { makeKey } from './customers.ts';
import { Hands } from './hands.ts';
import { enrolReviewer } from './site-by-hand.ts';
import { findViolations, launchWindow, type OpenWindow } from './window.ts';
import { addPerson } from '../support/caller.ts';

const MANAGER = { name: 'Mo', passphrase: 'quiet lanterns on a pier' };
const GRACE = { name: 'Grace Lindqvist', passphrase: 'nine wet umbrellas drying' };
const CUSTOMER = 'Harbour Trust';
const EXCLUDED = 'tzdata';

/**
 * What a customer signs beside decisions, by two people at two windows of their own who share the media folder and nothing else: terms for
 * a group, and a request for what cannot wait. The site takes each in, shows it, and does what it says.
 */
describe('terms that a customer signs at their desk', () => {
  let simulated: SimulatedSite;
  let operate: OpenWindow;
  let review: OpenWindow;
  let site: Hands;
  let desk: Hands;
  let media: string;
  let siteKey: string;
  let group: string;
  let urgent: string;
  let fingerprint: string;
  const onMedium = (name: string): string => join(media, name);

  beforeAll(async () => {
    simulated = await SimulatedSite.prepare({ endpoints: 1 });
    media = mkdtempSync(join(tmpdir(), 'sallyport-media-'));
    const { engine, engineer, approver, dataDir } = await simulated.open();
    const { planId } = await engineer.finish(await engineer.call('plans.make', {}));
    const { id: approvalId } = await engineer.call('approvals.request', { planId: String(planId) });
    await addPerson(engine, engineer, { ...MANAGER, roles: ['service-manager'] });
    await approver.call('session.signOut', {});
    await approver.call('session.signIn', { person: MANAGER.name, passphrase: MANAGER.passphrase });
    group = (await engineer.call('endpoints.list', {}))[0]?.group ?? '';
    await approver.call('groups.set', { name: group, customer: CUSTOMER });
    ({ siteKeyFingerprint: siteKey } = await engineer.export({
      ...{ approvalId, file: onMedium('october.json') },
      cutOffAt: new Date(Date.now() + 6 * 86_400_000).toISOString(),
    }));
    const plan = await engineer.call('plans.get', { id: String(planId) });
    // Nothing of the plan stands in its way, and it is not what is never installed.
    urgent = plan.endpoints[0]?.packages.find(({ name }) => name !== EXCLUDED)?.name ?? '';
    await engine.close();
    operate = await launchWindow({ dataDir, size: { width: 1_280, height: 800 } });
    review = await launchWindow({ hidden: [simulated.folder], size: { width: 1_280, height: 800 } });
    site = new Hands(operate.page);
    desk = new Hands(review.page);
  }, 900_000);
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    await operate.screenshot('policies-failed-site');
    await review.screenshot('policies-failed-desk');
  });
  afterAll(async () => {
    await review.close();
    await operate.close();
    await simulated.close();
    rmSync(media, { recursive: true, force: true });
  });

  const signAs = async (action: string, file: string): Promise<void> => {
    await desk.fill('New file on the medium', onMedium(file));
    await desk.fill('Passphrase of your key', GRACE.passphrase);
    await desk.press(action);
    await desk.page.getByText('Signed and written', { exact: true }).waitFor();
  };
  const takeIn = async (what: string, file: string): Promise<void> => {
    await site.go('Settings');
    await site.openTab(/^Groups and policies/);
    await site.fill(`File of the signed ${what}`, onMedium(file));
    await site.press(`Import the ${what}`);
  };

  test('the customer signs an opt-out policy with an exclusion and an emergency lane', async () => {
    const { page } = desk;
    await page.getByRole('radio', { name: 'Review' }).check({ force: true });
    await desk.press('Begin');
    await desk.press('Open a pack');
    await desk.fill('File of the pack', onMedium('october.json'));
    await page.keyboard.press('Enter');
    await desk.fill('Fingerprint of the site', siteKey);
    await desk.press('Compare');
    await page.getByText('Signed with the key that you compared').waitFor();
    await desk.go('My key');
    fingerprint = await makeKey(desk, GRACE, onMedium('grace.sallyport-enrol.txt'));
    await desk.go('Policies');
    await desk.press('Policy');
    // The site, its customer and its groups are those of the pack whose key was compared.
    await page.getByRole('button', { name: new RegExp(`^${group}.*Patch group$`) }).waitFor();
    expect(await page.getByLabel('Customer', { exact: true }).inputValue()).toBe(CUSTOMER);
    await page.getByRole('radio', { name: /^Opt-out/ }).check({ force: true });
    await desk.fill('Notice, in hours', '24');
    await desk.press('Exclude patches');
    const exclusion = page.getByRole('group', { name: 'Exclusion 1' });
    await exclusion.getByLabel('Name', { exact: true }).fill(EXCLUDED);
    await exclusion.getByLabel('Why', { exact: true }).fill('Certified with the one that is installed');
    await desk.tick('We may name patches out of cycle');
    expect(await findViolations(page)).toEqual([]);
    await review.screenshot('policies-sign');
    await signAs('Sign the policy', 'policy.json');
  });

  test('the site takes it in once the key is enrolled, and shows what is in force', async () => {
    const { page } = site;
    await signInFirst(PERSONS.engineer);
    await takeIn('policy', 'policy.json');
    await page.getByText('REVIEW_KEY_NOT_ENROLLED').waitFor();
    await site.signIn(MANAGER);
    const enrolment = { file: onMedium('grace.sallyport-enrol.txt') };
    await enrolReviewer(site, { name: GRACE.name, enrolment, fingerprint });
    await site.signIn(PERSONS.engineer);
    await takeIn('policy', 'policy.json');
    await page.getByText(`Version 1 for ${group} is in, signed by ${GRACE.name}.`).waitFor();
    const shown = page.getByRole('region', { name: `Group ${group}` });
    await shown.getByText(/^Version 1, by Grace Lindqvist for Harbour Trust/).waitFor();
    await shown.getByText(new RegExp(EXCLUDED)).first().waitFor();
    expect(await findViolations(page)).toEqual([]);
    await operate.screenshot('policies-in-force');
  });

  test('the next list is under it, and the customer reads what silence will mean', async () => {
    await site.go('Approvals');
    await site.press('Prepare the list again');
    const dialog = site.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Prepare the list' }).click();
    await dialog.waitFor({ state: 'detached' });
    await site.press('Export review pack');
    await site.fill('Folder or new file on the medium', onMedium('november.zip'));
    await site.press('Write the pack');
    await site.page.getByRole('heading', { name: 'The review pack is written' }).waitFor();
    await site.press('Close');

    const { page } = desk;
    await desk.go('Packs');
    await desk.press('All packs');
    await desk.press('Open a pack');
    await desk.fill('File of the pack', onMedium('november.zip'));
    await page.keyboard.press('Enter');
    // The key of the site was compared before: the pack opens where there is something to decide.
    await desk.openTab(/Sign/);
    await page.getByText(/^Silence means yes for \d+ patches$/).waitFor();
    await page.getByText('1 patch: kept out by your policy, whatever anybody says.').waitFor();
    expect(await findViolations(page)).toEqual([]);
    await review.screenshot('policies-silence');
  });

  test('what cannot wait is named, signed, planned and installed, and nothing else', async () => {
    const { page } = desk;
    await desk.go('Policies');
    await desk.press('All that I signed');
    await desk.press('Emergency request');
    await desk.tick(`Group ${group}`);
    await page.getByRole('group', { name: 'Patch 1' }).getByLabel('Name', { exact: true }).fill(urgent);
    await desk.fill('Why', 'It is exploited');
    await fillDay(new Date(Date.now() + 2 * 86_400_000));
    expect(await findViolations(page)).toEqual([]);
    await review.screenshot('policies-emergency');
    await signAs('Sign the request', 'emergency.json');

    const machine = simulated.lab.endpoint('web-1')?.machine;
    if (machine === undefined) throw new Error('there is no web-1');
    await takeIn('emergency request', 'emergency.json');
    await site.page.getByText(new RegExp(`^${CUSTOMER} asks for ${urgent}`)).waitFor();
    await site.press(`Plan ${urgent}`);
    await site.press(`Open the approval of ${urgent}`);
    await site.press('Start the run');
    const grid = site.page.getByRole('grid', { name: /^Endpoints of this run/ });
    await grid.getByText('Succeeded').waitFor();
    await operate.screenshot('policies-emergency-run');
    const [install, ...others] = machine.installs;
    expect(others).toEqual([]);
    expect(install?.packages).toContain(urgent);
    expect(install?.packages).not.toContain(EXCLUDED);
    expect([...new Set([...operate.complaints, ...review.complaints])]).toEqual([]);
  });

  async function signInFirst(person: typeof PERSONS.engineer): Promise<void> {
    await site.choose('Who', person.name);
    await site.fill('Passphrase', person.passphrase);
    await site.press('Sign in');
    await site.page.getByRole('navigation', { name: 'Screens' }).waitFor();
  }

  /** As the field for days takes it: its parts one after another. */
  async function fillDay(day: Date): Promise<void> {
    const text = day.toISOString().slice(0, 10);
    await desk.page.getByLabel('Until the end of', { exact: true }).fill(text);
  }
});
