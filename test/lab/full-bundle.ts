import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openRealLab } from './demo/real-demo-lab.ts';
import { describeFullBundle, wrongWith } from './full-bundle/describe.ts';
import { tellFullBundle } from './full-bundle/story.ts';
import { LAB_EXIT_CODES, LabError } from './real/lab-error.ts';

const USAGE = `usage: npm run lab -- full-bundle [options]
Builds a bundle from this machine's Debian mirror for the lab's bookworm endpoints, says how large it is beside the mirror,
imports it and patches the endpoints from it. Needs root, gpgv and the mirror.
  --json            print one JSON document at the end, and nothing else on stdout
  --keep            leave the lab up afterwards
  --folder FOLDER   new folder for the site and the media (default: a temporary one)
`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    folder: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const say = (text: string): void => void process.stderr.write(`full-bundle: ${text}\n`);

async function run(): Promise<number> {
  const folder =
    values.folder === undefined ? mkdtempSync(join(tmpdir(), 'sallyport-full-')) : resolve(values.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  say(`everything of this is in ${folder}`);
  const lab = await openRealLab(folder, values.keep, say);
  try {
    const result = await tellFullBundle(lab, folder, say);
    const complete = { ...result, wrong: wrongWith(result) };
    writeFileSync(join(folder, 'result.json'), `${JSON.stringify(complete, null, 2)}\n`);
    process.stdout.write(
      values.json ? `${JSON.stringify(complete, null, 2)}\n` : `${describeFullBundle(result)}\n`,
    );
    return complete.wrong.length === 0 ? 0 : 1;
  } finally {
    await lab.close();
  }
}

if (values.help) {
  process.stdout.write(USAGE);
} else {
  try {
    process.exitCode = await run();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say(error.message);
    process.exitCode = LAB_EXIT_CODES[error.code];
  }
}
