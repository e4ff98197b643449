import { CLEAN_UP, READ_INSTALL, SEAL, START_INSTALL } from '../../../main/patching/apt/scripts/install.ts';
import { BOOT_MARKER, INVENTORY } from '../../../main/patching/apt/scripts/inventory.ts';
import { HEALTH_CHECK, PREFLIGHT, REBOOT } from '../../../main/patching/apt/scripts/preflight.ts';
import { SCRIPT_EXIT } from '../../../main/patching/apt/scripts/shell-script.ts';
import { ADOPT, LIST_MISSING, RESOLVE } from '../../../main/patching/apt/scripts/stage.ts';
import { WITNESS } from '../../../main/patching/apt/scripts/witness.ts';
import type { CommandResult } from '../../../main/remote/remote-shell.ts';
import { NO_SPACE, Parts, complain, say } from './answer.ts';
import { KERNEL, recordedLines } from './base-system.ts';
import { runCheck } from './checks.ts';
import { sha256 } from './deb-file.ts';
import type { Machine } from './machine.ts';
import * as stage from './stage-answers.ts';
import { spaceLine, type Call } from './stage-answers.ts';

/*
 * Plays what the scripts of the apt driver do on an endpoint. Which one it is is told by its first argument; that it is still
 * the script that was read when this was written is told by its text, which must hold the exported body.
 */

type Play = (call: Call) => CommandResult;

const PLAYS: Readonly<Record<string, { readonly body: string; readonly play: Play }>> = {
  'apt/inventory': { body: INVENTORY, play: ({ machine }) => addInventory(new Parts(), machine).done() },
  'apt/boot-marker': {
    body: BOOT_MARKER,
    play: ({ machine }) => new Parts().add('boot', [machine.bootMarker]).done(),
  },
  'apt/preflight': { body: PREFLIGHT, play: preflight },
  'apt/health-check': { body: HEALTH_CHECK, play: healthCheck },
  'apt/list-missing': { body: LIST_MISSING, play: stage.listMissing },
  'apt/adopt': { body: ADOPT, play: stage.adopt },
  'apt/resolve': { body: RESOLVE, play: stage.resolve },
  'apt/seal': { body: SEAL, play: stage.seal },
  'apt/start-install': { body: START_INSTALL, play: stage.startInstall },
  'apt/read-install': { body: READ_INSTALL, play: stage.readInstall },
  'apt/witness': { body: WITNESS, play: stage.witness },
  'apt/reboot': { body: REBOOT, play: reboot },
  'apt/clean-up': { body: CLEAN_UP, play: stage.cleanUp },
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

function reboot({ machine }: Call): CommandResult {
  if (machine.lockHolder !== null) return new Parts().add('locks', lockLines(machine)).done(SCRIPT_EXIT.busy);
  const unfinished = unfinishedLines(machine);
  if (unfinished.length > 0) return new Parts().freeText('unfinished', unfinished).done(SCRIPT_EXIT.broken);
  machine.restart();
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
