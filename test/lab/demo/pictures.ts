import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launchWindow } from '../../e2e/window.ts';
import { build } from '../../setup/build.ts';
import { ensureElectron } from '../../setup/electron-runtime.ts';
import { ENGINEER } from './story.ts';

const SCREENS = [
  'Today',
  'Endpoints',
  'Catalogue',
  'Approvals',
  'Runs',
  'Restore',
  'Incidents',
  'Settings',
] as const;
const SIZE = { width: 1400, height: 900 };

export interface Pictures {
  readonly files: readonly string[];
  /** Milliseconds from the start of the process until the window showed the engine's first answer. */
  readonly usableAfterMs: number;
  /** Resident memory of the engine process with the site open, bytes. */
  readonly engineMemoryBytes: number;
}

/** Opens the site in the true window, signs in as a person would, and saves a picture of each screen. */
export async function takePictures(dataDir: string, folder: string): Promise<Pictures> {
  mkdirSync(folder, { recursive: true });
  // What is fetched and built once is no part of a start.
  await build();
  await ensureElectron();
  const began = performance.now();
  const window = await launchWindow({ dataDir, size: SIZE });
  const usableAfterMs = performance.now() - began;
  const files: string[] = [];
  try {
    const { page } = window;
    const save = async (name: string): Promise<void> => {
      const path = join(folder, `${name}.png`);
      await page.screenshot({ path, animations: 'disabled' });
      files.push(path);
    };
    await save('sign-in');
    await page.getByLabel('Passphrase').fill(ENGINEER.passphrase);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const rail = page.getByRole('navigation', { name: 'Screens' });
    await rail.waitFor({ timeout: 60_000 });
    for (const theme of ['Light', 'Dark']) {
      await page.getByRole('radio', { name: theme }).check({ force: true });
      for (const screen of SCREENS) {
        await rail.getByRole('button', { name: new RegExp(`^${screen}`) }).click();
        // A screen is at rest when no request of it is under way and its list has been painted.
        await page.waitForTimeout(600);
        await save(`${screen.toLowerCase()}-${theme.toLowerCase()}`);
      }
    }
    const site = await page.evaluate(() => globalThis.window.sallyport.invoke('site.get', {}));
    const memory = site.ok ? (site.value as { engine: { memoryBytes: number } }).engine.memoryBytes : 0;
    return { files, usableAfterMs, engineMemoryBytes: memory };
  } finally {
    await window.close();
  }
}
