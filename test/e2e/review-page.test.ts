import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enrolmentText, readEnrolmentText } from '../../contract/vocabulary.ts';
import { fingerprintWords } from '../../main/bundle/fingerprint.ts';
import { formatEnrolmentSheet } from '../../main/review/enrolment-sheet.ts';
import { keyFingerprint } from '../../main/review/public-key.ts';
import { reviewCrypto } from '../../main/review/node-crypto.ts';
import { openPack } from '../../main/review/review-files.ts';
import { openReviewerKey } from '../../main/review/reviewer-key.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { buildPage } from '../setup/build-page.ts';
import { outDir } from '../setup/paths.ts';
import { addPerson } from '../support/caller.ts';
import { launchChromium, reasonAgainstChromium } from '../support/chromium.ts';
import type { OpenSite } from '../support/prepared-site.ts';
import { readQrCode } from '../support/qr-code.ts';
import { findViolations, screenshotDir } from './window.ts';

const PASSPHRASE = 'nine wet umbrellas drying';
const reason = reasonAgainstChromium();

/** A customer with a browser and nothing else: the pack's page from a file, no network, the decision back to the site. */
describe.skipIf(reason !== undefined)(
  `the page in a real Chromium${reason === undefined ? '' : ` [skipped: ${reason}]`}`,
  () => {
    let simulated: SimulatedSite;
    let site: OpenSite;
    let browser: Browser;
    let context: BrowserContext;
    let media: string;
    let approvalId: string;
    const asked: string[] = [];

    beforeAll(async () => {
      await buildPage(join(outDir, 'page', 'review.html'));
      simulated = await SimulatedSite.prepare({ endpoints: 3 });
      site = await simulated.open();
      media = mkdtempSync(join(tmpdir(), 'sallyport-media-'));
      const { planId } = await site.engineer.finish(await site.engineer.call('plans.make', {}));
      ({ id: approvalId } = await site.engineer.call('approvals.request', { planId: String(planId) }));
      await addPerson(site.engine, site.engineer, {
        ...{ name: 'Mo', roles: ['service-manager'], passphrase: 'quiet lanterns on a pier' },
      });
      const exported = await site.engineer.export({
        ...{ approvalId, file: media, cutOffAt: '2099-01-01T00:00:00.000Z' },
      });
      ({ file: zip, pageSha256 } = exported);
      for (const [name, bytes] of Object.entries(unzipSync(readFileSync(zip))))
        writeFileSync(join(media, name), bytes);
      browser = await launchChromium();
      context = await browser.newContext({
        ...{ offline: true, acceptDownloads: true, viewport: { width: 1280, height: 800 } },
      });
      context.on('request', (request) => asked.push(request.url()));
    });
    afterAll(async () => {
      await browser.close();
      await site.engine.close();
      await simulated.close();
      rmSync(media, { recursive: true, force: true });
    });
    let zip = '';
    let pageSha256: string | null;

    const open = async (file = join(media, 'review.html')): Promise<Page> => {
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      await page.goto(pathToFileURL(file).href);
      await page.locator('html[data-ready=true]').waitFor({ state: 'attached' });
      return page;
    };
    const complaints: string[] = [];
    const shoot = async (page: Page, name: string): Promise<void> => {
      mkdirSync(screenshotDir, { recursive: true });
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.waitForTimeout(150);
        await page.screenshot({
          path: join(screenshotDir, `review-page-${name}-${scheme}.png`),
          animations: 'disabled',
        });
        expect(await findViolations(page)).toEqual([]);
      }
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    };
    test('decides by keyboard, makes a key, signs and saves; the site runs exactly that', async () => {
      const page = await open();
      const opened = openPack(zip);
      const words = await page.locator('.page-words li').allTextContents();
      expect(words).toEqual(fingerprintWords(opened.siteFingerprint));
      await shoot(page, 'site');
      await page.keyboard.press('Enter');

      const grid = page.getByRole('grid', { name: 'Patches to decide' });
      await grid.waitFor();
      await shoot(page, 'decide');
      await grid.focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('Control+a');
      await page.keyboard.press('a');
      await page.getByRole('button', { name: '2. Decide', exact: true }).waitFor();

      await page.getByRole('button', { name: '3. Sign' }).press('Enter');
      await page.getByLabel('Your name').fill('Grace');
      await page.getByLabel('New passphrase').fill(PASSPHRASE);
      await page.getByLabel('The passphrase again').fill(PASSPHRASE);
      await shoot(page, 'key');
      const keyDownload = page.waitForEvent('download', { timeout: 60_000 });
      await page.getByLabel('The passphrase again').press('Enter');
      const keyFile = join(media, 'grace.key');
      await (await keyDownload).saveAs(keyFile);
      const signButton = page.getByRole('button', { name: 'Sign and save the decision' });
      await signButton.waitFor();
      const saved = page.waitForEvent('download');
      await signButton.press('Enter');
      const decision = join(media, 'decision.json');
      await (await saved).saveAs(decision);
      await page.getByText('Signed and saved').waitFor();
      await shoot(page, 'sign');

      const { publicKey } = await openReviewerKey(keyFile, PASSPHRASE);
      await page.locator('.enrolment .qr').screenshot({ path: join(media, 'qr.png') });
      expect(readQrCode(join(media, 'qr.png'))).toBe(enrolmentText(publicKey, 'Grace'));

      await site.approver.call('session.signOut', {});
      await site.approver.call('session.signIn', { person: 'Mo', passphrase: 'quiet lanterns on a pier' });
      await site.approver.call('reviewers.enrol', {
        ...{
          name: 'Grace',
          publicKey: readQrCode(join(media, 'qr.png')),
          fingerprint: keyFingerprint(publicKey),
        },
      });
      const outcome = await site.engineer.call('reviews.import', { file: decision });
      expect(outcome).toMatchObject({ status: 'granted', approvalId, decidedBy: 'Grace', rejected: 0 });
      const { id } = await site.engineer.call('runs.start', { approvalId });
      const { tasks } = await site.engineer.call('runs.wait', { id });
      expect(new Set(tasks.map((task) => task.status))).toEqual(new Set(['succeeded']));
      await page.close();
    }, 900_000);

    test('opens the key that it made, and not with another passphrase', async () => {
      const page = await open();
      await page.getByRole('button', { name: 'The words are the same' }).press('Enter');
      await page.getByRole('button', { name: '3. Sign' }).press('Enter');
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Open my key file' }).press('Enter');
      await (await chooser).setFiles(join(media, 'grace.key'));
      const field = page.getByLabel('Passphrase of your key');
      await field.fill('another passphrase');
      await field.press('Enter');
      await page.getByText('VAULT_PASSPHRASE_WRONG').waitFor({ timeout: 60_000 });
      await field.fill(PASSPHRASE);
      await field.press('Enter');
      await page.getByRole('heading', { name: 'Sign as Grace' }).waitFor({ timeout: 60_000 });
      await page.close();
    });

    test('keeps the draft over a restart, in the browser and in a file', async () => {
      const page = await open();
      await page.getByRole('button', { name: 'The words are the same' }).press('Enter');
      await page.getByRole('button', { name: '2. Decide', exact: true }).waitFor();
      const draft = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save my draft' }).press('Enter');
      await (await draft).saveAs(join(media, 'draft.json'));
      await page.evaluate(() => localStorage.clear());
      await page.reload();
      await page.getByRole('button', { name: 'The words are the same' }).press('Enter');
      await page.getByRole('button', { name: /2\. Decide \(\d+ left\)/ }).waitFor();
      // Nothing is decided, and no policy lets silence count: the signature says so before anything else.
      await page.getByRole('button', { name: '3. Sign' }).press('Enter');
      await page.getByText(/^\d+ patches need your word before you can sign$/).waitFor();
      await shoot(page, 'silence');
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Open my draft' }).press('Enter');
      await (await chooser).setFiles(join(media, 'draft.json'));
      await page.getByRole('button', { name: '2. Decide', exact: true }).waitFor();
      await page.close();
    });

    test('shows nothing of a list that was changed', async () => {
      const html = readFileSync(join(media, 'review.html'), 'utf8');
      const at = html.indexOf('"payload":"') + 400;
      const other = html[at] === 'A' ? 'B' : 'A';
      const changed = join(media, 'changed.html');
      writeFileSync(changed, html.slice(0, at) + other + html.slice(at + 1));
      const page = await open(changed);
      await page.getByText('REVIEW_SIGNATURE_BAD').waitFor();
      expect(await page.getByRole('grid').count()).toBe(0);
      await page.close();
    });

    test('says which browsers can sign when this one cannot', async () => {
      const page = await context.newPage();
      await page.addInitScript(() => {
        Object.defineProperty(SubtleCrypto.prototype, 'generateKey', {
          value: () => Promise.reject(new DOMException('', 'NotSupportedError')),
        });
      });
      await page.goto(pathToFileURL(join(media, 'review.html')).href);
      await page.getByText(/Chrome and Edge can from version 137/).waitFor();
      expect(await findViolations(page)).toEqual([]);
      await page.close();
    });

    test('its own policy does not answer a page that was replaced: only a check from outside does', async () => {
      const html = readFileSync(join(media, 'review.html'), 'utf8');
      const replaced = join(media, 'replaced.html');
      writeFileSync(
        replaced,
        html
          .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '')
          .replace('<div id="root">', '<script>window.planted = 1</script><div id="root">'),
      );
      const page = await context.newPage();
      await page.goto(pathToFileURL(replaced).href);
      await page.locator('html[data-ready=true]').waitFor({ state: 'attached' });
      expect(await page.evaluate(() => 'planted' in window)).toBe(true);
      // It shows the right words all the same, which is why the sum of the page is told with the key.
      expect(await page.locator('.page-words li').allTextContents()).toEqual(
        fingerprintWords(openPack(zip).siteFingerprint),
      );
      const sumOf = (file: string): string => reviewCrypto.sha256(readFileSync(file));
      expect(pageSha256).toBe(sumOf(join(media, 'review.html')));
      expect(pageSha256).not.toBe(sumOf(replaced));
      await page.close();
    });

    test('cannot connect, nor run a script that was put into it', async () => {
      const html = readFileSync(join(media, 'review.html'), 'utf8');
      const planted = join(media, 'planted.html');
      writeFileSync(
        planted,
        html.replace('<div id="root">', '<script>window.planted = 1</script><div id="root">'),
      );
      const page = await context.newPage();
      await page.goto(pathToFileURL(planted).href);
      await page.locator('html[data-ready=true]').waitFor({ state: 'attached' });
      expect(await page.evaluate(() => 'planted' in window)).toBe(false);
      const failed = await page.evaluate(() =>
        fetch('https://192.0.2.1/').then(
          () => 'connected',
          () => 'refused',
        ),
      );
      expect(failed).toBe('refused');
      await page.close();
    });

    test('the sheet of the command line carries the same QR code', async () => {
      const { publicKey } = await openReviewerKey(join(media, 'grace.key'), PASSPHRASE);
      const sheet = join(media, 'sheet.html');
      writeFileSync(
        sheet,
        formatEnrolmentSheet({ name: 'Zoë <O’Hara> 50%', publicKey, marking: 'OFFICIAL' }),
      );
      const page = await context.newPage();
      await page.goto(pathToFileURL(sheet).href);
      await page.locator('svg').screenshot({ path: join(media, 'qr.png') });
      expect(readEnrolmentText(readQrCode(join(media, 'qr.png')))).toEqual({
        publicKey,
        name: 'Zoë <O’Hara> 50%',
      });
      expect(await findViolations(page)).toEqual([]);
      await page.screenshot({ path: join(screenshotDir, 'enrolment-sheet.png'), fullPage: true });
      await page.close();
    });

    test('nothing left the page, and it never complained', () => {
      expect(
        asked.filter((url) => !/^(file|blob|data):/.test(url) && !url.startsWith('https://192.0.2.1')),
      ).toEqual([]);
      expect(asked.length).toBeGreaterThan(3);
      expect(complaints).toEqual([]);
    });
  },
);
