import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { hasDisplay, withDisplay } from '../setup/display.ts';
import { startWindow } from '../setup/start-window.ts';
import type { DemoLab } from './demo/demo-lab.ts';
import { takePictures, type Pictures } from './demo/pictures.ts';
import { openRealLab } from './demo/real-demo-lab.ts';
import { openSimulatedLab } from './demo/simulated-demo-lab.ts';
import { APPROVER, ENGINEER, tellStory } from './demo/story.ts';
import { failures, holds, summarise } from './demo/summary.ts';
import { LabError } from './real/lab-error.ts';

const USAGE = `usage: npm run demo -- [options]
  --json            print one JSON document at the end, and nothing else on stdout
  --simulated       use simulated endpoints, although the real lab could be built
  --no-window       leave the window and its pictures out
  --keep            leave the lab up afterwards
  --folder FOLDER   new folder for the site, the media and the pictures (default: a temporary one)
`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    simulated: { type: 'boolean', default: false },
    'no-window': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    folder: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const say = (text: string): void => void process.stderr.write(`demo: ${text}\n`);

if (values.help) {
  process.stdout.write(USAGE);
} else {
  process.exitCode = await runDemo();
}

async function runDemo(): Promise<number> {
  const folder =
    values.folder === undefined ? mkdtempSync(join(tmpdir(), 'sallyport-demo-')) : resolve(values.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  say(`everything of this demo is in ${folder}`);
  const lab = await openLab(folder);
  try {
    const result = await tellStory(lab, folder, say);
    const pictures = values['no-window'] ? null : await showWindow(result.dataDir, folder);
    const complete = { ...result, pictures, holds: holds(result), failures: failures(result) };
    writeFileSync(join(folder, 'result.json'), `${JSON.stringify(complete, null, 2)}\n`);
    process.stdout.write(values.json ? `${JSON.stringify(complete, null, 2)}\n` : `\n${summarise(result)}\n`);
    if (pictures !== null) {
      say(
        `window usable after ${(pictures.usableAfterMs / 1000).toFixed(1)} s, engine memory in it ${Math.round(pictures.engineMemoryBytes / 2 ** 20)} MiB`,
      );
      say(`pictures of each screen: ${join(folder, 'pictures')}`);
    }
    return holds(result) ? 0 : 1;
  } finally {
    await lab.close();
  }
}

/** The real lab where it can be built, else the simulated one, and the reason why. */
async function openLab(folder: string): Promise<DemoLab> {
  if (values.simulated) return openSimulatedLab(folder, say);
  try {
    return await openRealLab(folder, values.keep, say);
  } catch (error) {
    if (
      !(error instanceof LabError) ||
      !['LAB_RIGHTS_MISSING', 'LAB_PACKAGES_MISSING', 'LAB_KERNEL_UNFIT'].includes(error.code)
    )
      throw error;
    say(`the real lab can't be built here: ${error.message}`);
    say('going on with SIMULATED endpoints');
    return openSimulatedLab(folder, say);
  }
}

/** With a display: the window with the result, until it is closed. Without one: pictures of each screen. */
async function showWindow(dataDir: string, folder: string): Promise<Pictures | null> {
  if (!hasDisplay()) return withDisplay(() => takePictures(dataDir, join(folder, 'pictures')));
  say(`the window opens on the result; sign in as ${ENGINEER.name} with "${ENGINEER.passphrase}"`);
  say(`or as ${APPROVER.name} with "${APPROVER.passphrase}"`);
  process.env['SALLYPORT_DATA'] = dataDir;
  await startWindow([], false);
  return null;
}
