import { PatchDriverError } from '../../../contract/errors.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { PlannedPackage } from '../../core/plan.ts';
import type { PreflightRequest } from '../patch-driver.ts';
import type { LockHolder, Space } from './parse.ts';
import { findShortages, formatBytes } from './space.ts';

export interface PreflightEvidence {
  readonly inventory: Inventory;
  readonly locks: readonly LockHolder[];
  /** What dpkg left unfinished, in its own words; empty when all is well. */
  readonly unfinished: string;
  readonly spaces: readonly Space[];
}

/**
 * Decides whether patching may begin. The order is that of how misleading a later finding would be: with a wrong clock or a
 * running dpkg nothing else that was read means much.
 *
 * @throws PATCHING_CLOCK_WRONG, PATCHING_LOCK_HELD, PATCHING_PACKAGES_BROKEN, PATCHING_STALE_PLAN,
 *   PATCHING_PACKAGE_HELD, PATCHING_DISK_FULL
 */
export function judgePreflight(request: PreflightRequest, evidence: PreflightEvidence): void {
  const { inventory } = evidence;
  const ahead = inventory.clock - request.clock;
  if (Math.abs(ahead) > request.clockToleranceS) {
    throw new PatchDriverError(
      'PATCHING_CLOCK_WRONG',
      `The endpoint's clock is ${String(Math.abs(Math.round(ahead)))} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine's. Set it right; nothing was touched.`,
    );
  }
  if (evidence.locks.length > 0) throw lockHeld(evidence.locks, 'Nothing was touched.');
  if (evidence.unfinished !== '') throw packagesBroken(evidence.unfinished, 'Nothing was touched.');
  const stale = request.packages.flatMap((item) => stalenessOf(item, inventory) ?? []);
  if (stale.length > 0) {
    throw new PatchDriverError(
      'PATCHING_STALE_PLAN',
      `The endpoint is not as it was when this was planned: ${stale.slice(0, 10).join('; ')}. Nothing was touched.`,
      { hint: 'Scan the endpoint and plan again.' },
    );
  }
  const held = request.packages.filter((item) => inventory.held.includes(item.name));
  if (held.length > 0) {
    throw new PatchDriverError(
      'PATCHING_PACKAGE_HELD',
      `On hold on the endpoint: ${held.map((item) => item.name).join(', ')}. Release the hold there, or leave it out.`,
    );
  }
  const [shortage] = findShortages(evidence.spaces, {
    downloadBytes: request.downloadBytes,
    installedBytes: request.installedBytes,
    kernel: request.packages.some((item) => item.name.startsWith('linux-image-')),
  });
  if (shortage !== undefined) {
    const amount = (value: number): string =>
      shortage.what === 'bytes' ? formatBytes(value) : `${String(value)} inodes`;
    throw new PatchDriverError(
      'PATCHING_DISK_FULL',
      `${shortage.mountPoint} has ${amount(shortage.available)} free, this needs ${amount(shortage.needed)}. Nothing was touched.`,
    );
  }
}

function stalenessOf(item: PlannedPackage, inventory: Inventory): string | undefined {
  const key = `${item.name}:${item.arch}`;
  const here = inventory.packages.find((other) => other.name === item.name && other.arch === item.arch);
  const version = here?.version ?? null;
  if (version === item.from) return undefined;
  return `${key} is ${version ?? 'not installed'}, planned was ${item.from ?? 'not installed'}`;
}

export function lockHeld(locks: readonly LockHolder[], consequence: string): PatchDriverError {
  const holders = [...new Set(locks.map((item) => `${item.program} (process ${String(item.pid)})`))];
  return new PatchDriverError(
    'PATCHING_LOCK_HELD',
    `The package manager is in use by ${holders.join(', ')}. ${consequence} Try again when it has ended.`,
    { retry: 'same' },
  );
}

export function packagesBroken(unfinished: string, consequence: string): PatchDriverError {
  return new PatchDriverError(
    'PATCHING_PACKAGES_BROKEN',
    `dpkg has unfinished business on the endpoint. ${consequence}\n${unfinished.trim().slice(0, 1_000)}`,
    { hint: 'Repair it there first: dpkg --configure -a, then apt-get -f install.' },
  );
}
