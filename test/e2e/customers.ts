import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { fingerprintWords } from '../../main/bundle/fingerprint.ts';
import type { Answer, Request } from '../suites/two-sides.suite.ts';
import { launchChromium } from '../support/chromium.ts';
import { readQrCode } from '../support/qr-code.ts';
import { Hands, type Someone } from './hands.ts';
import { findViolations, launchWindow, screenshotDir } from './window.ts';

/** A customer with Sallyport of their own: its Review workspace, which sees none of the site's folders. */
export async function decideInWorkspace(request: Request): Promise<Answer> {
  const window = await launchWindow({ hidden: request.hidden, size: { width: 1_280, height: 800 } });
  try {
    const { page } = window;
    const hands = new Hands(page);
    // As the kernel shows it to the processes of this window: nothing of the site is there.
    for (const folder of request.hidden) {
      expect(readdirSync(folder)).not.toEqual([]);
      expect(readdirSync(`/proc/${String(window.app.process().pid)}/root${folder}`)).toEqual([]);
    }
    await page.getByRole('radio', { name: 'Review' }).check({ force: true });
    await hands.press('Begin');
    await hands.press('Open a pack');
    await hands.fill('File of the pack', request.pack);
    await page.keyboard.press('Enter');
    await hands.fill('Fingerprint of the site', request.siteFingerprint);
    await hands.press('Compare');
    await page.getByText('Signed with the key that you compared').waitFor();
    await hands.openTab(/Decide/);
    await approveAllBut(page, request);
    await window.screenshot('two-sides-workspace');
    await hands.press('Go to the signature');
    await hands.press('Make my key');
    const enrolment = join(request.media, 'grace.sallyport-enrol.txt');
    const fingerprint = await makeKey(hands, request.customer, enrolment);
    await hands.press('Packs');
    await hands.openTab(/Sign/);
    const decision = join(request.media, 'decision.json');
    await hands.fill('Passphrase of your key', request.customer.passphrase);
    await hands.fill('New file on the medium', decision);
    await hands.press('Sign and write');
    await page.getByText('The decision is written').waitFor();
    expect(await findViolations(page)).toEqual([]);
    expect([...new Set(window.complaints)]).toEqual([]);
    return { decision, enrolment: { file: enrolment }, fingerprint };
  } finally {
    await window.close();
  }
}

/** Makes the customer's key in My key and writes what the site enrols. @returns the fingerprint, as the customer reads it out */
export async function makeKey(hands: Hands, customer: Someone, enrolment: string): Promise<string> {
  await hands.press('Make my key');
  await hands.fill('Your name', customer.name);
  await hands.fill('Passphrase', customer.passphrase);
  await hands.fill('The same again', customer.passphrase);
  await hands.press('Make the key');
  const fingerprint = await readFingerprint(hands.page);
  await hands.press('Save for the site');
  await hands.fill('Folder or new file on the medium', enrolment);
  await hands.press('Write the file');
  await hands.page.getByText('Give it to the site, and the fingerprint another way.').waitFor();
  await hands.press('Close');
  return fingerprint;
}

/** A customer with nothing but a browser: the page of the pack, from the unpacked file, with no network. */
export async function decideInBrowser(request: Request): Promise<Answer> {
  const unpacked = join(request.media, 'unpacked');
  mkdirSync(unpacked);
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(request.pack)))) {
    writeFileSync(join(unpacked, name), bytes);
  }
  const browser = await launchChromium();
  try {
    const context = await browser.newContext({
      ...{ offline: true, acceptDownloads: true, viewport: { width: 1_280, height: 800 } },
    });
    const asked: string[] = [];
    context.on('request', (one) => asked.push(one.url()));
    const page = await context.newPage();
    await page.goto(pathToFileURL(join(unpacked, 'review.html')).href);
    await page.locator('html[data-ready=true]').waitFor({ state: 'attached' });
    expect(await page.locator('.page-words li').allTextContents()).toEqual(request.siteWords);
    await page.getByRole('button', { name: 'The words are the same' }).press('Enter');
    await approveAllBut(page, request);
    mkdirSync(screenshotDir, { recursive: true });
    await page.screenshot({ path: join(screenshotDir, 'two-sides-page.png'), animations: 'disabled' });
    await page.getByRole('button', { name: '3. Sign' }).press('Enter');
    await page.getByLabel('Your name').fill(request.customer.name);
    await page.getByLabel('New passphrase').fill(request.customer.passphrase);
    await page.getByLabel('The passphrase again').fill(request.customer.passphrase);
    const keyFile = page.waitForEvent('download', { timeout: 60_000 });
    await page.getByLabel('The passphrase again').press('Enter');
    await keyFile;
    const signed = page.waitForEvent('download', { timeout: 60_000 });
    await page.getByRole('button', { name: 'Sign and save the decision' }).press('Enter');
    const decision = join(request.media, 'decision.json');
    await (await signed).saveAs(decision);
    const picture = join(request.media, 'enrolment.png');
    await page.locator('.enrolment .qr').screenshot({ path: picture });
    expect(await findViolations(page)).toEqual([]);
    expect(asked.filter((url) => !/^(file|blob|data):/.test(url))).toEqual([]);
    return {
      decision,
      enrolment: { text: readQrCode(picture) },
      fingerprint: await readFingerprint(page),
    };
  } finally {
    await browser.close();
  }
}

/** By keyboard: everything is approved, then the one that the filter leaves is rejected with its reason. */
async function approveAllBut(page: Page, request: Request): Promise<void> {
  const grid = page.getByRole('grid', { name: 'Patches to decide' });
  await grid.waitFor();
  await grid.focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('a');
  await page.getByText('Nothing left to decide').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type(`package:${request.reject}`);
  await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(request.rejectRows + 1));
  await grid.focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('r');
  await page.keyboard.type(request.reason);
  await page.keyboard.press('Enter');
  await page.getByText(new RegExp(`, ${String(request.rejectRows)} rejected, `)).waitFor();
}

/** What the customer reads out, in digits; the words beside them say the same. */
async function readFingerprint(page: Page): Promise<string> {
  const digits = await page.locator('.enrolment .card-digits').nth(1).textContent();
  const fingerprint = (digits ?? '').replaceAll(/\s/g, '');
  const words = await page.locator('.enrolment .card-words li').allTextContents();
  expect(words).toEqual(fingerprintWords(fingerprint));
  return fingerprint;
}
