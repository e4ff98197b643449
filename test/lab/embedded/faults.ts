import { makeHostKey } from '../../support/loopback-endpoint.ts';
import type { LabFaults } from '../lab-faults.ts';
import { certify } from './checks.ts';
import type { EmbeddedLab } from './embedded-lab.ts';
import { DPKG_KILLED } from './install-process.ts';
import type { Moment } from './machine.ts';

/** The moment of a step at which the cable is pulled. */
const MOMENTS = {
  preflight: 'before apt/preflight',
  stage: 'before apt/adopt',
  install: 'unpacked-first',
  verify: 'before apt/witness',
  'clean-up': 'before apt/clean-up',
} as const satisfies Record<string, Moment>;

/** The faults of the simulated lab: the same words as in the real one. */
export function embeddedFaults(lab: EmbeddedLab): LabFaults {
  const machineOf = (name: string) => lab.endpoint(name).machine;
  const now = (work: () => void): Promise<void> => Promise.resolve().then(work);
  return {
    networkDown: (name) => now(() => machineOf(name).pullCable()),
    networkUp: (name) => now(() => machineOf(name).plugCable()),
    powerOff: (name) => now(() => machineOf(name).powerOff()),
    powerOn: (name) => now(() => void machineOf(name).powerOn()),
    changeHostKey: (name) =>
      now(() => lab.endpoint(name).front.server.changeHostKeys([makeHostKey().privateKey])),
    changeSudoPassword: (name) =>
      now(() => {
        lab.endpoint(name).account.sudoPassword = 'another one than the vault has';
      }),
    fillDisk: (name) =>
      now(() => {
        machineOf(name).disk.freeBytes = 64 * 1024;
      }),
    holdAptLock: (name) =>
      now(() => {
        machineOf(name).lockHolder = { pid: 4711, program: 'unattended-upgr' };
      }),
    breakSnapshots: (name) => now(() => void lab.host.broken.add(name)),
    failHealthCheck: (name, packageName) => now(() => certify(machineOf(name), packageName)),
    killDpkg: (name) =>
      now(() => machineOf(name).once('unpacked-first', () => machineOf(name).disk.notes.add(DPKG_KILLED))),
    dropDuring: (name, step, forMs) =>
      now(() => {
        const machine = machineOf(name);
        machine.once(MOMENTS[step], () => {
          machine.pullCable();
          setTimeout(() => machine.plugCable(), forMs);
        });
      }),
  };
}
