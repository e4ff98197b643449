import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodedError, type ErrorCode } from '../../contract/errors.ts';
import { diffInventories, type PackageChange } from '../../main/core/inventory.ts';
import type { PlannedPackage } from '../../main/core/plan.ts';
import type { InstallStatus, PatchDriver, PreflightRequest } from '../../main/patching/patch-driver.ts';
import type { RemoteSession } from '../../main/remote/remote-shell.ts';
import type { AptFaults } from '../support/apt-faults.ts';
import type { RepositorySlice } from '../../main/core/repository-slice.ts';

interface Wanted {
  readonly name: string;
  readonly arch: string;
  readonly version: string;
}

/** One endpoint with updates pending, to hold a driver to the contract of the port. */
export interface PatchDriverWorld {
  readonly driver: PatchDriver;
  /** A new session each time. */
  connect(): Promise<RemoteSession>;
  /** Cuts every session that is open, as a pulled cable does. */
  cut(): Promise<void>;
  /** Release file and index of a repository that has newer versions; no packages. */
  readonly indexes: RepositorySlice;
  /** A library of which a newer version comes alone. */
  readonly single: Wanted;
  /** A package whose newer version brings others along when nothing forbids it. */
  readonly pulling: Wanted;
  /** The slice with these packages in it, and what an approval would name. */
  fetch(
    changes: readonly PackageChange[],
  ): Promise<{ readonly slice: RepositorySlice; readonly planned: readonly PlannedPackage[] }>;
  /** The slice with something wrong in it that the vendor's signature forbids. */
  spoil(slice: RepositorySlice, what: 'release' | 'index' | 'package'): Promise<RepositorySlice>;
  readonly faults: AptFaults;
  /** Seconds since the epoch on the endpoint and here. */
  clock(): number;
  /** Puts the endpoint back as it was and forgets it. */
  close(): Promise<void>;
}

const CHECK = { name: 'is there', argv: ['test', '-x', '/usr/bin/dpkg'], timeoutMs: 60_000 };

