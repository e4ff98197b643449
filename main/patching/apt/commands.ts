import type { HealthCheck, PlannedPackage } from '../../core/plan.ts';
import type { RemoteCommand } from '../../remote/remote-shell.ts';
import { checkPackage, checkSha256, checkSlice, checkStageId } from './names.ts';
import { CLEAN_UP, READ_INSTALL, RUN_LINES, SEAL, START_INSTALL } from './scripts/install.ts';
import { BOOT_MARKER, INVENTORY } from './scripts/inventory.ts';
import { HEALTH_CHECK, PREFLIGHT, REBOOT } from './scripts/preflight.ts';
import { IS_ALIVE, LOCK_HOLDERS, shellScript, STAGE_ROOT, UNFINISHED } from './scripts/shell-script.ts';
import { ADOPT, LIST_MISSING, OPEN_STAGE, RESOLVE } from './scripts/stage.ts';
import { WITNESS } from './scripts/witness.ts';
import type { RepositoryFile, RepositorySlice } from '../../core/repository-slice.ts';

const SECONDS = 1000;
const MINUTES = 60 * SECONDS;

/** Oldest release file that is still taken by its date, seconds: a bundle's own age is judged when it is imported. */
const RELEASE_VALID_S = 365 * 24 * 60 * 60;
/** How far a release file's date may lie ahead of the endpoint's clock, seconds. */
const RELEASE_AHEAD_S = 24 * 60 * 60;
/** How long the install waits for someone else's lock, seconds. */
const LOCK_WAIT_S = 120;

/** A file of a repository slice, with its path below the folder that holds all slices. */
export interface StagedFile extends RepositoryFile {
  readonly stagedPath: string;
}

/** The files of slices in a fixed order; indexes before packages. @throws PATCHING_CONTENT_MISMATCH for unsafe names */
export function stagedFiles(
  slices: readonly RepositorySlice[],
  which: 'metadata' | 'everything',
): readonly StagedFile[] {
  for (const slice of slices) checkSlice(slice);
  const place =
    (slice: RepositorySlice) =>
    (file: RepositoryFile): StagedFile => ({ ...file, stagedPath: `${slice.name}/${file.path}` });
  const metadata = slices.flatMap((slice) => slice.metadata.map(place(slice)));
  const packages = which === 'everything' ? slices.flatMap((slice) => slice.packages.map(place(slice))) : [];
  return [...new Map([...metadata, ...packages].map((file) => [file.stagedPath, file])).values()];
}

/**
 * Every script is told apart by its first argument, `apt/<verb>`, which it ignores: for whoever reads a process list, or
 * plays the endpoint.
 */
function script(verb: string, args: readonly string[], stdin: string, timeoutMs: number): RemoteCommand {
  return { argv: ['sh', '-s', '--', `apt/${verb}`, ...args], asRoot: true, stdin, timeoutMs };
}

export function inventoryCommand(): RemoteCommand {
  return script('inventory', [], shellScript(INVENTORY), MINUTES);
}

export function bootMarkerCommand(): RemoteCommand {
  return script('boot-marker', [], shellScript(BOOT_MARKER), 30 * SECONDS);
}

export function preflightCommand(): RemoteCommand {
  return script('preflight', [], shellScript(PREFLIGHT, [LOCK_HOLDERS, UNFINISHED]), 2 * MINUTES);
}

export function healthCheckCommand(check: HealthCheck): RemoteCommand {
  const seconds = Math.max(check.timeoutMs, 1) / 1000;
  return script(
    'health-check',
    [seconds.toFixed(3), ...check.argv],
    shellScript(HEALTH_CHECK),
    check.timeoutMs + 30 * SECONDS,
  );
}

/** A folder that only the login user can look into, for uploads. */
export function makeInboxCommand(stageId: string): RemoteCommand {
  return {
    argv: ['mktemp', '-d', `/var/tmp/sallyport-${checkStageId(stageId)}.XXXXXXXX`],
    timeoutMs: 30 * SECONDS,
  };
}

