import { CLEAN_UP, READ_INSTALL, SEAL, START_INSTALL } from '../../../main/patching/apt/scripts/install.ts';
import { BOOT_MARKER, INVENTORY } from '../../../main/patching/apt/scripts/inventory.ts';
import { HEALTH_CHECK, PREFLIGHT, REBOOT } from '../../../main/patching/apt/scripts/preflight.ts';
import { SCRIPT_EXIT } from '../../../main/patching/apt/scripts/shell-script.ts';
import { ADOPT, LIST_MISSING, OPEN_STAGE, RESOLVE } from '../../../main/patching/apt/scripts/stage.ts';
import { WITNESS } from '../../../main/patching/apt/scripts/witness.ts';
import type { CommandResult } from '../../../main/remote/remote-shell.ts';
import { NO_SPACE, Parts, complain, say } from './answer.ts';
import { transactionLines, uriLines } from './apt-resolver.ts';
import { KERNEL, recordedLines } from './base-system.ts';
import { runCheck } from './checks.ts';
import { readDeb, sha256 } from './deb-file.ts';
import type { Stage } from './disk.ts';
import { runInstall } from './install-process.ts';
import type { Machine } from './machine.ts';
import { askApt, changedContent, stageFolder } from './stage-view.ts';

/*
 * Plays what the scripts of the apt driver do on an endpoint. Which one it is is told by its first argument; that it is still
 * the script that was read when this was written is told by its text, which must hold the exported body.
 */

interface Call {
  readonly machine: Machine;
  /** After the verb. */
  readonly args: readonly string[];
  /** Lines of the data block. */
  readonly data: readonly string[];
}

type Play = (call: Call) => CommandResult;

const PLAYS: Readonly<Record<string, { readonly body: string; readonly play: Play }>> = {
  'apt/inventory': { body: INVENTORY, play: ({ machine }) => addInventory(new Parts(), machine).done() },
  'apt/boot-marker': {
    body: BOOT_MARKER,
    play: ({ machine }) => new Parts().add('boot', [machine.bootMarker]).done(),
  },
  'apt/preflight': { body: PREFLIGHT, play: preflight },
  'apt/health-check': { body: HEALTH_CHECK, play: healthCheck },
  'apt/list-missing': { body: LIST_MISSING, play: listMissing },
  'apt/adopt': { body: ADOPT, play: adopt },
  'apt/resolve': { body: RESOLVE, play: resolve },
  'apt/seal': { body: SEAL, play: seal },
  'apt/start-install': { body: START_INSTALL, play: startInstall },
  'apt/read-install': { body: READ_INSTALL, play: readInstall },
  'apt/witness': { body: WITNESS, play: witness },
  'apt/reboot': { body: REBOOT, play: reboot },
  'apt/clean-up': { body: CLEAN_UP, play: cleanUp },
};

const SCRIPT_END = '\nexit "$?"\n}\n';
const CUT_SHORT = 'sh: 1: Syntax error: end of file unexpected (expecting "}")';
const DATA = /<<'SALLYPORT-DATA-END'\n([\s\S]*?)(?:^|\n)SALLYPORT-DATA-END\nexit /;

/**
 * Answers `sh -s -- apt/VERB ARGUMENT…` with that script on its standard input.
 *
 * @returns `undefined` for what is no script of the driver, or another one than is known here
 */
export function playScript(
  machine: Machine,
  argv: readonly string[],
  stdin: string,
): CommandResult | undefined {
  const [, flag, dashes, verb = '', ...args] = argv;
  const known = PLAYS[verb];
  if (known === undefined || flag !== '-s' || dashes !== '--') return undefined;
  // A shell reads a group to its end before it runs a line of it: what a lost session cut short does nothing.
  if (stdin === '') return say('');
  if (!stdin.endsWith(SCRIPT_END)) return complain(CUT_SHORT, 2);
  if (!stdin.includes(known.body)) return undefined;
  const block = DATA.exec(stdin)?.[1] ?? '';
  return known.play({ machine, args, data: block === '' ? [] : block.split('\n') });
}

function addInventory(parts: Parts, machine: Machine): Parts {
  const { disk } = machine;
  const packages = [...disk.packages.values()]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((item) =>
      [item.name, item.version, item.arch, item.source, item.sourceVersion, item.status].join('\t'),
    );
  const asks = [...machine.restartAskedBy].sort();
  return parts
    .add('release', recordedLines('preflight-ready', 'release'))
    .add('architecture', ['amd64'])
    .add('kernel', KERNEL)
    .add('clock', [String(Math.floor(Date.now() / 1000) + machine.clockOffsetS)])
    .add('boot', [machine.bootMarker])
    .add('packages', packages)
    .add('reboot-flag', asks.length > 0 ? ['yes'] : [])
    .add('reboot-packages', asks.length > 0 ? [...asks.map((name) => ` ${name}`), ''] : [])
    .add('kernels', [])
    .add('needrestart', []);
}

