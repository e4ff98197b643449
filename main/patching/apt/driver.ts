import { CodedError, PatchDriverError, type ErrorCode } from '../../../contract/errors.ts';
import type { Inventory, PackageChange } from '../../core/inventory.ts';
import { differencesFromPlan, type HealthCheck, type PlannedPackage } from '../../core/plan.ts';
import type { CommandResult, RemoteCommand, RemoteSession } from '../../remote/remote-shell.ts';
import type {
  FailureExplanation,
  HealthResult,
  InstallStatus,
  PatchDriver,
  PreflightReport,
  PreflightRequest,
  RepositorySlice,
  StageRequest,
  WitnessReport,
} from '../patch-driver.ts';
import {
  adoptCommand,
  bootMarkerCommand,
  cleanUpCommand,
  healthCheckCommand,
  inventoryCommand,
  listMissingCommand,
  makeInboxCommand,
  preflightCommand,
  readInstallCommand,
  rebootCommand,
  removeInboxCommand,
  resolveCommand,
  sealCommand,
  stagedFiles,
  startInstallCommand,
  witnessCommand,
  type StagedFile,
  type Wanted,
} from './commands.ts';
import { explainInstall, explainSimulation, explainUpdate } from './explain.ts';
import { judgePreflight, lockHeld, packagesBroken } from './judge-preflight.ts';
import {
  freeText,
  linesOf,
  logTail,
  parseBootMarker,
  parseInstallStatus,
  parseInventory,
  parseLocks,
  parseSections,
  parseSimulation,
  parseSpace,
  parseUris,
  parseWitness,
  type Section,
  type Simulation,
} from './parse.ts';
import { SCRIPT_EXIT } from './scripts/shell-script.ts';
import { formatBytes, INBOX_PORTION_BYTES } from './space.ts';

type Progress = (done: number, total: number) => void;

/** apt and dpkg over a remote shell. Keeps nothing between calls. */
export class AptDriver implements PatchDriver {
  readonly platform = 'apt';

  async readInventory(session: RemoteSession, signal?: AbortSignal): Promise<Inventory> {
    return parseInventory(await readSections(session, inventoryCommand(), signal));
  }

  async readBootMarker(session: RemoteSession): Promise<string> {
    return parseBootMarker(await readSections(session, bootMarkerCommand()));
  }

  async preflight(
    session: RemoteSession,
    request: PreflightRequest,
    signal?: AbortSignal,
  ): Promise<PreflightReport> {
    const sections = await readSections(session, preflightCommand(), signal);
    const inventory = parseInventory(sections);
    const spaces = parseSpace(sections);
    judgePreflight(request, {
      inventory,
      locks: parseLocks(sections),
      unfinished: freeText(sections, 'unfinished').trim(),
      spaces,
    });
    const healthChecks = await this.runHealthChecks(session, request.healthChecks, signal);
    const failed = healthChecks.filter((item) => !item.passed);
    if (failed.length > 0) {
      throw new PatchDriverError(
        'PATCHING_HEALTH_CHECK_FAILED',
        `The endpoint is not well before patching: ${failed.map((item) => item.name).join(', ')} failed. ` +
          `Nothing was touched.\n${failed[0]?.output ?? ''}`.trimEnd(),
        { retry: 'same' },
      );
    }
    const freeBytes = Object.fromEntries(spaces.map((item) => [item.mountPoint, item.available]));
    return { inventory, freeBytes, healthChecks };
  }

  async simulate(
    session: RemoteSession,
    request: {
      readonly stageId: string;
      readonly repositories: readonly RepositorySlice[];
      readonly wanted: readonly Wanted[];
    },
    signal?: AbortSignal,
  ): Promise<readonly PackageChange[]> {
    const files = stagedFiles(request.repositories, 'metadata');
    await bring(session, request.stageId, files, undefined, signal);
    const { simulation } = await resolve(session, { ...request, files, pinned: false }, signal);
    const removed = simulation.changes.filter((item) => item.to === null);
    refuseDifferences([
      ...removed.map((item) => `${item.name}:${item.arch} ${item.from ?? ''} is removed`),
      ...simulation.leftovers.map((key) => `${key} is left half configured by something earlier`),
    ]);
    return simulation.changes;
  }

