import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, type Gallery } from './gallery/gallery-window.ts';
import { SCENES } from './gallery/scenes.ts';
import { findViolations } from './window.ts';

/** Controls and headings that the window cuts off at a side. */
function findWhatSticksOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    return [
      ...document.querySelectorAll('button, input, h1, h2, h3, [role=row], [role=option], .note, .status'),
    ]
      .filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && (box.right > width + 1 || box.left < -1);
      })
      .map((element) => element.outerHTML.slice(0, 120));
  });
}

/** A theme changes colours and nothing else: the other rules have been asked in the light one. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];

/** Every scene as people meet it; both themes, because contrast is a matter of colours. */
describe('each screen', () => {
  let gallery: Gallery;

  beforeAll(async () => {
    gallery = await openGallery();
  });
  afterAll(() => gallery.close());

  test.each(Object.keys(SCENES))(
    '%s: axe has no objection in either theme, and it fits the smallest window',
    async (scene) => {
      await gallery.resize(1_280, 800);
      const page = await gallery.show(scene, 'light');
      expect(await findViolations(page)).toEqual([]);
      await page.evaluate(() => (document.documentElement.dataset['theme'] = 'dark'));
      expect(await findViolations(page, RULES_OF_COLOUR)).toEqual([]);
      await gallery.resize(1_100, 700);
      await page.waitForFunction(() => window.innerWidth === 1_100);
      expect(await findWhatSticksOut(page)).toEqual([]);
    },
  );

  test('tens of thousands of patches scroll to the end and hold only the rows in sight', async () => {
    const page = await gallery.show('catalogue-patches', 'light');
    const grid = page.getByRole('grid', { name: 'Patches' });
    await page.getByRole('button', { name: 'Carried' }).click();
    await page.getByText('60,417 patches', { exact: true }).waitFor();
    await grid.focus();
    await page.keyboard.press('End');
    await page.locator('[role=row][aria-rowindex="60418"]').waitFor();
    await page.locator('[role=row][aria-rowindex="60418"] .cell-name').waitFor();
    expect(await grid.getByRole('row').count()).toBeLessThan(80);
  });

  test('the whole way by keyboard: palette, list, detail, back', async () => {
    const page = await gallery.show('today', 'light');
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('web-06');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Endpoint web-06' }).waitFor();
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.classList.contains('search-input'))).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('grid', { name: 'Endpoints' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('tab');
    await page.getByRole('grid', { name: 'Endpoints' }).focus();
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.getByRole('heading', { name: 'Approvals' }).waitFor();
  });

  test('the page never complained', () => {
    expect([...new Set(gallery.complaints)]).toEqual([]);
  });
});
