import { HypervisorError, PatchDriverError, PolicyError, RunError } from '../../contract/errors.ts';
import type { Step } from '../../contract/vocabulary.ts';
import { diffInventories, type Inventory } from '../core/inventory.ts';
import { differencesFromPlan, type EndpointPlan } from '../core/plan.ts';
import type { StepResult, TaskFacts } from '../core/run/state.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import type { InstallStatus, PatchDriver } from '../patching/patch-driver.ts';
import type { RemoteSession } from '../remote/remote-shell.ts';
import type { EndpointLink, LinkEvents } from './endpoint-link.ts';
import type { RunPorts, RunTimings } from './run-ports.ts';

/** A step that did what it should: its result, and what to keep in the transaction of its journal entry. */
export interface StepDone {
  readonly result: StepResult;
  readonly alongside?: () => void;
}

/** The install step's answer when the endpoint says that no install was ever begun. */
export const ABSENT = Symbol('absent');

/** Clocks may differ by this much before patching is refused: a wrong clock breaks apt, TLS and the evidence. */
const CLOCK_TOLERANCE_S = 300;
/** A snapshot may carry a time this much before the intent: clocks of two machines never agree to the second. */
const PROOF_SLACK_MS = 5_000;
/** Room that must stay free on the hypervisor beyond what patching writes. */
const SNAPSHOT_RESERVE_BYTES = 256 * 2 ** 20;

/** The effects of one task's steps. Each is repeatable, and says what the endpoint and the hypervisor answered. */
export class TaskSteps {
  readonly #runId: string;
  readonly #plan: EndpointPlan;
  readonly #ports: RunPorts;
  readonly #timings: RunTimings;
  readonly #link: EndpointLink;
  readonly #linkEvents: (step: Step) => LinkEvents;
  readonly #signal: AbortSignal;
  #reached: { readonly hypervisor: Hypervisor; readonly vm: string; readonly id: string } | null = null;

  constructor(options: {
    runId: string;
    plan: EndpointPlan;
    ports: RunPorts;
    timings: RunTimings;
    link: EndpointLink;
    linkEvents: (step: Step) => LinkEvents;
    signal: AbortSignal;
  }) {
    this.#runId = options.runId;
    this.#plan = options.plan;
    this.#ports = options.ports;
    this.#timings = options.timings;
    this.#link = options.link;
    this.#linkEvents = options.linkEvents;
    this.#signal = options.signal;
  }

  async perform(step: Step, facts: TaskFacts): Promise<StepDone> {
    switch (step) {
      case 'preflight':
        return this.#preflight();
      case 'snapshot':
        return this.#snapshot(facts);
      case 'prove-snapshot':
        return this.#proveSnapshot(facts);
      case 'stage':
        return this.#stage(facts);
      case 'install': {
        const done = await this.install(facts, true);
        if (done === ABSENT)
          throw new PatchDriverError(
            'PATCHING_INSTALL_UNDETERMINED',
            'The install was begun and the endpoint knows nothing of it.',
          );
        return done;
      }
      case 'reboot':
        return this.#reboot(facts);
      case 'verify':
        return this.#verify(facts);
      case 'clean-up':
        return this.#cleanUp(facts);
      case 'restore':
        return this.#restore(facts);
      case 'prove-restore':
        return this.#proveRestore(facts);
    }
  }