export function removeInboxCommand(inbox: string): RemoteCommand {
  return { argv: ['rm', '-rf', '--', inbox], timeoutMs: MINUTES };
}

const fileLine = (file: StagedFile): string => `${file.sha256} ${String(file.size)} ${file.stagedPath}`;

export function listMissingCommand(stageId: string, files: readonly StagedFile[]): RemoteCommand {
  const stdin = shellScript(LIST_MISSING, [OPEN_STAGE], files.map(fileLine));
  return script('list-missing', [checkStageId(stageId)], stdin, 10 * MINUTES);
}

export function adoptCommand(stageId: string, inbox: string, files: readonly StagedFile[]): RemoteCommand {
  const stdin = shellScript(ADOPT, [OPEN_STAGE], files.map(fileLine));
  return script('adopt', [checkStageId(stageId), inbox], stdin, 10 * MINUTES);
}

export interface Wanted {
  readonly name: string;
  readonly arch: string;
  readonly version: string;
}

/** As apt-get(8) takes an exact version. `name:all` is understood as the native architecture. */
const aptArgument = (item: Wanted): string => `${item.name}:${item.arch}=${item.version}`;

/**
 * Asks what installing these would do. With `pins`, nothing but these versions may be chosen from what is staged.
 */
export function resolveCommand(request: {
  readonly stageId: string;
  readonly repositories: readonly RepositorySlice[];
  readonly files: readonly StagedFile[];
  readonly wanted: readonly Wanted[];
  readonly pinned: boolean;
}): RemoteCommand {
  const stage = `${STAGE_ROOT}/${checkStageId(request.stageId)}`;
  for (const item of request.wanted) checkPackage(item);
  const data = [
    ...request.files.map((file) => `content|${file.sha256}  ${file.stagedPath}`),
    ...aptConfiguration(stage).map((line) => `config|${line}`),
    ...request.repositories.flatMap((slice) => aptSource(stage, slice)).map((line) => `sources|${line}`),
    ...(request.pinned ? aptPins(request.wanted) : []).map((line) => `pins|${line}`),
    ...request.wanted.map((item) => `want|${aptArgument(item)}`),
  ];
  return script('resolve', [request.stageId], shellScript(RESOLVE, [OPEN_STAGE], data), 10 * MINUTES);
}

/**
 * A configuration that stands on its own. apt reads the file that APT_CONFIG names first, so this one can turn the
 * endpoint's own parts off: its sources, pins, hooks (apt-listchanges, needrestart ...) and anything like
 * `AllowUnauthenticated` in them. The endpoint's files stay as they are; dpkg's own configuration does apply. See apt.conf(5).
 */
function aptConfiguration(stage: string): readonly string[] {
  return [
    'Dir::Etc::Parts "/dev/null";',
    'Dir::Etc::Main "/dev/null";',
    'Dir::Etc::SourceList "/dev/null";',
    `Dir::Etc::SourceParts "${stage}/apt/sources.d";`,
    'Dir::Etc::Preferences "/dev/null";',
    `Dir::Etc::PreferencesParts "${stage}/apt/preferences.d";`,
    'Dir::Etc::Trusted "/dev/null";',
    'Dir::Etc::TrustedParts "/dev/null";',
    'Dir::Etc::NetRC "/dev/null";',
    'Dir::Etc::NetRCParts "/dev/null";',
    `Dir::State::Lists "${stage}/apt/lists";`,
    `Dir::Cache::Archives "${stage}/apt/archives";`,
    'Dir::Cache::PkgCache "";',
    'Dir::Cache::SrcPkgCache "";',
    // Nothing is fetched from anywhere; the folder is closed to the user that apt would drop to.
    'APT::Sandbox::User "root";',
    'APT::Install-Recommends "false";',
    'APT::Install-Suggests "false";',
    'APT::Get::Remove "false";',
    'APT::Get::AllowUnauthenticated "false";',
    'APT::Get::Show-User-Simulation-Note "false";',
    'APT::Update::Error-Mode "any";',
    'Acquire::AllowInsecureRepositories "false";',
    'Acquire::AllowWeakRepositories "false";',
    'Acquire::AllowDowngradeToInsecureRepositories "false";',
    'Acquire::ForceHash "SHA256";',
    'Acquire::Languages "none";',
    'Acquire::PDiffs "false";',
    `DPkg::Lock::Timeout "${String(LOCK_WAIT_S)}";`,
    'DPkg::Options { "--force-confdef"; "--force-confold"; };',
    'DPkg::Use-Pty "false";',
  ];
}

