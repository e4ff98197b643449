import { readFile } from 'node:fs/promises';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { build } from '../setup/build.ts';
import { ensureElectron } from '../setup/electron-runtime.ts';
import { projectRoot } from '../setup/paths.ts';
import { electronSwitches } from '../setup/start-window.ts';

/** The true application in a true window, with a site of its own, driven by a test. */
export interface OpenWindow {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Folder of the site that the engine of this window works on. */
  readonly dataDir: string;
  /** Errors and warnings of the page's console so far, policy violations among them. */
  readonly complaints: readonly string[];
  /** Saves what the window shows, to `<screenshots>/<name>.png`; resolves to the path. */
  screenshot(name: string): Promise<string>;
  /** Closes the window as a person would, and waits until every process of it has ended. Keeps the site. */
  close(): Promise<void>;
}

export interface WindowOptions {
  /** A site that is there already; without it a new, empty one that is removed when it closes. */
  readonly dataDir?: string;
  /** Folder for preferences of the window, to keep them from one launch to the next. */
  readonly userDataDir?: string;
  readonly size?: { readonly width: number; readonly height: number };
  readonly env?: Readonly<Record<string, string>>;
  /** Folder of another build of the application; without it the one of this checkout, built when needed. */
  readonly appDir?: string;
  /** Folders that are empty for this window and everything it starts, as if they were on another machine. Linux only. */
  readonly hidden?: readonly string[];
  /** False for an engine that is a stand-in: the page will not find what it waits for. */
  readonly waitForReady?: boolean;
}

/** Where screenshots go: SALLYPORT_SCREENSHOTS, or out/screenshots in the checkout. */
export const screenshotDir = process.env['SALLYPORT_SCREENSHOTS'] ?? join(projectRoot, 'out', 'screenshots');

/** The page sets this once it has painted the engine's first answer. */
const READY = 'html[data-ready="true"]';

/** Launches the window (building it and fetching Electron first where needed) and waits until the page says it is ready. */
export async function launchWindow(options: WindowOptions = {}): Promise<OpenWindow> {
  if (options.appDir === undefined) await build();
  const runtime = await ensureElectron();
  const scratch = mkdtempSync(join(tmpdir(), 'sallyport-window-'));
  const dataDir = options.dataDir ?? join(scratch, 'site');
  const userDataDir = options.userDataDir ?? join(scratch, 'preferences');
  const app = await _electron.launch({
    executablePath:
      options.hidden === undefined
        ? runtime.executable
        : startWithout(options.hidden, runtime.executable, join(scratch, 'start')),
    args: [...electronSwitches(true), `--user-data-dir=${userDataDir}`, options.appDir ?? projectRoot],
    cwd: projectRoot,
    env: { ...environment(), ...options.env, SALLYPORT_DATA: dataDir },
    // The window follows the system and its own setting, not what the driver would emulate.
    colorScheme: null,
    timeout: 60_000,
  });
  const complaints: string[] = [];
  try {
    const page = await app.firstWindow({ timeout: 60_000 });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    if (options.size !== undefined) await resize(app, options.size);
    if (options.waitForReady !== false) {
      await page.waitForSelector(READY, { state: 'attached', timeout: 60_000 });
    }
    return {
      app,
      page,
      dataDir,
      complaints,
      async screenshot(name) {
        mkdirSync(screenshotDir, { recursive: true });
        const path = join(screenshotDir, `${name}.png`);
        await page.screenshot({ path, animations: 'disabled' });
        return path;
      },
      async close() {
        await app.close();
        rmSync(scratch, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await app.close();
    rmSync(scratch, { recursive: true, force: true });
    throw error;
  }
}

export interface Violation {
  readonly rule: string;
  readonly impact: string;
  readonly nodes: readonly string[];
}

/** What axe-core objects to in the page as it is now, by the rules of WCAG 2.2 AA and axe's good practice, or by some of them. */
export async function findViolations(page: Page, onlyRules?: readonly string[]): Promise<Violation[]> {
  const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await readSource(source));
  return page.evaluate(async (rules) => {
    // A colour that is half-way to another is nobody's to read: what ends by itself ends first.
    const moving = document
      .getAnimations()
      .filter(({ effect }) => effect?.getTiming().iterations !== Infinity);
    await Promise.allSettled(moving.map(({ finished }) => finished));
    const { axe } = window as unknown as {
      axe: {
        run(options: object): Promise<{
          violations: { id: string; impact: string | null; nodes: { target: unknown[] }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run({
      resultTypes: ['violations'],
      ...(rules === null ? {} : { runOnly: { type: 'rule', values: rules } }),
    });
    return violations.map(({ id, impact, nodes }) => ({
      rule: id,
      impact: impact ?? 'unknown',
      nodes: nodes.map(({ target }) => target.join(' ')),
    }));
  }, onlyRules ?? null);
}

async function readSource(path: string): Promise<string> {
  // Evaluated through the debugger, which the page's policy does not bind; nothing is added to the page itself.
  return `${await readFile(path, 'utf8')}; undefined`;
}

/** Writes a program that starts another one in a mount namespace of its own, where each of these folders is empty. */
function startWithout(hidden: readonly string[], program: string, file: string): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const cover = hidden.map((folder) => `mount -t tmpfs none ${quote(folder)} && `).join('');
  const asRoot = process.getuid?.() === 0 ? '' : '--map-root-user ';
  writeFileSync(
    file,
    `#!/bin/sh\nexec unshare ${asRoot}--mount -- sh -c ${quote(`${cover}exec "$0" "$@"`)} ${quote(program)} "$@"\n`,
    { mode: 0o700 },
  );
  return file;
}

async function resize(app: ElectronApplication, size: { width: number; height: number }): Promise<void> {
  await app.evaluate(({ BrowserWindow }, { width, height }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
  }, size);
}

/** This process' environment without what would turn Electron into plain Node or give its processes our flags. */
function environment(): Record<string, string> {
  const drop = new Set(['ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS', 'VITEST', 'NODE_ENV']);
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || drop.has(name) ? [] : [[name, value]],
    ),
  );
}
