import { HypervisorError } from '../../../contract/errors.ts';
import type { ErrorCode } from '../../../contract/errors.ts';
import type { CommandResult, RemoteShell, RemoteTarget } from '../../remote/remote-shell.ts';
import type { Hypervisor, PowerState, SnapshotProof, SnapshotRef } from '../hypervisor.ts';
import { assertSafeNames } from '../names.ts';
import { BtrfsHost, toolMessage } from './btrfs-host.ts';
import { judgeRestore, judgeSnapshot } from './judge.ts';
import type { Subvolume } from './parse.ts';

export interface BtrfsPlaces {
  /** Folder whose subvolumes are the disks: `<disksRoot>/<vm>`. */
  readonly disksRoot: string;
  /** Folder of the snapshots: `<snapshotsRoot>/<vm>/<name>`. On the same file system as the disks. */
  readonly snapshotsRoot: string;
  /** Program on the host: `start|stop|status NAME`; `status` prints `running` or `stopped`. */
  readonly powerCommand: string;
}

/**
 * The {@link Hypervisor} for containers on a host whose disks are btrfs subvolumes, reached over a remote shell.
 *
 * A snapshot is a read-only subvolume made from the disk, and its UUID is its id. A restore moves the broken disk aside,
 * makes a writable snapshot of the snapshot in its place, and deletes what was moved aside only after the new disk has
 * been read back and the VM runs from it. Whatever the step at which a restore was cut off, the next call ends it.
 */
export class BtrfsHypervisor implements Hypervisor {
  readonly #host: BtrfsHost;
  readonly #places: BtrfsPlaces;

  constructor(shell: RemoteShell, target: RemoteTarget, places: BtrfsPlaces) {
    this.#host = new BtrfsHost(shell, target, places.powerCommand);
    this.#places = places;
  }

  async readFreeBytes(vm: string, signal?: AbortSignal): Promise<number> {
    await this.#readDisk(vm, signal);
    return this.#host.readFreeBytes(this.#places.snapshotsRoot, signal);
  }

  async readPowerState(vm: string, signal?: AbortSignal): Promise<PowerState> {
    await this.#readDisk(vm, signal);
    return this.#host.readPower(vm, signal);
  }

  async powerOn(vm: string, signal?: AbortSignal): Promise<void> {
    await this.#readDisk(vm, signal);
    await this.#host.setPower(vm, 'running', signal);
  }

  readClock(signal?: AbortSignal): Promise<string> {
    return this.#host.readClock(signal);
  }

