import { LAB_EXIT_CODES, LabError } from './real/lab-error.ts';
import { labLayout } from './real/layout.ts';
import { bringDown, bringUp, labStatus, resetEndpoint } from './real/lifecycle.ts';
import { readSite, siteEndpoint } from './real/site.ts';

const USAGE = `usage: npm run lab -- VERB [--json]
  up                    build the lab and start it
  down [--purge]        remove it; with --purge the cache as well
  status                tell what is there
  reset ENDPOINT        put one endpoint back to where it was after up
`;

const say = (text: string): void => void process.stderr.write(`lab: ${text}\n`);

async function runLab(argv: readonly string[]): Promise<void> {
  const words = argv.filter((word) => !word.startsWith('--'));
  const options = new Set(argv.filter((word) => word.startsWith('--')));
  for (const option of options) {
    if (!['--json', '--purge'].includes(option)) throw new LabError('LAB_USAGE', `unknown option ${option}\n${USAGE}`);
  }
  const print = (value: unknown, text: string): void =>
    void process.stdout.write(options.has('--json') ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
  const layout = labLayout();
  const [verb, name] = words;
  switch (verb) {
    case 'up': {
      const started = Date.now();
      const site = await bringUp(layout, say);
      say(`up after ${((Date.now() - started) / 1000).toFixed(1)} s`);
      return print(site, layout.siteFile);
    }
    case 'down':
      await bringDown(layout, { purge: options.has('--purge') });
      return print(await labStatus(layout), 'the lab is down');
    case 'status': {
      const status = await labStatus(layout);
      const machines = status.machines.map((one) => `${one.name} ${one.power}, ssh ${one.ssh ? 'answers' : 'silent'}`);
      const word = status.up ? 'up' : status.clean ? 'down' : 'broken: something is left, "down" removes it';
      return print(status, [`${status.lab}: ${word}`, ...machines].join('\n'));
    }
    case 'reset': {
      const endpoint = siteEndpoint(readSite(layout), name ?? '');
      await resetEndpoint(layout, endpoint);
      return print({ reset: endpoint.name }, `${endpoint.name} is as it was after up`);
    }
    default:
      throw new LabError('LAB_USAGE', USAGE);
  }
}

try {
  await runLab(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`lab: ${error.message}\n`);
  process.exitCode = LAB_EXIT_CODES[error.code];
}
