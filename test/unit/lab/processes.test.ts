import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findMachine } from '../../lab/real/machine-power.ts';
import { parseProcessStatus, type RunningProcess } from '../../lab/real/processes.ts';

const HOST = join(import.meta.dirname, '..', '..', 'lab', 'real', 'host');
const RUN = join(HOST, 'run-machine.sh');
const BOOT = join(HOST, 'boot-machine.sh');

function aProcess(pid: number, parentPid: number, argv: string[], namespacePids = [pid]): RunningProcess {
  return { pid, parentPid, argv, comm: argv[0] ?? '', namespacePids };
}

describe('finding a machine among processes', () => {
  const processes = [
    aProcess(1, 0, ['sh', '/host-init.sh']),
    aProcess(10, 1, ['sh', RUN, 'web-1', '/run/vms/disks/web-1', '/run/netns/x', BOOT]),
    aProcess(11, 10, ['unshare', '--mount', 'sh', BOOT, 'web-1', '/run/vms/disks/web-1']),
    aProcess(12, 11, ['init [2]'], [12, 1]),
    aProcess(13, 12, ['sshd'], [13, 40]),
    aProcess(20, 1, ['sh', RUN, 'web-10', '/run/vms/disks/web-10', '/run/netns/y', BOOT]),
  ];

  it('knows its runner, the holder of its namespaces and its init', () => {
    const { runner, holder, init } = findMachine('web-1', processes);
    expect([runner?.pid, holder?.pid, init?.pid]).toEqual([10, 11, 12]);
  });

  it('does not take one machine for another whose name begins alike', () => {
    const { runner, holder, init } = findMachine('web-10', processes);
    expect([runner?.pid, holder, init]).toEqual([20, undefined, undefined]);
  });

  it('finds nothing of a machine that is off', () => {
    expect(findMachine('db-1', processes)).toEqual({ runner: undefined, holder: undefined, init: undefined });
  });
});

describe('the status of a process', () => {
  it('is read with its ids in every namespace', () => {
    const text = 'Name:\tinit\nState:\tS (sleeping)\nPid:\t812\nPPid:\t811\nNSpid:\t812\t86\t1\n';
    expect(parseProcessStatus(text)).toEqual({ comm: 'init', parentPid: 811, namespacePids: [812, 86, 1] });
  });

  it('is undefined for text that is none', () => {
    expect(parseProcessStatus('')).toBeUndefined();
  });
});
