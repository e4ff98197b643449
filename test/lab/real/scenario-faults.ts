import { existsSync, readdirSync } from 'node:fs';
import type { LabFaults } from '../lab-faults.ts';
import { waitFor } from './command.ts';
import * as faults from './faults.ts';
import { hostPath } from './host.ts';
import { LabError } from './lab-error.ts';
import { DISKS_ROOT, type LabLayout } from './layout.ts';

const PATIENCE_MS = 600_000;

/** The faults of the real lab in the words that both labs share. A lab's endpoint and its machine have one name. */
export function realFaults(layout: LabLayout): LabFaults {
  return {
    networkDown: (name) => faults.networkDown(layout, name),
    networkUp: (name) => faults.networkUp(layout, name),
    powerOff: (name) => faults.powerOff(layout, name),
    powerOn: (name) => faults.powerOn(layout, name),
    changeHostKey: (name) => faults.changeHostKey(layout, name),
    changeSudoPassword: (name) => faults.changeSudoPassword(layout, name),
    fillDisk: (name) => faults.fillDisk(layout, name),
    holdAptLock: (name) => faults.holdAptLock(layout, name, PATIENCE_MS / 1000),
    breakSnapshots: (name) => faults.breakSnapshots(layout, name),
    failHealthCheck: (name, packageName) =>
      Promise.resolve().then(() => faults.failHealthCheck(layout, name, packageName)),
    killDpkg: (name) => faults.killDpkg(layout, name, PATIENCE_MS),
    dropDuring: async (name, step, forMs) => {
      if (step !== 'install') throw new LabError('LAB_USAGE', `the real lab can't tell the step ${step}`);
      await waitFor(() => (isInstalling(layout, name) ? true : undefined), {
        forMs: PATIENCE_MS,
        everyMs: 10,
      });
      await faults.networkDown(layout, name);
      setTimeout(() => void faults.networkUp(layout, name), forMs);
    },
  };
}

/** Whether an install of ours has begun there and has not ended. */
function isInstalling(layout: LabLayout, vm: string): boolean {
  const stages = hostPath(layout, `${DISKS_ROOT}/${vm}/var/lib/sallyport`);
  if (!existsSync(stages)) return false;
  return readdirSync(stages).some((stage) => {
    const install = `${stages}/${stage}/install`;
    return existsSync(`${install}/process`) && !existsSync(`${install}/exit-status`);
  });
}
