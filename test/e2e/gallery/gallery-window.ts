import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { launchWindow } from '../window.ts';
import { SCENES } from './scenes.ts';

/** The gallery in the Electron that the application runs in, so that what holds here holds there. */
export interface Gallery {
  /** Opens a scene and does with it what it says. */
  show(scene: string, theme: 'light' | 'dark'): Promise<Page>;
  resize(width: number, height: number): Promise<void>;
  /** Errors and warnings of the page so far. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** On a machine that does much else a scene may take its time. */
const PATIENCE_MS = 60_000;

async function buildGallery(): Promise<string> {
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
  copyFileSync(join(import.meta.dirname, 'window.cjs'), join(folder, 'window.cjs'));
  const manifest = { name: 'sallyport-gallery', version: '0.0.0', main: 'window.cjs' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

export async function openGallery(): Promise<Gallery> {
  const folder = await buildGallery();
  const window = await launchWindow({ appDir: folder, waitForReady: false, env: { TZ: 'Europe/London' } });
  const { app, page } = window;
  page.setDefaultTimeout(PATIENCE_MS);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  return {
    complaints: window.complaints,
    async resize(width, height) {
      await app.evaluate(
        ({ BrowserWindow }, size) =>
          BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
        { width, height },
      );
    },
    async show(name, theme) {
      await page.goto(`gallery://window/?scene=${name}&theme=${theme}`);
      if (name === 'engine-lost') await page.getByText('The engine does not answer').waitFor();
      else await page.locator('html[data-ready=true]').waitFor({ state: 'attached' });
      for (const step of SCENES[name]?.press ?? []) {
        if (step[0] === 'key') await page.keyboard.press(step[1]);
        else if (step[0] === 'button') await page.getByRole('button', { name: step[1], exact: true }).click();
        else if (step[0] === 'check')
          await page.getByRole('checkbox', { name: step[1] }).check({ force: true });
        else await page.getByLabel(step[1], { exact: true }).fill(step[2]);
      }
      await page.evaluate(() => document.fonts.ready.then(() => undefined));
      await page.waitForTimeout(150);
      return page;
    },
    async close() {
      await window.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
