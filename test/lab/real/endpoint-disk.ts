import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deleteSubvolume } from './base.ts';
import { type EndpointSpec, OPERATOR } from './fleet.ts';
import { hostPath, requireOnHost } from './host.ts';
import type { EndpointIdentity } from './identity.ts';
import { DISKS_ROOT, type LabLayout, PRISTINE_ROOT, SNAPSHOTS_ROOT } from './layout.ts';

/** Makes an endpoint's disk from a base, and keeps a read-only copy of it for {@link resetDisk}. */
export async function makeDisk(
  layout: LabLayout,
  spec: EndpointSpec,
  base: string,
  identity: EndpointIdentity,
): Promise<void> {
  const disk = `${DISKS_ROOT}/${spec.name}`;
  await requireOnHost(layout, ['btrfs', '-q', 'subvolume', 'snapshot', base, disk]);
  const root = hostPath(layout, disk);
  const write = (path: string, text: string, mode: number): void =>
    writeFileSync(join(root, path), text, { mode });
  write('etc/hostname', `${spec.name}\n`, 0o644);
  write('etc/hosts', `127.0.0.1 localhost\n${spec.address} ${spec.name}\n`, 0o644);
  write('etc/machine-id', `${identity.machineId}\n`, 0o444);
  for (const suffix of ['', '.pub']) {
    cpSync(`${identity.hostKey.path}${suffix}`, `${root}/etc/ssh/ssh_host_ed25519_key${suffix}`);
  }
  const authentication = spec.login === 'key' ? 'no' : 'yes';
  write('etc/ssh/sshd_config.d/login.conf', `PasswordAuthentication ${authentication}\n`, 0o644);
  const tag = spec.sudo === 'no-password' ? 'NOPASSWD: ' : '';
  write(`etc/sudoers.d/${OPERATOR}`, `${OPERATOR} ALL=(ALL:ALL) ${tag}ALL\n`, 0o440);
  if (spec.login === 'key') {
    mkdirSync(`${root}/home/${OPERATOR}/.ssh`, { mode: 0o700 });
    cpSync(`${identity.operatorKey.path}.pub`, `${root}/home/${OPERATOR}/.ssh/authorized_keys`);
    await requireOnHost(layout, [
      'chroot',
      disk,
      'chown',
      '-R',
      `${OPERATOR}:${OPERATOR}`,
      `/home/${OPERATOR}/.ssh`,
    ]);
  }
  await requireOnHost(layout, ['chroot', disk, 'chpasswd'], { input: `${OPERATOR}:${identity.password}\n` });
  await requireOnHost(layout, [
    'btrfs',
    '-q',
    'subvolume',
    'snapshot',
    '-r',
    disk,
    `${PRISTINE_ROOT}/${spec.name}`,
  ]);
  mkdirSync(hostPath(layout, `${SNAPSHOTS_ROOT}/${spec.name}`), { recursive: true });
}

/** Puts a machine that is powered off back to where it was when the lab came up, and forgets its snapshots. */
export async function resetDisk(layout: LabLayout, vm: string): Promise<void> {
  const disk = `${DISKS_ROOT}/${vm}`;
  await clearSnapshots(layout, vm);
  await deleteSubvolume(layout, disk);
  await requireOnHost(layout, ['btrfs', '-q', 'subvolume', 'snapshot', `${PRISTINE_ROOT}/${vm}`, disk]);
  mkdirSync(hostPath(layout, `${SNAPSHOTS_ROOT}/${vm}`), { recursive: true });
}

/** Deletes the disks, snapshots and pristine copies of every machine; bases stay. */
export async function clearDisks(layout: LabLayout): Promise<void> {
  for (const vm of listFolder(layout, SNAPSHOTS_ROOT)) await clearSnapshots(layout, vm);
  for (const root of [DISKS_ROOT, PRISTINE_ROOT]) {
    for (const name of listFolder(layout, root)) await deleteSubvolume(layout, `${root}/${name}`);
  }
}

async function clearSnapshots(layout: LabLayout, vm: string): Promise<void> {
  const folder = `${SNAPSHOTS_ROOT}/${vm}`;
  if (!existsSync(hostPath(layout, folder))) return;
  // A fault may have made it immutable.
  await requireOnHost(layout, ['chattr', '-i', folder]);
  for (const name of listFolder(layout, folder)) await deleteSubvolume(layout, `${folder}/${name}`);
}

function listFolder(layout: LabLayout, path: string): string[] {
  const root = hostPath(layout, path);
  return existsSync(root) ? readdirSync(root) : [];
}
