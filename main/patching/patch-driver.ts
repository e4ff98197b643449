import type { Inventory, PackageChange } from '../core/inventory.ts';
import type { HealthCheck, PlannedPackage } from '../core/plan.ts';
import type { RemoteSession } from '../remote/remote-shell.ts';
import type { RepositorySlice } from '../core/repository-slice.ts';

/**
 * The port to a platform's own package manager. One driver a platform; it works through an open remote session and
 * keeps no state of its own: everything that must outlive a dropped session lies on the endpoint under `stageId`.
 *
 * Contract for every adapter:
 * - Nothing of the endpoint's own configuration (sources, pins, keyrings) is changed; the vendor's signature over the
 *   staged repository is checked on the endpoint with the keyring that is there.
 * - `startInstall` is at most once for a `stageId`: a second call finds the first and starts nothing. The install is
 *   detached from the session.
 * - `readInstall` tells what is true on the endpoint; it never guesses.
 * - Errors are PATCHING_* with an argv-free sentence and the tail of the tool's output, or TRANSPORT_*.
 */

export interface StageRequest {
  /** Unique for this task; matches /^[a-z0-9][a-z0-9-]{0,63}$/. Everything on the endpoint is kept under it. */
  readonly stageId: string;
  readonly repositories: readonly RepositorySlice[];
  /** The whole approved transaction. */
  readonly packages: readonly PlannedPackage[];
}

export interface PreflightRequest {
  readonly packages: readonly PlannedPackage[];
  /** Sum of the .deb files, bytes. */
  readonly downloadBytes: number;
  /** Growth on disk when unpacked, bytes, by the index's Installed-Size. */
  readonly installedBytes: number;
  readonly healthChecks: readonly HealthCheck[];
  /** Seconds the clocks may differ. */
  readonly clockToleranceS: number;
  /** This machine's clock, seconds since the epoch. */
  readonly clock: number;
}

export interface PreflightReport {
  readonly inventory: Inventory;
  /** Free bytes by mount point that the install will write to. */
  readonly freeBytes: Readonly<Record<string, number>>;
  readonly healthChecks: readonly HealthResult[];
}

export interface HealthResult {
  readonly name: string;
  readonly passed: boolean;
  readonly exitCode: number | null;
  /** Tail of its output, at most 2,000 characters. */
  readonly output: string;
}

export type InstallStatus =
  /** No install was ever started under this stage. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'running'; readonly logTail: string }
  | { readonly kind: 'finished'; readonly exitCode: number; readonly logTail: string }
  /** It was started, its process is gone, and it left no exit status: killed, or the endpoint went down. */
  | { readonly kind: 'vanished'; readonly logTail: string };

/** The second witness: read from the files on disk, independent of the package manager's own list of versions. */
export interface WitnessReport {
  /** Packages whose files on disk are not those of the version that the package manager claims. */
  readonly disagreements: readonly string[];
  /** Files compared. */
  readonly filesChecked: number;
}

/** Why an install failed. With CONTENT_MISMATCH and TRANSACTION_DIFFERS the install refused and touched nothing. */
export interface FailureExplanation {
  readonly code:
    | 'PATCHING_LOCK_HELD'
    | 'PATCHING_DISK_FULL'
    | 'PATCHING_VENDOR_SIGNATURE_BAD'
    | 'PATCHING_CONTENT_MISMATCH'
    | 'PATCHING_TRANSACTION_DIFFERS'
    | 'PATCHING_INSTALL_FAILED';
  readonly message: string;
}

export interface PatchDriver {
  readonly platform: 'apt';
  readInventory(session: RemoteSession, signal?: AbortSignal): Promise<Inventory>;
  /** Boot marker only: cheap. */
  readBootMarker(session: RemoteSession): Promise<string>;
  /**
   * Everything that must hold before anything is touched.
   * @throws PATCHING_LOCK_HELD, PATCHING_DISK_FULL, PATCHING_PACKAGES_BROKEN, PATCHING_PACKAGE_HELD,
   *   PATCHING_CLOCK_WRONG, PATCHING_STALE_PLAN, PATCHING_HEALTH_CHECK_FAILED, TRANSPORT_SUDO_DENIED
   */
  preflight(
    session: RemoteSession,
    request: PreflightRequest,
    signal?: AbortSignal,
  ): Promise<PreflightReport>;
  /**
   * Asks the package manager, with indexes only and changing nothing, what installing these would do in whole.
   * @throws PATCHING_VENDOR_SIGNATURE_BAD, PATCHING_CLOCK_WRONG (by the dates of the vendor's release file),
   *   PATCHING_CONTENT_MISMATCH, PATCHING_DISK_FULL, PATCHING_PACKAGE_HELD, PATCHING_TRANSACTION_DIFFERS when it cannot
   *   be done or would remove something
   */
  simulate(
    session: RemoteSession,
    request: {
      readonly stageId: string;
      readonly repositories: readonly RepositorySlice[];
      readonly wanted: readonly { readonly name: string; readonly arch: string; readonly version: string }[];
    },
    signal?: AbortSignal,
  ): Promise<readonly PackageChange[]>;
  /**
   * Brings the content and checks it there: hashes, vendor signature, and that the transaction is exactly the planned
   * one. May be repeated.
   * @throws PATCHING_DISK_FULL, PATCHING_CONTENT_MISMATCH, PATCHING_VENDOR_SIGNATURE_BAD, PATCHING_CLOCK_WRONG,
   *   PATCHING_PACKAGE_HELD, PATCHING_TRANSACTION_DIFFERS; PATCHING_INSTALL_UNDETERMINED when an install was already
   *   started under this stage: ask `readInstall`
   */
  stage(
    session: RemoteSession,
    request: StageRequest,
    onProgress?: (done: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  /** @throws PATCHING_CONTENT_MISMATCH when `stage` did not come to its end, so that nothing may be installed */
  startInstall(session: RemoteSession, stageId: string): Promise<void>;
  readInstall(session: RemoteSession, stageId: string): Promise<InstallStatus>;
  /** Turns a finished install's exit status and log into the code that says why it failed. */
  explainFailure(status: InstallStatus): FailureExplanation;
  /**
   * Reads the vendor's own packages as they lie staged: must come before `cleanUp`.
   * @throws PATCHING_CONTENT_MISMATCH when one is not there, or not what it was
   */
  witness(
    session: RemoteSession,
    stageId: string,
    packages: readonly PlannedPackage[],
    signal?: AbortSignal,
  ): Promise<WitnessReport>;
  runHealthChecks(
    session: RemoteSession,
    checks: readonly HealthCheck[],
    signal?: AbortSignal,
  ): Promise<readonly HealthResult[]>;
  /**
   * Asks for a restart and returns; the session drops soon after. Refuses while the package manager is busy.
   * @throws PATCHING_LOCK_HELD, PATCHING_PACKAGES_BROKEN, PATCHING_REBOOT_FAILED
   */
  reboot(session: RemoteSession): Promise<void>;
  /**
   * Removes what `stage` brought. What says that an install was started, its exit status and its log stay for good, so
   * that `startInstall` is at most once and `readInstall` true afterwards too.
   * @throws PATCHING_LOCK_HELD while the install runs
   */
  cleanUp(session: RemoteSession, stageId: string): Promise<void>;
}
