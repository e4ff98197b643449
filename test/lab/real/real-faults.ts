import { existsSync, readdirSync } from 'node:fs';
import type { DropStep, LabFaults } from '../lab-faults.ts';
import { waitFor } from './command.ts';
import * as faults from './faults.ts';
import { hostPath } from './host.ts';
import { LabError } from './lab-error.ts';
import { DISKS_ROOT, type LabLayout } from './layout.ts';

/** Where the product puts what it brings to an endpoint. */
const STAGE_ROOT = 'var/lib/sallyport';
const WATCH_MS = 300_000;

/** The faults of the real lab in the words that both labs share. */
export interface RealFaults extends LabFaults {
  /** Waits for the faults that wait for their moment; throws when one did not come. */
  settled(): Promise<void>;
}

export function realFaults(layout: LabLayout): RealFaults {
  const armed: Promise<unknown>[] = [];
  const arm = (watch: Promise<unknown>): void => {
    // Looked at by settled(): until then a failure is nobody's to handle.
    watch.catch(() => undefined);
    armed.push(watch);
  };
  return {
    networkDown: (vm) => faults.networkDown(layout, vm),
    networkUp: (vm) => faults.networkUp(layout, vm),
    powerOff: (vm) => faults.powerOff(layout, vm),
    powerOn: (vm) => faults.powerOn(layout, vm),
    changeHostKey: (vm) => faults.changeHostKey(layout, vm),
    changeSudoPassword: (vm) => faults.changeSudoPassword(layout, vm),
    fillDisk: (vm) => faults.fillDisk(layout, vm),
    holdAptLock: (vm) => faults.holdAptLock(layout, vm, 3600),
    breakSnapshots: (vm) => faults.breakSnapshots(layout, vm),
    failHealthCheck: async (vm, packageName) => faults.failHealthCheck(layout, vm, packageName),
    killDpkg: async (vm) => arm(faults.killDpkg(layout, vm, WATCH_MS)),
    dropDuring: async (vm, step, forMs) => arm(dropDuring(layout, vm, momentOf(layout, vm, step), forMs)),
    settled: async () => {
      await Promise.all(armed.splice(0));
    },
  };
}

/** How the lab sees, from the disk alone, that a step is under way. Steps that leave no trace there can't be met in their middle. */
function momentOf(layout: LabLayout, vm: string, step: DropStep): () => boolean {
  switch (step) {
    case 'install':
      return faults.watchDpkg(layout, vm);
    case 'stage': {
      const stage = hostPath(layout, `${DISKS_ROOT}/${vm}/${STAGE_ROOT}`);
      return () => existsSync(stage) && readdirSync(stage).length > 0;
    }
    case 'preflight':
    case 'verify':
    case 'clean-up':
      throw new LabError('LAB_USAGE', `The real lab can't tell when ${step} is under way`);
  }
}

async function dropDuring(layout: LabLayout, vm: string, isNow: () => boolean, forMs: number): Promise<void> {
  const came = await waitFor(() => (isNow() ? true : undefined), { forMs: WATCH_MS, everyMs: 10 });
  if (!came) throw new LabError('LAB_FAILED', `The step to interrupt on ${vm} did not come`);
  await faults.networkDown(layout, vm);
  await new Promise((resolve) => setTimeout(resolve, forMs));
  await faults.networkUp(layout, vm);
}
