import {
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { type Base, ensureBases } from './base.ts';
import { requireCommand, runCommand, waitFor } from './command.ts';
import { clearDisks, makeDisk, resetDisk } from './endpoint-disk.ts';
import { FLEET, OPERATOR } from './fleet.ts';
import {
  ensureImage,
  findHostPid,
  listLoopDevices,
  onHost,
  requireOnHost,
  startHost,
  stopHost,
  writeHostConfig,
} from './host.ts';
import { type EndpointIdentity, type KeyPair, makeEndpointIdentity, makeKeyPair } from './identity.ts';
import { LabError } from './lab-error.ts';
import {
  BASES_ROOT,
  CONTROLLER_ADDRESS,
  DISKS_ROOT,
  HOST_ADDRESS,
  type LabLayout,
  netnsFile,
  PRISTINE_ROOT,
  SNAPSHOTS_ROOT,
} from './layout.ts';
import { type DebianMirror, findDebianMirror } from './mirror.ts';
import { createNetwork, listNetworks, removeNetwork, setBridgePort } from './network.ts';
import { isAlive } from './processes.ts';
import { installRequirements, requireKernel, requireRoot } from './requirements.ts';
import { startTrafficWitness } from './witness.ts';
import { inController, type LabEndpoint, type LabSite, readSite } from './site.ts';

export type Say = (text: string) => void;

/** What is there of the lab, by what the kernel shows and not by what was written down. */
export type LabStatus = {
  readonly up: boolean;
  readonly lab: string;
  readonly siteFile: string | null;
  readonly cacheDir: string;
  readonly hostRunning: boolean;
  readonly networks: readonly string[];
  readonly loopDevices: readonly string[];
  readonly machines: readonly {
    readonly name: string;
    readonly power: 'running' | 'stopped';
    readonly ssh: boolean;
  }[];
  /** True when nothing of the lab is left but its cache. */
  readonly clean: boolean;
};

const VMS = FLEET.map(({ name }) => name);

/** Brings the lab up. Up already: does nothing. Half up, from a crash: takes it down first. */
export async function bringUp(layout: LabLayout, say: Say): Promise<LabSite> {
  requireRoot('up');
  return underLock(layout, async () => {
    await installRequirements(say);
    await requireKernel();
    const before = await labStatus(layout);
    if (before.up) {
      say('the lab is up already');
      return readSite(layout);
    }
    if (!before.clean) {
      say('something of an earlier lab is left: taking it down first');
      await takeDown(layout, { purge: false });
    }
    try {
      return await build(layout, say);
    } catch (error) {
      await takeDown(layout, { purge: false });
      throw error;
    }
  });
}

async function build(layout: LabLayout, say: Say): Promise<LabSite> {
  mkdirSync(`${layout.runDir}/host`, { recursive: true, mode: 0o755 });
  mkdirSync(layout.identityDir, { recursive: true, mode: 0o700 });
  const [mirror] = await Promise.all([
    findDebianMirror(say),
    ensureImage(layout),
    createNetwork(layout, FLEET),
  ]);
  writeHostConfig(layout);
  const [hostKey, hostLogin, ...identities] = await Promise.all([
    makeKeyPair(`${layout.runDir}/host/ssh_host_ed25519_key`, 'root@lab-host'),
    makeKeyPair(`${layout.identityDir}/host_login_ed25519_key`, 'lab-host'),
    ...FLEET.map(({ name }) => makeEndpointIdentity(layout, name)),
  ]);
  writeFileSync(`${layout.runDir}/host/authorized_keys`, `${hostLogin.publicKey}\n`, { mode: 0o600 });
  await startHost(layout);
  await requireOnHost(layout, ['mkdir', '-p', BASES_ROOT, DISKS_ROOT, SNAPSHOTS_ROOT, PRISTINE_ROOT]);
  await clearDisks(layout);
  const bases = await ensureBases(
    layout,
    FLEET.map(({ suite }) => suite),
    mirror,
    say,
  );

  const site = describeSite(layout, mirror, bases, { hostKey, hostLogin, identities });
  await Promise.all(
    FLEET.map(async (spec, index) => {
      const identity = identities[index];
      const base = bases.get(spec.suite);
      if (!identity || !base) throw new Error(`no identity or base for ${spec.name}`);
      await makeDisk(layout, spec, base.subvolume, identity);
      await powerOnAndWait(layout, spec.name, spec.address);
    }),
  );
  await startTrafficWitness(layout, [site.host, ...site.endpoints]);
  writeFileSync(layout.siteFile, `${JSON.stringify(site, null, 2)}\n`, { mode: 0o600 });
  return site;
}

function describeSite(
  layout: LabLayout,
  mirror: DebianMirror,
  bases: ReadonlyMap<string, Base>,
  keys: { hostKey: KeyPair; hostLogin: KeyPair; identities: readonly EndpointIdentity[] },
): LabSite {
  const endpoints = FLEET.map((spec, index): LabEndpoint => {
    const identity = keys.identities[index];
    if (!identity) throw new Error(`no identity for ${spec.name}`);
    const suite = bases.get(spec.suite)?.suite ?? spec.suite;
    return {
      name: spec.name,
      address: spec.address,
      port: 22,
      user: OPERATOR,
      hostKeyFingerprint: identity.hostKey.fingerprint,
      hostPublicKey: identity.hostKey.publicKey,
      auth:
        spec.login === 'key'
          ? { kind: 'key', privateKeyPath: identity.operatorKey.path }
          : { kind: 'password', password: identity.password },
      sudoPassword: spec.sudo === 'password' ? identity.password : null,
      vm: spec.name,
      suite,
      main: { uri: mirror.mainUri, suite, component: 'main' },
      security: { uri: mirror.securityUri, suite: `${suite}-security`, component: 'main' },
    };
  });
  return {
    version: 1,
    lab: layout.name,
    createdAt: new Date().toISOString(),
    controller: {
      netns: layout.controllerNetns,
      netnsFile: netnsFile(layout.controllerNetns),
      address: CONTROLLER_ADDRESS,
    },
    host: {
      name: 'lab-host',
      address: HOST_ADDRESS,
      port: 22,
      user: 'root',
      hostKeyFingerprint: keys.hostKey.fingerprint,
      hostPublicKey: keys.hostKey.publicKey,
      privateKeyPath: keys.hostLogin.path,
      disksRoot: DISKS_ROOT,
      snapshotsRoot: SNAPSHOTS_ROOT,
      powerCommand: `${layout.runDir}/bin/lab-power`,
    },
    endpoints,
  };
}

/** Runs the lab host's own power switch. */
export async function switchPower(
  layout: LabLayout,
  verb: 'start' | 'stop' | 'status',
  vm: string,
): Promise<string> {
  const said = await requireOnHost(layout, [`${layout.runDir}/bin/lab-power`, verb, vm]);
  return said.trim();
}

/** Powers a machine on and returns when its SSH server answers. */
export async function powerOnAndWait(layout: LabLayout, vm: string, address: string): Promise<void> {
  await switchPower(layout, 'start', vm);
  if (!(await sshAnswers(layout, address, 30_000))) {
    throw new LabError('LAB_FAILED', `${vm} runs, but its SSH server does not answer on ${address}`);
  }
}

/** Whether an SSH server answers at an address of the lab, asked from the controller, within `forMs`. */
export async function sshAnswers(layout: LabLayout, address: string, forMs: number): Promise<boolean> {
  const probe = ['ssh-keyscan', '-t', 'ed25519', '-T', '1', address];
  const found = await waitFor(
    async () =>
      (await runCommand(inController(probe, layout))).stdout.includes('ssh-ed25519') ? true : undefined,
    { forMs, everyMs: 100 },
  );
  return found === true;
}

/** Puts one endpoint back to where it was when the lab came up: same identity, no snapshots, no faults of its disk. */
export async function resetEndpoint(layout: LabLayout, endpoint: LabEndpoint): Promise<void> {
  await setBridgePort(layout, endpoint.vm, 'up');
  await switchPower(layout, 'stop', endpoint.vm);
  await resetDisk(layout, endpoint.vm);
  await powerOnAndWait(layout, endpoint.vm, endpoint.address);
}

/** Takes the lab down: processes, mounts, loop devices, networks, run files. Nothing there: does nothing. */
export async function bringDown(layout: LabLayout, { purge }: { readonly purge: boolean }): Promise<void> {
  requireRoot('down');
  await underLock(layout, () => takeDown(layout, { purge }));
}

async function takeDown(layout: LabLayout, { purge }: { readonly purge: boolean }): Promise<void> {
  await stopHost(layout);
  await waitFor(async () => ((await listLoopDevices(layout)).length === 0 ? true : undefined), {
    forMs: 3_000,
  });
  for (const loop of await listLoopDevices(layout)) await requireCommand(['losetup', '--detach', loop]);
  await removeNetwork(layout, VMS);
  rmSync(layout.runDir, { recursive: true, force: true });
  if (purge) purgeCache(layout);
}

/** Removes this lab's image, and what labs share once no image of another lab is left. */
function purgeCache(layout: LabLayout): void {
  rmSync(layout.image, { force: true });
  if (!existsSync(layout.cacheDir)) return;
  if (readdirSync(layout.cacheDir).some((name) => name.endsWith('.img'))) return;
  for (const shared of [layout.basesDir, layout.debsDir]) rmSync(shared, { recursive: true, force: true });
  // A folder that someone put other things into stays, with those.
  if (readdirSync(layout.cacheDir).length === 0) rmdirSync(layout.cacheDir);
}

/** Tells what is there of the lab, without changing anything. */
export async function labStatus(layout: LabLayout): Promise<LabStatus> {
  const hostRunning = findHostPid(layout) !== undefined;
  const [networks, loopDevices] = await Promise.all([listNetworks(layout, VMS), listLoopDevices(layout)]);
  const siteFile = existsSync(layout.siteFile) ? layout.siteFile : null;
  const machines = hostRunning
    ? await Promise.all(
        FLEET.map(async ({ name, address }) => ({
          name,
          power: await powerOf(layout, name),
          ssh: await sshAnswers(layout, address, 0),
        })),
      )
    : [];
  const clean =
    !hostRunning && networks.length === 0 && loopDevices.length === 0 && !existsSync(layout.runDir);
  const up = hostRunning && siteFile !== null && networks.length === FLEET.length + 2;
  return {
    up,
    lab: layout.name,
    siteFile,
    cacheDir: layout.cacheDir,
    hostRunning,
    networks,
    loopDevices,
    machines,
    clean,
  };
}

async function powerOf(layout: LabLayout, vm: string): Promise<'running' | 'stopped'> {
  const said = await runCommand(onHost(layout, [`${layout.runDir}/bin/lab-power`, 'status', vm]));
  return said.stdout.trim() === 'running' ? 'running' : 'stopped';
}

/** Only one process at a time builds or removes a lab. A lock whose holder is gone counts for nothing. */
async function underLock<T>(layout: LabLayout, work: () => Promise<T>): Promise<T> {
  const lock = `/run/${layout.name}.lock`;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const file = openSync(lock, 'wx');
      writeSync(file, `${process.pid}`);
      closeSync(file);
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST') || attempt > 1) throw error;
      const holder = Number(readFileSync(lock, 'utf8'));
      if (holder > 0 && isAlive(holder)) {
        throw new LabError('LAB_BUSY', `Process ${holder} is bringing the lab up or down (lock ${lock})`);
      }
      rmSync(lock, { force: true });
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}
