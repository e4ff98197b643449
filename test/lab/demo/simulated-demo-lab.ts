import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parseNeedsList } from '../../../main/core/needs-list.ts';
import { SELFTEST } from '../embedded/checks.ts';
import type { Disk } from '../embedded/disk.ts';
import { EmbeddedLab, USER } from '../embedded/embedded-lab.ts';
import { embeddedFaults } from '../embedded/faults.ts';
import { DISKS_ROOT, POWER_COMMAND, SNAPSHOTS_ROOT } from '../embedded/hypervisor-host.ts';
import { packMedia } from '../embedded/media.ts';
import type { DemoLab } from './demo-lab.ts';

const CAST = { succeeded: 'web-1', restored: 'db-1', refused: 'app-1' } as const;
const CERTIFIED_PACKAGE = 'openssl';

/** Simulated endpoints, for machines where the real lab can't be built. Their SSH servers are in this process. */
export async function openSimulatedLab(folder: string, say: (text: string) => void): Promise<DemoLab> {
  const lab = await EmbeddedLab.start({ endpoints: 3 });
  say('three SIMULATED endpoints are up on loopback');
  const faults = embeddedFaults(lab);
  const diskOf = (name: string): Disk => {
    const disk = lab.host.diskOf(name);
    if (disk === undefined) throw new Error(`${name} has no disk`);
    return disk;
  };
  const remembered = new Map<string, Disk>();
  return {
    simulated: true,
    kind: '3 simulated endpoints',
    inside: [],
    endpoints: lab.endpoints.map(({ name, group, front, login, sudo }) => ({
      name,
      group,
      address: front.server.address,
      port: front.server.port,
      user: USER,
      hostKey: front.hostKey.fingerprint,
      login: login.kind === 'password' ? login : { kind: 'key', privateKey: login.privateKey },
      sudoPassword: sudo.kind === 'password' ? sudo.password : null,
      vm: name,
      healthCheck: `orders=${SELFTEST}`,
    })),
    host: {
      address: lab.hostServer.address,
      port: lab.hostServer.port,
      user: 'root',
      hostKey: lab.hostKey.fingerprint,
      privateKey: lab.hostLogin.privateKey,
      disksRoot: DISKS_ROOT,
      snapshotsRoot: SNAPSHOTS_ROOT,
      powerCommand: POWER_COMMAND,
    },
    cast: CAST,
    arm: async () => {
      await faults.failHealthCheck(CAST.restored, CERTIFIED_PACKAGE);
      await faults.breakSnapshots(CAST.refused);
    },
    collect: async (needsList, mediaDir) => {
      const needs = parseNeedsList(readFileSync(needsList, 'utf8'));
      const now = new Date().toISOString();
      const media = await packMedia({ vendor: lab.vendor, needs, folder, media: mediaDir, now });
      return { fingerprint: media.fingerprint, text: `${media.packages} packages of a made-up vendor` };
    },
    readPackages: (name) =>
      new Map(
        [...diskOf(name).packages].map(([key, item]) => [
          key,
          item.status.endsWith(' installed') ? item.version : `${item.version} (${item.status})`,
        ]),
      ),
    rememberDisk: (name) => void remembered.set(name, diskOf(name).copy()),
    compareDisk: (name) => {
      const before = remembered.get(name);
      const after = diskOf(name);
      const differing = (['packages', 'automatic', 'stages', 'notes', 'dpkgLog'] as const).filter(
        (part) => !isDeepStrictEqual(before?.[part], after[part]),
      );
      return { differing, volatile: 0 };
    },
    startWatching: () => Promise.resolve(),
    readTraffic: () => Promise.resolve(null),
    listListeners: () => Promise.resolve(null),
    close: () => lab.close(),
  };
}
