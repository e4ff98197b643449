import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchWindow } from '../e2e/window.ts';
import { PERSONS } from '../lab/embedded/persons.ts';
import { withDisplay } from '../setup/display.ts';
import type { Bench, Goal, Result } from './harness/measure.ts';
import { buildQueueSite, type QueueSite } from './harness/queue-site.ts';
import {
  layBareList,
  processesOf,
  quantile,
  readWatch,
  scrollThrough,
  takeBareList,
  timeToRows,
  watch,
} from './harness/window-probe.ts';

const ENDPOINTS = 1_000;
const EACH = 50;
const GRID = 'Patches to decide';
/** Frames of the scripted scroll through the whole list: ten seconds at 60 a second. */
const FRAMES = 600;
/** The least that a list can be, scrolled in the same window at the same place. */
const BARE = 'Bare list';
const TYPED = 'severity:high package-00 ';

/** The same findings over few packages that many endpoints lack, and over as many packages as findings. */
const SITES = [
  { name: '2,000 rows', distinct: 2_000 },
  { name: '50,000 rows', distinct: ENDPOINTS * EACH },
] as const;

export const bench: Bench = {
  about: `${(ENDPOINTS * EACH).toLocaleString('en')} findings on ${ENDPOINTS.toLocaleString('en')} endpoints, decided on in the real window; no peer does it, so scrolling stands beside a bare list`,
  async measure(rounds, note) {
    note(
      'names, versions and inventories are made up; the plan is made of the findings without a package manager',
    );
    const results: Result[] = [];
    for (const { name, distinct } of SITES) {
      const dir = mkdtempSync(join(tmpdir(), 'sallyport-bench-queue-'));
      try {
        const built = await buildQueueSite(dir, { endpoints: ENDPOINTS, each: EACH, distinct });
        note(`${name}: ${built.findings} findings in ${built.rows} rows`);
        results.push(...(await withDisplay(() => inWindow(dir, name, built, rounds, note))));
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    }
    return results;
  },
};

const atMost = (ms: number, text = `<= ${ms} ms`): Goal => ({ text, met: ({ wall }) => wall * 1_000 <= ms });

const GOALS: Readonly<Record<string, readonly Goal[]>> = {
  'first rows painted': [atMost(1_000)],
  'a frame while scrolling, median': [atMost(17.5, '60 a second')],
  'a frame while scrolling, 95 of 100': [atMost(17.5, '60 a second')],
  'a letter in the filter, median': [atMost(100)],
  'a letter in the filter, 95 of 100': [atMost(100)],
};

async function inWindow(
  dataDir: string,
  name: string,
  built: QueueSite,
  rounds: number,
  note: (line: string) => void,
): Promise<readonly Result[]> {
  const window = await launchWindow({ dataDir, size: { width: 1_280, height: 800 } });
  const { page } = window;
  const root = window.app.process().pid ?? 0;
  const figures = new Map<string, Measurement[]>();
  try {
    page.setDefaultTimeout(120_000);
    await signIn(page);
    for (let round = 0; round < rounds; round += 1) {
      for (const [what, ms, cpu = NaN, peer = NaN] of await goThrough(page, root, built.rows))
        figures.set(what, [...(figures.get(what) ?? []), { ms, cpu, peer }]);
    }
    const opening = figures.get('first rows painted')?.[0]?.ms ?? NaN;
    note(
      `${name}: first rows after ${Math.round(opening)} ms when opened first since the start: the engine reads the list then`,
    );
    const processes = processesOf(root);
    const peakOf = (kind: RegExp): number =>
      processes.filter(({ command }) => kind.test(command)).reduce((sum, { peak }) => sum + peak, 0);
    note(`${name}: the page complained ${window.complaints.length} times`);
    return [
      resultOf(`${name}: the list prepared`, built.prepare),
      resultOf(`${name}: prepared, longest without an answer`, { wall: built.prepare.longest, cpu: NaN }),
      resultOf(`${name}: the pack written`, built.export),
      resultOf(`${name}: written, longest without an answer`, { wall: built.export.longest, cpu: NaN }),
      ...[...figures].map(([what, all]) => {
        const median = (of: (figure: Measurement) => number): number => quantile(all.map(of), 0.5);
        const bare = median(({ peer }) => peer) / 1_000;
        return {
          ...resultOf(
            `${name}: ${what}`,
            { wall: median(({ ms }) => ms) / 1_000, cpu: median(({ cpu }) => cpu) },
            GOALS[what],
          ),
          peer: Number.isNaN(bare) ? null : { name: BARE, wall: bare, cpu: NaN },
        };
      }),
      resultOf(`${name}: memory of the page`, { wall: NaN, cpu: NaN, memory: peakOf(/--type=renderer/) }),
      resultOf(`${name}: memory of the engine`, { wall: NaN, cpu: NaN, memory: peakOf(/out\/.*engine/) }),
    ];
  } finally {
    await window.close();
  }
}

type Figure = readonly [what: string, ms: number, cpu?: number, peerMs?: number];
interface Measurement {
  readonly ms: number;
  readonly cpu: number;
  readonly peer: number;
}

/** Opens the list, scrolls it, filters it and decides on all of it, then takes that back. CPU: of all processes of the window. */
async function goThrough(page: Page, root: number, rows: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  const cpuNow = (): number => processesOf(root).reduce((sum, each) => sum + each.cpu, 0);
  await page
    .getByRole('navigation', { name: 'Screens' })
    .getByRole('button', { name: /^Today/ })
    .click();
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
  // What Today asks for has been answered: else the list waits in the engine behind it.
  await page.waitForTimeout(SETTLE_MS);

  let before = cpuNow();
  const began = performance.now();
  figures.push(['first rows painted', await timeToRows(page, 'Approvals', GRID), cpuNow() - before]);
  await page.getByText(`${rows.toLocaleString('en')} undecided`).waitFor();
  figures.push(['all rows there', performance.now() - began, cpuNow() - before]);

  before = cpuNow();
  const frames = await scrollThrough(page, GRID, FRAMES);
  const cpu = (cpuNow() - before) / FRAMES;
  await layBareList(page, GRID, rows, BARE);
  const bare = await scrollThrough(page, BARE, FRAMES);
  figures.push(
    ['a frame while scrolling, median', quantile(frames, 0.5), cpu, quantile(bare, 0.5)],
    ['a frame while scrolling, 95 of 100', quantile(frames, 0.95), NaN, quantile(bare, 0.95)],
    ['a frame while scrolling, longest', Math.max(...frames), NaN, Math.max(...bare)],
  );
  await takeBareList(page, BARE);

  await page.keyboard.press('/');
  await watch(page, 'input');
  before = cpuNow();
  for (const letter of TYPED) await page.keyboard.type(letter);
  await page.waitForTimeout(200);
  const typed = await readWatch(page);
  figures.push(
    ['a letter in the filter, median', quantile(typed, 0.5), (cpuNow() - before) / TYPED.length],
    ['a letter in the filter, 95 of 100', quantile(typed, 0.95)],
  );
  await page.getByRole('searchbox').fill('');

  await page.getByRole('grid', { name: GRID }).focus();
  await watch(page, 'keydown');
  await page.keyboard.press('Control+a');
  await page.waitForTimeout(300);
  before = cpuNow();
  await page.keyboard.press('a');
  await page.getByText('Nothing left to decide').waitFor();
  const times = await readWatch(page);
  figures.push(['all selected', times.at(-2) ?? NaN], ['all approved and painted', times.at(-1) ?? NaN]);
  figures.push(['until the draft is kept', await saved(page), cpuNow() - before]);
  await page.keyboard.press('u');
  await page.getByText(`${rows.toLocaleString('en')} undecided`).waitFor();
  await saved(page);
  return figures;
}

const SETTLE_MS = 8_000;

async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Who$/ }).click();
  await page.getByRole('option', { name: PERSONS.approver.name }).click();
  await page.getByLabel('Passphrase', { exact: true }).fill(PERSONS.approver.passphrase);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  await page.waitForSelector('html[data-ready="true"]', { state: 'attached' });
}

/** Milliseconds until the list no longer says that it is saving. */
async function saved(page: Page): Promise<number> {
  const began = performance.now();
  await page.getByText('Saving…').waitFor({ state: 'detached' });
  return performance.now() - began;
}

function resultOf(what: string, ours: Result['ours'], goals: readonly Goal[] = []): Result {
  return { what, ours, peer: null, goals };
}
