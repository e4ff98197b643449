import { PatchDriverError } from '../../../contract/errors.ts';
import type { Inventory, PackageChange } from '../../core/inventory.ts';
import { differencesFromPlan, type HealthCheck, type PlannedPackage } from '../../core/plan.ts';
import type { RemoteSession } from '../../remote/remote-shell.ts';
import type {
  FailureExplanation,
  HealthResult,
  InstallStatus,
  PatchDriver,
  PreflightReport,
  PreflightRequest,
  StageRequest,
  WitnessReport,
} from '../patch-driver.ts';
import { expectDone, readSections, run, tail } from './answer.ts';
import { bring, type Progress } from './bring.ts';
import {
  bootMarkerCommand,
  cleanUpCommand,
  healthCheckCommand,
  inventoryCommand,
  preflightCommand,
  readInstallCommand,
  rebootCommand,
  sealCommand,
  stagedFiles,
  startInstallCommand,
  witnessCommand,
  type Wanted,
} from './commands.ts';
import { explainInstall } from './explain.ts';
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
  parseSpace,
} from './parse.ts';
import { parseWitness } from './parse-witness.ts';
import { contentDifferences, refuseDifferences, resolve } from './resolve.ts';
import { SCRIPT_EXIT } from './scripts/shell-script.ts';
import type { RepositorySlice } from '../../core/repository-slice.ts';

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
