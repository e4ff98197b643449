import { randomUUID } from 'node:crypto';
import type { CommandResult } from '../../../main/remote/remote-shell.ts';
import { complain, say } from './answer.ts';
import type { Disk } from './disk.ts';
import type { Machine } from './machine.ts';

export const DISKS_ROOT = '/run/vms/disks';
export const SNAPSHOTS_ROOT = '/run/vms/snapshots';
export const POWER_COMMAND = '/usr/local/sbin/lab-power';
const MOUNT = '/run/vms';

interface Subvolume {
  readonly id: number;
  readonly uuid: string;
  readonly parent: string | undefined;
  readonly isReadOnly: boolean;
  readonly createdAt: Date;
  readonly disk: Disk;
}

/**
 * The host of the simulated machines: their disks are btrfs subvolumes in memory, a snapshot is a copy of one. Answers as
 * btrfs-progs 6.2 does; the layout of `show` is that of test/fixtures/hypervisor/btrfs.
 */
export class HypervisorHost {
  readonly machines = new Map<string, Machine>();
  readonly unexpected: string[] = [];
  /** Every command that changes something, in order. */
  readonly changes: string[] = [];
  /** VMs of which no snapshot can be taken. */
  readonly broken = new Set<string>();
  freeBytes = 64 * 2 ** 30;
  readonly #subvolumes = new Map<string, Subvolume>();
  readonly #folders = new Set<string>([DISKS_ROOT, SNAPSHOTS_ROOT]);
  #lastId = 255;