  async stage(
    session: RemoteSession,
    request: StageRequest,
    onProgress?: Progress,
    signal?: AbortSignal,
  ): Promise<void> {
    const files = stagedFiles(request.repositories, 'everything');
    const lacking = request.packages.filter((item) => !files.some((file) => file.sha256 === item.sha256));
    if (lacking.length > 0) {
      throw new PatchDriverError(
        'PATCHING_CONTENT_MISMATCH',
        `The content to stage lacks ${lacking.map((item) => `${item.name} ${item.to}`).join(', ')} as approved. Nothing was sent.`,
      );
    }
    await bring(session, request.stageId, files, onProgress, signal);
    const wanted = request.packages.map(({ name, arch, to }) => ({ name, arch, version: to }));
    const { stageId, repositories } = request;
    const answer = await resolve(session, { stageId, repositories, files, wanted, pinned: true }, signal);
    refuseDifferences([
      ...differencesFromPlan(request.packages, answer.simulation.changes),
      ...answer.simulation.leftovers.map((key) => `${key} is configured too, which the plan does not name`),
      ...contentDifferences(request.packages, answer.hashes),
    ]);
    const automatic = request.packages
      .filter((item) => (item.from === null ? !item.requested : answer.automatic.has(item)))
      .map((item) => (item.arch === 'all' ? item.name : `${item.name}:${item.arch}`));
    const sealed = await run(session, sealCommand(stageId, answer.transaction, automatic), signal);
    expectDone(sealed, 'seal the stage');
  }

  async startInstall(session: RemoteSession, stageId: string): Promise<void> {
    const result = await run(session, startInstallCommand(stageId));
    if (result.exitCode === SCRIPT_EXIT.notStaged) {
      throw new PatchDriverError(
        'PATCHING_CONTENT_MISMATCH',
        'Nothing complete is staged on the endpoint, so nothing was installed. Stage the content again.',
      );
    }
    expectDone(result, 'start the install');
  }

  async readInstall(session: RemoteSession, stageId: string): Promise<InstallStatus> {
    return parseInstallStatus(await readSections(session, readInstallCommand(stageId)));
  }

  explainFailure(status: InstallStatus): FailureExplanation {
    return explainInstall(status);
  }

  async witness(
    session: RemoteSession,
    stageId: string,
    packages: readonly PlannedPackage[],
    signal?: AbortSignal,
  ): Promise<WitnessReport> {
    const result = await run(session, witnessCommand(stageId, packages), signal);
    const nothing = result.exitCode === SCRIPT_EXIT.notStaged;
    if (!nothing) expectDone(result, 'compare its files');
    const versions = new Map(packages.map((item) => [`${item.name}:${item.arch}`, item.to]));
    const report = nothing ? undefined : parseWitness(parseSections(result.stdout), versions);
    if (report === undefined || report.absent.length > 0) {
      throw new PatchDriverError(
        'PATCHING_CONTENT_MISMATCH',
        `The vendor's own ${report?.absent.join(', ') ?? 'packages'} can't be compared with: not staged on the endpoint (any more).`,
      );
    }
    return { disagreements: report.disagreements, filesChecked: report.filesChecked };
  }

  async runHealthChecks(
    session: RemoteSession,
    checks: readonly HealthCheck[],
    signal?: AbortSignal,
  ): Promise<readonly HealthResult[]> {
    const results: HealthResult[] = [];
    for (const check of checks) {
      const sections = await readSections(session, healthCheckCommand(check), signal);
      const status = Number(linesOf(sections, 'exit')[0]);
      // What timeout(1) says when it ended the program: by its own signal, or by the one that can't be refused.
      const timedOut = status === 124 || status === 137;
      results.push({
        name: check.name,
        passed: status === 0,
        exitCode: timedOut ? null : status,
        output: logTail(freeText(sections, 'output')).slice(-2_000),
      });
    }
    return results;
  }

  async reboot(session: RemoteSession): Promise<void> {
    const result = await run(session, rebootCommand());
    const sections = parseSections(result.stdout);
    if (result.exitCode === SCRIPT_EXIT.busy) throw lockHeld(parseLocks(sections), 'It was not restarted.');
    if (result.exitCode === SCRIPT_EXIT.broken) {
      throw packagesBroken(freeText(sections, 'unfinished'), 'It was not restarted.');
    }
    if (result.exitCode !== SCRIPT_EXIT.done) {
      throw new PatchDriverError(
        'PATCHING_REBOOT_FAILED',
        `The endpoint has no program that restarts it, or that program failed.${tail(result)}`,
      );
    }
  }

  async cleanUp(session: RemoteSession, stageId: string): Promise<void> {
    const result = await run(session, cleanUpCommand(stageId));
    if (result.exitCode === SCRIPT_EXIT.busy) {
      throw new PatchDriverError(
        'PATCHING_LOCK_HELD',
        'The install of this stage still runs; nothing was removed.',
        { retry: 'same' },
      );
    }
    expectDone(result, 'remove the stage');
  }
}

