import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real btrfs in a file, mounted in a folder of its own, with a power command that only remembers. */
export interface BtrfsLoop {
  readonly disksRoot: string;
  readonly snapshotsRoot: string;
  readonly powerCommand: string;
  unmount(): void;
}

/** The reason why this machine can't have one, or undefined. */
export function whyNoBtrfs(): string | undefined {
  if (process.platform !== 'linux') return 'a btrfs in a file needs Linux';
  if (process.getuid?.() !== 0) return 'mounting a btrfs needs root';
  if (spawnSync('mkfs.btrfs', ['--version']).status !== 0) return 'btrfs-progs is not installed';
  return undefined;
}

/** @param bytes size of the file system; btrfs wants 109 MiB or more */
export function mountBtrfs(vm: string, bytes: number): BtrfsLoop {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-btrfs-'));
  const image = join(folder, 'image');
  const mounted = join(folder, 'mounted');
  const power = join(folder, 'power');
  mkdirSync(mounted);
  mkdirSync(power);
  execFileSync('truncate', ['-s', String(bytes), image]);
  execFileSync('mkfs.btrfs', ['-q', image], { stdio: 'pipe' });
  try {
    execFileSync('mount', ['-o', 'loop', image, mounted], { stdio: 'pipe' });
  } catch (cause) {
    rmSync(folder, { recursive: true });
    throw cause;
  }
  const disksRoot = join(mounted, 'disks');
  const snapshotsRoot = join(mounted, 'snapshots');
  mkdirSync(disksRoot);
  mkdirSync(snapshotsRoot);
  execFileSync('btrfs', ['subvolume', 'create', join(disksRoot, vm)], { stdio: 'pipe' });
  const powerCommand = join(folder, 'power-command');
  writeFileSync(powerCommand, POWER_COMMAND, { mode: 0o700 });
  execFileSync(powerCommand, ['start', vm]);
  return {
    disksRoot,
    snapshotsRoot,
    powerCommand,
    unmount: () => {
      execFileSync('umount', [mounted]);
      rmSync(folder, { recursive: true });
    },
  };
}

const POWER_COMMAND = `#!/bin/sh
on=\${0%/*}/power/$2
case $1 in
  start) : >"$on" ;;
  stop) rm -f "$on" ;;
  status) [ -e "$on" ] && echo running || echo stopped ;;
esac
`;
