import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'vitest';
import { buildBundle } from '../../main/collect/build-bundle.ts';
import { createSigningKeys } from '../../main/collect/signing-keys.ts';
import { parseNeedsList } from '../../main/core/needs-list.ts';
import { mendSnapshots } from '../lab/real/faults.ts';
import { hostPath } from '../lab/real/host.ts';
import { DISKS_ROOT, labLayout } from '../lab/real/layout.ts';
import { resetEndpoint } from '../lab/real/lifecycle.ts';
import { realFaults } from '../lab/real/real-faults.ts';
import type { LabSite } from '../lab/real/site.ts';
import { readPackages } from '../lab/real/witness.ts';
import { describePatchingScenarios, type PatchingHarness } from '../suites/patching-scenarios.suite.ts';
import { openLabRelay, type LabRelay } from '../support/lab-relay.ts';
import { endpointTarget, findLab, hostTarget } from '../support/lab-targets.ts';
import { openSite, prepareSite, type SiteSpec } from '../support/prepared-site.ts';

const lab = findLab();

if ('reason' in lab) {
  it.skip(`patching on the real lab [skipped: ${lab.reason}]`);
} else {
  describePatchingScenarios(makeHarness(lab.site));
}

const PASSPHRASE = 'keys for the tests of the lab';
/** As in production, but for what only costs time: the lab's endpoints restart in seconds. */
const TIMINGS = { reconnectMs: 180_000, installMs: 900_000, rebootMs: 180_000, pollMs: 500, backoffMs: 500 };

function makeHarness(site: LabSite): PatchingHarness {
  const layout = labLayout();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-real-'));
  const prepared = join(folder, 'site');
  const relays = new Map<string, LabRelay>();
  const [first, second, third] = site.endpoints.map((item) => item.name);
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('the lab is too small');
  let pending = '';
  let copies = 0;
  const reset = () => Promise.all(site.endpoints.map((endpoint) => resetEndpoint(layout, endpoint)));

  return {
    name: 'the real lab',
    endpoints: [first, second, third],
    pending: () => pending,
    get first() {
      return [pending];
    },
    // Four keepalives of four seconds, and some.
    dropMs: 30_000,
    patienceMs: 900_000,
    prepare: async () => {
      await mendAll();
      await reset();
      for (const machine of [site.host, ...site.endpoints])
        relays.set(machine.name, await openLabRelay(site.controller.netnsFile, machine));
      await prepareSite(describeSite(site, relays, folder, layout.cacheDir), prepared, folder, {
        timings: TIMINGS,
      });
      pending = await findCommonPending(prepared, site.endpoints.length);
    },
    open: async () => {
      await mendAll();
      await reset();
      copies += 1;
      const dataDir = join(folder, `copy-${String(copies)}`);
      cpSync(prepared, dataDir, { recursive: true });
      const open = await openSite(dataDir, { timings: TIMINGS });
      const faults = realFaults(layout);
      return {
        ...open,
        faults,
        readPackages: (name) =>
          Promise.resolve(
            Object.fromEntries(
              readPackages(layout, name).map((item) => [
                `${item.name}:${item.architecture}`,
                item.state === 'installed' ? item.version : `${item.version} (${item.state})`,
              ]),
            ),
          ),
        countUpgrades: (name, packageName, to) =>
          Promise.resolve(countUpgrades(hostPath(layout, `${DISKS_ROOT}/${name}`), packageName, to)),
        countLogins: undefined,
        close: async () => {
          await open.engine.close();
          rmSync(dataDir, { recursive: true, force: true });
          await faults.settled();
        },
      };
    },
    close: async () => {
      await Promise.all([...relays.values()].map((relay) => relay.close()));
      await mendAll();
      await reset();
      rmSync(folder, { recursive: true, force: true });
    },
  };

  async function mendAll(): Promise<void> {
    for (const endpoint of site.endpoints) await mendSnapshots(layout, endpoint.vm);
  }
}

function describeSite(
  site: LabSite,
  relays: ReadonlyMap<string, LabRelay>,
  folder: string,
  cacheDir: string,
): SiteSpec {
  const reach = <T extends { readonly name: string }>(target: T): T & { address: string; port: number } => {
    const relay = relays.get(target.name);
    if (relay === undefined) throw new Error(`there is no way to ${target.name}`);
    return { ...target, address: relay.address, port: relay.port };
  };
  const { name, address, port, user, hostKey, login, sudo } = reach(hostTarget(site));
  const { disksRoot, snapshotsRoot, powerCommand } = site.host;
  return {
    name: 'Lab',
    simulated: false,
    hypervisor: {
      ...{ name, address, port, user, hostKey, login, sudo, kind: 'btrfs' },
      ...{ disksRoot, snapshotsRoot, powerCommand },
    },
    endpoints: site.endpoints.map((endpoint) => ({
      ...reach(endpointTarget(endpoint)),
      vm: endpoint.vm,
      healthChecks: [{ name: 'orders', argv: ['/opt/orders/selftest'], timeoutMs: 30_000 }],
    })),
    collect: async (needsFile) => {
      const now = new Date().toISOString();
      const keysDir = join(folder, 'keys');
      const media = join(folder, 'media');
      const uris = site.endpoints.flatMap((endpoint) => [endpoint.main.uri, endpoint.security.uri]);
      const { fingerprint } = await createSigningKeys({
        dir: keysDir,
        passphrase: PASSPHRASE,
        now,
        scrypt: { N: 1024, r: 8, p: 1 },
      });
      await buildBundle({
        needs: parseNeedsList(readFileSync(needsFile, 'utf8')),
        outDir: media,
        keysDir,
        passphrase: PASSPHRASE,
        now,
        mirrors: Object.fromEntries(uris.map((uri) => [uri.slice(uri.lastIndexOf('/') + 1), uri])),
        downloadDir: join(cacheDir, 'downloads'),
      });
      return { folder: media, fingerprint };
    },
  };
}

/** The smallest security update that every endpoint lacks: the sets move with each advisory, so no name is written down. */
async function findCommonPending(prepared: string, endpoints: number): Promise<string> {
  const { engine, engineer } = await openSite(prepared);
  try {
    const findings = (await engineer.call('findings.list', {})).filter(
      (item) => item.carried && item.security,
    );
    const { patches } = await engineer.call('catalogue.search', { onlyNeeded: true });
    const sizeOf = (name: string): number =>
      patches.find((patch) => patch.package === name)?.size ?? Infinity;
    const names = [...new Set(findings.map((item) => item.package))]
      .filter((name) => findings.filter((item) => item.package === name).length === endpoints)
      .toSorted((a, b) => sizeOf(a) - sizeOf(b));
    const [smallest] = names;
    if (smallest === undefined) throw new Error('no security update is pending on every endpoint of the lab');
    return smallest;
  } finally {
    await engine.close();
  }
}

/** From dpkg.log(5): `date time upgrade NAME:ARCH OLD NEW`. */
function countUpgrades(disk: string, name: string, to: string): number {
  const log = readFileSync(`${disk}/var/log/dpkg.log`, 'utf8');
  return log.split('\n').filter((line) => {
    const [, , verb, key, , version] = line.split(' ');
    return (verb === 'upgrade' || verb === 'install') && key?.split(':')[0] === name && version === to;
  }).length;
}