  /** After a crash: whether the snapshot that was meant is there. */
  async findSnapshot(facts: TaskFacts): Promise<StepDone | typeof ABSENT> {
    const { hypervisor, vm, id } = await this.#hypervisor();
    const found = await hypervisor.findSnapshot(vm, facts.terms.snapshotName, this.#signal);
    if (found === undefined) return ABSENT;
    return this.#tookSnapshot(id, found);
  }

  /**
   * Follows the install to its end.
   *
   * @param begin false after a crash: only look; nothing is begun that was not
   */
  async install(facts: TaskFacts, begin: boolean): Promise<StepDone | typeof ABSENT> {
    const driver = this.#driver();
    const { stageId } = facts.terms;
    const until = Date.parse(this.#ports.now()) + this.#timings.installMs;
    const status = await this.#onEndpoint(
      'install',
      this.#timings.reconnectMs,
      async (session): Promise<InstallStatus> => {
        if (begin) await driver.startInstall(session, stageId);
        for (;;) {
          const read = await driver.readInstall(session, stageId);
          if (read.kind !== 'running') return read;
          this.#report('install', lastLine(read.logTail) ?? 'Installing', null);
          if (Date.parse(this.#ports.now()) > until) {
            throw new PatchDriverError(
              'PATCHING_INSTALL_UNDETERMINED',
              'The install still runs after the longest time that one may take.',
              {
                hint: 'Look at the endpoint. When its package manager has ended, choose "look again".',
              },
            );
          }
          await this.#ports.sleep(this.#timings.pollMs, this.#signal);
        }
      },
    );
    if (status.kind === 'absent') return ABSENT;
    if (status.kind !== 'finished' || status.exitCode !== 0) {
      const { code, message } = driver.explainFailure(status);
      throw new PatchDriverError(code, message);
    }
    const inventory = await this.#onEndpoint('install', this.#timings.reconnectMs, (session) =>
      driver.readInventory(session, this.#signal),
    );
    return {
      result: {
        step: 'install',
        // A boot that happened by itself since the preflight is not the restart that was asked for.
        bootMarker: inventory.bootMarker,
        rebootRequired: inventory.rebootRequired,
      },
    };
  }

  async #preflight(): Promise<StepDone> {
    const content = this.#ports.contentFor(this.#plan);
    this.#report('preflight', 'Checking access, space, locks, clock and health', null);
    const report = await this.#onEndpoint('preflight', 0, (session) =>
      this.#driver().preflight(
        session,
        {
          packages: this.#plan.packages,
          downloadBytes: content.downloadBytes,
          installedBytes: content.installedBytes,
          healthChecks: this.#plan.healthChecks,
          clockToleranceS: CLOCK_TOLERANCE_S,
          clock: Math.round(Date.parse(this.#ports.now()) / 1000),
        },
        this.#signal,
      ),
    );
    return {
      result: {
        step: 'preflight',
        inventoryDigest: this.#ports.digestOf(report.inventory),
        bootMarker: report.inventory.bootMarker,
      },
      alongside: () =>
        this.#ports.keepInventory(this.#runId, this.#plan.endpointId, 'before', report.inventory),
    };
  }

  async #snapshot(facts: TaskFacts): Promise<StepDone> {
    const { hypervisor, vm, id } = await this.#hypervisor();
    this.#report('snapshot', 'Taking the snapshot', null);
    const content = this.#ports.contentFor(this.#plan);
    const free = await hypervisor.readFreeBytes(vm, this.#signal);
    const needed = 2 * (content.downloadBytes + content.installedBytes) + SNAPSHOT_RESERVE_BYTES;
    if (free < needed) {
      throw new HypervisorError(
        'HYPERVISOR_SPACE_LOW',
        `The hypervisor has ${mib(free)} MiB free where ${mib(needed)} MiB are needed to keep a snapshot of ${vm}.`,
        {
          hint: 'Free space on the hypervisor, or delete restore points that are no longer needed.',
        },
      );
    }
    return this.#tookSnapshot(id, await hypervisor.takeSnapshot(vm, facts.terms.snapshotName, this.#signal));
  }

  #tookSnapshot(
    hypervisorId: string,
    snapshot: { id: string; name: string; vm: string; takenAt: string },
  ): StepDone {
    const taken = { id: snapshot.id, name: snapshot.name, vm: snapshot.vm, takenAt: snapshot.takenAt };
    return {
      result: { step: 'snapshot', snapshot: taken },
      alongside: () => this.#ports.keepSnapshot(this.#runId, this.#plan.endpointId, hypervisorId, taken),
    };
  }

