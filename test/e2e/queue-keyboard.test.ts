import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { DraftRow, ReviewSheet } from '../../contract/reviews.ts';
import { buildQueueSite } from '../bench/harness/queue-site.ts';
import { PERSONS } from '../lab/embedded/persons.ts';
import { findViolations, launchWindow } from './window.ts';

const ROWS = 2_000;
const GRID = 'Patches to decide';

/** Tab until it is there, as a hand would: nothing in this walk is clicked or focused from outside. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let step = 0; step < 60; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${String(target)}`);
}

/** The rows that the document has: their place in the list as a screen reader is told, from top to bottom of the document. */
function rowsInDocument(page: Page): Promise<{ index: number; top: number; id: string }[]> {
  return page.evaluate(
    (label) =>
      [...document.querySelectorAll(`[role="grid"][aria-label="${label}"] .table-body [role="row"]`)].map(
        (row) => ({
          index: Number(row.getAttribute('aria-rowindex')),
          top: row.getBoundingClientRect().top,
          id: row.id,
        }),
      ),
    GRID,
  );
}

test('the queue by keyboard only: find, decide, decide in bulk, keep a view, take back; clean for axe with 2,000 rows', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-keyboard-'));
  const built = await buildQueueSite(dir, { endpoints: 100, each: 50, distinct: ROWS });
  expect(built.rows).toBe(ROWS);
  const window = await launchWindow({ dataDir: dir, size: { width: 1_280, height: 800 } });
  try {
    const { page } = window;
    page.setDefaultTimeout(60_000);
    const { keyboard } = page;
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await keyboard.press(key);
    };
    const grid = page.getByRole('grid', { name: GRID });
    const bar = page.getByRole('region', { name: 'Decision' });
    const said = page.locator('.decide [role="status"]').last();
    const kept = async (): Promise<Map<string, DraftRow>> => {
      await page.getByText('Saving…').waitFor({ state: 'detached' });
      const sheet = await page.evaluate(async () => {
        const { sallyport } = globalThis.window;
        const list = await sallyport.invoke('queue.list', {});
        const [item] = list.ok ? (list.value as { packId: string }[]) : [];
        const reply = await sallyport.invoke('queue.sheet', { packId: item?.packId });
        if (!reply.ok) throw new Error(reply.failure.message);
        return reply.value;
      });
      const { rows, draft } = sheet as ReviewSheet;
      const names = new Map(rows.map((row) => [row.patch, row.package]));
      return new Map(draft.map((row) => [names.get(row.patch) ?? '', row]));
    };
    const inHand = async (): Promise<string> =>
      (await page.locator(`[role="grid"] [data-active] .cell-name`).textContent()) ?? '';

    // Sign in.
    await tabTo(page, page.getByRole('button', { name: /Who$/ }));
    await press('Enter');
    await page.getByRole('option', { name: PERSONS.approver.name }).waitFor();
    await keyboard.type(PERSONS.approver.name.slice(0, 3));
    await press('Enter');
    await tabTo(page, page.getByLabel('Passphrase', { exact: true }));
    await keyboard.type(PERSONS.approver.passphrase);
    await press('Enter');
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();

    // Open the list.
    await press('g', 'a');
    await page.getByText(`${ROWS.toLocaleString('en')} undecided`).waitFor();
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(ROWS + 1));
    await tabTo(page, grid);

    // The end of it and back: the document holds the rows in sight, in reading order, each with its place in the list.
    await press('End');
    await page.locator(`[role="row"][aria-rowindex="${ROWS + 1}"][data-active]`).waitFor();
    const atEnd = await rowsInDocument(page);
    expect(atEnd.length).toBeLessThan(30);
    expect(atEnd.map(({ index }) => index)).toEqual(atEnd.map((_, at) => ROWS + 2 - atEnd.length + at));
    expect(atEnd.map(({ top }) => top)).toEqual(atEnd.map(({ top }) => top).toSorted((a, b) => a - b));
    expect(await grid.getAttribute('aria-activedescendant')).toBe(atEnd.at(-1)?.id);
    await press('PageUp', 'PageUp', 'ArrowUp');
    const near = await rowsInDocument(page);
    expect(near.map(({ index }) => index)).toEqual(near.map((_, at) => (near[0]?.index ?? 0) + at));
    await press('Home');

    for (const theme of ['light', 'dark']) {
      await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
      expect(await findViolations(page)).toEqual([]);
      await window.screenshot(`queue-keyboard-${theme}`);
    }

    // A decision in two keystrokes: to the row, and the verdict. The next row is in hand at once.
    await press('j');
    const approved = await inHand();
    await press('a');
    await expect.poll(() => said.textContent()).toBe(`${approved} approved`);
    expect(await inHand()).not.toBe(approved);

    // Reject, with a reason that must be given.
    const rejected = await inHand();
    await press('r');
    await page.getByLabel('Why is it rejected?').waitFor();
    await press('Enter');
    expect(await bar.getByRole('button', { name: 'Reject' }).isDisabled()).toBe(true);
    await keyboard.type('Breaks the portal.');
    await press('Enter');
    await expect.poll(() => said.textContent()).toBe(`${rejected} rejected`);

    // Defer, with what protects meanwhile and another day than the one that is offered.
    const deferred = await inHand();
    await press('d');
    await page.getByLabel('Why is it deferred?').waitFor();
    await keyboard.type('Month end is not over.');
    await press('Tab');
    await keyboard.type('Behind the firewall.');
    await press('Tab');
    const until = page.getByLabel('Until');
    const offered = await until.inputValue();
    // The year is the last of its parts in every order of day and month.
    await press('ArrowRight', 'ArrowRight', 'ArrowUp');
    const day = await until.inputValue();
    expect(day).toBe(`${Number(offered.slice(0, 4)) + 1}${offered.slice(4)}`);
    await tabTo(page, bar.getByRole('button', { name: 'Defer' }));
    await press('Enter');
    await expect.poll(() => said.textContent()).toBe(`${deferred} deferred`);

    // Ask.
    const asked = await inHand();
    await press('q');
    await page.getByLabel('Your question to the provider').waitFor();
    await keyboard.type('Does it restart the portal?');
    await press('Enter');
    await expect.poll(() => said.textContent()).toContain(asked);

    const four = await kept();
    expect([...four.keys()].toSorted()).toEqual([approved, rejected, deferred, asked].toSorted());
    expect(four.get(approved)).toMatchObject({ verdict: 'approve', reason: '' });
    expect(four.get(rejected)).toMatchObject({ verdict: 'reject', reason: 'Breaks the portal.' });
    expect(four.get(deferred)).toMatchObject({
      ...{ verdict: 'defer', reason: 'Month end is not over.', control: 'Behind the firewall.' },
      until: `${day}T23:59:59.000Z`,
    });
    expect(four.get(asked)).toMatchObject({ verdict: 'ask', reason: 'Does it restart the portal?' });

    // Undo takes the last back and puts it in hand again.
    await press('u');
    await expect.poll(inHand).toBe(asked);
    expect((await kept()).has(asked)).toBe(false);

    // Filter, and keep the filter under a name.
    await press('/');
    await keyboard.type('severity:high undecided');
    await page.getByRole('searchbox').waitFor();
    const shown = Number(await grid.getAttribute('aria-rowcount')) - 1;
    expect(shown).toBeGreaterThan(100);
    expect(shown).toBeLessThan(ROWS / 2);
    await tabTo(page, page.getByRole('button', { name: 'Save view' }));
    await press('Enter');
    await page.getByLabel('Name of the view').waitFor();
    await keyboard.type('High first');
    await press('Enter');
    const view = page.getByRole('button', { name: /View$/ });
    await view.waitFor();

    // Everything again, then the kept view, both from the list of views.
    const recall = async (name: string): Promise<void> => {
      await tabTo(page, view);
      await press('Enter');
      await page.getByRole('option', { name, exact: true }).waitFor();
      await keyboard.type(name.slice(0, 4));
      await press('Enter');
      await page.getByRole('option', { name, exact: true }).waitFor({ state: 'detached' });
    };
    await recall('Everything');
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(ROWS + 1));
    await recall('High first');
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(shown + 1));
    expect(await page.getByRole('searchbox').inputValue()).toBe('severity:high undecided');

    // All of what is shown, decided at once: the list closes up, because it shows what is undecided.
    await tabTo(page, grid);
    await press('Control+a');
    await expect
      .poll(() => said.textContent())
      .toMatch(new RegExp(`^All ${shown} patches shown are selected$`));
    await press('a');
    await expect.poll(() => said.textContent()).toBe(`${shown} patches approved`);
    await page.getByText('Nothing is left with these words').waitFor();
    expect((await kept()).size).toBe(3 + shown);

    // And back, all of it with one key; what was decided before stays.
    await press('u');
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(shown + 1));
    expect([...(await kept()).keys()].toSorted()).toEqual([approved, rejected, deferred].toSorted());
    expect(window.complaints).toEqual([]);
  } finally {
    await window.close();
    rmSync(dir, { recursive: true, force: true });
  }
}, 480_000);
