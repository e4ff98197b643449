import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { breakSnapshots, failHealthCheck, mendSnapshots } from '../real/faults.ts';
import { labLayout } from '../real/layout.ts';
import { bringDown, bringUp, resetEndpoint } from '../real/lifecycle.ts';
import { inController, siteEndpoint, type LabEndpoint, type LabSite } from '../real/site.ts';
import type { Tree } from '../real/tree-digest.ts';
import {
  compareTrees,
  listListeners,
  readDiskTree,
  readPackages,
  readTraffic,
  startTrafficWitness,
} from '../real/witness.ts';
import type { DemoEndpoint, DemoLab, PackageList } from './demo-lab.ts';
import { sallyport } from './sallyport.ts';

const CAST = { succeeded: 'web-1', restored: 'db-1', refused: 'app-1' } as const;
/** The application of the endpoint that is restored was certified with the version of it that is installed. */
const CERTIFIED_PACKAGE = 'openssl';

/**
 * The lab of real endpoints, each put back to where it was built.
 *
 * @param folder for the signing keys and their passphrase
 * @param keep leaves the lab up afterwards
 */
export async function openRealLab(
  folder: string,
  keep: boolean,
  say: (text: string) => void,
): Promise<DemoLab> {
  const layout = labLayout();
  const site = await bringUp(layout, say);
  await mendSnapshots(layout, siteEndpoint(site, CAST.refused).vm);
  for (const endpoint of site.endpoints) await resetEndpoint(layout, endpoint);
  const disks = new Map<string, Tree>();
  const vmOf = (name: string): string => siteEndpoint(site, name).vm;
  return {
    simulated: false,
    kind: `${site.endpoints.length} endpoints of Debian ${[...new Set(site.endpoints.map((item) => item.suite))].join(' and ')}, each with its own disk, network and SSH server`,
    inside: inController([], layout),
    endpoints: site.endpoints.map(describe),
    host: {
      address: site.host.address,
      port: site.host.port,
      user: site.host.user,
      hostKey: site.host.hostKeyFingerprint,
      privateKey: readFileSync(site.host.privateKeyPath, 'utf8'),
      disksRoot: site.host.disksRoot,
      snapshotsRoot: site.host.snapshotsRoot,
      powerCommand: site.host.powerCommand,
    },
    cast: CAST,
    arm: async () => {
      failHealthCheck(layout, vmOf(CAST.restored), CERTIFIED_PACKAGE);
      await breakSnapshots(layout, vmOf(CAST.refused));
    },
    collect: (needsList, mediaDir, onLine) => collect(site, folder, needsList, mediaDir, onLine),
    readPackages: (name): PackageList =>
      new Map(
        readPackages(layout, vmOf(name)).map((item) => [
          `${item.name}:${item.architecture}`,
          item.state === 'installed' ? item.version : `${item.version} (${item.state})`,
        ]),
      ),
    rememberDisk: (name) => void disks.set(name, readDiskTree(layout, vmOf(name))),
    compareDisk: (name) => {
      const before = disks.get(name);
      if (before === undefined) throw new Error(`the disk of ${name} was not remembered`);
      const { differences, volatile } = compareTrees(before, readDiskTree(layout, vmOf(name)));
      return { differing: differences.map((item) => `${item.path} ${item.kind}`), volatile: volatile.length };
    },
    startWatching: () => startTrafficWitness(layout, [...site.endpoints, site.host]),
    readTraffic: async () => {
      const traffic = await readTraffic(layout);
      return {
        toInventory: Object.fromEntries(
          traffic.peers.map((peer) => [`${peer.name} ${peer.address}:${peer.port}`, peer.packetsOut]),
        ),
        elsewhere: traffic.other.packetsOut + traffic.other.packetsIn,
        withoutRoute: traffic.attemptsWithoutRoute,
      };
    },
    listListeners: async () =>
      (await listListeners(layout)).map((item) => ({
        local: `${item.protocol} ${item.local}`,
        process: item.process ?? 'unknown',
      })),
    close: async () => {
      await mendSnapshots(layout, vmOf(CAST.refused));
      if (!keep) await bringDown(layout, { purge: false });
    },
  };
}

function describe(endpoint: LabEndpoint): DemoEndpoint {
  return {
    name: endpoint.name,
    group: endpoint.name === CAST.succeeded ? 'Web' : 'Ward systems',
    address: endpoint.address,
    port: endpoint.port,
    user: endpoint.user,
    hostKey: endpoint.hostKeyFingerprint,
    login:
      endpoint.auth.kind === 'key'
        ? { kind: 'key', privateKey: readFileSync(endpoint.auth.privateKeyPath, 'utf8') }
        : { kind: 'password', password: endpoint.auth.password },
    sudoPassword: endpoint.sudoPassword,
    vm: endpoint.vm,
    healthCheck: 'orders=/opt/orders/selftest',
  };
}

/** The connected side is this machine as it is, outside the lab's network: it reaches the mirror that apt uses. */
async function collect(
  site: LabSite,
  folder: string,
  needsList: string,
  mediaDir: string,
  onLine: (line: string) => void,
): Promise<{ fingerprint: string; text: string }> {
  const carrier = { name: 'nobody', passphrase: '' };
  const outside = { prefix: [], dataDir: join(folder, 'unused') };
  const passphraseFile = join(folder, 'keys-passphrase');
  await mkdir(folder, { recursive: true });
  await writeFile(passphraseFile, 'seven quiet lanterns over water\n', { mode: 0o600 });
  const keys = join(folder, 'keys');
  const secret = ['--keys-passphrase-file', passphraseFile];
  const made = await sallyport(outside, carrier, ['keys', 'create', keys, '--single', ...secret]);
  const { rootFingerprint: fingerprint } = made.value as { rootFingerprint: string };
  const mirrors = new Set(site.endpoints.flatMap((item) => [item.main.uri, item.security.uri]));
  const named = [...mirrors].flatMap((uri) => ['--mirror', `${uri.slice(uri.lastIndexOf('/') + 1)}=${uri}`]);
  const built = await sallyport(
    outside,
    carrier,
    ['bundle', 'build', mediaDir, '--needs', needsList, '--keys', keys, ...secret, ...named],
    // 3: something that the mirror lists could not be had. The bundle says what, and the rest is good.
    { onLine, expected: [0, 3] },
  );
  const report = built.value as { objects: number; bytes: number; missing: readonly unknown[] };
  const missing =
    report.missing.length === 0 ? '' : `; ${report.missing.length} listed by the mirror but not to be had`;
  return { fingerprint, text: `${report.objects} objects, ${Math.round(report.bytes / 1e6)} MB${missing}` };
}