  async #proveSnapshot(facts: TaskFacts): Promise<StepDone> {
    const snapshot = requireSnapshot(facts);
    const { hypervisor } = await this.#hypervisor();
    this.#report('prove-snapshot', 'Reading the snapshot back from the hypervisor', null);
    const skewMs = Date.parse(await hypervisor.readClock(this.#signal)) - Date.parse(this.#ports.now());
    const intent = Date.parse(facts.snapshotIntentAt ?? this.#ports.now());
    const notBefore = new Date(intent + skewMs - PROOF_SLACK_MS).toISOString();
    const proof = await hypervisor.proveSnapshot(snapshot, notBefore, this.#signal);
    return {
      result: { step: 'prove-snapshot', snapshotId: proof.snapshot.id, facts: proof.facts },
      alongside: () => this.#ports.markSnapshot(this.#runId, this.#plan.endpointId, 'proven'),
    };
  }

  async #stage(facts: TaskFacts): Promise<StepDone> {
    const content = this.#ports.contentFor(this.#plan);
    await this.#onEndpoint('stage', this.#timings.reconnectMs, (session) =>
      this.#driver().stage(
        session,
        { stageId: facts.terms.stageId, repositories: content.repositories, packages: this.#plan.packages },
        (done, total) =>
          this.#report('stage', 'Bringing the packages to the endpoint', total === 0 ? null : done / total),
        this.#signal,
      ),
    );
    return { result: { step: 'stage', bytes: content.downloadBytes } };
  }

  async #reboot(facts: TaskFacts): Promise<StepDone> {
    const driver = this.#driver();
    const until = Date.parse(this.#ports.now()) + this.#timings.rebootMs;
    let asked = false;
    const bootMarker = await this.#onEndpoint('reboot', this.#timings.rebootMs, async (session) => {
      for (;;) {
        const marker = await driver.readBootMarker(session);
        if (marker !== facts.bootMarker) return marker;
        if (!asked) {
          asked = true;
          this.#report('reboot', 'Restarting', null);
          await driver.reboot(session);
        }
        if (Date.parse(this.#ports.now()) > until) {
          throw new PatchDriverError(
            'PATCHING_REBOOT_FAILED',
            'The endpoint was asked to restart and has not.',
            {
              hint: 'Look at its console.',
            },
          );
        }
        await this.#ports.sleep(this.#timings.pollMs, this.#signal);
      }
    });
    return { result: { step: 'reboot', bootMarker } };
  }

