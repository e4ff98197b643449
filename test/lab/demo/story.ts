import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunView, TaskView } from '../../../contract/runs.ts';
import { comparePackages, type PlannedPackage } from '../compare-packages.ts';
import type { DemoEndpoint, DemoLab, DiskComparison, Listener, PackageList, Traffic } from './demo-lab.ts';
import { sallyport, type Answer, type Place } from './sallyport.ts';

export const ENGINEER = { name: 'Asha Rahman', passphrase: 'tin kettle river stone' };
export const APPROVER = { name: 'Bilal Okoro', passphrase: 'quiet marble lantern nine' };
export const SITE_NAME = 'Northfield Trust';

export interface EndpointResult {
  readonly endpoint: string;
  readonly expected: string;
  readonly outcome: string;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly approved: number;
  /** Differences between the package lists before and after, read from the disk: not by the product. */
  readonly changed: number;
  /** How the change differs from what was approved. Empty: exactly the approved versions, or nothing at all. */
  readonly beyondApproved: readonly string[];
  readonly packagesEqualBefore: boolean;
  readonly disk: DiskComparison | null;
  /** What does not hold of what this endpoint should show. */
  readonly wrong: readonly string[];
}

export interface DemoResult {
  readonly simulated: boolean;
  readonly lab: string;
  readonly dataDir: string;
  readonly runId: string;
  readonly endpoints: readonly EndpointResult[];
  readonly traffic: Traffic | null;
  readonly listeners: readonly Listener[] | null;
  readonly audit: { readonly entries: number; readonly intact: boolean };
  readonly seconds: Readonly<Record<string, number>>;
  readonly engineMemoryBytes: number;
}

/** How often the controller's sockets are looked at while the story runs. */
const LOOK_EVERY_MS = 500;

/** The main job, end to end, by the command line of the product. */
export async function tellStory(
  lab: DemoLab,
  folder: string,
  say: (text: string) => void,
): Promise<DemoResult> {
  const place: Place = { prefix: lab.inside, dataDir: join(folder, 'site') };
  const media = join(folder, 'media');
  const seconds: Record<string, number> = {};
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const value = await work();
    seconds[what] = Math.round((performance.now() - began) / 100) / 10;
    say(`${what}: ${seconds[what]} s`);
    return value;
  };
  const asEngineer = (words: readonly string[], expected: readonly number[] = [0]): Promise<Answer> =>
    sallyport(place, ENGINEER, words, { expected, onLine: say });
  const asApprover = (words: readonly string[]): Promise<Answer> =>
    sallyport(place, APPROVER, words, { onLine: say });

  await lab.arm();
  await lab.startWatching();
  const watch = watchListeners(lab);
  await timed('site, persons, endpoints', () => makeSite(lab, folder, asEngineer));
  await timed('scan', () => asEngineer(['endpoint', 'scan']));
  const needsList = join(folder, 'needs-list.json');
  await asEngineer(['needs-list', 'export', needsList]);

  const collected = await timed('collect on the connected side', () => lab.collect(needsList, media, say));
  say(`carried in: ${collected.text}`);

  await asEngineer(['trust', 'pin', media, '--fingerprint', collected.fingerprint]);
  await timed('import', () => asEngineer(['bundle', 'import', media]));
  const plan = (
    await timed('plan', () => asEngineer(['plan', 'make', ...lab.endpoints.map((item) => item.name)]))
  ).value as PlanAnswer;
  const approval = (await asEngineer(['approval', 'request', plan.id])).value as { id: string };
  const own = await asEngineer(['approval', 'grant', approval.id, '--digest', plan.digest], [10, 1]);
  say(`the engineer tries to approve it alone: refused (exit ${own.exitCode})`);
  await asApprover(['approval', 'grant', approval.id, '--digest', plan.digest]);

  const before = new Map(lab.endpoints.map((item) => [item.name, lab.readPackages(item.name)]));
  for (const name of [lab.cast.restored, lab.cast.refused]) lab.rememberDisk(name);
  const run = (await timed('run', () => asEngineer(['run', 'start', approval.id], [0, 3]))).value as RunView;
  const listeners = await watch.stop();
  const traffic = await lab.readTraffic();
  const audit = (await asEngineer(['audit', 'verify'])).value as { entries: number; intact: boolean };
  const site = (await asEngineer(['site', 'show'])).value as { engine: { memoryBytes: number } };

  const endpoints = Object.entries(lab.cast).map(([expected, name]) => {
    const task = run.tasks.find((item) => item.endpointName === name);
    if (task === undefined) throw new Error(`${name} is not in the run`);
    const planned = plan.endpoints.find((item) => item.endpointName === name)?.packages ?? [];
    return judge(lab, expected, task, planned, before.get(name) ?? new Map());
  });
  return {
    simulated: lab.simulated,
    lab: lab.kind,
    dataDir: place.dataDir,
    runId: run.run.id,
    endpoints,
    traffic,
    listeners,
    audit,
    seconds,
    engineMemoryBytes: site.engine.memoryBytes,
  };
}

