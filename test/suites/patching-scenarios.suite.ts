import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunView, TaskView } from '../../contract/runs.ts';
import type { LabFaults } from '../lab/lab-faults.ts';
import { startRun, taskOf, type Caller } from '../support/caller.ts';

/** Versions by `name:arch`, read from the endpoint's disk by the lab itself: not by the product, not over SSH. */
export type PackageList = Readonly<Record<string, string>>;

/** A site whose endpoints are scanned and whose catalogue has what they need; nothing was patched yet. */
export interface PatchingScene {
  readonly engineer: Caller;
  readonly approver: Caller;
  /** Ids by name of the endpoint. */
  readonly ids: ReadonlyMap<string, string>;
  readonly faults: LabFaults;
  /** Package lists of an endpoint that runs or does not. */
  readPackages(endpoint: string): Promise<PackageList>;
  /** How many times dpkg put a package on a version, by its own log. */
  countUpgrades(endpoint: string, name: string, to: string): Promise<number>;
  /** How many times the endpoint was given a credential (by its SSH server's count) so far. */
  readonly countLogins: ((endpoint: string) => number) | undefined;
  /** Throws where the lab saw something that it did not understand. */
  close(): Promise<void>;
}

export interface PatchingHarness {
  readonly name: string;
  /** Three endpoints that run. */
  readonly endpoints: readonly [string, string, string];
  /** A package that is pending on each of them; known once it is prepared. */
  pending(): string;
  /** What the run with the three endings installs; empty: everything that is pending. */
  readonly first: readonly string[];
  /** How long a pulled cable must stay out to be noticed, milliseconds. */
  readonly dropMs: number;
  /** Longest time of one run, milliseconds. */
  readonly patienceMs: number;
  prepare(): Promise<void>;
  /** Everything as it was at first. */
  open(): Promise<PatchingScene>;
  close(): Promise<void>;
}

