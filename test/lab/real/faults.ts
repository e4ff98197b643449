import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { waitFor } from './command.ts';
import { readPackages } from './dpkg-status.ts';
import { OPERATOR } from './fleet.ts';
import { hostPath, requireOnHost } from './host.ts';
import { LabError } from './lab-error.ts';
import { DISKS_ROOT, type LabLayout, SNAPSHOTS_ROOT } from './layout.ts';
import { switchPower } from './power.ts';
import { listMachineProcesses, requireOnMachine } from './machine.ts';
import { setBridgePort } from './network.ts';
import { signalProcess } from './processes.ts';

// Each fault is real: the kernel, dpkg, sshd or btrfs says no by itself. `reset ENDPOINT` undoes all of them.

const CERTIFIED = 'opt/orders/certified';

/** Pulls an endpoint's cable at the switch: packets vanish, connections hang, as with a broken cable far away. */
export const networkDown = (layout: LabLayout, vm: string): Promise<void> =>
  setBridgePort(layout, vm, 'down');
export const networkUp = (layout: LabLayout, vm: string): Promise<void> => setBridgePort(layout, vm, 'up');

/** Cuts the power, without any goodbye. */
export async function powerOff(layout: LabLayout, vm: string): Promise<void> {
  await switchPower(layout, 'stop', vm);
}
export async function powerOn(layout: LabLayout, vm: string): Promise<void> {
  await switchPower(layout, 'start', vm);
}

/** Gives an endpoint another SSH host key, as after an installation anew, or a man in the middle. */
export async function changeHostKey(layout: LabLayout, vm: string): Promise<void> {
  const key = '/etc/ssh/ssh_host_ed25519_key';
  const script = `rm -f ${key} ${key}.pub && ssh-keygen -q -t ed25519 -N '' -f ${key} && service ssh restart`;
  await requireOnMachine(layout, vm, ['sh', '-c', script]);
}

/** Makes sudo ask the operator for another password than the one that is known: root's, which becomes a random one. */
export async function changeSudoPassword(layout: LabLayout, vm: string): Promise<void> {
  await requireOnMachine(layout, vm, ['chpasswd'], {
    input: `root:${randomBytes(12).toString('base64url')}\n`,
  });
  const rule = `Defaults:${OPERATOR} rootpw\n${OPERATOR} ALL=(ALL:ALL) PASSWD: ALL\n`;
  // The last rule that matches wins, and sudo reads these files in the order of their names.
  const install = 'umask 0337 && cat > /etc/sudoers.d/zz-fault';
  await requireOnMachine(layout, vm, ['sh', '-c', install], { input: rule });
}

/**
 * Fills the file system that holds /var up to `leaveKiB`. So that the other endpoints, whose disks share the lab host's space, are not
 * harmed, /var becomes a small file system of its own for as long as the fault lasts: until {@link freeDisk}, or until power off
 * (then what was written to it in the meantime is lost, and /var is as it was before).
 */
export async function fillDisk(layout: LabLayout, vm: string, leaveKiB = 64): Promise<void> {
  const script = `set -e
    mkdir -p /run/lab-var
    mount -t tmpfs -o mode=755 lab-var /run/lab-var
    cp -a /var/. /run/lab-var/
    used=$(df -Pk /run/lab-var | awk 'NR == 2 { print $3 }')
    mount -o remount,size=$((used + 8192))k /run/lab-var
    mount --move /run/lab-var /var
    free=$(df -Pk /var | awk 'NR == 2 { print $4 }')
    dd if=/dev/zero of=/var/filler bs=1k count=$((free - ${leaveKiB})) 2> /dev/null`;
  await requireOnMachine(layout, vm, ['sh', '-c', script]);
}

/** Removes what {@link fillDisk} put there and gives /var back to the disk, with what was written to it in the meantime. */
export async function freeDisk(layout: LabLayout, vm: string): Promise<void> {
  const script = `set -e
    rm -f /var/filler
    mountpoint -q /var || exit 0
    mkdir -p /run/lab-root
    mount --bind / /run/lab-root
    find /run/lab-root/var -mindepth 1 -delete
    cp -a /var/. /run/lab-root/var/
    umount /run/lab-root
    umount -l /var`;
  await requireOnMachine(layout, vm, ['sh', '-c', script]);
}

/** Holds apt's lock from another process for some seconds; returns once it is held. */
export async function holdAptLock(layout: LabLayout, vm: string, seconds = 60): Promise<void> {
  // fcntl(2) with struct flock as 64-bit Linux lays it out: l_type, l_whence, l_start, l_len, l_pid.
  const script = `use Fcntl; use POSIX ();
    pipe(my $told, my $tell); my $child = fork();
    if ($child) { close $tell; exit(defined(<$told>) ? 0 : 1); }
    POSIX::setsid(); $0 = "unattended-job"; open(STDIN, "<", "/dev/null"); open(STDOUT, ">", "/dev/null"); open(STDERR, ">", "/dev/null");
    open(my $lock, "+>>", "/var/lib/dpkg/lock-frontend") or exit 1;
    my $flock = pack("ssx4qqix4", F_WRLCK, 0, 0, 0, 0);
    fcntl($lock, F_SETLK, $flock) or exit 1;
    syswrite($tell, "held\\n"); close $tell; sleep ${Math.ceil(seconds)};`;
  await requireOnMachine(layout, vm, ['perl', '-e', script]);
}
export function releaseAptLock(layout: LabLayout, vm: string): void {
  for (const { pid, argv } of listMachineProcesses(layout, vm)) {
    if (argv[0] === 'unattended-job') signalProcess(pid, 'SIGKILL');
  }
}

