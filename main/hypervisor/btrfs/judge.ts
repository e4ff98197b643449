import type { PowerState, SnapshotRef } from '../hypervisor.ts';
import type { Subvolume } from './parse.ts';

/** What was read back about a snapshot; undefined is what was not there. */
export interface SnapshotEvidence {
  /** Found by its UUID alone. */
  readonly byId: Subvolume | undefined;
  /** Found at the path where a snapshot of that name must be. */
  readonly byPath: Subvolume | undefined;
  /** Whether that path leads there without a symbolic link below the root of snapshots. */
  readonly isPathDirect: boolean;
  /** The disk that the VM has now. */
  readonly disk: Subvolume | undefined;
  /** Subvolumes inside the disk: a snapshot of the disk does not hold them. */
  readonly nested: readonly string[];
}

/** The kernel stamps a subvolume with its coarse clock, up to one tick behind the clock that `date` reads. */
const TICK_MS = 50;

/**
 * Whether a snapshot protects the VM's disk as it was at some time since `notBefore`.
 *
 * @returns what does not hold, as sentences; none means proven
 */
export function judgeSnapshot(
  snapshot: SnapshotRef,
  notBefore: string,
  evidence: SnapshotEvidence,
): readonly string[] {
  const { byId, byPath, disk, nested, isPathDirect } = evidence;
  if (byId === undefined) return [`no subvolume has the UUID ${snapshot.id}`];
  if (disk === undefined) return [`the disk of ${snapshot.vm} is not there`];
  const missing: string[] = [];
  if (byPath?.uuid !== snapshot.id || byPath.treePath !== byId.treePath || !isPathDirect)
    missing.push(`it is not where the snapshot ${snapshot.name} of ${snapshot.vm} must be`);
  if (!byId.isReadOnly) missing.push('it can be written to');
  if (byId.parentUuid !== disk.uuid)
    missing.push(`it was not made from the disk that ${snapshot.vm} has now`);
  if (byId.createdAt !== snapshot.takenAt) missing.push('its creation time has changed');
  if (!isSince(byId.createdAt, notBefore)) missing.push(`it is older than ${notBefore}`);
  if (nested.length > 0)
    missing.push(`it does not hold the subvolumes inside the disk: ${nested.slice(0, 5).join(', ')}`);
  return missing;
}

/** Creation times come in whole seconds, cut off: the limit is cut off alike. */
function isSince(createdAt: string, notBefore: string): boolean {
  const limit = Math.floor((Date.parse(notBefore) - TICK_MS) / 1000) * 1000;
  return Date.parse(createdAt) >= limit;
}

/** What was read back after a restore. */
export interface RestoreEvidence {
  /** The snapshot, found by its UUID alone. */
  readonly snapshot: Subvolume | undefined;
  readonly disk: Subvolume;
  readonly power: PowerState;
}

/**
 * Whether a VM runs from a disk made from that very snapshot.
 *
 * @returns what does not hold, as sentences; none means proven
 */
export function judgeRestore(id: string, { snapshot, disk, power }: RestoreEvidence): readonly string[] {
  const missing: string[] = [];
  if (snapshot === undefined) missing.push(`no subvolume has the UUID ${id}`);
  else if (!snapshot.isReadOnly) missing.push('the snapshot can be written to');
  if (disk.parentUuid !== id) missing.push('its disk was not made from that snapshot');
  if (disk.isReadOnly) missing.push('its disk is read-only');
  if (power !== 'running') missing.push(`it is ${power}`);
  return missing;
}
