import { type CommandOptions, requireCommand } from './command.ts';
import { requireHostPid } from './host.ts';
import { LabError } from './lab-error.ts';
import type { LabLayout } from './layout.ts';
import { findMachine } from './machine-power.ts';
import { listProcesses, type RunningProcess } from './processes.ts';

/** The processes of one lab's machines, seen from the machine: everything below the lab host's PID 1. */
export function listLabProcesses(layout: LabLayout): RunningProcess[] {
  const hostPid = requireHostPid(layout);
  const all = listProcesses();
  const parentOf = new Map(all.map(({ pid, parentPid }) => [pid, parentPid]));
  return all.filter(({ pid }) => {
    let ancestor: number | undefined = pid;
    while (ancestor !== undefined && ancestor !== hostPid) ancestor = parentOf.get(ancestor);
    return ancestor === hostPid;
  });
}

/** Process id of a machine's init, seen from the machine. Throws LAB_FAILED when it is powered off. */
export function requireMachinePid(layout: LabLayout, vm: string): number {
  const init = findMachine(vm, listLabProcesses(layout)).init;
  if (init === undefined) throw new LabError('LAB_FAILED', `${vm} is powered off`);
  return init.pid;
}

/** The processes inside a machine: those below its init. */
export function listMachineProcesses(layout: LabLayout, vm: string): RunningProcess[] {
  const processes = listLabProcesses(layout);
  const init = findMachine(vm, processes).init;
  if (init === undefined) return [];
  const depth = init.namespacePids.length;
  const childrenOf = Map.groupBy(processes, ({ parentPid }) => parentPid);
  const found: RunningProcess[] = [];
  const queue = [init];
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    if (one.namespacePids.length === depth) found.push(one);
    queue.push(...(childrenOf.get(one.pid) ?? []));
  }
  return found;
}

/** Runs a program as root inside a machine that is powered on, without its SSH. It has to succeed. */
export function requireOnMachine(
  layout: LabLayout,
  vm: string,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const pid = requireMachinePid(layout, vm);
  return requireCommand(
    ['nsenter', '-t', `${pid}`, '--mount', '--pid', '--net', '--uts', '--ipc', '--', ...argv],
    { ...options, env: { ...options.env, HOME: '/root' } },
  );
}