async function run(
  session: RemoteSession,
  command: RemoteCommand,
  signal?: AbortSignal,
): Promise<CommandResult> {
  return signal === undefined ? session.run(command) : session.run(command, signal);
}

async function readSections(
  session: RemoteSession,
  command: RemoteCommand,
  signal?: AbortSignal,
): Promise<readonly Section[]> {
  const result = await run(session, command, signal);
  expectDone(result, 'read from the endpoint');
  return parseSections(result.stdout);
}

const tail = (result: CommandResult): string => {
  const text = logTail(result.stderr || result.stdout).slice(-1_000);
  return text === '' ? '' : `\n${text}`;
};

/** @throws by the exit statuses that any script may end with */
function expectDone(result: CommandResult, what: string): void {
  const fail = (code: ErrorCode, message: string): never => {
    throw new PatchDriverError(code, message);
  };
  switch (result.exitCode) {
    case SCRIPT_EXIT.done:
      return;
    case SCRIPT_EXIT.unsupported:
      return fail('PATCHING_PLATFORM_UNSUPPORTED', 'There is no dpkg on this endpoint.');
    case SCRIPT_EXIT.started:
      return fail(
        'PATCHING_INSTALL_UNDETERMINED',
        'An install was already started under this stage; what became of it must be read first.',
      );
    case SCRIPT_EXIT.unsafe:
      return fail(
        'PATCHING_CONTENT_MISMATCH',
        `The stage on the endpoint is not as we left it.${tail(result)}`,
      );
    default:
      if (/No space left on device|Disk quota exceeded/.test(result.stderr)) {
        return fail('PATCHING_DISK_FULL', `No room on the endpoint to ${what}.${tail(result)}`);
      }
      return fail(
        'PATCHING_OUTPUT_UNREADABLE',
        `The endpoint could not ${what}: its shell ended with ${String(result.exitCode)}.${tail(result)}`,
      );
  }
}

/** Uploads what is not there yet, portion by portion, and takes each portion into the stage before the next goes. */
async function bring(
  session: RemoteSession,
  stageId: string,
  files: readonly StagedFile[],
  onProgress?: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const sections = await readSections(session, listMissingCommand(stageId, files), signal);
  const missing = linesOf(sections, 'missing').flatMap((number) => files[Number(number) - 1] ?? []);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const toBring = missing.reduce((sum, file) => sum + file.size, 0);
  let done = total - toBring;
  onProgress?.(done, total);
  if (missing.length === 0) return;
  const room = parseSpace(sections)[0];
  if (room !== undefined && toBring > room.available) {
    throw new PatchDriverError(
      'PATCHING_DISK_FULL',
      `${room.mountPoint} has ${formatBytes(room.available)} free, staging needs ${formatBytes(toBring)} more. Nothing was installed.`,
    );
  }
  const made = await run(session, makeInboxCommand(stageId), signal);
  const inbox = made.stdout.trim();
  if (made.exitCode !== 0 || !/^\/var\/tmp\/sallyport-[A-Za-z0-9.-]+$/.test(inbox))
    expectDone({ ...made, exitCode: made.exitCode || 1 }, 'make a folder for uploads');
  try {
    for (const portion of portionsOf(missing)) {
      await upload(session, stageId, inbox, portion, signal, (bytes) => {
        done += bytes;
        onProgress?.(Math.min(done, total), total);
      });
      const adopted = await readSections(session, adoptCommand(stageId, inbox, portion), signal);
      const [bad] = linesOf(adopted, 'bad');
      if (bad !== undefined) throw contentMismatch(bad, freeText(adopted, 'reason'));
    }
  } finally {
    // A folder left behind by a lost session holds no secret and is removed by the endpoint's own tidying of /var/tmp.
    await run(session, removeInboxCommand(inbox)).catch(ignoreLostSession);
  }
}

async function upload(
  session: RemoteSession,
  stageId: string,
  inbox: string,
  portion: readonly StagedFile[],
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const uploads = portion.map((file) => ({ from: { file: file.file }, to: `${inbox}/${file.sha256}` }));
  try {
    await session.upload(uploads, onBytes, signal);
  } catch (error) {
    // SFTP has one answer for every trouble of a server's disk, "Failure": ask whether there is room.
    if (!(error instanceof CodedError) || error.code !== 'TRANSPORT_PROTOCOL') throw error;
    const spaces = parseSpace(await readSections(session, listMissingCommand(stageId, []), signal));
    const full = spaces.find((space) => space.available < portion.reduce((sum, file) => sum + file.size, 0));
    if (full === undefined) throw error;
    throw new PatchDriverError(
      'PATCHING_DISK_FULL',
      `${full.mountPoint} filled up while content was brought to the endpoint. Nothing was installed.`,
      { cause: error },
    );
  }
}

