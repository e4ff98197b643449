/**
 * The port to whatever keeps an endpoint's disk: it takes, proves, restores and deletes restore points.
 *
 * Contract for every adapter:
 * - Names and VM names match /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/; anything else is HYPERVISOR_NAME_UNSAFE.
 * - `takeSnapshot` is idempotent by name: a second call with the same name returns the one that is there.
 * - `proveSnapshot` reads the platform again in a query of its own, by id, and answers with what it saw; what does not
 *   hold is HYPERVISOR_SNAPSHOT_UNPROVEN. A platform's "done" is no proof.
 * - `restoreSnapshot` leaves the VM powered on from a disk equal to the snapshot and keeps the snapshot. Idempotent.
 * - `proveRestore` reads again that the VM's disk descends from that very snapshot and the VM runs.
 * - `deleteSnapshot` deletes exactly one snapshot, and only one whose id and name both match.
 * - Errors: HYPERVISOR_* of this port, TRANSPORT_* of the way there.
 */

export interface SnapshotRef {
  /** The platform's own identifier (btrfs: the subvolume's UUID). */
  readonly id: string;
  readonly name: string;
  readonly vm: string;
  /** ISO 8601, by the hypervisor's clock. */
  readonly takenAt: string;
}

export interface SnapshotProof {
  readonly snapshot: SnapshotRef;
  /** When the proof was read, by the hypervisor's clock. */
  readonly readAt: string;
  /** What was read back, in the platform's own words: goes into the evidence. */
  readonly facts: Readonly<Record<string, string>>;
}

export type PowerState = 'running' | 'stopped';

export interface Hypervisor {
  /** Free bytes where snapshots of this VM grow. */
  readFreeBytes(vm: string, signal?: AbortSignal): Promise<number>;
  readPowerState(vm: string, signal?: AbortSignal): Promise<PowerState>;
  powerOn(vm: string, signal?: AbortSignal): Promise<void>;
  takeSnapshot(vm: string, name: string, signal?: AbortSignal): Promise<SnapshotRef>;
  findSnapshot(vm: string, name: string, signal?: AbortSignal): Promise<SnapshotRef | undefined>;
  /** @param notBefore ISO 8601 by the hypervisor's clock: an older snapshot does not count */
  proveSnapshot(snapshot: SnapshotRef, notBefore: string, signal?: AbortSignal): Promise<SnapshotProof>;
  /** The hypervisor's clock, ISO 8601. */
  readClock(signal?: AbortSignal): Promise<string>;
  restoreSnapshot(snapshot: SnapshotRef, signal?: AbortSignal): Promise<void>;
  proveRestore(snapshot: SnapshotRef, signal?: AbortSignal): Promise<SnapshotProof>;
  deleteSnapshot(snapshot: SnapshotRef, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
