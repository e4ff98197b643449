import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FAULTS } from './real/faults.ts';
import { sshArgv, sshEnvironment } from './real/lab-ssh.ts';
import { LAB_EXIT_CODES, LabError } from './real/lab-error.ts';
import { type LabLayout, labLayout } from './real/layout.ts';
import { bringDown, bringUp, resetEndpoint } from './real/lifecycle.ts';
import { labStatus } from './real/status.ts';
import { type LabEndpoint, readSite, siteEndpoint } from './real/site.ts';
import {
  digestTree,
  listListeners,
  readDiskTree,
  readPackages,
  readTraffic,
  resetTraffic,
} from './real/witness.ts';

const USAGE = `usage: npm run lab -- VERB [--json]
  up                    build the lab and start it
  down [--purge]        remove it; with --purge the cache as well
  status                tell what is there
  reset ENDPOINT        put one endpoint back to where it was after up
  ssh NAME [COMMAND]    log in to an endpoint, or to lab-host, from inside the lab's network
  fault NAME ENDPOINT   make something fail, or undo it; reset undoes every fault:
${Object.entries(FAULTS)
  .map(([name, { argument }]) => `                        ${name}${argument ? ` [${argument}]` : ''}`)
  .join('\n')}
  simulated [--endpoints N] [--slow] [--folder FOLDER]
                        start simulated endpoints instead, which need no rights
  full-bundle [--json] [--keep] [--folder FOLDER]
                        a bundle from the real Debian mirror: how large beside the mirror, imported, endpoints patched from it
  witness WHAT          what independent observers saw:
                        traffic, reset-traffic, listeners, packages ENDPOINT, tree ENDPOINT [SNAPSHOT]
`;

/** Verbs that are programs of their own. */
const SCRIPTS: Readonly<Record<string, string>> = {
  simulated: './embedded/run.ts',
  'full-bundle': './full-bundle.ts',
};

const say = (text: string): void => void process.stderr.write(`lab: ${text}\n`);

async function runLab(argv: readonly string[]): Promise<void> {
  if (argv[0] === 'ssh') return logIn(labLayout(), argv[1] ?? '', argv.slice(2));
  const words = argv.filter((word) => !word.startsWith('--'));
  const options = new Set(argv.filter((word) => word.startsWith('--')));
  for (const option of options) {
    if (!['--json', '--purge'].includes(option))
      throw new LabError('LAB_USAGE', `unknown option ${option}\n${USAGE}`);
  }
  const print = (value: unknown, text: string): void =>
    void process.stdout.write(options.has('--json') ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
  const layout = labLayout();
  const [verb, name, vm, argument] = words;
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
      const machines = status.machines.map(
        (one) => `${one.name} ${one.power}, ssh ${one.ssh ? 'answers' : 'silent'}`,
      );
      const word = status.up ? 'up' : status.clean ? 'down' : 'broken: something is left, "down" removes it';
      return print(status, [`${status.lab}: ${word}`, ...machines].join('\n'));
    }
    case 'reset': {
      const endpoint = siteEndpoint(readSite(layout), name ?? '');
      await resetEndpoint(layout, endpoint);
      return print({ reset: endpoint.name }, `${endpoint.name} is as it was after up`);
    }
    case 'fault': {
      const fault = Object.entries(FAULTS).find(([known]) => known === name)?.[1];
      if (!fault) throw new LabError('LAB_USAGE', `unknown fault ${name ?? ''}\n${USAGE}`);
      const endpoint = siteEndpoint(readSite(layout), vm ?? '');
      await fault.inject(layout, endpoint.vm, argument);
      return print({ fault: name, endpoint: endpoint.name }, `${endpoint.name}: ${name} done`);
    }
    case 'witness': {
      const seen = await observe(layout, name, () => siteEndpoint(readSite(layout), vm ?? ''), argument);
      return print(seen, JSON.stringify(seen, null, 2));
    }
    default:
      throw new LabError('LAB_USAGE', USAGE);
  }
}

/** Everything after the name is the command, options of its own included. */
function logIn(layout: LabLayout, name: string, command: readonly string[]): void {
  const site = readSite(layout);
  const peer = name === site.host.name ? site.host : siteEndpoint(site, name);
  const [file = '', ...args] = sshArgv(layout, peer, command);
  const env = { ...process.env, ...sshEnvironment(layout, peer) };
  process.exitCode = spawnSync(file, args, { stdio: 'inherit', env }).status ?? 1;
}

async function observe(
  layout: LabLayout,
  what: string | undefined,
  endpoint: () => LabEndpoint,
  snapshot: string | undefined,
): Promise<unknown> {
  switch (what) {
    case 'traffic':
      return readTraffic(layout);
    case 'reset-traffic':
      await resetTraffic(layout);
      return readTraffic(layout);
    case 'listeners':
      return listListeners(layout);
    case 'packages':
      return readPackages(layout, endpoint().vm);
    case 'tree': {
      const tree = readDiskTree(layout, endpoint().vm, snapshot);
      return { paths: tree.size, digest: digestTree(tree) };
    }
    default:
      throw new LabError('LAB_USAGE', USAGE);
  }
}

try {
  const [verb, ...rest] = process.argv.slice(2);
  const own = verb === undefined ? undefined : SCRIPTS[verb];
  if (own !== undefined) {
    const script = fileURLToPath(new URL(own, import.meta.url));
    process.exitCode = spawnSync(process.execPath, [script, ...rest], { stdio: 'inherit' }).status ?? 1;
  } else {
    await runLab(process.argv.slice(2));
  }
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`lab: ${error.message}\n`);
  process.exitCode = LAB_EXIT_CODES[error.code];
}