  async findSnapshot(vm: string, name: string, signal?: AbortSignal): Promise<SnapshotRef | undefined> {
    const path = this.#snapshotPath(vm, name);
    const found = await this.#host.show(path, signal);
    if (found.kind === 'absent') return undefined;
    if (found.kind === 'subvolume' && found.subvolume.isReadOnly) return toRef(vm, name, found.subvolume);
    throw this.#error(
      'HYPERVISOR_SNAPSHOT_NOT_OURS',
      `${path} on ${this.#host.name} is no read-only snapshot`,
      vm,
      {
        hint: 'Someone else put it there: move it away by hand.',
      },
    );
  }

  async takeSnapshot(vm: string, name: string, signal?: AbortSignal): Promise<SnapshotRef> {
    await this.#readDisk(vm, signal);
    const earlier = await this.findSnapshot(vm, name, signal);
    if (earlier !== undefined) return earlier;
    const disk = this.#diskPath(vm);
    const what = `the snapshot ${name} of ${vm} could not be taken`;
    const failed = 'HYPERVISOR_SNAPSHOT_FAILED';
    this.#assertDone(
      await this.#host.makeFolder(`${this.#places.snapshotsRoot}/${vm}`, signal),
      failed,
      what,
      vm,
    );
    this.#assertDone(await this.#host.syncFileSystem(disk, signal), failed, what, vm);
    const path = this.#snapshotPath(vm, name);
    this.#assertDone(await this.#host.snapshot(disk, path, 'read-only', signal), failed, what, vm);
    const taken = await this.findSnapshot(vm, name, signal);
    if (taken === undefined) throw this.#error(failed, `${what}: it is not there afterwards`, vm);
    return taken;
  }

  async proveSnapshot(
    snapshot: SnapshotRef,
    notBefore: string,
    signal?: AbortSignal,
  ): Promise<SnapshotProof> {
    const { vm, name, id } = snapshot;
    const path = this.#snapshotPath(vm, name);
    const host = this.#host;
    const byId = await host.showById(id, this.#places.snapshotsRoot, signal);
    const byPath = await host.show(path, signal);
    const disk = await this.#readDisk(vm, signal);
    const evidence = {
      byId,
      byPath: byPath.kind === 'subvolume' ? byPath.subvolume : undefined,
      isPathDirect: await host.isDirect(this.#places.snapshotsRoot, path, signal),
      disk,
      nested: await host.listNested(this.#diskPath(vm), signal),
    };
    const missing = judgeSnapshot(snapshot, notBefore, evidence);
    if (missing.length > 0 || byId === undefined) {
      const why = missing.join('; ');
      throw this.#error(
        'HYPERVISOR_SNAPSHOT_UNPROVEN',
        `the snapshot ${name} of ${vm} is not proven: ${why}`,
        vm,
        {
          hint: 'Nothing may be installed on the strength of it. Take a new one under another name.',
        },
      );
    }
    return {
      snapshot,
      readAt: await host.readClock(signal),
      facts: {
        path,
        'tree path': byId.treePath,
        UUID: byId.uuid,
        'Parent UUID': byId.parentUuid ?? '-',
        'UUID of the disk': disk.uuid,
        'Creation time': byId.createdAt,
        'not before': notBefore,
        Flags: 'readonly',
        'subvolumes inside the disk': String(evidence.nested.length),
        'free bytes': String(await host.readFreeBytes(this.#places.snapshotsRoot, signal)),
      },
    };
  }

  async restoreSnapshot(snapshot: SnapshotRef, signal?: AbortSignal): Promise<void> {
    const { vm } = snapshot;
    await this.#readSnapshot(snapshot, signal);
    await this.#host.setPower(vm, 'stopped', signal);
    await this.#clearDiskPlace(snapshot, signal);

    const what = `${vm} could not be restored from ${snapshot.name}`;
    const from = this.#snapshotPath(vm, snapshot.name);
    const made = await this.#host.snapshot(from, this.#diskPath(vm), 'writable', signal);
    this.#assertDone(made, 'HYPERVISOR_RESTORE_FAILED', what, vm);
    await this.#host.setPower(vm, 'running', signal);
    await this.proveRestore(snapshot, signal);

    const aside = this.#asidePath(snapshot);
    if ((await this.#host.show(aside, signal)).kind === 'absent') return;
    const deleted = await this.#host.deleteSubvolume(aside, signal);
    this.#assertDone(
      deleted,
      'HYPERVISOR_RESTORE_FAILED',
      `${vm} runs restored, but ${aside} is left over`,
      vm,
    );
  }

  async proveRestore(snapshot: SnapshotRef, signal?: AbortSignal): Promise<SnapshotProof> {
    const { vm, name, id } = snapshot;
    const byId = await this.#host.showById(id, this.#places.snapshotsRoot, signal);
    const disk = await this.#readDisk(vm, signal);
    const power = await this.#host.readPower(vm, signal);
    const missing = judgeRestore(id, { snapshot: byId, disk, power });
    if (missing.length > 0) {
      const why = missing.join('; ');
      throw this.#error(
        'HYPERVISOR_RESTORE_UNPROVEN',
        `the restore of ${vm} from ${name} is not proven: ${why}`,
        vm,
      );
    }
    return {
      snapshot,
      readAt: await this.#host.readClock(signal),
      facts: {
        path: this.#diskPath(vm),
        UUID: disk.uuid,
        'Parent UUID': disk.parentUuid ?? '-',
        'UUID of the snapshot': id,
        'Creation time': disk.createdAt,
        power,
      },
    };
  }

  async deleteSnapshot(snapshot: SnapshotRef, signal?: AbortSignal): Promise<void> {
    const { vm, name } = snapshot;
    await this.#readSnapshot(snapshot, signal);
    const path = this.#snapshotPath(vm, name);
    const what = `the snapshot ${name} of ${vm} could not be deleted`;
    this.#assertDone(await this.#host.deleteSubvolume(path, signal), 'HYPERVISOR_SNAPSHOT_FAILED', what, vm);
    if ((await this.#host.show(path, signal)).kind !== 'absent')
      throw this.#error('HYPERVISOR_SNAPSHOT_FAILED', `${what}: it is still there`, vm);
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  /**
   * Empties the place of the disk. What may be found there:
   * - the disk alone: it is moved aside;
   * - nothing: a restore was cut off after that move (or the disk was lost), and there is nothing to do;
   * - a disk made from this snapshot, and one moved aside: a restore was cut off later. The new disk may have run since,
   *   so it is deleted and made again: the restored disk must equal the snapshot;
   * - another disk, and one moved aside: the latter is left over from a restore that ended long ago.
   */
  async #clearDiskPlace(snapshot: SnapshotRef, signal: AbortSignal | undefined): Promise<void> {
    const { vm } = snapshot;
    const path = this.#diskPath(vm);
    const aside = this.#asidePath(snapshot);
    const disk = await this.#host.show(path, signal);
    if (disk.kind === 'absent') return;
    if (disk.kind === 'something-else') throw this.#noDisk(vm);
    const what = `the disk of ${vm} could not be put aside`;
    const failed = 'HYPERVISOR_RESTORE_FAILED';
    if ((await this.#host.show(aside, signal)).kind !== 'absent') {
      const isHalfDone = disk.subvolume.parentUuid === snapshot.id;
      const deleted = await this.#host.deleteSubvolume(isHalfDone ? path : aside, signal);
      this.#assertDone(deleted, failed, what, vm);
      if (isHalfDone) return;
    }
    this.#assertDone(await this.#host.move(path, aside, signal), failed, what, vm);
  }

  async #readDisk(vm: string, signal: AbortSignal | undefined): Promise<Subvolume> {
    const found = await this.#host.show(this.#diskPath(vm), signal);
    if (found.kind === 'subvolume') return found.subvolume;
    throw this.#noDisk(vm);
  }

  /** Reads a snapshot that is to be restored or deleted: name, id and place must all agree. */
  async #readSnapshot(snapshot: SnapshotRef, signal: AbortSignal | undefined): Promise<Subvolume> {
    const { vm, name, id } = snapshot;
    const path = this.#snapshotPath(vm, name);
    const found = await this.#host.show(path, signal);
    if (found.kind === 'absent') {
      const message = `${vm} has no snapshot ${name} on ${this.#host.name}`;
      throw this.#error('HYPERVISOR_SNAPSHOT_UNKNOWN', message, vm);
    }
    const isOurs = found.kind === 'subvolume' && found.subvolume.uuid === id && found.subvolume.isReadOnly;
    if (isOurs && (await this.#host.isDirect(this.#places.snapshotsRoot, path, signal)))
      return found.subvolume;
    throw this.#error(
      'HYPERVISOR_SNAPSHOT_NOT_OURS',
      `${path} on ${this.#host.name} is not the snapshot ${id}`,
      vm,
      {
        hint: 'It was replaced by something else. Nothing was touched.',
      },
    );
  }

  #diskPath(vm: string): string {
    assertSafeNames(vm);
    return `${this.#places.disksRoot}/${vm}`;
  }

  #snapshotPath(vm: string, name: string): string {
    assertSafeNames(vm, name);
    return `${this.#places.snapshotsRoot}/${vm}/${name}`;
  }

  /** A leading dot keeps it apart from every disk: no VM's name begins with one. */
  #asidePath(snapshot: SnapshotRef): string {
    return `${this.#places.disksRoot}/.${snapshot.vm}.replaced-${snapshot.name}`;
  }

  #assertDone(result: CommandResult, code: ErrorCode, what: string, vm: string): void {
    if (result.exitCode === 0) return;
    const isFull = /No space left on device|Disk quota exceeded/.test(result.stderr);
    throw this.#error(isFull ? 'HYPERVISOR_SPACE_LOW' : code, `${what}: ${toolMessage(result)}`, vm, {
      hint: isFull ? `Free space on ${this.#host.name}.` : 'Read the message of the tool above.',
    });
  }

  #noDisk(vm: string): HypervisorError {
    const message = `${this.#host.name} has no disk of a VM ${vm}: ${this.#diskPath(vm)} is no subvolume`;
    return this.#error('HYPERVISOR_VM_UNKNOWN', message, vm, {
      hint: 'Check the name of the VM in the inventory.',
    });
  }

  #error(
    code: ErrorCode,
    message: string,
    vm: string,
    options: { readonly hint?: string } = {},
  ): HypervisorError {
    return new HypervisorError(code, message, { ...options, subject: { hypervisor: this.#host.name, vm } });
  }
}

function toRef(vm: string, name: string, subvolume: Subvolume): SnapshotRef {
  return { id: subvolume.uuid, name, vm, takenAt: subvolume.createdAt };
}