  /** Puts a disk in its place; what was there is gone, snapshots too. */
  layDisk(vm: string, disk: Disk): void {
    for (const path of this.#subvolumes.keys())
      if (path.startsWith(`${SNAPSHOTS_ROOT}/${vm}/`) || path.startsWith(`${DISKS_ROOT}/.${vm}.`))
        this.#subvolumes.delete(path);
    this.#folders.add(`${SNAPSHOTS_ROOT}/${vm}`);
    this.#add(`${DISKS_ROOT}/${vm}`, { parent: undefined, isReadOnly: false, disk });
  }

  diskOf(vm: string): Disk | undefined {
    return this.#subvolumes.get(`${DISKS_ROOT}/${vm}`)?.disk;
  }

  snapshotsOf(vm: string): readonly string[] {
    const folder = `${SNAPSHOTS_ROOT}/${vm}/`;
    return [...this.#subvolumes.keys()]
      .filter((path) => path.startsWith(folder))
      .map((path) => path.slice(folder.length));
  }

  /** Disks put aside by a restore that did not come to its end. */
  leftovers(): readonly string[] {
    return [...this.#subvolumes.keys()].filter((path) => path.startsWith(`${DISKS_ROOT}/.`));
  }

  readonly answer = ({ argv }: { readonly argv: readonly string[] }): CommandResult | undefined => {
    const [program = '', ...rest] = argv;
    const last = rest.at(-1) ?? '';
    switch (program) {
      case 'true':
        return say('');
      case 'date':
        return say(`${new Date().toISOString()}\n`);
      case 'realpath':
        return say(`${rest.slice(2).join('\n')}\n`);
      case 'mkdir':
        this.#folders.add(last);
        return say('');
      case 'mv':
        return this.#move(rest.at(-2) ?? '', last);
      case POWER_COMMAND:
        return this.#power(rest[0] ?? '', last);
      case 'btrfs':
        return this.#btrfs(rest);
      default:
        return undefined;
    }
  };

  #btrfs(rest: readonly string[]): CommandResult | undefined {
    const last = rest.at(-1) ?? '';
    switch (rest.slice(0, 2).join(' ')) {
      case 'subvolume show':
        return rest[2] === '-u' ? this.#showById(rest[3] ?? '', last) : this.#show(last);
      case 'subvolume list':
        return say('');
      case 'subvolume snapshot':
        return this.#snapshot(rest.at(-2) ?? '', last, rest.includes('-r'));
      case 'subvolume delete':
        return this.#delete(last);
      case 'filesystem sync':
        return say('');
      case 'filesystem usage':
        return say(
          `Overall:\n    Free (estimated):\t\t${String(this.freeBytes)}\t(min: ${String(this.freeBytes)})\n`,
        );
      default:
        return undefined;
    }
  }

  #add(path: string, parts: Pick<Subvolume, 'parent' | 'isReadOnly' | 'disk'>): void {
    this.#lastId += 1;
    this.#subvolumes.set(path, { ...parts, id: this.#lastId, uuid: randomUUID(), createdAt: new Date() });
  }

  #show(path: string): CommandResult {
    const found = this.#subvolumes.get(path);
    if (found !== undefined) return say(this.#print(path, found));
    if (this.#folders.has(path)) return complain(`ERROR: Not a Btrfs subvolume: Invalid argument`);
    return complain(`ERROR: cannot find real path for '${path}': No such file or directory`);
  }

  #showById(uuid: string, anyPath: string): CommandResult {
    for (const [path, found] of this.#subvolumes)
      if (found.uuid === uuid) return say(this.#print(path, found));
    return complain(`ERROR: can't find uuid '${uuid}' on '${anyPath}'`);
  }

  #snapshot(from: string, to: string, isReadOnly: boolean): CommandResult {
    const source = this.#subvolumes.get(from);
    if (source === undefined) return complain('ERROR: Could not statfs: No such file or directory');
    const vm = from.slice(DISKS_ROOT.length + 1);
    if (isReadOnly && this.broken.has(vm))
      return complain(`ERROR: cannot snapshot '${from}': Read-only file system`);
    const isTaken = this.#subvolumes.has(to) || this.#folders.has(to);
    const path = isTaken ? `${to}/${from.split('/').at(-1) ?? ''}` : to;
    this.changes.push(`snapshot ${from} ${path}`);
    this.#add(path, { parent: source.uuid, isReadOnly, disk: source.disk.copy() });
    const kind = isReadOnly ? 'readonly snapshot' : 'snapshot';
    return say(`Create a ${kind} of '${from}' in '${path}'\n`);
  }

  #delete(path: string): CommandResult {
    this.changes.push(`delete ${path}`);
    return this.#subvolumes.delete(path) ? say(`Delete subvolume (commit): '${path}'\n`) : this.#show(path);
  }

  #move(from: string, to: string): CommandResult {
    const moved = this.#subvolumes.get(from);
    if (moved === undefined || this.#subvolumes.has(to))
      return complain(
        `mv: cannot move '${from}' to '${to}': ${moved === undefined ? 'No such file or directory' : 'File exists'}`,
      );
    this.changes.push(`move ${from} ${to}`);
    this.#subvolumes.delete(from);
    this.#subvolumes.set(to, moved);
    return say('');
  }

  #power(verb: string, vm: string): CommandResult {
    const machine = this.machines.get(vm);
    if (machine === undefined) return complain(`lab-power: there is no machine ${vm}`);
    if (verb === 'start' && !machine.powerOn()) return complain(`lab-power: ${vm} has no disk`);
    if (verb === 'stop') machine.powerOff();
    if (verb !== 'status') this.changes.push(`power ${verb} ${vm}`);
    return say(verb === 'status' ? `${machine.power}\n` : '');
  }

  #print(path: string, subvolume: Subvolume): string {
    const created = `${subvolume.createdAt.toISOString().replace('T', ' ').slice(0, 19)} +0000`;
    const inTree = (full: string): string => full.slice(MOUNT.length + 1);
    const children = [...this.#subvolumes]
      .filter(([, other]) => other.parent === subvolume.uuid)
      .map(([child]) => `\t\t\t\t${inTree(child)}`);
    return [
      inTree(path),
      `\tName: \t\t\t${path.split('/').at(-1) ?? ''}`,
      `\tUUID: \t\t\t${subvolume.uuid}`,
      `\tParent UUID: \t\t${subvolume.parent ?? '-'}`,
      '\tReceived UUID: \t\t-',
      `\tCreation time: \t\t${created}`,
      `\tSubvolume ID: \t\t${String(subvolume.id)}`,
      '\tGeneration: \t\t7',
      '\tGen at creation: \t7',
      '\tParent ID: \t\t5',
      '\tTop level ID: \t\t5',
      `\tFlags: \t\t\t${subvolume.isReadOnly ? 'readonly' : '-'}`,
      '\tSend transid: \t\t0',
      `\tSend time: \t\t${created}`,
      '\tReceive transid: \t0',
      '\tReceive time: \t\t-',
      '\tSnapshot(s):',
      ...children,
      '',
    ].join('\n');
  }
}