  async #verify(facts: TaskFacts): Promise<StepDone> {
    const driver = this.#driver();
    const before = this.#ports.inventoryBefore(this.#runId, this.#plan.endpointId);
    if (before === null)
      throw new RunError('RUN_JOURNAL_DAMAGED', 'The inventory from before this run is not in the database.');
    this.#report('verify', 'Reading the inventory again', null);
    return this.#onEndpoint('verify', this.#timings.reconnectMs, async (session) => {
      const after = await driver.readInventory(session, this.#signal);
      const changes = diffInventories(before, after);
      this.#report('verify', 'Comparing files on disk with the vendor’s packages', null);
      const witness = await driver.witness(session, facts.terms.stageId, this.#plan.packages, this.#signal);
      this.#report('verify', 'Running the health checks', null);
      const health = await driver.runHealthChecks(session, this.#plan.healthChecks, this.#signal);
      return {
        result: {
          step: 'verify',
          verification: {
            differences: differencesFromPlan(this.#plan.packages, changes),
            disagreements: witness.disagreements,
            filesChecked: witness.filesChecked,
            health,
            changes,
            rebootRequired: after.rebootRequired,
          },
        },
        alongside: () => this.#ports.keepInventory(this.#runId, this.#plan.endpointId, 'after', after),
      };
    });
  }

  async #cleanUp(facts: TaskFacts): Promise<StepDone> {
    // Before the install an endpoint that went away is not waited for: nothing there matters any more.
    const patienceMs = facts.installed ? this.#timings.reconnectMs : 0;
    await this.#onEndpoint('clean-up', patienceMs, (session) =>
      this.#driver().cleanUp(session, facts.terms.stageId),
    );
    return { result: { step: 'clean-up' } };
  }

  async #restore(facts: TaskFacts): Promise<StepDone> {
    const snapshot = requireSnapshot(facts);
    const { hypervisor } = await this.#hypervisor();
    this.#report('restore', 'Going back to the snapshot', null);
    await this.#link.close();
    await hypervisor.restoreSnapshot(snapshot, this.#signal);
    return { result: { step: 'restore' } };
  }

  async #proveRestore(facts: TaskFacts): Promise<StepDone> {
    const snapshot = requireSnapshot(facts);
    const { hypervisor } = await this.#hypervisor();
    const before = this.#ports.inventoryBefore(this.#runId, this.#plan.endpointId);
    if (before === null)
      throw new RunError('RUN_JOURNAL_DAMAGED', 'The inventory from before this run is not in the database.');
    const proof = await hypervisor.proveRestore(snapshot, this.#signal);
    this.#report('prove-restore', 'Scanning again', null);
    const [after, health] = await this.#onEndpoint(
      'prove-restore',
      this.#timings.rebootMs,
      async (session) => {
        const inventory = await this.#driver().readInventory(session, this.#signal);
        return [
          inventory,
          await this.#driver().runHealthChecks(session, this.#plan.healthChecks, this.#signal),
        ] as const;
      },
    );
    if (this.#ports.digestOf(after) !== facts.inventoryDigest) {
      const differences = describeDifferences(before, after);
      throw new HypervisorError(
        'HYPERVISOR_RESTORE_UNPROVEN',
        `After the restore the endpoint is not as it was before the run: ${differences.slice(0, 5).join('; ')}.`,
      );
    }
    const healthFacts = Object.fromEntries(
      health.map((check) => [`health: ${check.name}`, check.passed ? 'passed' : `failed: ${check.output}`]),
    );
    return {
      result: { step: 'prove-restore', differences: [], facts: { ...proof.facts, ...healthFacts } },
      alongside: () => {
        this.#ports.keepInventory(this.#runId, this.#plan.endpointId, 'restored', after);
        this.#ports.markSnapshot(this.#runId, this.#plan.endpointId, 'restored');
      },
    };
  }

  #driver(): PatchDriver {
    return this.#ports.driverFor(this.#plan.endpointId);
  }

  /** Closes the way to the hypervisor. The link to the endpoint is closed by whoever made it. */
  async close(): Promise<void> {
    const open = this.#reached;
    this.#reached = null;
    await open?.hypervisor.close();
  }

  async #hypervisor(): Promise<{ hypervisor: Hypervisor; vm: string; id: string }> {
    this.#reached ??= await this.#ports.hypervisorFor(this.#plan.endpointId);
    const found = this.#reached;
    if (found === null) {
      throw new PolicyError(
        'POLICY_SNAPSHOT_UNAVAILABLE',
        'No hypervisor is known for this endpoint, so that no snapshot can be taken.',
        {
          hint: 'Name its hypervisor and VM, or let the customer choose another snapshot mode.',
        },
      );
    }
    return found;
  }

  #onEndpoint<T>(step: Step, patienceMs: number, body: (session: RemoteSession) => Promise<T>): Promise<T> {
    return this.#link.use(body, {
      patienceMs,
      backoffMs: this.#timings.backoffMs,
      signal: this.#signal,
      events: this.#linkEvents(step),
    });
  }

  #report(step: Step, activity: string, progress: number | null): void {
    this.#ports.report(this.#runId, this.#plan.endpointId, step, activity, progress);
  }
}

function requireSnapshot(facts: TaskFacts): NonNullable<TaskFacts['snapshot']> {
  if (facts.snapshot === null)
    throw new Error('The state machine let a snapshot step through without a snapshot.');
  return facts.snapshot;
}

function describeDifferences(before: Inventory, after: Inventory): readonly string[] {
  const changes = diffInventories(before, after).map(
    (change) => `${change.name}:${change.arch} was ${change.from ?? 'absent'}, is ${change.to ?? 'absent'}`,
  );
  return changes.length > 0 ? changes : ['the packages are the same, but holds or the kernel differ'];
}

const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1)?.slice(0, 160);
const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
