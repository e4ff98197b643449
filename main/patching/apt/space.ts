import type { Space } from './parse.ts';

const MIB = 1024 * 1024;
/** apt's lists are unpacked (a whole suite is about 50 MiB), logs and dpkg's database grow. */
const STATE_MARGIN = 96 * MIB;
/** dpkg writes the new files of a package beside the old ones before it lets go of those. */
const UNPACK_MARGIN = 64 * MIB;
/** A kernel with its initial RAM disk, written beside the old one. */
const KERNEL_ROOM = 160 * MIB;
const SMALL_MARGIN = 16 * MIB;
const INODES_PER_MIB = 64;
const INODE_MARGIN = 1_000;

export interface SpaceRequest {
  readonly downloadBytes: number;
  readonly installedBytes: number;
  /** A kernel is among the packages. */
  readonly kernel: boolean;
}

export interface Shortage {
  readonly mountPoint: string;
  readonly needed: number;
  readonly available: number;
  readonly what: 'bytes' | 'inodes';
}

/** Bytes that may be written below each path; on purpose more than is likely. Uploads pass through /var/tmp in portions. */
function needsOf(request: SpaceRequest): ReadonlyMap<string, number> {
  return new Map([
    ['/', SMALL_MARGIN],
    ['/usr', Math.max(request.installedBytes, 0) + UNPACK_MARGIN],
    ['/var', STATE_MARGIN],
    ['/boot', request.kernel ? KERNEL_ROOM : 0],
    ['/tmp', SMALL_MARGIN],
    ['/var/tmp', Math.min(request.downloadBytes, INBOX_PORTION_BYTES * 2)],
    ['/var/lib', request.downloadBytes],
  ]);
}

/** How much is uploaded before it is taken into the stage. */
export const INBOX_PORTION_BYTES = 64 * MIB;

/** File systems without room for all that lands on them; those that share one device and its free space count as one. */
export function findShortages(spaces: readonly Space[], request: SpaceRequest): readonly Shortage[] {
  const needs = needsOf(request);
  const pools = new Map<string, { space: Space; needed: number }>();
  for (const space of spaces) {
    const key = `${space.source} ${String(space.available)}`;
    const pool = pools.get(key) ?? { space, needed: 0 };
    pools.set(key, { space: pool.space, needed: pool.needed + (needs.get(space.path) ?? 0) });
  }
  const shortages: Shortage[] = [];
  for (const { space, needed } of pools.values()) {
    const { mountPoint, available, inodes } = space;
    if (needed > available) shortages.push({ mountPoint, needed, available, what: 'bytes' });
    const inodesNeeded = INODE_MARGIN + Math.ceil((needed / MIB) * INODES_PER_MIB);
    if (inodes !== null && needed > 0 && inodesNeeded > inodes) {
      shortages.push({ mountPoint, needed: inodesNeeded, available: inodes, what: 'inodes' });
    }
  }
  return shortages;
}

/** For people: `1.2 GiB`, `340 MiB`. */
export function formatBytes(bytes: number): string {
  const mib = bytes / MIB;
  return mib >= 1024 ? `${(mib / 1024).toFixed(1)} GiB` : `${String(Math.ceil(mib))} MiB`;
}
