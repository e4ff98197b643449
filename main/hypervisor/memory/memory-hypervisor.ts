import { HypervisorError } from '../../../contract/errors.ts';
import type { CodedError, ErrorCode } from '../../../contract/errors.ts';
import type { Hypervisor, PowerState, SnapshotProof, SnapshotRef } from '../hypervisor.ts';
import { assertSafeNames } from '../names.ts';

interface Snapshot {
  readonly ref: SnapshotRef;
  /** Id of the disk that it was made from. */
  readonly diskId: string;
  readonly content: string;
}

interface Machine {
  diskId: string;
  /** Id of the snapshot that the disk was made from. */
  diskFrom: string | undefined;
  content: string;
  power: PowerState;
  readonly snapshots: Map<string, Snapshot>;
}

export type Operation = Exclude<keyof Hypervisor, 'close'>;

/** Ways in which a platform has been seen to say "done" when it was not. */
export type Lie =
  /** `takeSnapshot` returns a snapshot that is not kept. */
  | 'keeps-no-snapshot'
  /** `restoreSnapshot` returns and leaves the disk as it was. */
  | 'restores-nothing'
  /** `restoreSnapshot` leaves the VM powered off. */
  | 'stays-off';

export interface MemoryHypervisorOptions {
  readonly vms: readonly string[];
  /** ISO 8601. */
  readonly now: () => string;
  readonly freeBytes?: number;
}

/** A {@link Hypervisor} in memory, for tests: disks are strings, and it can be told to fail or to lie. */
export class MemoryHypervisor implements Hypervisor {
  /** What it says but does not do. */
  readonly lies = new Set<Lie>();
  /** Every call, in order: `operation vm`. */
  readonly calls: string[] = [];
  readonly #options: MemoryHypervisorOptions;
  readonly #machines: Map<string, Machine>;
  readonly #failures = new Map<Operation, CodedError[]>();
  #lastId = 0;

  constructor(options: MemoryHypervisorOptions) {
    this.#options = options;
    this.#machines = new Map(options.vms.map((vm) => [vm, this.#makeMachine()]));
  }

  /** The next call of that operation fails with this error, before it does anything. */
  failNext(operation: Operation, error: CodedError): void {
    this.#failures.set(operation, [...(this.#failures.get(operation) ?? []), error]);
  }

  readDisk(vm: string): string {
    return this.#find(vm).content;
  }

  writeDisk(vm: string, content: string): void {
    this.#find(vm).content = content;
  }

  setPower(vm: string, power: PowerState): void {
    this.#find(vm).power = power;
  }

  async readFreeBytes(vm: string, signal?: AbortSignal): Promise<number> {
    await this.#enter('readFreeBytes', vm, signal);
    return this.#options.freeBytes ?? 100e9;
  }

