import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { requireCommand, waitFor } from './command.ts';
import { LabError } from './lab-error.ts';
import { DISKS_ROOT, type LabLayout, machineNetns, netnsFile } from './layout.ts';
import { isAlive, listProcesses, type RunningProcess, signalProcess } from './processes.ts';

// This file runs on the lab host, inside its namespaces: paths and process ids are the lab host's.

const RUN_MACHINE = join(import.meta.dirname, 'host', 'run-machine.sh');
const BOOT_MACHINE = join(import.meta.dirname, 'host', 'boot-machine.sh');
/** Milliseconds. Nothing waits this long on a machine with time to spare. */
const BOOT_MS = 120_000;

export type MachineProcesses = {
  readonly runner: RunningProcess | undefined;
  /** The `unshare` that holds the machine's namespaces. */
  readonly holder: RunningProcess | undefined;
  /** PID 1 of the machine, once it is there; it may still be booting. */
  readonly init: RunningProcess | undefined;
};

/** Finds a machine's processes by what they are, so no pid file can lie. */
export function findMachine(vm: string, processes: readonly RunningProcess[]): MachineProcesses {
  const runner = processes.find(({ argv }) => argv[0] === 'sh' && argv[1] === RUN_MACHINE && argv[2] === vm);
  const holder = processes.find(
    ({ argv }) => argv[0] === 'unshare' && argv.at(-3) === BOOT_MACHINE && argv.at(-2) === vm,
  );
  const init =
    holder &&
    processes.find(({ parentPid, namespacePids }) => parentPid === holder.pid && namespacePids.at(-1) === 1);
  return { runner, holder, init };
}

/** `running` as soon as a machine has its init, `stopped` otherwise. */
export function machineStatus(vm: string): 'running' | 'stopped' {
  return findMachine(vm, listProcesses()).init?.comm === 'init' ? 'running' : 'stopped';
}

/** Powers a machine on from the disk of its name and returns once its init runs. Powered on already: does nothing. */
export async function startMachine(layout: LabLayout, vm: string): Promise<void> {
  const disk = `${DISKS_ROOT}/${vm}`;
  const netns = requireMachine(layout, vm);
  if (findMachine(vm, listProcesses()).runner === undefined) {
    if (!existsSync(`${disk}/sbin/init`)) throw new LabError('LAB_FAILED', `${disk} is no bootable disk`);
    mkdirSync(`${layout.runDir}/log`, { recursive: true });
    const log = openSync(`${layout.runDir}/log/${vm}.log`, 'a');
    spawn('sh', [RUN_MACHINE, vm, disk, netns, BOOT_MACHINE], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
    }).unref();
  }
  const running = await waitFor(() => (machineStatus(vm) === 'running' ? true : undefined), {
    forMs: BOOT_MS,
    everyMs: 25,
  });
  if (!running) throw new LabError('LAB_FAILED', `${vm} did not start; see ${layout.runDir}/log/${vm}.log`);
}

/** Cuts the power of a machine and returns once every process of it is gone. Powered off already: does nothing. */
export async function stopMachine(layout: LabLayout, vm: string): Promise<void> {
  const netns = requireMachine(layout, vm);
  const { runner, holder, init } = findMachine(vm, listProcesses());
  // The runner first: it would boot the machine again.
  for (const one of [runner, init, holder]) if (one) signalProcess(one.pid, 'SIGKILL');
  // When the init of a PID namespace has ended, the kernel has ended and reaped everything in it.
  const gone = await waitFor(
    () => ([runner, init, holder].some((one) => one && isAlive(one.pid)) ? undefined : true),
    { forMs: BOOT_MS, everyMs: 10 },
  );
  if (!gone) throw new LabError('LAB_FAILED', `${vm} still has processes`);
  await requireCommand(['nsenter', `--net=${netns}`, 'ip', 'link', 'set', 'eth0', 'down']);
}

function requireMachine(layout: LabLayout, vm: string): string {
  const netns = netnsFile(machineNetns(layout, vm));
  if (!/^[a-z0-9-]+$/.test(vm) || !existsSync(netns)) {
    throw new LabError('LAB_USAGE', `there is no machine "${vm}" on this lab host`);
  }
  return netns;
}
