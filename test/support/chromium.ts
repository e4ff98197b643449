import { chromium, type Browser } from 'playwright-core';
import { BROWSER_PACKAGES, ensureDebianPackages, findProgram } from '../setup/debian-packages.ts';
import { SetupError } from '../setup/say.ts';

/** Why there is no Chromium here to open the page in; `undefined` when there is one. Installs Debian's where it may. */
export function reasonAgainstChromium(): string | undefined {
  if (process.platform !== 'linux') return 'Chromium is installed by itself on Debian only';
  try {
    ensureDebianPackages('the page in a browser', BROWSER_PACKAGES);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return error.message.split('\n')[0];
  }
  return findProgram('chromium') === undefined ? 'there is no chromium on the PATH' : undefined;
}

/** Debian's Chromium, with no network to reach: every name resolves to nothing, and whatever it asks for is refused. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findProgram('chromium') ?? 'chromium',
    args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND', '--disable-background-networking'],
  });
}
