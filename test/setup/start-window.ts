import { build } from './build.ts';
import { ensureElectron } from './electron-runtime.ts';
import { projectRoot } from './paths.ts';
import { runVisibly } from './processes.ts';
import { say } from './say.ts';

/** Switches that this machine asks for, beside the folder of the application. */
export function electronSwitches(virtualDisplay: boolean): string[] {
  // Chromium refuses to start its own sandbox as root; a person at a desktop is not root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return virtualDisplay ? [...asRoot, '--disable-gpu'] : asRoot;
}

/** Opens the application and stays until its window is closed. */
export async function startWindow(args: readonly string[], virtualDisplay: boolean): Promise<number> {
  await build();
  const runtime = await ensureElectron();
  if (virtualDisplay)
    say('there is no display: the window opens on a virtual one that nobody sees (Ctrl+C ends it)');
  const env = { ...process.env };
  delete env['ELECTRON_RUN_AS_NODE'];
  say(`starting the window (Electron ${runtime.version})`);
  return runVisibly(runtime.executable, [...electronSwitches(virtualDisplay), ...args, projectRoot], env);
}