function contentMismatch(path: string, reason: string): PatchDriverError {
  if (/No space left on device|Disk quota exceeded/.test(reason)) {
    return new PatchDriverError(
      'PATCHING_DISK_FULL',
      `No room on the endpoint for ${path}. Nothing was installed.`,
    );
  }
  return new PatchDriverError(
    'PATCHING_CONTENT_MISMATCH',
    `${path} did not reach the endpoint as it is in the catalogue. Nothing was installed.`,
  );
}

/** A session that is gone is told of by whatever fails next, or failed already. */
function ignoreLostSession(error: unknown): void {
  if (!(error instanceof CodedError)) throw error;
}

function* portionsOf(files: readonly StagedFile[]): Generator<readonly StagedFile[]> {
  let portion: StagedFile[] = [];
  let size = 0;
  const seen = new Set<string>();
  for (const file of files) {
    // Uploads are named by their hash, and taking one in removes it: equal content goes in portions of its own.
    if (portion.length > 0 && (size + file.size > INBOX_PORTION_BYTES || seen.has(file.sha256))) {
      yield portion;
      portion = [];
      size = 0;
      seen.clear();
    }
    portion.push(file);
    seen.add(file.sha256);
    size += file.size;
  }
  if (portion.length > 0) yield portion;
}

interface Resolution {
  readonly simulation: Simulation;
  /** apt's own lines, sorted by the endpoint. */
  readonly transaction: readonly string[];
  /** SHA-256 of the packages that would be installed. */
  readonly hashes: readonly string[];
  readonly automatic: { has(item: { readonly name: string; readonly arch: string }): boolean };
}

async function resolve(
  session: RemoteSession,
  request: Parameters<typeof resolveCommand>[0],
  signal?: AbortSignal,
): Promise<Resolution> {
  const sections = await readSections(session, resolveCommand(request), signal);
  const changed = freeText(sections, 'content').trim();
  if (changed !== '') {
    throw new PatchDriverError(
      'PATCHING_CONTENT_MISMATCH',
      `Staged files are not what they were when they were brought. Nothing was installed.\n${changed.slice(0, 500)}`,
    );
  }
  const updateLog = freeText(sections, 'update-log');
  if (linesOf(sections, 'update')[0] !== '0') throw explainUpdate(updateLog);
  const simulateLog = freeText(sections, 'simulate-log');
  if (linesOf(sections, 'simulate')[0] !== '0') throw explainSimulation(simulateLog);
  const native = linesOf(sections, 'architecture')[0] ?? '';
  const transaction = linesOf(sections, 'transaction');
  const marked = new Set(linesOf(sections, 'automatic'));
  return {
    transaction,
    simulation: parseSimulation(transaction, native),
    hashes: parseUris(linesOf(sections, 'uris')),
    automatic: {
      has: ({ name, arch }) =>
        marked.has(`${name}:${arch}`) || ((arch === native || arch === 'all') && marked.has(name)),
    },
  };
}

/**
 * An approval binds the content of each package, not only its version: what the vendor's signed index would bring must be
 * exactly those files.
 */
function contentDifferences(
  planned: readonly PlannedPackage[],
  hashes: readonly string[],
): readonly string[] {
  const wanted = new Map(planned.map((item) => [item.sha256, item]));
  const found = new Set(hashes);
  return [
    ...[...wanted]
      .filter(([hash]) => !found.has(hash))
      .map(
        ([hash, item]) =>
          `${item.name}:${item.arch} ${item.to} is planned as the file ${hash.slice(0, 16)}…, which the staged index does not name`,
      ),
    ...[...found]
      .filter((hash) => !wanted.has(hash))
      .map((hash) => `the file ${hash.slice(0, 16)}… is in no plan`),
  ];
}

function refuseDifferences(differences: readonly string[]): void {
  if (differences.length === 0) return;
  const shown = differences.slice(0, 10).join('; ');
  const more = differences.length > 10 ? ` and ${String(differences.length - 10)} more` : '';
  throw new PatchDriverError(
    'PATCHING_TRANSACTION_DIFFERS',
    `The endpoint would do something else than planned: ${shown}${more}. Nothing was installed.`,
    { hint: 'Scan the endpoint and plan again.' },
  );
}