interface PlanAnswer {
  readonly id: string;
  readonly digest: string;
  readonly endpoints: readonly {
    readonly endpointName: string;
    readonly packages: readonly PlannedPackage[];
  }[];
}

/** Compares what the product says with what the disks say. */
function judge(
  lab: DemoLab,
  expected: string,
  task: TaskView,
  planned: readonly PlannedPackage[],
  before: PackageList,
): EndpointResult {
  const name = task.endpointName;
  const after = lab.readPackages(name);
  const { changed, differences } = comparePackages(before, after, planned);
  const disk = expected === 'succeeded' ? null : lab.compareDisk(name);
  const wrong: string[] = [];
  if (task.status !== expected) wrong.push(`it ended as ${task.status}, not ${expected}`);
  if (expected === 'succeeded') {
    wrong.push(...differences);
    if (changed.length === 0) wrong.push('nothing was installed');
  } else {
    wrong.push(...changed.map((key) => `${key} is not as before`));
    wrong.push(...(disk?.differing ?? []).slice(0, 20).map((path) => `disk: ${path}`));
  }
  return {
    endpoint: name,
    expected,
    outcome: task.status,
    failure: task.failure === null ? null : { code: task.failure.code, message: task.failure.message },
    approved: planned.length,
    changed: changed.length,
    beyondApproved: expected === 'succeeded' ? differences : [],
    packagesEqualBefore: changed.length === 0,
    disk,
    wrong,
  };
}

/** A new site with an engineer, an approver, the lab's host and its endpoints. */
export async function makeSite(
  lab: Pick<DemoLab, 'simulated' | 'host' | 'endpoints'>,
  folder: string,
  asEngineer: (words: readonly string[]) => Promise<Answer>,
): Promise<void> {
  const secrets = join(folder, 'secrets');
  await mkdir(secrets, { recursive: true, mode: 0o700 });
  const keep = async (name: string, text: string): Promise<string> => {
    const file = join(secrets, name);
    await writeFile(file, text.endsWith('\n') ? text : `${text}\n`, { mode: 0o600 });
    return file;
  };
  await asEngineer([
    ...['site', 'create', SITE_NAME, '--person', ENGINEER.name],
    // The role is not what stands in the way of approving alone: who asked is.
    ...['--role', 'engineer', '--role', 'approver'],
    ...(lab.simulated ? ['--simulated'] : []),
  ]);
  await asEngineer([
    ...['person', 'add', APPROVER.name, '--role', 'approver'],
    ...['--new-passphrase-file', await keep('approver-first', `${APPROVER.passphrase}, once`)],
  ]);
  // What the engineer typed opens nothing but this: the approver chooses a passphrase of their own.
  await asEngineer([
    ...['--as', APPROVER.name, '--passphrase-file', join(secrets, 'approver-first')],
    ...['person', 'change-passphrase'],
    ...['--new-passphrase-file', await keep('approver', APPROVER.passphrase)],
  ]);
  const { host } = lab;
  await asEngineer([
    ...[
      'hypervisor',
      'add',
      'lab-host',
      '--address',
      host.address,
      '--port',
      String(host.port),
      '--user',
      host.user,
    ],
    ...['--key-file', await keep('host-key', host.privateKey), '--host-key', host.hostKey],
    ...['--disks-root', host.disksRoot, '--snapshots-root', host.snapshotsRoot],
    ...['--power-command', host.powerCommand],
  ]);
  for (const endpoint of lab.endpoints) await asEngineer(await addEndpointWords(endpoint, keep));
}

async function addEndpointWords(
  endpoint: DemoEndpoint,
  keep: (name: string, text: string) => Promise<string>,
): Promise<string[]> {
  const { name, login, sudoPassword } = endpoint;
  return [
    ...['endpoint', 'add', name, '--group', endpoint.group],
    ...['--address', endpoint.address, '--port', String(endpoint.port), '--user', endpoint.user],
    ...(login.kind === 'key'
      ? ['--key-file', await keep(`${name}-key`, login.privateKey)]
      : ['--password-file', await keep(`${name}-password`, login.password)]),
    ...(sudoPassword === null ? [] : ['--sudo-password-file', await keep(`${name}-sudo`, sudoPassword)]),
    ...['--host-key', endpoint.hostKey, '--hypervisor', 'lab-host', '--vm', endpoint.vm],
    ...['--health-check', endpoint.healthCheck],
  ];
}

/** Looks at the sockets of the controller's network again and again; every one that was ever seen is told. */
function watchListeners(lab: DemoLab): { stop(): Promise<readonly Listener[] | null> } {
  const seen = new Map<string, Listener>();
  let looked = false;
  let running = true;
  const loop = (async () => {
    while (running) {
      const now = await lab.listListeners();
      if (now === null) return;
      looked = true;
      for (const item of now) seen.set(`${item.local} ${item.process}`, item);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  })();
  return {
    stop: async () => {
      running = false;
      await loop;
      return looked ? [...seen.values()] : null;
    },
  };
}
