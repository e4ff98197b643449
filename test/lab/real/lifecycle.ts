import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { type Base, ensureBases } from './base.ts';
import { requireCommand, waitFor } from './command.ts';
import { clearDisks, makeDisk, resetDisk } from './endpoint-disk.ts';
import { FLEET, OPERATOR } from './fleet.ts';
import { ensureImage, listLoopDevices, requireOnHost, startHost, stopHost, writeHostConfig } from './host.ts';
import { type EndpointIdentity, type KeyPair, makeEndpointIdentity, makeKeyPair } from './identity.ts';
import { writeKnownHosts } from './lab-ssh.ts';
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
import { underLock } from './lock.ts';
import { powerOnAndWait, switchPower } from './power.ts';
import { labStatus } from './status.ts';
import { createNetwork, removeNetwork, setBridgePort } from './network.ts';
import { installRequirements, requireKernel, requireRoot } from './requirements.ts';
import { startTrafficWitness } from './witness.ts';
import { type LabEndpoint, type LabSite, readSite } from './site.ts';

export type Say = (text: string) => void;

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
  writeKnownHosts(layout, site);
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
    forMs: 30_000,
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
