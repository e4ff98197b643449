import type { CommandResult, RemoteCommand } from '../../main/remote/remote-shell.ts';

interface Subvolume {
  readonly uuid: string;
  readonly parent: string | undefined;
  readonly isReadOnly: boolean;
  readonly createdAt: Date;
  content: string;
}

export const DISKS_ROOT = '/srv/lab/disks';
export const SNAPSHOTS_ROOT = '/srv/lab/snapshots';
export const POWER_COMMAND = '/usr/local/sbin/lab-power';

/** A host with btrfs in memory. It prints what btrfs-progs 6.2 prints, and keeps what it is told to keep. */
export class FakeBtrfsHost {
  readonly subvolumes = new Map<string, Subvolume>();
  readonly folders = new Set<string>([DISKS_ROOT, SNAPSHOTS_ROOT]);
  readonly running = new Set<string>();
  /** Commands that change something, in order. */
  readonly changes: string[] = [];
  /** Answers instead of the host, where it returns something. */
  intercept: ((argv: readonly string[]) => CommandResult | undefined) | undefined;
  clock = new Date('2026-11-24T04:00:00.000Z');
  #lastId = 0;

  constructor(vm: string, content: string) {
    this.add(`${DISKS_ROOT}/${vm}`, { content, isReadOnly: false, parent: undefined });
    this.running.add(vm);
  }

  add(path: string, subvolume: Pick<Subvolume, 'content' | 'isReadOnly' | 'parent'>): Subvolume {
    this.#lastId += 1;
    const uuid = `00000000-0000-4000-8000-${String(this.#lastId).padStart(12, '0')}`;
    const added = { ...subvolume, uuid, createdAt: this.clock };
    this.subvolumes.set(path, added);
    return added;
  }

  readonly respond = (command: RemoteCommand): CommandResult => {
    const { argv } = command;
    if (command.asRoot !== true) return refuse('ERROR: not permitted');
    return this.intercept?.(argv) ?? this.#answer(argv);
  };

  #answer(argv: readonly string[]): CommandResult {
    const [program, ...rest] = argv;
    const last = rest.at(-1) ?? '';
    const isChange =
      program === 'mv' ||
      program === 'mkdir' ||
      /snapshot|delete|sync|start|stop/.test(rest.slice(0, 2).join(' '));
    if (isChange) this.changes.push(argv.join(' '));
    if (program === 'date') return say(`${this.clock.toISOString()}\n`);
    if (program === 'realpath') return say(`${rest.slice(2).join('\n')}\n`);
    if (program === 'mkdir') return this.folders.add(last) && say('');
    if (program === 'mv') return this.#move(rest[2] ?? '', last);
    if (program === POWER_COMMAND) return this.#power(rest[0] ?? '', last);
    const verb = rest.slice(0, 2).join(' ');
    if (verb === 'subvolume show') return rest[2] === '-u' ? this.#showById(rest[3] ?? '') : this.#show(last);
    if (verb === 'subvolume list') return say(this.#listNested(last));
    if (verb === 'subvolume snapshot') return this.#snapshot(rest.at(-2) ?? '', last, rest.includes('-r'));
    if (verb === 'subvolume delete') return this.#delete(last);
    if (verb === 'filesystem sync') return say('');
    if (verb === 'filesystem usage') return say(USAGE);
    return { exitCode: 127, stdout: '', stderr: `${String(program)}: not found` };
  }

  #show(path: string): CommandResult {
    const found = this.subvolumes.get(path);
    if (found !== undefined) return say(print(path, found));
    if (this.folders.has(path)) return refuse('ERROR: Not a Btrfs subvolume: Invalid argument');
    return refuse(`ERROR: cannot find real path for '${path}': No such file or directory`);
  }

  #showById(uuid: string): CommandResult {
    for (const [path, found] of this.subvolumes) if (found.uuid === uuid) return say(print(path, found));
    return refuse(`ERROR: can't find uuid '${uuid}' on '/srv/lab'`);
  }

  #listNested(path: string): string {
    const nested = [...this.subvolumes.keys()].filter((one) => one.startsWith(`${path}/`));
    return nested.map((one) => `ID 300 gen 9 top level 256 path ${one.slice(1)}\n`).join('');
  }

  #snapshot(from: string, to: string, isReadOnly: boolean): CommandResult {
    const source = this.subvolumes.get(from);
    if (source === undefined) return refuse('ERROR: Could not statfs: No such file or directory');
    const isTaken = this.subvolumes.has(to) || this.folders.has(to);
    const path = isTaken ? `${to}/${from.split('/').at(-1) ?? ''}` : to;
    this.add(path, { content: source.content, isReadOnly, parent: source.uuid });
    return say(`Create a snapshot of '${from}' in '${path}'\n`);
  }

  #delete(path: string): CommandResult {
    if (this.#listNested(path) !== '')
      return refuse('ERROR: Could not destroy subvolume/snapshot: Directory not empty');
    return this.subvolumes.delete(path) ? say(`Delete subvolume (commit): '${path}'\n`) : this.#show(path);
  }

  #move(from: string, to: string): CommandResult {
    const moved = this.subvolumes.get(from);
    if (moved === undefined || this.subvolumes.has(to)) return refuse(`mv: cannot move '${from}' to '${to}'`);
    this.subvolumes.delete(from);
    this.subvolumes.set(to, moved);
    return say('');
  }

  #power(verb: string, vm: string): CommandResult {
    if (verb === 'start' && !this.subvolumes.has(`${DISKS_ROOT}/${vm}`)) return refuse('no disk');
    if (verb === 'start') this.running.add(vm);
    if (verb === 'stop') this.running.delete(vm);
    return say(verb === 'status' ? `${this.running.has(vm) ? 'running' : 'stopped'}\n` : '');
  }
}

function print(path: string, subvolume: Subvolume): string {
  const created = subvolume.createdAt.toISOString().replace('T', ' ').slice(0, 19);
  return [
    path.slice(1),
    `\tName: \t\t\t${path.split('/').at(-1) ?? ''}`,
    `\tUUID: \t\t\t${subvolume.uuid}`,
    `\tParent UUID: \t\t${subvolume.parent ?? '-'}`,
    '\tReceived UUID: \t\t-',
    `\tCreation time: \t\t${created} +0000`,
    `\tFlags: \t\t\t${subvolume.isReadOnly ? 'readonly' : '-'}`,
    '\tSnapshot(s):\n',
  ].join('\n');
}

const USAGE = `Overall:
    Device size:\t\t         314572800
    Free (estimated):\t\t         230686720\t(min: 119537664)
`;

function say(stdout: string): CommandResult {
  return { exitCode: 0, stdout, stderr: '' };
}

export function refuse(stderr: string): CommandResult {
  return { exitCode: 1, stdout: '', stderr: `${stderr}\n` };
}