/** Makes every `btrfs subvolume snapshot` into a VM's folder fail: the folder becomes immutable. */
export async function breakSnapshots(layout: LabLayout, vm: string): Promise<void> {
  await requireOnHost(layout, ['chattr', '+i', `${SNAPSHOTS_ROOT}/${vm}`]);
}
export async function mendSnapshots(layout: LabLayout, vm: string): Promise<void> {
  await requireOnHost(layout, ['chattr', '-i', `${SNAPSHOTS_ROOT}/${vm}`]);
}

/**
 * Makes the endpoint's application insist on the version of a package that is installed now: its self-test passes until the package
 * is patched, and then truly fails.
 */
export function failHealthCheck(layout: LabLayout, vm: string, packageName: string): void {
  const found = readPackages(layout, vm).find(({ name }) => name === packageName);
  if (!found) throw new LabError('LAB_USAGE', `${vm} has no package ${packageName}`);
  writeFileSync(hostPath(layout, `${DISKS_ROOT}/${vm}/${CERTIFIED}`), `${packageName} ${found.version}\n`);
}
export function mendHealthCheck(layout: LabLayout, vm: string): void {
  writeFileSync(hostPath(layout, `${DISKS_ROOT}/${vm}/${CERTIFIED}`), '');
}

const INSTALLERS = new Set(['apt-get', 'apt', 'dpkg', 'dpkg-deb', 'dpkg-split']);

/**
 * Waits until dpkg is in the middle of its work (a package is neither the old nor the new one) and kills it with apt, as the kernel does
 * when memory runs out. Throws LAB_FAILED when that moment does not come within `forMs`.
 */
export async function killDpkg(layout: LabLayout, vm: string, forMs = 300_000): Promise<void> {
  const isHalfway = watchDpkg(layout, vm);
  const killed = await waitFor(
    () => {
      if (!isHalfway()) return undefined;
      const victims = listMachineProcesses(layout, vm).filter(({ comm }) => INSTALLERS.has(comm));
      for (const { pid } of victims) signalProcess(pid, 'SIGKILL');
      return victims.some(({ comm }) => comm === 'dpkg') ? true : undefined;
    },
    { forMs, everyMs: 5 },
  );
  if (!killed) throw new LabError('LAB_FAILED', `dpkg was not at work on ${vm} within ${forMs / 1000} s`);
}

/** A question that may be asked often: whether dpkg, by its database on the disk, has a package that is neither the old nor the new one. */
export function watchDpkg(layout: LabLayout, vm: string): () => boolean {
  const database = hostPath(layout, `${DISKS_ROOT}/${vm}/var/lib/dpkg`);
  const halfway = /^Status: .* (half-installed|unpacked|half-configured)$/m;
  const isHalfway = (file: string): boolean => {
    try {
      return halfway.test(readFileSync(file, 'utf8'));
    } catch (error) {
      // dpkg merges its journal (updates/) into status now and then, and a disk may be replaced: the file is gone, ask again.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
      throw error;
    }
  };
  return () =>
    existsSync(`${database}/updates`) &&
    [
      ...readdirSync(`${database}/updates`).map((name) => `${database}/updates/${name}`),
      `${database}/status`,
    ].some(isHalfway);
}

type Inject = (layout: LabLayout, vm: string, argument: string | undefined) => Promise<void> | void;

/** Faults by the name that `npm run lab fault` knows them by, with what may follow the endpoint. */
export const FAULTS: Readonly<Record<string, { readonly argument?: string; readonly inject: Inject }>> = {
  'network-down': { inject: networkDown },
  'network-up': { inject: networkUp },
  'power-off': { inject: powerOff },
  'power-on': { inject: powerOn },
  'change-host-key': { inject: changeHostKey },
  'change-sudo-password': { inject: changeSudoPassword },
  'fill-disk': {
    argument: 'KIB_LEFT',
    inject: (layout, vm, left) => fillDisk(layout, vm, positive(left, 64)),
  },
  'free-disk': { inject: freeDisk },
  'hold-apt-lock': {
    argument: 'SECONDS',
    inject: (layout, vm, seconds) => holdAptLock(layout, vm, positive(seconds, 60)),
  },
  'release-apt-lock': { inject: releaseAptLock },
  'break-snapshots': { inject: breakSnapshots },
  'mend-snapshots': { inject: mendSnapshots },
  'fail-health-check': {
    argument: 'PACKAGE',
    inject: (layout, vm, name) => failHealthCheck(layout, vm, name ?? 'openssl'),
  },
  'mend-health-check': { inject: mendHealthCheck },
  'kill-dpkg': {
    argument: 'SECONDS',
    inject: (layout, vm, seconds) => killDpkg(layout, vm, positive(seconds, 60) * 1000),
  },
};

function positive(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!(value > 0)) throw new LabError('LAB_USAGE', `"${text}" is not a number above zero`);
  return value;
}