  async readPowerState(vm: string, signal?: AbortSignal): Promise<PowerState> {
    return (await this.#enter('readPowerState', vm, signal)).power;
  }

  async powerOn(vm: string, signal?: AbortSignal): Promise<void> {
    (await this.#enter('powerOn', vm, signal)).power = 'running';
  }

  async readClock(signal?: AbortSignal): Promise<string> {
    await this.#enter('readClock', undefined, signal);
    return this.#options.now();
  }

  async takeSnapshot(vm: string, name: string, signal?: AbortSignal): Promise<SnapshotRef> {
    assertSafeNames(vm, name);
    const machine = await this.#enter('takeSnapshot', vm, signal);
    const earlier = machine.snapshots.get(name);
    if (earlier !== undefined) return earlier.ref;
    const ref = { id: this.#makeId(), name, vm, takenAt: this.#options.now() };
    if (!this.lies.has('keeps-no-snapshot'))
      machine.snapshots.set(name, { ref, diskId: machine.diskId, content: machine.content });
    return ref;
  }

  async findSnapshot(vm: string, name: string, signal?: AbortSignal): Promise<SnapshotRef | undefined> {
    assertSafeNames(vm, name);
    return (await this.#enter('findSnapshot', vm, signal)).snapshots.get(name)?.ref;
  }

  async proveSnapshot(
    snapshot: SnapshotRef,
    notBefore: string,
    signal?: AbortSignal,
  ): Promise<SnapshotProof> {
    const machine = await this.#enter('proveSnapshot', snapshot.vm, signal);
    const kept = machine.snapshots.get(snapshot.name);
    const isProven =
      kept?.ref.id === snapshot.id &&
      kept.diskId === machine.diskId &&
      Date.parse(kept.ref.takenAt) >= Date.parse(notBefore);
    if (!isProven) throw fail('HYPERVISOR_SNAPSHOT_UNPROVEN', `${snapshot.name} is not proven`, snapshot);
    return { snapshot, readAt: this.#options.now(), facts: { id: kept.ref.id, disk: kept.diskId } };
  }

  async restoreSnapshot(snapshot: SnapshotRef, signal?: AbortSignal): Promise<void> {
    const machine = await this.#enter('restoreSnapshot', snapshot.vm, signal);
    const kept = this.#findOurs(machine, snapshot);
    if (!this.lies.has('restores-nothing')) {
      machine.content = kept.content;
      machine.diskId = this.#makeId();
      machine.diskFrom = snapshot.id;
    }
    machine.power = this.lies.has('stays-off') ? 'stopped' : 'running';
  }

  async proveRestore(snapshot: SnapshotRef, signal?: AbortSignal): Promise<SnapshotProof> {
    const machine = await this.#enter('proveRestore', snapshot.vm, signal);
    const isKept = machine.snapshots.get(snapshot.name)?.ref.id === snapshot.id;
    if (!isKept || machine.diskFrom !== snapshot.id || machine.power !== 'running')
      throw fail('HYPERVISOR_RESTORE_UNPROVEN', `the restore from ${snapshot.name} is not proven`, snapshot);
    return { snapshot, readAt: this.#options.now(), facts: { disk: machine.diskId, from: machine.diskFrom } };
  }

  async deleteSnapshot(snapshot: SnapshotRef, signal?: AbortSignal): Promise<void> {
    const machine = await this.#enter('deleteSnapshot', snapshot.vm, signal);
    this.#findOurs(machine, snapshot);
    machine.snapshots.delete(snapshot.name);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #enter(operation: Operation, vm: undefined, signal: AbortSignal | undefined): Promise<undefined>;
  async #enter(operation: Operation, vm: string, signal: AbortSignal | undefined): Promise<Machine>;
  async #enter(operation: Operation, vm: string | undefined, signal: AbortSignal | undefined) {
    await Promise.resolve();
    signal?.throwIfAborted();
    this.calls.push(vm === undefined ? operation : `${operation} ${vm}`);
    const failure = this.#failures.get(operation)?.shift();
    if (failure !== undefined) throw failure;
    return vm === undefined ? undefined : this.#find(vm);
  }

  #find(vm: string): Machine {
    assertSafeNames(vm);
    const machine = this.#machines.get(vm);
    if (machine === undefined) throw new HypervisorError('HYPERVISOR_VM_UNKNOWN', `there is no VM ${vm}`);
    return machine;
  }

  #findOurs(machine: Machine, snapshot: SnapshotRef): Snapshot {
    assertSafeNames(snapshot.name);
    const kept = machine.snapshots.get(snapshot.name);
    if (kept === undefined)
      throw fail('HYPERVISOR_SNAPSHOT_UNKNOWN', `there is no ${snapshot.name}`, snapshot);
    if (kept.ref.id !== snapshot.id)
      throw fail('HYPERVISOR_SNAPSHOT_NOT_OURS', `${snapshot.name} has another id`, snapshot);
    return kept;
  }

  #makeMachine(): Machine {
    return {
      diskId: this.#makeId(),
      diskFrom: undefined,
      content: '',
      power: 'running',
      snapshots: new Map(),
    };
  }

  #makeId(): string {
    this.#lastId += 1;
    return `00000000-0000-4000-8000-${String(this.#lastId).padStart(12, '0')}`;
  }
}

function fail(code: ErrorCode, message: string, snapshot: SnapshotRef): HypervisorError {
  return new HypervisorError(code, message, { subject: { vm: snapshot.vm, snapshot: snapshot.name } });
}
