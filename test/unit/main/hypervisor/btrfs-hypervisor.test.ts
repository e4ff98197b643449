import { describe, expect, it } from 'vitest';
import { TransportError } from '../../../../contract/errors.ts';
import { BtrfsHypervisor } from '../../../../main/hypervisor/btrfs/btrfs-hypervisor.ts';
import { MemoryEndpoint, MemoryShell } from '../../../../main/remote/memory/memory-shell.ts';
import { describeHypervisor } from '../../../suites/hypervisor.suite.ts';
import { failureOf } from '../../../suites/remote-shell.suite.ts';
import {
  DISKS_ROOT,
  FakeBtrfsHost,
  POWER_COMMAND,
  refuse,
  SNAPSHOTS_ROOT,
} from '../../../support/btrfs-host.ts';

const HOST_KEY = `SHA256:${'h'.repeat(43)}`;
const DISK = `${DISKS_ROOT}/alpha`;

function open() {
  const host = new FakeBtrfsHost('alpha', 'before');
  const endpoint = new MemoryEndpoint({
    address: '192.0.2.9',
    hostKey: HOST_KEY,
    user: 'ops',
    secret: 'secret',
    respond: host.respond,
  });
  const target = {
    name: 'lab-host',
    address: '192.0.2.9',
    port: 22,
    user: 'ops',
    hostKey: HOST_KEY,
    login: { kind: 'password' as const, password: 'secret' },
    sudo: { kind: 'passwordless' as const },
  };
  const places = { disksRoot: DISKS_ROOT, snapshotsRoot: SNAPSHOTS_ROOT, powerCommand: POWER_COMMAND };
  return { host, endpoint, hypervisor: new BtrfsHypervisor(new MemoryShell([endpoint]), target, places) };
}

function diskOf(host: FakeBtrfsHost) {
  const disk = host.subvolumes.get(DISK);
  if (disk === undefined) throw new Error('the disk is gone');
  return disk;
}