/** What every adapter of the port must do. */
export function describePatchDriver(name: string, openWorld: () => Promise<PatchDriverWorld>): void {
  describe(`${name} as a patch driver`, () => {
    let world: PatchDriverWorld;
    let session: RemoteSession;
    let driver: PatchDriver;
    const stageId = 'run-1-endpoint-1';

    beforeEach(async () => {
      world = await openWorld();
      driver = world.driver;
      session = await world.connect();
    });
    afterEach(async () => {
      await session.close();
      await world.close();
    });

    const simulate = (wanted: Wanted, slice = world.indexes) =>
      driver.simulate(session, { stageId, repositories: [slice], wanted: [wanted] });

    /** Plans one update in whole, as the application does. */
    const plan = async (wanted: Wanted) => {
      const changes = await simulate(wanted);
      const { slice, planned } = await world.fetch(changes);
      return { stageId, repositories: [slice], packages: planned };
    };

    const preflight = (packages: readonly PlannedPackage[], change: Partial<PreflightRequest> = {}) =>
      driver.preflight(session, {
        packages,
        downloadBytes: 5_000_000,
        installedBytes: 5_000_000,
        healthChecks: [CHECK],
        clockToleranceS: 30,
        clock: world.clock(),
        ...change,
      });

    const waitForEnd = async (over = session): Promise<InstallStatus> => {
      for (;;) {
        const status = await driver.readInstall(over, stageId);
        if (status.kind !== 'running') return status;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };

    /** An endpoint that restarts refuses or does not answer for a while; the test's own time limit ends this. */
    const connectAgain = async (): Promise<RemoteSession> => {
      for (;;) {
        try {
          return await world.connect();
        } catch (error) {
          if (!(error instanceof CodedError)) throw error;
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
      }
    };

    it('reads an inventory of whole packages, sorted, and a boot marker that stays while it is up', async () => {
      const inventory = await driver.readInventory(session);
      expect(inventory.packages.length).toBeGreaterThan(50);
      expect(inventory.packages.find((item) => item.name === 'dpkg')?.status).toBe('install ok installed');
      const names = inventory.packages.map((item) => item.name);
      expect(names).toEqual(names.toSorted());
      expect(inventory.rebootRequired).toBe(inventory.rebootReasons.length > 0);
      expect(await driver.readBootMarker(session)).toBe(inventory.bootMarker);
    });

    it('simulates a whole transaction and changes nothing', async () => {
      const before = await driver.readInventory(session);
      const changes = await simulate(world.pulling);
      expect(changes.length).toBeGreaterThan(1);
      expect(changes.find((item) => item.name === world.pulling.name)?.to).toBe(world.pulling.version);
      expect(diffInventories(before, await driver.readInventory(session))).toEqual([]);
      expect(await driver.readInstall(session, stageId)).toEqual({ kind: 'absent' });
    });

    it('refuses to simulate a version that nobody has', async () => {
      expect(await codeOf(simulate({ ...world.single, version: '99:1-1' }))).toBe(
        'PATCHING_TRANSACTION_DIFFERS',
      );
    });

    it('refuses names that could end a line or a path early', async () => {
      const evil = { ...world.single, version: '1 && reboot' };
      expect(await codeOf(simulate(evil))).toBe('PATCHING_CONTENT_MISMATCH');
      const slice = {
        ...world.indexes,
        metadata: world.indexes.metadata.map((f) => ({ ...f, path: '../../x' })),
      };
      expect(await codeOf(simulate(world.single, slice))).toBe('PATCHING_CONTENT_MISMATCH');
    });

    it('finds an endpoint that is ready', async () => {
      const { packages } = await plan(world.single);
      const report = await preflight(packages);
      expect(report.healthChecks).toEqual([{ name: CHECK.name, passed: true, exitCode: 0, output: '' }]);
      expect(Object.keys(report.freeBytes).length).toBeGreaterThan(0);
    });

    it('names what is in the way before anything is touched', async () => {
      const { packages } = await plan(world.single);
      const failing = { ...CHECK, argv: ['false'] };
      expect(await codeOf(preflight(packages, { clock: world.clock() - 3600 }))).toBe('PATCHING_CLOCK_WRONG');
      expect(await codeOf(preflight(packages, { installedBytes: 1e15 }))).toBe('PATCHING_DISK_FULL');
      expect(await codeOf(preflight(packages, { healthChecks: [failing] }))).toBe(
        'PATCHING_HEALTH_CHECK_FAILED',
      );
      const stale = packages.map((item) => ({ ...item, from: '0-0' }));
      expect(await codeOf(preflight(stale))).toBe('PATCHING_STALE_PLAN');
    });

    it('sees a lock that someone else holds, and that it is let go again', async () => {
      const { packages } = await plan(world.single);
      const release = await world.faults.holdLock();
      const failure = await failureOf(preflight(packages));
      expect([failure?.code, failure?.retry]).toEqual(['PATCHING_LOCK_HELD', 'same']);
      expect(await codeOf(driver.reboot(session))).toBe('PATCHING_LOCK_HELD');
      await release();
      await preflight(packages);
    });

    it('sees a package on hold, before and while it plans', async () => {
      const { packages } = await plan(world.single);
      await world.faults.holdPackage(world.single.name);
      expect((await driver.readInventory(session)).held).toEqual([world.single.name]);
      expect(await codeOf(preflight(packages))).toBe('PATCHING_PACKAGE_HELD');
      expect(await codeOf(simulate(world.single))).toBe('PATCHING_PACKAGE_HELD');
    });

    it('does not patch or restart an endpoint whose dpkg was cut off', async () => {
      const { packages } = await plan(world.single);
      await world.faults.interruptDpkg();
      expect(await codeOf(preflight(packages))).toBe('PATCHING_PACKAGES_BROKEN');
      expect(await codeOf(driver.reboot(session))).toBe('PATCHING_PACKAGES_BROKEN');
    });

    it('installs exactly the plan, once, and its files are the vendor’s', async () => {
      const before = await driver.readInventory(session);
      const request = await plan(world.pulling);
      const progress: number[] = [];
      await driver.stage(session, request, (done, total) => progress.push(done / total));
      expect(progress.at(-1)).toBe(1);
      await driver.stage(session, request);
      expect(diffInventories(before, await driver.readInventory(session))).toEqual([]);

      await driver.startInstall(session, stageId);
      const status = await waitForEnd();
      expect(status).toMatchObject({ kind: 'finished', exitCode: 0 });
      const wanted = request.packages.map(({ name: n, arch, from, to }) => ({ name: n, arch, from, to }));
      expect(diffInventories(before, await driver.readInventory(session))).toEqual(wanted);

      const witness = await driver.witness(session, stageId, request.packages);
      expect(witness.disagreements).toEqual([]);
      expect(witness.filesChecked).toBeGreaterThan(0);

      await driver.startInstall(session, stageId);
      expect(await codeOf(driver.stage(session, request))).toBe('PATCHING_INSTALL_UNDETERMINED');
      await driver.cleanUp(session, stageId);
      await driver.startInstall(session, stageId);
      expect(await driver.readInstall(session, stageId)).toEqual(status);
      for (const item of request.packages)
        expect(await world.faults.countUpgrades(item.name, item.to)).toBe(1);
      expect(await codeOf(driver.witness(session, stageId, request.packages))).toBe(
        'PATCHING_CONTENT_MISMATCH',
      );
    });

    it('starts one install however many ask at once', async () => {
      const request = await plan(world.single);
      await driver.stage(session, request);
      await Promise.all([1, 2, 3, 4, 5].map(() => driver.startInstall(session, stageId)));
      expect(await waitForEnd()).toMatchObject({ kind: 'finished', exitCode: 0 });
      expect(await world.faults.countUpgrades(world.single.name, world.single.version)).toBe(1);
    });

    it('carries on when the session that started it is cut', async () => {
      const request = await plan(world.single);
      await driver.stage(session, request);
      await driver.startInstall(session, stageId);
      await world.cut();
      await session.closed;
      session = await world.connect();
      expect(await waitForEnd()).toMatchObject({ kind: 'finished', exitCode: 0 });
      const after = await driver.readInventory(session);
      expect(after.packages.find((item) => item.name === world.single.name)?.version).toBe(
        world.single.version,
      );
    });

    it('sees files on disk that are not those of the version dpkg claims', async () => {
      const request = await plan(world.single);
      await driver.stage(session, request);
      await driver.startInstall(session, stageId);
      await waitForEnd();
      const file = await world.faults.fileOf(world.single.name);
      await world.faults.spoilFile(file);
      const report = await driver.witness(session, stageId, request.packages);
      expect(report.disagreements).toHaveLength(1);
      expect(report.disagreements[0]).toContain(file);
    });

    it('starts nothing that was not staged to the end', async () => {
      expect(await codeOf(driver.startInstall(session, stageId))).toBe('PATCHING_CONTENT_MISMATCH');
      await plan(world.single);
      expect(await codeOf(driver.startInstall(session, stageId))).toBe('PATCHING_CONTENT_MISMATCH');
      expect(await driver.readInstall(session, stageId)).toEqual({ kind: 'absent' });
    });

    it('refuses to stage other content than approved, or another transaction than apt’s', async () => {
      const request = await plan(world.pulling);
      const [first, ...rest] = request.packages;
      if (first === undefined) throw new Error('the plan is empty');
      const other = { ...first, sha256: 'a'.repeat(64) };
      const code = (packages: readonly PlannedPackage[]) =>
        codeOf(driver.stage(session, { ...request, packages }));
      expect(await code([other, ...rest])).toBe('PATCHING_CONTENT_MISMATCH');
      expect(await code([{ ...first, from: '0-0' }, ...rest])).toBe('PATCHING_TRANSACTION_DIFFERS');
      expect(await codeOf(driver.startInstall(session, stageId))).toBe('PATCHING_CONTENT_MISMATCH');
    });

    it('refuses a repository whose vendor signature or hashes do not hold', async () => {
      const request = await plan(world.single);
      const [slice] = request.repositories;
      if (slice === undefined) throw new Error('there is no repository');
      const stage = async (what: 'release' | 'index' | 'package') =>
        codeOf(driver.stage(session, { ...request, repositories: [await world.spoil(slice, what)] }));
      expect(await stage('release')).toBe('PATCHING_VENDOR_SIGNATURE_BAD');
      expect(await stage('index')).toBe('PATCHING_CONTENT_MISMATCH');
      const before = await driver.readInventory(session);
      const staged = await stage('package');
      if (staged === undefined) {
        // The bytes came over whole; only the vendor's own index can tell that they are not the vendor's.
        await driver.startInstall(session, stageId);
        const status = await waitForEnd();
        expect(status).toMatchObject({ kind: 'finished', exitCode: 100 });
        expect(driver.explainFailure(status).code).toBe('PATCHING_CONTENT_MISMATCH');
      } else {
        expect(staged).toBe('PATCHING_CONTENT_MISMATCH');
      }
      expect(diffInventories(before, await driver.readInventory(session))).toEqual([]);
    });

    it('installs nothing when a staged package changes afterwards', async () => {
      const before = await driver.readInventory(session);
      const request = await plan(world.single);
      await driver.stage(session, request);
      await world.faults.tamperStaged(stageId, request.packages[0]?.sha256 ?? '');
      await driver.startInstall(session, stageId);
      const status = await waitForEnd();
      expect(driver.explainFailure(status).code).toBe('PATCHING_CONTENT_MISMATCH');
      expect(diffInventories(before, await driver.readInventory(session))).toEqual([]);
      expect(await world.faults.countUpgrades(world.single.name, world.single.version)).toBe(0);
    });

    it('installs nothing when the endpoint changes after staging', async () => {
      const request = await plan(world.single);
      await driver.stage(session, request);
      await world.faults.changeBehindOurBack(world.single.name);
      await driver.startInstall(session, stageId);
      expect(driver.explainFailure(await waitForEnd()).code).toBe('PATCHING_TRANSACTION_DIFFERS');
      expect(await world.faults.countUpgrades(world.single.name, world.single.version)).toBe(0);
    });

    it('tells of a package that cannot be configured', async () => {
      const request = await plan(world.single);
      await driver.stage(session, request);
      await world.faults.breakConfiguration();
      await driver.startInstall(session, stageId);
      const status = await waitForEnd();
      expect(status).toMatchObject({ kind: 'finished', exitCode: 100 });
      expect(driver.explainFailure(status).code).toBe('PATCHING_INSTALL_FAILED');
      expect(await codeOf(driver.reboot(session))).toBe('PATCHING_PACKAGES_BROKEN');
    });

    it('tells of a disk that fills up in the middle', async ({ skip }) => {
      const fill = world.faults.fillDisk;
      if (fill === undefined) {
        skip('this endpoint has no disk to fill');
        return;
      }
      const request = await plan(world.single);
      await driver.stage(session, request);
      await fill(world.single.name);
      await driver.startInstall(session, stageId);
      const status = await waitForEnd();
      expect(status).toMatchObject({ kind: 'finished', exitCode: 100 });
      expect(driver.explainFailure(status).code).toBe('PATCHING_DISK_FULL');
    });

    it('tells a dpkg that was killed from an install that is gone', async () => {
      const request = await plan(world.pulling);
      await driver.stage(session, request);
      const killer = await world.connect();
      await Promise.all([world.faults.killInstall(stageId, 'dpkg'), driver.startInstall(session, stageId)]);
      const status = await waitForEnd();
      expect(status).toMatchObject({ kind: 'finished', exitCode: 100 });
      expect(driver.explainFailure(status).code).toBe('PATCHING_INSTALL_FAILED');
      await killer.close();
    });

    it('tells an install that is gone without a status, and does not start it again', async () => {
      const request = await plan(world.pulling);
      await driver.stage(session, request);
      await Promise.all([
        world.faults.killInstall(stageId, 'everything'),
        driver.startInstall(session, stageId),
      ]);
      const status = await waitForEnd();
      expect(status.kind).toBe('vanished');
      expect(driver.explainFailure(status).code).toBe('PATCHING_INSTALL_FAILED');
      await driver.startInstall(session, stageId);
      expect((await driver.readInstall(session, stageId)).kind).toBe('vanished');
      const { packages } = request;
      expect(await codeOf(preflight(packages))).toBe('PATCHING_PACKAGES_BROKEN');
    });

    it('restarts when asked, and the boot marker tells', async () => {
      const before = await driver.readBootMarker(session);
      await driver.reboot(session);
      expect(await driver.readBootMarker(session)).toBe(before);
      await session.closed;
      session = await connectAgain();
      expect(await driver.readBootMarker(session)).not.toBe(before);
    });

    it('ends a health check that takes too long, and bounds what it says', async () => {
      const results = await driver.runHealthChecks(session, [
        { name: 'slow', argv: ['sleep', '30'], timeoutMs: 300 },
        { name: 'absent', argv: ['/no/such/program'], timeoutMs: 60_000 },
        { name: 'chatty', argv: ['seq', '100000'], timeoutMs: 60_000 },
        { name: 'leaves something', argv: ['sh', '-c', 'sleep 60 & echo started'], timeoutMs: 60_000 },
      ]);
      expect(results.map((item) => [item.passed, item.exitCode])).toEqual([
        [false, null],
        [false, 127],
        [true, 0],
        [true, 0],
      ]);
      expect(results[2]?.output.length).toBeLessThanOrEqual(2_000);
      expect(results[2]?.output.endsWith('100000')).toBe(true);
    });
  });
}

async function failureOf(work: Promise<unknown>): Promise<CodedError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
}

/** The code a call fails with; undefined when it does not fail. */
async function codeOf(work: Promise<unknown>): Promise<ErrorCode | undefined> {
  return (await failureOf(work))?.code;
}