function lockLines({ lockHolder }: Machine): readonly string[] {
  if (lockHolder === null) return [];
  return [`/var/lib/dpkg/lock-frontend\t${String(lockHolder.pid)}\t${lockHolder.program}`];
}

/** In the words of `dpkg --audit`. */
const AUDIT = {
  unpacked: [
    'The following packages have been unpacked but not yet configured.',
    'They must be configured using dpkg --configure or the configure',
    'menu option in dselect for them to work:',
  ],
  other: [
    'The following packages are only half configured, probably due to problems',
    'configuring them the first time.  The configuration should be retried using',
    'dpkg --configure <package> or the configure menu option in dselect:',
  ],
} as const;

function unfinishedLines({ disk }: Machine): readonly string[] {
  const items = disk.unfinished();
  const paragraph = (head: readonly string[], those: typeof items): readonly string[] =>
    those.length === 0 ? [] : [...head, ...those.map((item) => ` ${item.name}:${item.arch} a package`), ''];
  const isUnpacked = (item: { readonly status: string }): boolean => item.status.endsWith(' unpacked');
  return [
    ...paragraph(AUDIT.unpacked, items.filter(isUnpacked)),
    ...paragraph(
      AUDIT.other,
      items.filter((item) => !isUnpacked(item)),
    ),
  ];
}

const spaceLine = (path: string, bytes: number): string =>
  `${path} /dev/vda1  ${String(bytes)} 16777216 16293432 /`;

function preflight({ machine }: Call): CommandResult {
  const paths = ['/', '/usr', '/var', '/boot', '/tmp', '/var/tmp', '/var/lib'];
  const parts = new Parts()
    .add('locks', lockLines(machine))
    .freeText('unfinished', unfinishedLines(machine))
    .add(
      'space',
      paths.map((path) => spaceLine(path, machine.disk.freeBytes)),
    );
  return addInventory(parts, machine).done();
}

function healthCheck({ machine, args }: Call): CommandResult {
  const [seconds, ...argv] = args;
  const checked = runCheck(machine, Number(seconds), argv);
  return new Parts()
    .add('exit', [String(checked.exitCode)])
    .freeText('output', checked.output)
    .done();
}

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

function listMissing({ machine, args: [id = ''], data }: Call): CommandResult {
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

function adopt({ machine, args: [id = '', inbox = ''], data }: Call): CommandResult {
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

function resolve({ machine, args: [id = ''], data }: Call): CommandResult {
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

function seal({ machine, args: [id = ''], data }: Call): CommandResult {
  const opened = openStage(machine, id);
  if (isAnswer(opened)) return opened;
  const linesFor = (kind: string): readonly string[] =>
    data.filter((line) => line.startsWith(`${kind}|`)).map((line) => line.slice(kind.length + 1));
  machine.disk.changeStage(id, { sealed: linesFor('sealed'), automatic: linesFor('automatic') });
  return say('');
}

function startInstall({ machine, args: [id = ''] }: Call): CommandResult {
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

function readInstall({ machine, args: [id = ''] }: Call): CommandResult {
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

function witness({ machine, args: [id = ''], data }: Call): CommandResult {
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

function reboot({ machine }: Call): CommandResult {
  if (machine.lockHolder !== null) return new Parts().add('locks', lockLines(machine)).done(SCRIPT_EXIT.busy);
  const unfinished = unfinishedLines(machine);
  if (unfinished.length > 0) return new Parts().freeText('unfinished', unfinished).done(SCRIPT_EXIT.broken);
  machine.restart();
  return say('');
}

function cleanUp({ machine, args: [id = ''] }: Call): CommandResult {
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

/** Commands outside of the scripts, of whoever logs in: a folder for uploads. */
export function playPlainCommand(machine: Machine, argv: readonly string[]): CommandResult | undefined {
  const { disk } = machine;
  const [program, ...rest] = argv;
  if (program === 'true') return say('');
  if (program === 'mktemp' && rest[0] === '-d') {
    const folder = (rest[1] ?? '').replace(/X+$/, sha256(String(Math.random())).slice(0, 8));
    if (disk.freeBytes < 4_096)
      return complain(`mktemp: failed to create directory via template: ${NO_SPACE}`);
    disk.folders.add(folder);
    return say(`${folder}\n`);
  }
  if (program === 'rm' && rest[0] === '-rf' && rest[1] === '--') {
    const folder = rest[2] ?? '';
    disk.folders.delete(folder);
    for (const path of disk.uploads.keys()) if (path.startsWith(`${folder}/`)) disk.uploads.delete(path);
    return say('');
  }
  return undefined;
}

// The script opens the stage first; a change there is a change of what is played here.
if (!OPEN_STAGE.includes('return 67') || !OPEN_STAGE.includes('return 70'))
  throw new Error('the scripts open a stage in another way than this lab plays');
