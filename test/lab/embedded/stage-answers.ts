import { SCRIPT_EXIT } from '../../../main/patching/apt/scripts/shell-script.ts';
import { OPEN_STAGE } from '../../../main/patching/apt/scripts/stage.ts';
import type { CommandResult } from '../../../main/remote/remote-shell.ts';
import { NO_SPACE, Parts, say } from './answer.ts';
import { transactionLines, uriLines } from './apt-resolver.ts';
import { recordedLines } from './base-system.ts';
import { readDeb, sha256 } from './deb-file.ts';
import type { Stage } from './disk.ts';
import { runInstall } from './install-process.ts';
import type { Machine } from './machine.ts';
import { askApt, changedContent, stageFolder } from './stage-view.ts';

/* What the driver's scripts do in a stage: bring, resolve, seal, install, compare, clear away. */

export interface Call {
  readonly machine: Machine;
  /** After the verb. */
  readonly args: readonly string[];
  /** Lines of the data block. */
  readonly data: readonly string[];
}

export const spaceLine = (path: string, bytes: number): string =>
  `${path} /dev/vda1  ${String(bytes)} 16777216 16293432 /`;

interface Listed {
  readonly hash: string;
  readonly size: number;
  readonly path: string;
}

const readListed = (data: readonly string[]): readonly Listed[] =>
  data.map((line) => {
    const [hash = '', size = '', ...path] = line.split(' ');
    return { hash, size: Number(size), path: path.join(' ') };
  });

/** The first lines of every script that works in a stage. */
function openStage(machine: Machine, id: string): CommandResult | Stage {
  const stage = machine.disk.stage(id);
  if (stage.install !== null) return say('', SCRIPT_EXIT.started);
  machine.disk.changeStage(id, {});
  return stage;
}

const isAnswer = (opened: CommandResult | Stage): opened is CommandResult => 'exitCode' in opened;

export function listMissing({ machine, args: [id = ''], data }: Call): CommandResult {
  const stage = openStage(machine, id);
  if (isAnswer(stage)) return stage;
  const missing = readListed(data).flatMap(({ hash, size, path }, index) => {
    const bytes = stage.repo.get(path);
    return bytes?.length === size && sha256(bytes) === hash ? [] : [String(index + 1)];
  });
  const { freeBytes } = machine.disk;
  return new Parts()
    .add('missing', missing)
    .add('space', [spaceLine(stageFolder(id), freeBytes), spaceLine('/var/tmp', freeBytes)])
    .done();
}

export function adopt({ machine, args: [id = '', inbox = ''], data }: Call): CommandResult {
  const { disk } = machine;
  const stage = openStage(machine, id);
  if (isAnswer(stage)) return stage;
  const repo = new Map(stage.repo);
  const parts = new Parts();
  let bad: string | undefined;
  for (const { hash, size, path } of readListed(data)) {
    const upload = `${inbox}/${hash}`;
    const bytes = disk.uploads.get(upload);
    disk.uploads.delete(upload);
    if (bytes !== undefined && bytes.length === size && sha256(bytes) === hash && disk.freeBytes >= size) {
      repo.set(path, bytes);
      disk.freeBytes -= size;
      continue;
    }
    bad = path;
    parts.add('bad', [path]);
    const reason = bytes === undefined ? 'No such file or directory' : NO_SPACE;
    parts.freeText('reason', disk.freeBytes < size ? [`dd: error writing '${path}.part': ${reason}`] : []);
    break;
  }
  disk.changeStage(id, { repo });
  return (bad === undefined ? parts.add('bad', []) : parts).done();
}

export function resolve({ machine, args: [id = ''], data }: Call): CommandResult {
  const opened = openStage(machine, id);
  if (isAnswer(opened)) return opened;
  const { disk } = machine;
  const linesFor = (kind: string): readonly string[] =>
    data.filter((line) => line.startsWith(`${kind}|`)).map((line) => line.slice(kind.length + 1));
  disk.changeStage(id, {
    content: linesFor('content'),
    sources: linesFor('sources'),
    pins: linesFor('pins'),
    wanted: linesFor('want'),
    sealed: null,
  });
  const { update, simulate } = askApt(machine, id);
  const parts = new Parts()
    .freeText('content', changedContent(disk.stage(id)))
    .add('update', [String(update.status)])
    .freeText('update-log', update.log);
  if (update.status !== 0) return parts.done();
  parts
    .add('simulate', [String(simulate.status)])
    .freeText('simulate-log', simulate.log)
    .add('architecture', ['amd64'])
    .add('transaction', simulate.status === 0 ? transactionLines(simulate.changes, disk.unfinished()) : []);
  if (simulate.status !== 0) return parts.done();
  return parts
    .add('uris', uriLines(simulate.changes))
    .add('automatic', [...disk.automatic])
    .done();
}