describeHypervisor('btrfs on a host in memory', () => {
  const { host, hypervisor } = open();
  return Promise.resolve({
    hypervisor,
    vm: 'alpha',
    readDisk: () => Promise.resolve(diskOf(host).content),
    writeDisk: (content) => {
      diskOf(host).content = content;
      return Promise.resolve();
    },
    powerOff: () => {
      host.running.delete('alpha');
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});

describe('the btrfs adapter', () => {
  it('ends a restore that was cut off at any command, before or after it took effect', async () => {
    const whole = open();
    const first = await whole.hypervisor.takeSnapshot('alpha', 'first');
    const from = whole.endpoint.commands.length;
    await whole.hypervisor.restoreSnapshot(first);
    const steps = whole.endpoint.commands.length - from;
    expect(steps).toBeGreaterThan(8);

    for (let cut = 0; cut < steps; cut += 1) {
      for (const tookEffect of [false, true]) {
        const { host, hypervisor, endpoint } = open();
        const snapshot = await hypervisor.takeSnapshot('alpha', 'first');
        diskOf(host).content = 'broken';
        let left = cut;
        let isInside = false;
        host.intercept = (argv) => {
          if (isInside) return undefined;
          if (left > 0) {
            left -= 1;
            return undefined;
          }
          host.intercept = undefined;
          isInside = true;
          if (tookEffect) host.respond({ argv, asRoot: true });
          endpoint.drop();
          throw new TransportError('TRANSPORT_DROPPED', 'pulled', { retry: 'after-reconnect' });
        };
        expect((await failureOf(hypervisor.restoreSnapshot(snapshot)))[0]).toBe('TRANSPORT_DROPPED');
        expect(host.subvolumes.get(`${SNAPSHOTS_ROOT}/alpha/first`)?.uuid).toBe(snapshot.id);

        await hypervisor.restoreSnapshot(snapshot);
        expect({
          paths: [...host.subvolumes.keys()].sort(),
          content: diskOf(host).content,
          parent: diskOf(host).parent,
          power: host.running.has('alpha'),
        }).toEqual({
          paths: [DISK, `${SNAPSHOTS_ROOT}/alpha/first`],
          content: 'before',
          parent: snapshot.id,
          power: true,
        });
      }
    }
  });

  it('keeps the broken disk until the restored one is proven', async () => {
    const { host, hypervisor } = open();
    const snapshot = await hypervisor.takeSnapshot('alpha', 'first');
    diskOf(host).content = 'broken';
    host.intercept = (argv) => (argv[1] === 'start' ? refuse('will not start') : undefined);
    expect((await failureOf(hypervisor.restoreSnapshot(snapshot)))[0]).toBe('HYPERVISOR_POWER_FAILED');
    expect(host.subvolumes.get(`${DISKS_ROOT}/.alpha.replaced-first`)?.content).toBe('broken');
  });

  it('makes the disk again when a restore was cut off and the new disk has run since', async () => {
    const { host, hypervisor } = open();
    const snapshot = await hypervisor.takeSnapshot('alpha', 'first');
    host.intercept = (argv) => (argv[2] === 'delete' ? refuse('ERROR: busy') : undefined);
    expect((await failureOf(hypervisor.restoreSnapshot(snapshot)))[0]).toBe('HYPERVISOR_RESTORE_FAILED');
    diskOf(host).content = 'changed while it ran';
    host.intercept = undefined;
    await hypervisor.restoreSnapshot(snapshot);
    expect(diskOf(host).content).toBe('before');
    expect(host.subvolumes.size).toBe(2);
  });

  it('writes out what the guest wrote before it takes the snapshot', async () => {
    const { host, hypervisor } = open();
    await hypervisor.takeSnapshot('alpha', 'first');
    expect(host.changes).toEqual([
      `mkdir -p -- ${SNAPSHOTS_ROOT}/alpha`,
      `btrfs filesystem sync ${DISK}`,
      `btrfs subvolume snapshot -r ${DISK} ${SNAPSHOTS_ROOT}/alpha/first`,
    ]);
  });

  it('names a snapshot that fails, a full disk, and a power command that does not work', async () => {
    const { host, hypervisor } = open();
    const failTaking = (stderr: string) => {
      host.intercept = (argv) => (argv.includes('-r') ? refuse(stderr) : undefined);
      return failureOf(hypervisor.takeSnapshot('alpha', 'first'));
    };
    expect((await failTaking('ERROR: Could not create subvolume: Read-only file system'))[0]).toBe(
      'HYPERVISOR_SNAPSHOT_FAILED',
    );
    expect((await failTaking('ERROR: cannot snapshot: No space left on device'))[0]).toBe(
      'HYPERVISOR_SPACE_LOW',
    );
    host.intercept = (argv) => (argv[1] === 'status' ? refuse('out of order') : undefined);
    expect((await failureOf(hypervisor.powerOn('alpha')))[0]).toBe('HYPERVISOR_POWER_FAILED');
  });

  it('does not believe a tool that says it took a snapshot and did not', async () => {
    const { host, hypervisor } = open();
    host.intercept = (argv) =>
      argv.includes('-r') ? { exitCode: 0, stdout: 'Create a snapshot', stderr: '' } : undefined;
    expect((await failureOf(hypervisor.takeSnapshot('alpha', 'first')))[0]).toBe(
      'HYPERVISOR_SNAPSHOT_FAILED',
    );
  });

  it('does not prove a snapshot that can be written to, was moved, or misses a subvolume of the disk', async () => {
    const path = `${SNAPSHOTS_ROOT}/alpha/first`;
    const changes: ((host: FakeBtrfsHost) => void)[] = [
      (host) => {
        const taken = host.subvolumes.get(path);
        if (taken !== undefined) host.subvolumes.set(path, { ...taken, isReadOnly: false });
      },
      (host) => {
        const taken = host.subvolumes.get(path);
        host.subvolumes.delete(path);
        if (taken !== undefined) host.subvolumes.set(`${path}-moved`, taken);
      },
      (host) => host.add(`${DISK}/var/lib/machines`, { content: '', isReadOnly: false, parent: undefined }),
      (host) => {
        host.intercept = (argv) =>
          argv[0] === 'realpath'
            ? { exitCode: 0, stdout: `${SNAPSHOTS_ROOT}\n/elsewhere/first\n`, stderr: '' }
            : undefined;
      },
    ];
    for (const change of changes) {
      const { host, hypervisor } = open();
      const snapshot = await hypervisor.takeSnapshot('alpha', 'first');
      expect((await hypervisor.proveSnapshot(snapshot, snapshot.takenAt)).snapshot).toEqual(snapshot);
      change(host);
      expect((await failureOf(hypervisor.proveSnapshot(snapshot, snapshot.takenAt)))[0]).toBe(
        'HYPERVISOR_SNAPSHOT_UNPROVEN',
      );
    }
  });

  it('never deletes through a symbolic link out of the folder of snapshots', async () => {
    const { host, hypervisor } = open();
    const snapshot = await hypervisor.takeSnapshot('alpha', 'first');
    host.intercept = (argv) =>
      argv[0] === 'realpath'
        ? { exitCode: 0, stdout: `${SNAPSHOTS_ROOT}\n/elsewhere/first\n`, stderr: '' }
        : undefined;
    expect((await failureOf(hypervisor.deleteSnapshot(snapshot)))[0]).toBe('HYPERVISOR_SNAPSHOT_NOT_OURS');
    expect(host.changes.filter((change) => change.includes('delete'))).toEqual([]);
  });

  it('accepts a snapshot stamped in the second in which the clock was read, but none of the second before', async () => {
    const { host, hypervisor } = open();
    host.clock = new Date('2026-11-24T04:00:07.900Z');
    const notBefore = await hypervisor.readClock();
    const snapshot = await hypervisor.takeSnapshot('alpha', 'first');
    expect(snapshot.takenAt).toBe('2026-11-24T04:00:07.000Z');
    expect((await hypervisor.proveSnapshot(snapshot, notBefore)).facts).toMatchObject({
      'free bytes': '119537664',
    });
    const nextSecond = '2026-11-24T04:00:08.100Z';
    expect((await failureOf(hypervisor.proveSnapshot(snapshot, nextSecond)))[0]).toBe(
      'HYPERVISOR_SNAPSHOT_UNPROVEN',
    );
  });

  it('opens a new session after it lost one', async () => {
    const { hypervisor, endpoint } = open();
    await hypervisor.readClock();
    endpoint.drop();
    await new Promise((resolve) => setImmediate(resolve));
    await hypervisor.readClock();
    expect(endpoint.logins).toBe(2);
    await hypervisor.close();
  });
});
