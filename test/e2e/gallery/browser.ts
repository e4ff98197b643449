import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build } from 'vite';

/** Address that the gallery is served under. Nothing listens there: the page's requests are answered from a folder. */
const ORIGIN = 'http://gallery.test';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};
const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function findBrowser(): string | undefined {
  return [process.env['SALLYPORT_TEST_BROWSER'], ...PROGRAMS].find(
    (path): path is string => path !== undefined && existsSync(path),
  );
}

export async function buildGallery(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-gallery-'));
  await build({
    configFile: false,
    root: import.meta.dirname,
    base: './',
    plugins: [react()],
    logLevel: 'warn',
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'chrome114',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 4_000,
    },
  });
  return folder;
}

export function removeGallery(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export interface Gallery {
  /** Opens a scene and does with it what it says. Errors of the page are collected in `errors`. */
  show(scene: string, theme: 'light' | 'dark'): Promise<Page>;
  readonly errors: string[];
  close(): Promise<void>;
}

export interface View {
  readonly width: number;
  readonly height: number;
}

/** Opens the gallery that was built into the folder in a window of this size. */
export async function openGallery(program: string, folder: string, view: View): Promise<Gallery> {
  const browser: Browser = await chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  const context = await browser.newContext({
    viewport: view,
    timezoneId: 'Europe/London',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const errors: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file)) return route.fulfill({ status: 404 });
    return route.fulfill({
      body: readFileSync(file),
      contentType: TYPES[extname(file)] ?? 'application/octet-stream',
    });
  });
  return {
    errors,
    async show(scene, theme) {
      await page.goto(`${ORIGIN}/?scene=${scene}&theme=${theme}`);
      const { SCENES } = await import('./scenes.ts');
      if (scene === 'engine-lost') await page.getByText('The engine does not answer').waitFor();
      else await page.locator('html[data-ready=true]').waitFor({ state: 'attached' });
      for (const step of SCENES[scene]?.press ?? []) {
        if (step[0] === 'key') await page.keyboard.press(step[1]);
        else if (step[0] === 'button') await page.getByRole('button', { name: step[1], exact: true }).click();
        else await page.getByLabel(step[1], { exact: true }).fill(step[2]);
      }
      await page.evaluate(() => document.fonts.ready);
      await page.waitForTimeout(150);
      return page;
    },
    async close() {
      await browser.close();
    },
  };
}