export function seal({ machine, args: [id = ''], data }: Call): CommandResult {
  const opened = openStage(machine, id);
  if (isAnswer(opened)) return opened;
  const linesFor = (kind: string): readonly string[] =>
    data.filter((line) => line.startsWith(`${kind}|`)).map((line) => line.slice(kind.length + 1));
  machine.disk.changeStage(id, { sealed: linesFor('sealed'), automatic: linesFor('automatic') });
  return say('');
}

export function startInstall({ machine, args: [id = ''] }: Call): CommandResult {
  const { disk } = machine;
  const stage = disk.stage(id);
  const parts = new Parts();
  if (stage.install !== null) return parts.add('started', ['already']).done();
  if (stage.sealed === null) return parts.add('started', []).done(SCRIPT_EXIT.notStaged);
  disk.changeStage(id, { install: { boot: machine.bootMarker, log: '', exitStatus: null } });
  machine.spawn(id, (sleep) => runInstall(machine, id, sleep));
  return parts.add('started', ['now']).done();
}

function isAlive(machine: Machine, id: string): boolean {
  return machine.disk.stage(id).install?.boot === machine.bootMarker && machine.isRunning(id);
}

export function readInstall({ machine, args: [id = ''] }: Call): CommandResult {
  const { install } = machine.disk.stage(id);
  if (install === null) return new Parts().add('state', ['absent', '']).done();
  const log = install.log === '' ? [] : install.log.trimEnd().split('\n');
  const state =
    install.exitStatus !== null
      ? `finished ${String(install.exitStatus).padEnd(16)}`
      : isAlive(machine, id)
        ? 'running'
        : 'vanished';
  return new Parts().add('state', [state]).freeText('log', log).done();
}

export function witness({ machine, args: [id = ''], data }: Call): CommandResult {
  const { disk } = machine;
  const stage = disk.stage(id);
  if (stage.content === null) return say('', SCRIPT_EXIT.notStaged);
  const parts = new Parts()
    .add('excludes', [])
    .add('diversions', recordedLines('witness-agrees', 'diversions'));
  for (const line of data) {
    const [hash = '', name = '', arch = ''] = line.split(' ');
    const path = stage.content.find((entry) => entry.startsWith(`${hash}  `))?.slice(hash.length + 2);
    const bytes = path === undefined ? undefined : stage.repo.get(path);
    if (bytes === undefined || sha256(bytes) !== hash) {
      parts.add(`absent ${name} ${arch}`, []);
      continue;
    }
    const deb = readDeb(bytes);
    const onDisk = disk.packages.get(`${name}:${arch}`)?.files ?? new Map<string, string>();
    const differences = [...deb.files].flatMap(([file, content]) => {
      const there = onDisk.get(file);
      if (there === content) return [];
      return [`${file}: ${there === undefined ? 'Missing' : 'Contents differ'}`];
    });
    const control = deb.control.split('\n').filter((text) => /^(Package|Version|Architecture): /.test(text));
    parts
      .quote(`package ${name} ${arch}`, control)
      .add('conffiles', [])
      .add('elsewhere', [])
      .add('files', [String(deb.files.size)])
      .quote('folders', deb.folders)
      .quote('differences', differences)
      .add('unreadable', []);
  }
  return parts.done();
}

export function cleanUp({ machine, args: [id = ''] }: Call): CommandResult {
  const { disk } = machine;
  const stage = disk.stages.get(id);
  if (stage === undefined) return say('');
  if (stage.install !== null && stage.install.exitStatus === null && isAlive(machine, id))
    return say('', SCRIPT_EXIT.busy);
  disk.freeBytes += [...stage.repo.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  if (stage.install === null) disk.stages.delete(id);
  else
    disk.changeStage(id, { repo: new Map(), content: null, wanted: [], sources: [], pins: [], sealed: null });
  return say('');
}

// The script opens the stage first; a change there is a change of what is played here.
if (!OPEN_STAGE.includes('return 67') || !OPEN_STAGE.includes('return 70'))
  throw new Error('the scripts open a stage in another way than this lab plays');
