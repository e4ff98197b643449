import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { requireCommand, runCommand } from './command.ts';
import { LabError } from './lab-error.ts';

/** Debian packages that the lab's own machinery runs on, each with what it is for. */
export const LAB_PACKAGES: Readonly<Record<string, string>> = {
  'btrfs-progs': 'disks and snapshots',
  'debian-archive-keyring': "Debian's signing keys",
  e2fsprogs: 'chattr',
  iproute2: 'network namespaces',
  mmdebstrap: 'base file systems',
  mount: 'loop devices',
  nftables: 'counting packets',
  'openssh-client': 'keys',
  'openssh-server': 'SSH of the lab host',
  'util-linux': 'namespaces',
};

const POLICY = '/usr/sbin/policy-rc.d';

/** Packages of `wanted` that dpkg does not list as installed. `listing` is `dpkg-query -W -f '${db:Status-Status} ${Package}\n'`. */
export function missingPackages(wanted: readonly string[], listing: string): string[] {
  const installed = new Set(
    listing
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice('installed '.length)),
  );
  return wanted.filter((name) => !installed.has(name));
}

/** The command that installs packages, as it is run and as it is shown to a person who has to run it. */
export function installCommand(packages: readonly string[]): string[] {
  const patient = ['-o', 'DPkg::Lock::Timeout=600'];
  return ['apt-get', ...patient, 'install', '-y', '-q', '--no-install-recommends', ...packages];
}

/** Throws LAB_RIGHTS_MISSING, with the command to use instead, unless this process is root on Linux. */
export function requireRoot(verb: string): void {
  if (process.platform === 'linux' && process.getuid?.() === 0) return;
  throw new LabError(
    'LAB_RIGHTS_MISSING',
    `The real lab needs root on Linux (namespaces, loop devices). Run: sudo npm run lab ${verb}`,
  );
}

/** Why the real lab can't be had here, in one line; undefined when it can. SALLYPORT_LAB=off forbids it. */
export async function reasonAgainstRealLab(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  if (env['SALLYPORT_LAB'] === 'off') return 'SALLYPORT_LAB=off';
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'the real lab needs root on Linux';
  const missing = await listMissingPackages();
  if (missing.length === 0 || existsSync('/usr/bin/apt-get')) return undefined;
  return `the real lab needs these packages of Debian: ${missing.join(' ')}`;
}

/** Packages of the lab that are not installed here; all of them where there is no dpkg. */
export async function listMissingPackages(): Promise<string[]> {
  const wanted = Object.keys(LAB_PACKAGES);
  const listing = await runCommand([
    'dpkg-query',
    '-W',
    '-f',
    '${db:Status-Status} ${Package}\\n',
    ...wanted,
  ]);
  return missingPackages(wanted, listing.stdout);
}

/** Installs what is missing with apt-get, without starting any service of this machine. */
export async function installRequirements(say: (text: string) => void): Promise<void> {
  const missing = await listMissingPackages();
  if (missing.length === 0) return;
  const command = installCommand(missing);
  if (!existsSync('/usr/bin/apt-get')) {
    throw new LabError(
      'LAB_PACKAGES_MISSING',
      `The real lab needs Debian's packages, and apt-get is not here. On Debian: ${command.join(' ')}`,
    );
  }
  say(`installing ${missing.map((name) => `${name} (${LAB_PACKAGES[name] ?? ''})`).join(', ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const guarded = !existsSync(POLICY);
  // Without this file dpkg would start sshd for the whole machine; invoke-rc.d asks it before it starts anything.
  if (guarded) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    let result = await runCommand(command, { env });
    if (result.code !== 0) {
      say('apt-get update');
      await runCommand(['apt-get', 'update', '-q'], { env });
      result = await runCommand(command, { env });
    }
    if (result.code !== 0) {
      throw new LabError(
        'LAB_PACKAGES_MISSING',
        `These packages could not be installed. Run: apt-get update && ${command.join(' ')}\n${result.stderr.trim()}`,
      );
    }
  } finally {
    if (guarded) rmSync(POLICY, { force: true });
  }
  if (missing.includes('openssh-server') && existsSync('/run/systemd/system')) {
    say(
      'openssh-server is new here: its service was not started, and is disabled (systemctl enable ssh turns it on)',
    );
    await requireCommand(['systemctl', 'disable', 'ssh.service', 'ssh.socket']);
  }
}

/** Throws LAB_KERNEL_UNFIT when the kernel lacks a file system or device that the lab stands on. */
export async function requireKernel(): Promise<void> {
  await runCommand(['modprobe', '-a', '-q', 'btrfs', 'loop', 'veth', 'bridge', 'nf_tables']);
  const filesystems = await requireCommand(['cat', '/proc/filesystems']);
  const lacking = [
    ...(/\bbtrfs$/m.test(filesystems) ? [] : ['btrfs']),
    ...(existsSync('/dev/loop-control') ? [] : ['loop devices']),
    ...(existsSync('/proc/self/ns/net') ? [] : ['network namespaces']),
  ];
  if (lacking.length > 0) {
    throw new LabError(
      'LAB_KERNEL_UNFIT',
      `This kernel lacks ${lacking.join(', ')}: the real lab can't run on it.`,
    );
  }
}
