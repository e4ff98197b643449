import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEnrolmentText } from '../../contract/vocabulary.ts';
import { keyFingerprint } from '../../main/review/public-key.ts';
import { PERSONS } from '../lab/embedded/persons.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { findViolations, launchWindow, type OpenWindow } from './window.ts';
import { addPerson } from '../support/caller.ts';

const MANAGER = { name: 'Mo', passphrase: 'quiet lanterns on a pier' };
const FIRST = 'tin kettle river stone';
const SECOND = 'seven grey herons at dusk';
const THIRD = 'a kettle under the bridge';
const PATIENCE_MS = 120_000;

/**
 * The life of a customer's key, walked through by two people at two windows of their own: first key, enrolment, a lost passphrase,
 * revocation, enrolling anew, rotation. Nothing but the media folder is shared.
 */
describe('a reviewer’s key from its first day to its last', () => {
  let simulated: SimulatedSite;
  let operate: OpenWindow;
  let review: OpenWindow;
  let site: Page;
  let desk: Page;
  let media: string;
  let siteKey: string;

  beforeAll(async () => {
    simulated = await SimulatedSite.prepare({ endpoints: 2 });
    media = mkdtempSync(join(tmpdir(), 'sallyport-media-'));
    const { engine, engineer, dataDir } = await simulated.open();
    const { planId } = await engineer.finish(await engineer.call('plans.make', {}));
    const { id: approvalId } = await engineer.call('approvals.request', { planId: String(planId) });
    await addPerson(engine, engineer, { ...MANAGER, roles: ['service-manager'] });
    ({ siteKeyFingerprint: siteKey } = await engineer.export({
      ...{ approvalId, file: join(media, 'first-pack.json') },
      cutOffAt: new Date(Date.now() + 6 * 86_400_000).toISOString(),
    }));
    await engine.close();
    operate = await launchWindow({ dataDir, size: { width: 1_280, height: 800 } });
    review = await launchWindow({ size: { width: 1_280, height: 800 } });
    site = operate.page;
    desk = review.page;
    for (const page of [site, desk]) page.setDefaultTimeout(PATIENCE_MS);
  }, 900_000);
  afterAll(async () => {
    await review.close();
    await operate.close();
    await simulated.close();
    rmSync(media, { recursive: true, force: true });
  });

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const fill = (page: Page, label: string, value: string) =>
    page.getByLabel(label, { exact: true }).fill(value);
  const go = (page: Page, screen: string) =>
    page
      .getByRole('navigation', { name: 'Screens' })
      .getByRole('button', { name: new RegExp(`^${screen}`) })
      .click();
  /** Axe in both themes, and a picture of each where it has a name. */
  const look = async (window: OpenWindow, name?: string): Promise<void> => {
    const { page } = window;
    const before = await page.evaluate(() => document.documentElement.dataset['theme']);
    for (const theme of ['dark', 'light']) {
      await page.evaluate((value) => (document.documentElement.dataset['theme'] = value), theme);
      expect(await findViolations(page)).toEqual([]);
      if (name !== undefined) await window.screenshot(`${name}-${theme}`);
    }
    await page.evaluate((value) => (document.documentElement.dataset['theme'] = value ?? ''), before);
  };
  const signIn = async (person: { readonly name: string; readonly passphrase: string }): Promise<void> => {
    const lock = site.getByRole('button', { name: 'Lock', exact: true });
    await lock
      .or(site.getByLabel('Passphrase', { exact: true }))
      .first()
      .waitFor();
    if (await lock.isVisible()) await lock.click();
    await site.getByRole('button', { name: /Who$/ }).click();
    await site.getByRole('option', { name: person.name }).click();
    await fill(site, 'Passphrase', person.passphrase);
    await press(site, 'Sign in');
    await site.getByRole('navigation', { name: 'Screens' }).waitFor();
  };
  /** The one file for the site that is new on the medium. */
  const takeEnrolment = (): string => {
    const files = readdirSync(media).filter(
      (name) => name.endsWith('.sallyport-enrol.txt') && !enrolled.includes(name),
    );
    expect(files).toHaveLength(1);
    enrolled.push(files[0] ?? '');
    return join(media, files[0] ?? '');
  };
  const enrolled: string[] = [];
  /** What the customer reads out from their screen. */
  const readWords = async (): Promise<string> =>
    (await desk.locator('.enrolment .card-words li').allTextContents()).join(' ');
  const saveForSite = async (): Promise<void> => {
    await press(desk, 'Save for the site');
    await fill(desk, 'Folder or new file on the medium', media);
    await press(desk, 'Write the file');
    await desk.getByText('Written', { exact: true }).waitFor();
    await press(desk, 'Close');
  };
  const openReviewers = async (): Promise<void> => {
    await signIn(MANAGER);
    await go(site, 'Settings');
    await site.getByRole('tab', { name: 'Reviewers' }).click();
    await site.getByRole('button', { name: 'Enrol a reviewer' }).waitFor();
  };
  const enrol = async (words: string): Promise<void> => {
    await press(site, 'Enrol a reviewer');
    await fill(site, 'Enrolment file', takeEnrolment());
    await press(site, 'Read the key');
    await fill(site, 'Fingerprint, as its owner says or wrote it', words);
    await site
      .getByRole('checkbox', { name: 'I have it from the owner of the key, and know them' })
      .check({ force: true });
    await press(site, 'Enrol the key');
  };
  const importDecision = async (name: string): Promise<void> => {
    await press(site, 'Import decision');
    await fill(site, 'Decision file', join(media, name));
    await press(site, 'Check and import');
  };
  const openPack = async (name: string): Promise<void> => {
    await go(desk, 'Packs');
    const all = desk.getByRole('button', { name: 'All packs' });
    await all
      .or(desk.getByRole('button', { name: 'Open a pack' }))
      .first()
      .waitFor();
    if (await all.isVisible()) await all.click();
    await press(desk, 'Open a pack');
    await fill(desk, 'File of the pack', join(media, name));
    await desk.keyboard.press('Enter');
  };
  const approveAll = async (): Promise<void> => {
    await desk.getByRole('tab', { name: /Decide/ }).click();
    const grid = desk.getByRole('grid', { name: 'Patches to decide' });
    await grid.focus();
    await desk.keyboard.press('Control+a');
    await desk.keyboard.press('a');
    await desk.getByRole('tab', { name: /Decide, ([0-9]+) of \1$/ }).waitFor();
    await press(desk, 'Go to the signature');
  };
  const sign = async (passphrase: string, name: string): Promise<void> => {
    await fill(desk, 'Passphrase of your key', passphrase);
    await fill(desk, 'New file on the medium', join(media, name));
    await press(desk, 'Sign and write');
  };

  test('the customer makes a key and saves what the site enrols, and nothing secret', async () => {
    await desk.getByRole('radio', { name: 'Review' }).check({ force: true });
    await press(desk, 'Begin');
    await go(desk, 'My key');
    await look(review);
    await press(desk, 'Make my key');
    await fill(desk, 'Your name', 'Zoë Patel');
    await fill(desk, 'Passphrase', FIRST);
    await fill(desk, 'The same again', FIRST);
    await press(desk, 'Make the key');
    await desk.getByRole('heading', { name: 'Key to enrol: Zoë Patel' }).waitFor();
    await look(review, 'keys-first');
    await saveForSite();
    const [file = ''] = readdirSync(media).filter((name) => name.endsWith('.sallyport-enrol.txt'));
    const said = readEnrolmentText(readFileSync(join(media, file), 'utf8'));
    expect(said?.name).toBe('Zoë Patel');
    expect(file).toContain(keyFingerprint(said?.publicKey ?? '').slice(0, 8));
    // The copy opens with the passphrase alone, so it is kept, and not on the medium.
    const own = join(media, '..', `${media.split('/').at(-1) ?? ''}-own`);
    mkdirSync(own);
    await press(desk, 'Save a backup copy');
    await fill(desk, 'Folder or new file for the copy', own);
    await press(desk, 'Write the file');
    await desk.getByText('Written', { exact: true }).waitFor();
    await look(review);
    expect(readdirSync(own)).toHaveLength(1);
    rmSync(own, { recursive: true });
    await press(desk, 'Close');
  });

  test('an engineer may not enrol it; a service manager does, by the words of its owner', async () => {
    const words = await readWords();
    await signIn(PERSONS.engineer);
    await go(site, 'Settings');
    await site.getByRole('tab', { name: 'Reviewers' }).click();
    await look(operate);
    await enrol(words);
    await site.getByText('POLICY_ROLE_MISSING').waitFor();
    await site.getByText('A service manager has to do it: Mo.').waitFor();
    await look(operate, 'keys-enrol-refused');
    enrolled.pop();
    await openReviewers();
    // Words of another key than the file's.
    await enrol('ab'.repeat(32));
    await site.getByText('The fingerprint is not that of this key.').waitFor();
    await fill(site, 'Fingerprint, as its owner says or wrote it', words);
    await look(operate, 'keys-enrol');
    await press(site, 'Enrol the key');
    await site.getByRole('region', { name: 'Key of Zoë Patel' }).waitFor();
    await look(operate, 'keys-enrolled');
  });

  test('a pack is signed with the first key', async () => {
    await openPack('first-pack.json');
    await fill(desk, 'Fingerprint of the site', siteKey);
    await press(desk, 'Compare');
    await desk.getByText('Signed with the key that you compared').waitFor();
    await approveAll();
    // The pack was made before the key was enrolled, and says so.
    await desk.getByText('Simulated site has not enrolled your key').waitFor();
    await sign('not the passphrase at all', 'first-decision.json');
    await desk.getByText('VAULT_PASSPHRASE_WRONG').waitFor();
    await look(review, 'keys-wrong-passphrase');
    expect(readdirSync(media)).not.toContain('first-decision.json');
    await sign(FIRST, 'first-decision.json');
    await desk.getByText('The decision is written').waitFor();
  });

  test('the passphrase is lost: the screen says what that means, and a new key is made', async () => {
    const before = await (async () => {
      await go(desk, 'My key');
      return readWords();
    })();
    await press(desk, 'I have lost the passphrase');
    await desk.getByText('There is no way back to the key').waitFor();
    await desk.getByText(/^What you signed with the old key stays valid until the site revokes/).waitFor();
    await look(review, 'keys-lost');
    await fill(desk, 'Passphrase', SECOND);
    await fill(desk, 'The same again', SECOND);
    await press(desk, 'Replace the key');
    await desk.getByText(/^Please revoke the key .* because: Passphrase lost/).waitFor();
    await look(review, 'keys-tell');
    expect(await readWords()).not.toBe(before);
    await saveForSite();
  });

  test('the site revokes the old key with a reason, and enrols the new one for the same person', async () => {
    await openReviewers();
    await site.getByRole('button', { name: /^Show the key of Zoë Patel/ }).click();
    await press(site, 'Revoke this key');
    await fill(site, 'Reason', 'Passphrase lost');
    await look(operate, 'keys-revoke');
    await press(site, 'Revoke it');
    await site.getByText(/^Revoked .* by Mo$/).waitFor();
    await look(operate, 'keys-revoked');
    await press(site, 'Close');
    await enrol(await readWords());
    await site.getByRole('region', { name: 'Key of Zoë Patel' }).waitFor();
    const states = site.getByRole('table', { name: 'Keys of reviewers' }).locator('.badge');
    expect(await states.allTextContents()).toEqual(['Enrolled', 'Revoked']);
  });

  test('what was signed with the revoked key is refused with its own answer', async () => {
    await signIn(PERSONS.engineer);
    await go(site, 'Approvals');
    await importDecision('first-decision.json');
    await site.getByText('REVIEW_KEY_REVOKED').waitFor();
    await site.getByText('The key of Zoë Patel was revoked.').waitFor();
    await look(operate, 'keys-refused');
    await press(site, 'Cancel');
    await press(site, 'Prepare the list again');
    await press(site, 'Prepare the list');
    await site.getByRole('dialog').waitFor({ state: 'detached' });
    await press(site, 'Export review pack');
    await fill(site, 'Folder or new file on the medium', join(media, 'second-pack.json'));
    await press(site, 'Write the pack');
    await site.getByText('The review pack is written').waitFor();
    await press(site, 'Close');
  });

  test('rotated before it is signed with: unknown until it is enrolled, and then taken', async () => {
    await openPack('second-pack.json');
    await approveAll();
    // This pack knows the second key, so there is nothing to say.
    await desk.getByLabel('Passphrase of your key').waitFor();
    expect(await desk.getByText('has not enrolled your key').count()).toBe(0);
    await go(desk, 'My key');
    await press(desk, 'Replace my key');
    await fill(desk, 'Why it is replaced', 'Yearly change');
    await desk.getByText(/^Packs that wait keep everything you decided/).waitFor();
    await fill(desk, 'Passphrase', THIRD);
    await fill(desk, 'The same again', THIRD);
    await press(desk, 'Replace the key');
    await desk.getByText('The new key is made').waitFor();
    await saveForSite();
    const words = await readWords();
    await go(desk, 'Packs');
    await desk.getByRole('tab', { name: /Sign/ }).click();
    await desk.getByText('Simulated site has not enrolled your key').waitFor();
    await sign(THIRD, 'second-decision.json');
    await desk.getByText('The decision is written').waitFor();

    await importDecision('second-decision.json');
    await site.getByText('REVIEW_KEY_NOT_ENROLLED').waitFor();
    await press(site, 'Cancel');
    await openReviewers();
    await enrol(words);
    await site.getByRole('region', { name: 'Key of Zoë Patel' }).waitFor();
    await signIn(PERSONS.engineer);
    await go(site, 'Approvals');
    await importDecision('second-decision.json');
    await site.getByText('The decision is taken in').waitFor();
    await look(operate, 'keys-taken');
  });

  test('neither window complained', () => {
    expect([...operate.complaints, ...review.complaints]).toEqual([]);
  });
});
