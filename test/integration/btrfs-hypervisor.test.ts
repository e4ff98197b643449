import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BtrfsHypervisor } from '../../main/hypervisor/btrfs/btrfs-hypervisor.ts';
import type { RemoteShell } from '../../main/remote/remote-shell.ts';
import { SshShell } from '../../main/remote/ssh/ssh-shell.ts';
import { describeHypervisor } from '../suites/hypervisor.suite.ts';
import { failureOf } from '../suites/remote-shell.suite.ts';
import { mountBtrfs, whyNoBtrfs } from '../support/btrfs-loop.ts';
import type { BtrfsLoop } from '../support/btrfs-loop.ts';
import { openLoopbackEndpoint } from '../support/loopback-endpoint.ts';
import type { LoopbackEndpoint } from '../support/loopback-endpoint.ts';

const VM = 'alpha';
const reason = whyNoBtrfs();
const describeHere = reason === undefined ? describe : describe.skip;

describeHere(`real btrfs over loopback SSH${reason === undefined ? '' : ` [skipped: ${reason}]`}`, () => {
  let btrfs: BtrfsLoop;
  let endpoint: LoopbackEndpoint;
  beforeAll(async () => {
    btrfs = mountBtrfs(VM, 400e6);
    endpoint = await openLoopbackEndpoint();
  });
  afterAll(async () => {
    await endpoint.close();
    btrfs.unmount();
  });

  const open = () =>
    new BtrfsHypervisor(new SshShell(), { ...endpoint.target, sudo: { kind: 'root' } }, btrfs);
  const file = () => join(btrfs.disksRoot, VM, 'content');

  describeHypervisor('btrfs', () =>
    Promise.resolve({
      hypervisor: open(),
      vm: VM,
      readDisk: () => Promise.resolve(readFileSync(file(), 'utf8')),
      writeDisk: (content: string) => Promise.resolve(writeFileSync(file(), content)),
      powerOff: () => {
        execFileSync(btrfs.powerCommand, ['stop', VM]);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    }),
  );

  it('ends a restore that is cut off at any command', async () => {
    for (const cut of [7, 8, 10, 15]) {
      const hypervisor = open();
      writeFileSync(file(), 'before');
      const snapshot = await hypervisor.takeSnapshot(VM, 'first');
      writeFileSync(file(), 'broken');
      const cutOff = cutAfter(cut);
      const stopped = new BtrfsHypervisor(
        cutOff.shell,
        { ...endpoint.target, sudo: { kind: 'root' } },
        btrfs,
      );
      const outcome = await stopped.restoreSnapshot(snapshot).then(
        () => 'done',
        () => 'cut off',
      );
      expect(outcome).toBe(cutOff.wasCut() ? 'cut off' : 'done');
      await hypervisor.restoreSnapshot(snapshot);
      await hypervisor.proveRestore(snapshot);
      expect(readFileSync(file(), 'utf8')).toBe('before');
      expect(readdirSync(btrfs.disksRoot)).toEqual([VM]);
      await hypervisor.deleteSnapshot(snapshot);
      await hypervisor.close();
      await stopped.close();
    }
  });

  it('does not prove a snapshot of a disk with a subvolume of its own inside', async () => {
    const hypervisor = open();
    const nested = join(btrfs.disksRoot, VM, 'nested');
    execFileSync('btrfs', ['subvolume', 'create', nested], { stdio: 'pipe' });
    const snapshot = await hypervisor.takeSnapshot(VM, 'nested');
    expect((await failureOf(hypervisor.proveSnapshot(snapshot, snapshot.takenAt)))[0]).toBe(
      'HYPERVISOR_SNAPSHOT_UNPROVEN',
    );
    execFileSync('btrfs', ['subvolume', 'delete', nested], { stdio: 'pipe' });
    expect((await hypervisor.proveSnapshot(snapshot, snapshot.takenAt)).facts['UUID']).toBe(snapshot.id);
    await hypervisor.deleteSnapshot(snapshot);
    await hypervisor.close();
  });

  it('does not take a writable snapshot, or a folder, for one of ours', async () => {
    const hypervisor = open();
    const path = join(btrfs.snapshotsRoot, VM, 'foreign');
    execFileSync('mkdir', ['-p', join(btrfs.snapshotsRoot, VM)]);
    execFileSync('btrfs', ['subvolume', 'snapshot', join(btrfs.disksRoot, VM), path], { stdio: 'pipe' });
    expect((await failureOf(hypervisor.takeSnapshot(VM, 'foreign')))[0]).toBe('HYPERVISOR_SNAPSHOT_NOT_OURS');
    execFileSync('btrfs', ['subvolume', 'delete', path], { stdio: 'pipe' });
    execFileSync('mkdir', [path]);
    expect((await failureOf(hypervisor.takeSnapshot(VM, 'foreign')))[0]).toBe('HYPERVISOR_SNAPSHOT_NOT_OURS');
    expect(existsSync(path) && statSync(path).isDirectory()).toBe(true);
    await hypervisor.close();
  });

  it('takes and restores in milliseconds', async () => {
    const hypervisor = open();
    await hypervisor.readClock();
    const snapshot = await timed('take', () => hypervisor.takeSnapshot(VM, 'timed'));
    await timed('prove', () => hypervisor.proveSnapshot(snapshot, snapshot.takenAt));
    await timed('restore', () => hypervisor.restoreSnapshot(snapshot));
    await hypervisor.deleteSnapshot(snapshot);
    await hypervisor.close();
  });
});

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  const ms = performance.now() - startedAt;
  process.stdout.write(`btrfs ${what}: ${ms.toFixed(0)} ms\n`);
  expect(ms).toBeLessThan(60_000);
  return result;
}

/** A shell whose every session drops after so many commands. */
function cutAfter(commands: number) {
  const inner = new SshShell();
  let left = commands;
  let isCut = false;
  const shell: RemoteShell = {
    readHostKey: (address, port, signal) => inner.readHostKey(address, port, signal),
    connect: async (target, signal) => {
      const session = await inner.connect(target, signal);
      return {
        target,
        closed: session.closed,
        close: () => session.close(),
        upload: (files, onBytes, uploadSignal) => session.upload(files, onBytes, uploadSignal),
        run: async (command, runSignal) => {
          if (left === 0) {
            isCut = true;
            await session.close();
          }
          left -= 1;
          return session.run(command, runSignal);
        },
      };
    },
  };
  return { shell, wasCut: () => isCut };
}
