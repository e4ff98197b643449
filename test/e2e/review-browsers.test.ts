import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyFingerprint } from '../../main/review/public-key.ts';
import { openReviewerKey } from '../../main/review/reviewer-key.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { buildPage } from '../setup/build-page.ts';
import { outDir } from '../setup/paths.ts';
import { addPerson } from '../support/caller.ts';
import { OTHER_BROWSERS, reasonAgainst, type OtherBrowser } from '../support/other-browsers.ts';
import type { OpenSite } from '../support/prepared-site.ts';
import { PATIENCE_MS } from './hands.ts';
import { screenshotDir } from './window.ts';

const PASSPHRASE = 'nine wet umbrellas drying';
const MANAGER = { name: 'Mo', passphrase: 'quiet lanterns on a pier' };

/**
 * Two customers who must both approve, one with Firefox and one with WebKit: each decides, makes a key and signs in the page of
 * the same pack, by keyboard. The site hears both, and only then is anything granted. (Chromium: review-page.test.ts.)
 */
describe('the page in browsers with other engines', () => {
  let simulated: SimulatedSite;
  let site: OpenSite;
  let folder: string;
  let approvalId: string;

  beforeAll(async () => {
    await buildPage(join(outDir, 'page', 'review.html'));
    simulated = await SimulatedSite.prepare({ endpoints: 2 });
    site = await simulated.open();
    folder = mkdtempSync(join(tmpdir(), 'sallyport-browsers-'));
    const { planId } = await site.engineer.finish(await site.engineer.call('plans.make', {}));
    ({ id: approvalId } = await site.engineer.call('approvals.request', { planId: String(planId) }));
    await addPerson(site.engine, site.engineer, { ...MANAGER, roles: ['service-manager'] });
    const { file } = await site.engineer.export({
      ...{ approvalId, file: folder, cutOffAt: '2099-01-01T00:00:00.000Z', approvers: 2 },
    });
    const page = unzipSync(readFileSync(file))['review.html'];
    if (page === undefined) throw new Error('the pack holds no page');
    writeFileSync(join(folder, 'review.html'), page);
    await site.approver.call('session.signOut', {});
    await site.approver.call('session.signIn', { person: MANAGER.name, passphrase: MANAGER.passphrase });
  });
  afterAll(async () => {
    await site.engine.close();
    await simulated.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each([
    { engine: 'firefox', name: 'Fay', outcome: 'waiting' },
    { engine: 'webkit', name: 'Wes', outcome: 'granted' },
  ] as const)('$engine', ({ engine, name, outcome }) => {
    const reason = reasonAgainst(engine);
    test.skipIf(reason !== undefined)(
      `signs what the site takes in${reason === undefined ? '' : ` [skipped: ${reason}]`}`,
      async () => {
        const downloads = join(folder, engine, 'downloads');
        mkdirSync(downloads, { recursive: true });
        const browser = await OTHER_BROWSERS[engine].launch(downloads);
        try {
          const { key, decision } = await decide(browser, name, downloads);
          const { publicKey } = await openReviewerKey(key, PASSPHRASE);
          await site.approver.call('reviewers.enrol', {
            ...{ name, publicKey, fingerprint: keyFingerprint(publicKey) },
          });
          const imported = await site.engineer.call('reviews.import', { file: decision });
          expect(imported).toMatchObject({ status: outcome, approvalId, decidedBy: name, rejected: 0 });
        } finally {
          await browser.close();
        }
      },
    );
  });

  const decide = async (
    browser: OtherBrowser,
    name: string,
    downloads: string,
  ): Promise<{ readonly key: string; readonly decision: string }> => {
    await browser.open(pathToFileURL(join(folder, 'review.html')).href);
    const see = (body: string): Promise<void> =>
      expect.poll(() => browser.run(body), { timeout: PATIENCE_MS }).toBe(true);
    /** Puts the keyboard's focus on what has these words, as a person does with Tab or a screen reader. */
    const focus = (selector: string, words: string): Promise<void> =>
      see(`const found = [...document.querySelectorAll(${JSON.stringify(selector)})]
        .find((item) => item.textContent.trim().startsWith(${JSON.stringify(words)}) || item.ariaLabel === ${JSON.stringify(words)});
        const target = found instanceof HTMLLabelElement ? document.getElementById(found.htmlFor) : found;
        target?.focus();
        return target !== undefined && target !== null && document.activeElement === target;`);
    const press = async (words: string): Promise<void> => {
      await focus('button', words);
      await browser.press('Enter');
    };
    const fill = async (label: string, text: string): Promise<void> => {
      await focus('label', label);
      await browser.type(text);
    };
    /** The one new file among the downloads, once it is whole. */
    const downloaded = async (before: readonly string[]): Promise<string> => {
      const fresh = (): string[] =>
        readdirSync(downloads).filter((file) => !before.includes(file) && !/\.(part|wkdownload)$/.test(file));
      await expect.poll(() => fresh().length, { timeout: PATIENCE_MS }).toBe(1);
      return join(downloads, fresh()[0] ?? '');
    };

    await see(`return document.documentElement.dataset.ready === 'true';`);
    await press('The words are the same');
    await press('Select all');
    await focus('[role=grid]', 'Patches to decide');
    await browser.type('a');
    await press('3. Sign');
    await fill('Your name', name);
    await fill('New passphrase', PASSPHRASE);
    await fill('The passphrase again', PASSPHRASE);
    await browser.press('Enter');
    const key = await downloaded([]);
    await press('Sign and save the decision');
    const decision = await downloaded([basename(key)]);
    await see(`return document.body.textContent.includes('Signed and saved');`);
    mkdirSync(screenshotDir, { recursive: true });
    await browser.screenshot(join(screenshotDir, `review-page-${browser.name.toLowerCase()}.png`));
    return { key, decision };
  };
});
