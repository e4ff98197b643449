import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, requireCommand, runCommand, waitFor } from './command.ts';
import { LabError } from './lab-error.ts';
import { HOST_ADDRESS, HOST_MOUNT, IMAGE_BYTES, type LabLayout, netnsFile } from './layout.ts';
import { isAlive, listProcesses, signalProcess } from './processes.ts';

// The lab host ("hypervisor"): a set of namespaces whose PID 1 is host/host-init.sh. The disks are mounted in its mount
// namespace alone and every machine lives below its PID 1, so ending that one process ends machines, mounts and SSH together.

const HOST_INIT = join(import.meta.dirname, 'host', 'host-init.sh');

/** Process id of the lab host's PID 1, seen from the machine; undefined when the lab host is not running. */
export function findHostPid(layout: LabLayout): number | undefined {
  return listProcesses().find(
    ({ argv, namespacePids }) =>
      argv[0] === 'sh' && argv[1] === HOST_INIT && argv[2] === layout.runDir && namespacePids.at(-1) === 1,
  )?.pid;
}

/** Same as {@link findHostPid}, but a lab host that is not running is LAB_NOT_UP. */
export function requireHostPid(layout: LabLayout): number {
  const pid = findHostPid(layout);
  if (pid === undefined) throw new LabError('LAB_NOT_UP', 'The lab is not up: npm run lab up');
  return pid;
}

/** Makes the disk image of the cache folder if there is none: sparse, btrfs. */
export async function ensureImage(layout: LabLayout): Promise<void> {
  if (existsSync(layout.image)) return;
  mkdirSync(layout.cacheDir, { recursive: true });
  const fresh = `${layout.image}.new`;
  writeFileSync(fresh, '');
  truncateSync(fresh, IMAGE_BYTES);
  await requireCommand(['mkfs.btrfs', '-q', '-f', '-m', 'single', '-L', 'sallyport-lab', fresh]);
  await requireCommand(['mv', fresh, layout.image]);
}

/** Starts the lab host: its network has to be there, its keys as well (see {@link writeHostConfig}). */
export async function startHost(layout: LabLayout): Promise<number> {
  const loop = (await requireCommand(['losetup', '--find', '--show', layout.image])).trim();
  const log = openSync(`${layout.runDir}/host/init.log`, 'a');
  spawn(
    'nsenter',
    [
      `--net=${netnsFile(layout.hostNetns)}`,
      ...['unshare', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child'],
      ...['--propagation', 'slave', 'sh', HOST_INIT, layout.runDir, loop, HOST_MOUNT],
    ],
    { cwd: '/', detached: true, stdio: ['ignore', log, log] },
  ).unref();
  const pid = await waitFor(
    () => (existsSync(`${layout.runDir}/host/ready`) ? findHostPid(layout) : undefined),
    { forMs: 120_000 },
  );
  // The mount holds the device; from here on the device goes when the mount goes.
  await requireCommand(['losetup', '--detach', loop]);
  if (pid === undefined) {
    const log = readFileSync(`${layout.runDir}/host/init.log`, 'utf8').trim();
    throw new LabError('LAB_FAILED', `The lab host did not start: ${log || 'it said nothing'}`);
  }
  return pid;
}

/** Ends the lab host and everything on it. Not running: does nothing. */
export async function stopHost(layout: LabLayout): Promise<void> {
  for (const { pid, argv } of listProcesses()) {
    const isHolder = argv[0] === 'unshare' && argv.at(-4) === HOST_INIT && argv.at(-3) === layout.runDir;
    const isInit = argv[0] === 'sh' && argv[1] === HOST_INIT && argv[2] === layout.runDir;
    if (!isHolder && !isInit) continue;
    signalProcess(pid, 'SIGKILL');
    const gone = await waitFor(() => (isAlive(pid) ? undefined : true), { forMs: 120_000 });
    if (!gone) throw new LabError('LAB_FAILED', `Process ${pid} of the lab host does not end`);
  }
}

/** Loop devices that still carry the lab's image. */
export async function listLoopDevices(layout: LabLayout): Promise<string[]> {
  if (!existsSync(layout.image)) return [];
  const listing = await runCommand(['losetup', '-n', '-O', 'NAME', '-j', layout.image]);
  return listing.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** argv that runs a program on the lab host: its file systems, processes, names and network. */
export function onHost(layout: LabLayout, argv: readonly string[]): string[] {
  const pid = requireHostPid(layout);
  return ['nsenter', '-t', `${pid}`, '--mount', '--pid', '--net', '--uts', '--ipc', '--', ...argv];
}

/** Runs a program on the lab host that has to succeed. */
export function requireOnHost(
  layout: LabLayout,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return requireCommand(onHost(layout, argv), options);
}

/** Runs a program with the lab host's file systems and the machine's own network: only for building a base. */
export function requireOnHostWithMachineNetwork(
  layout: LabLayout,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const pid = requireHostPid(layout);
  return requireCommand(['nsenter', '-t', `${pid}`, '--mount', '--pid', '--', ...argv], options);
}

/** Path by which the machine (root only) reaches a path of the lab host, such as a disk. */
export function hostPath(layout: LabLayout, path: string): string {
  return `/proc/${requireHostPid(layout)}/root${path}`;
}

/** Writes the lab host's SSH server configuration and its power command. Keys are made by the caller, in RUN/host. */
export function writeHostConfig(layout: LabLayout): void {
  const dir = `${layout.runDir}/host`;
  const bin = `${layout.runDir}/bin`;
  mkdirSync(dir, { recursive: true });
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    `${dir}/sshd_config`,
    [
      `ListenAddress ${HOST_ADDRESS}:22`,
      `HostKey ${dir}/ssh_host_ed25519_key`,
      `AuthorizedKeysFile ${dir}/authorized_keys`,
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'UseDNS no',
      'PidFile none',
      'PrintMotd no',
      'PrintLastLog no',
      'MaxStartups 100',
      'MaxSessions 50',
      'AllowTcpForwarding no',
      `SetEnv PATH=${bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
      'Subsystem sftp internal-sftp',
      '',
    ].join('\n'),
  );
  writeFileSync(
    `${bin}/lab-power`,
    [
      '#!/bin/sh',
      `export SALLYPORT_LAB_NAME=${layout.name} NODE_COMPILE_CACHE=${layout.runDir}/compile-cache`,
      `exec ${process.execPath} ${join(import.meta.dirname, 'lab-power.ts')} "$@"`,
      '',
    ].join('\n'),
    { mode: 0o755 },
  );
}