/** The stories of patching that every lab, simulated or real, tells alike. */
export function describePatchingScenarios(harness: PatchingHarness): void {
  describe(`patching on ${harness.name}`, { timeout: harness.patienceMs }, () => {
    const [first, second, third] = harness.endpoints;
    let scene: PatchingScene;

    beforeAll(() => harness.prepare(), harness.patienceMs);
    afterAll(() => harness.close());
    afterEach(() => scene.close());

    const idOf = (name: string): string => {
      const id = scene.ids.get(name);
      if (id === undefined) throw new Error(`the site has no endpoint ${name}`);
      return id;
    };
    const start = (
      names: readonly string[],
      packages: readonly string[] = [harness.pending()],
    ): Promise<string> => startRun(scene.engineer, scene.approver, names.map(idOf), packages);
    const wait = (runId: string): Promise<RunView> => scene.engineer.call('runs.wait', { id: runId });

    /** Runs on one endpoint after a fault, and expects that nothing on it has changed. */
    const runUntouched = async (name: string, fault: () => Promise<void>): Promise<TaskView> => {
      const before = await scene.readPackages(name);
      const { planId } = await scene.engineer.finish(
        await scene.engineer.call('plans.make', { endpointIds: [idOf(name)], packages: [harness.pending()] }),
      );
      const approval = await scene.engineer.call('approvals.request', { planId: String(planId) });
      await scene.approver.call('approvals.grant', { id: approval.id, planDigest: approval.planDigest });
      await fault();
      const { id } = await scene.engineer.call('runs.start', { approvalId: approval.id });
      const task = taskOf(await wait(id), name);
      expect(await scene.readPackages(name)).toEqual(before);
      expect(task.steps.map((step) => step.step)).not.toContain('install');
      return task;
    };
    const endOf = (task: TaskView): [string, string | undefined] => [task.status, task.failure?.code];

    it('ends in three ways: succeeded, restored, refused', async () => {
      scene = await harness.open();
      await scene.faults.failHealthCheck(second, harness.pending());
      await scene.faults.breakSnapshots(third);
      const before = await Promise.all(harness.endpoints.map((name) => scene.readPackages(name)));
      const view = await wait(await start(harness.endpoints, harness.first));
      const after = await Promise.all(harness.endpoints.map((name) => scene.readPackages(name)));

      const plan = await scene.engineer.call('plans.get', { id: view.run.planId });
      const succeeded = taskOf(view, first);
      expect(endOf(succeeded)).toEqual(['succeeded', undefined]);
      const approved = plan.endpoints.find((item) => item.endpointName === first)?.packages ?? [];
      expect(approved.length).toBeGreaterThan(0);
      expect(differences(before[0] ?? {}, after[0] ?? {})).toEqual(
        Object.fromEntries(approved.map((item) => [`${item.name}:${item.arch}`, [item.from, item.to]])),
      );
      for (const item of approved) expect(await scene.countUpgrades(first, item.name, item.to)).toBe(1);

      const restored = taskOf(view, second);
      expect(endOf(restored)).toEqual(['restored', 'PATCHING_HEALTH_CHECK_FAILED']);
      expect(restored.snapshotProven).toBe(true);
      expect(after[1]).toEqual(before[1]);
      const incidents = await scene.engineer.call('incidents.list', {});
      expect(incidents.map((item) => [item.endpointName, item.code])).toContainEqual([
        second,
        'PATCHING_HEALTH_CHECK_FAILED',
      ]);

      const refused = taskOf(view, third);
      expect(endOf(refused)).toEqual(['refused', 'HYPERVISOR_SNAPSHOT_FAILED']);
      expect(refused.steps.map((step) => step.step)).toEqual(['preflight', 'snapshot']);
      expect(after[2]).toEqual(before[2]);
      expect(await scene.engineer.call('audit.verify', {})).toMatchObject({ intact: true });
    });

    it('stops before any credential is sent when the host key has changed', async () => {
      scene = await harness.open();
      const task = await runUntouched(first, async () => {
        await scene.faults.changeHostKey(first);
        logins = scene.countLogins?.(first);
      });
      expect(endOf(task)).toEqual(['refused', 'TRANSPORT_HOST_KEY_MISMATCH']);
      expect(scene.countLogins?.(first)).toBe(logins);
    });
    let logins: number | undefined;

    it('says so when sudo has another password', async () => {
      scene = await harness.open();
      const task = await runUntouched(first, () => scene.faults.changeSudoPassword(first));
      expect(endOf(task)).toEqual(['failed', 'TRANSPORT_SUDO_DENIED']);
    });

    it('refuses an endpoint whose disk is full', async () => {
      scene = await harness.open();
      const task = await runUntouched(first, () => scene.faults.fillDisk(first));
      expect(endOf(task)).toEqual(['refused', 'PATCHING_DISK_FULL']);
    });

    it('says so when someone else holds the package manager', async () => {
      scene = await harness.open();
      const task = await runUntouched(first, () => scene.faults.holdAptLock(first));
      expect(endOf(task)).toEqual(['failed', 'PATCHING_LOCK_HELD']);
    });

    it('says so when the endpoint is switched off', async () => {
      scene = await harness.open();
      const task = await runUntouched(first, () => scene.faults.powerOff(first));
      expect(endOf(task)).toEqual(['failed', 'TRANSPORT_UNREACHABLE']);
    });

    it('waits for an endpoint whose network goes in the middle of an install, and installs once', async () => {
      scene = await harness.open();
      const before = await scene.readPackages(first);
      const runId = await start([first]);
      const planId = (await scene.engineer.call('runs.get', { id: runId })).run.planId;
      await scene.faults.dropDuring(first, 'install', harness.dropMs);
      const task = taskOf(await wait(runId), first);
      expect(endOf(task)).toEqual(['succeeded', undefined]);
      const plan = await scene.engineer.call('plans.get', { id: planId });
      const approved = plan.endpoints[0]?.packages ?? [];
      expect(Object.keys(differences(before, await scene.readPackages(first))).sort()).toEqual(
        approved.map((item) => `${item.name}:${item.arch}`).sort(),
      );
      for (const item of approved) expect(await scene.countUpgrades(first, item.name, item.to)).toBe(1);
      const { entries } = await scene.engineer.call('runs.journal', { runId });
      const kinds = entries.map((entry) => `${entry.kind} ${entry.step ?? ''}`.trim());
      expect(kinds).toContain('connection-lost install');
      expect(kinds).toContain('connection-regained install');
    });

    it('goes back to the snapshot when dpkg is killed in the middle', async () => {
      scene = await harness.open();
      const before = await scene.readPackages(first);
      const killed = scene.faults.killDpkg(first);
      const view = await wait(await start([first], []));
      await killed;
      expect(endOf(taskOf(view, first))).toEqual(['restored', 'PATCHING_INSTALL_FAILED']);
      expect(await scene.readPackages(first)).toEqual(before);
    });
  });
}

/** What differs between two lists: `name:arch` to the version before and after. */
function differences(
  before: PackageList,
  after: PackageList,
): Record<string, [string | null, string | null]> {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return Object.fromEntries(
    keys
      .filter((key) => before[key] !== after[key])
      .map((key) => [key, [before[key] ?? null, after[key] ?? null]]),
  );
}
