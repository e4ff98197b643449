import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareSite } from '../../support/prepared-site.ts';
import { PERSONS } from './persons.ts';
import { EmbeddedLab } from './embedded-lab.ts';
import { describeSite } from './simulated-site.ts';

const USAGE = `usage: node test/lab/embedded/run.ts [--endpoints N] [--slow] [--folder FOLDER]
  Starts SIMULATED endpoints on loopback, makes a site over them, and stays until it is interrupted.
  --endpoints N    how many (default 3, at most 500)
  --slow           installs and restarts take seconds, so that a person can watch
  --folder FOLDER  new folder for the site and the media (default: a temporary one)
  Prints one JSON document that says where everything is.
`;
const WATCHABLE = { packageMs: 400, shutdownMs: 500, bootMs: 4_000 };

const { values } = parseArgs({
  options: {
    endpoints: { type: 'string', default: '3' },
    slow: { type: 'boolean', default: false },
    folder: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const endpoints = Number(values.endpoints);
if (values.help || !Number.isInteger(endpoints) || endpoints < 1 || endpoints > 500) {
  (values.help ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  await run(endpoints);
}

async function run(count: number): Promise<void> {
  const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'sallyport-simulated-'));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const began = performance.now();
  const lab = await EmbeddedLab.start({ endpoints: count, ...(values.slow ? { speed: WATCHABLE } : {}) });
  const up = performance.now();
  const dataDir = join(folder, 'site');
  await prepareSite(describeSite(lab, folder), dataDir, folder);
  const described = {
    simulated: true,
    endpoints: lab.endpoints.map(({ name, group, front }) => ({
      name,
      group,
      address: front.server.address,
      port: front.server.port,
      hostKey: front.hostKey.fingerprint,
    })),
    dataDir,
    media: join(folder, 'media'),
    persons: Object.values(PERSONS),
    startMs: Math.round(up - began),
    prepareMs: Math.round(performance.now() - up),
    memoryBytes: process.memoryUsage().rss,
  };
  const file = join(folder, 'simulated-site.json');
  writeFileSync(file, `${JSON.stringify(described, null, 2)}\n`, { mode: 0o600 });
  process.stdout.write(`${JSON.stringify(described, null, 2)}\n`);
  process.stderr.write(
    `${String(count)} SIMULATED endpoints are up; ${file} describes them. Ctrl+C ends them.\n`,
  );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const unexpected = lab.unexpected();
  if (unexpected.length > 0) process.stderr.write(`not understood: ${unexpected.join('\n')}\n`);
  await lab.close();
}