/** One source in the form of sources.list(5), deb822 style, so that options touch this source alone. */
function aptSource(stage: string, slice: RepositorySlice): readonly string[] {
  return [
    'Types: deb',
    `URIs: file:${stage}/repo/${slice.name}`,
    `Suites: ${slice.suite}`,
    ...(slice.suite.endsWith('/') ? [] : [`Components: ${slice.components.join(' ')}`]),
    `Architectures: ${slice.arch}`,
    `Signed-By: ${slice.signedBy}`,
    'By-Hash: no',
    `Valid-Until-Min: ${String(RELEASE_VALID_S)}`,
    `Date-Max-Future: ${String(RELEASE_AHEAD_S)}`,
    '',
  ];
}

/**
 * Nothing from local files (origin ""), that is from what is staged, but these versions. Installed versions keep their
 * priority of 100. See apt_preferences(5).
 */
function aptPins(wanted: readonly Wanted[]): readonly string[] {
  const nothing = ['Package: *', 'Pin: origin ""', 'Pin-Priority: -1', ''];
  const these = wanted.flatMap((item) => [
    `Package: ${item.arch === 'all' ? item.name : `${item.name}:${item.arch}`}`,
    `Pin: version ${item.version}`,
    'Pin-Priority: 990',
    '',
  ]);
  return [...nothing, ...these];
}

/** @param transaction the lines of apt's simulation that may come true, sorted as the endpoint sorted them */
export function sealCommand(
  stageId: string,
  transaction: readonly string[],
  automatic: readonly string[],
): RemoteCommand {
  const data = [
    ...transaction.map((line) => `sealed|${line}`),
    ...automatic.map((line) => `automatic|${line}`),
    ...RUN_LINES.map((line) => `run|${line}`),
  ];
  return script('seal', [checkStageId(stageId)], shellScript(SEAL, [OPEN_STAGE], data), 2 * MINUTES);
}

export function startInstallCommand(stageId: string): RemoteCommand {
  return script('start-install', [checkStageId(stageId)], shellScript(START_INSTALL), MINUTES);
}

export function readInstallCommand(stageId: string): RemoteCommand {
  return script('read-install', [checkStageId(stageId)], shellScript(READ_INSTALL, [IS_ALIVE]), MINUTES);
}

export function witnessCommand(stageId: string, packages: readonly PlannedPackage[]): RemoteCommand {
  const data = packages.map((item) => {
    checkPackage({ name: item.name, arch: item.arch, version: item.to });
    return `${checkSha256(item.sha256)} ${item.name} ${item.arch}`;
  });
  return script('witness', [checkStageId(stageId)], shellScript(WITNESS, [], data), 15 * MINUTES);
}

export function rebootCommand(): RemoteCommand {
  return script('reboot', [], shellScript(REBOOT, [LOCK_HOLDERS, UNFINISHED]), MINUTES);
}

export function cleanUpCommand(stageId: string): RemoteCommand {
  return script('clean-up', [checkStageId(stageId)], shellScript(CLEAN_UP, [IS_ALIVE]), 5 * MINUTES);
}
