import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import puppeteer, { type KeyInput } from 'puppeteer-core';
import { Builder, Capabilities, Key } from 'selenium-webdriver';
import { BROWSER_PACKAGES, ensureDebianPackages, findProgram } from '../setup/debian-packages.ts';
import { SetupError } from '../setup/say.ts';

/** What a customer without Chromium has: the keyboard, the eyes, and a folder that downloads land in. */
export interface OtherBrowser {
  readonly name: string;
  readonly version: string;
  open(url: string): Promise<void>;
  /** Runs the body of a function in the page and brings its result back as JSON would. */
  run(body: string): Promise<unknown>;
  type(text: string): Promise<void>;
  press(key: 'Enter' | 'Tab'): Promise<void>;
  /** Saves what it shows as a PNG. */
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

/** The two engines beside Chromium's that a customer's browser has, as Debian packages them. */
export const OTHER_BROWSERS = {
  firefox: { program: 'firefox-esr', launch: launchFirefox },
  webkit: { program: 'WebKitWebDriver', launch: launchWebKit },
} as const;

/** Why a browser is not here; `undefined` when it is. Installs Debian's where it may. */
export function reasonAgainst(browser: keyof typeof OTHER_BROWSERS): string | undefined {
  if (process.platform !== 'linux') return 'browsers are installed by themselves on Debian only';
  const { program } = OTHER_BROWSERS[browser];
  try {
    ensureDebianPackages('the page in a browser', BROWSER_PACKAGES);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return error.message.split('\n')[0];
  }
  return findProgram(program) === undefined ? `there is no ${program} on the PATH` : undefined;
}

/** Firefox by WebDriver BiDi. @param downloads a folder that is there */
async function launchFirefox(downloads: string): Promise<OtherBrowser> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: findProgram('firefox-esr') ?? 'firefox-esr',
    headless: true,
    extraPrefsFirefox: {
      'browser.download.folderList': 2,
      'browser.download.dir': downloads,
      'network.dns.disabled': true,
    },
  });
  const page = await browser.newPage();
  await page.setViewport({ width: 1_280, height: 800 });
  return {
    name: 'Firefox',
    version: await browser.version(),
    open: async (url) => void (await page.goto(url)),
    run: (body) => page.evaluate(`(() => { ${body} })()`),
    type: (text) => page.keyboard.type(text),
    press: (key) => page.keyboard.press(key satisfies KeyInput),
    screenshot: async (path) => void (await page.screenshot({ path: path })),
    close: () => browser.close(),
  };
}

/** WebKit's own small browser by WebDriver; it needs a display. @param downloads a folder that is there */
async function launchWebKit(downloads: string): Promise<OtherBrowser> {
  const home = join(downloads, '..', 'home');
  mkdirSync(join(home, '.config'), { recursive: true });
  writeFileSync(join(home, '.config', 'user-dirs.dirs'), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
  const port = await freePort();
  const server = spawn('WebKitWebDriver', ['--host=127.0.0.1', `--port=${String(port)}`], {
    stdio: 'ignore',
    // Its sandbox takes a user that may make namespaces, which the tests' user need not be.
    env: { ...process.env, HOME: home, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
  });
  const stop = async (): Promise<void> => {
    const ended = once(server, 'exit');
    if (server.kill()) await ended;
  };
  try {
    const capabilities = new Capabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': {
        binary: '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
        args: ['--automation'],
      },
    });
    const driver = await new Builder()
      .usingServer(`http://127.0.0.1:${String(port)}`)
      .withCapabilities(capabilities)
      .build();
    const keys = { Enter: Key.ENTER, Tab: Key.TAB };
    return {
      name: 'WebKitGTK',
      version: (await driver.getCapabilities()).getBrowserVersion() ?? '',
      open: (url) => driver.get(url),
      run: (body) => driver.executeScript(body),
      type: (text) => driver.actions().sendKeys(text).perform(),
      press: (key) => driver.actions().sendKeys(keys[key]).perform(),
      screenshot: async (path) => writeFileSync(path, Buffer.from(await driver.takeScreenshot(), 'base64')),
      close: async () => {
        await driver.quit();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('a socket without a port');
  return address.port;
}
