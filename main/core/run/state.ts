import type { Failure } from '../../../contract/errors.ts';
import type { Outcome, RebootPolicy, SnapshotMode, Step } from '../../../contract/vocabulary.ts';
import type { PackageChange } from '../inventory.ts';

/**
 * One endpoint's part of a run, as values. Drawn in docs/DESIGN-runs.md:
 *
 * ```
 * new -> ready <-> running(step) -> ended(outcome)
 *           |          |
 *           '----------'-> needs-attention -> (a person) -> ready | running | ended
 *
 * forward:  preflight > snapshot > prove-snapshot > stage > install > [reboot] > verify > clean-up > succeeded | unproven
 * stop:     [clean-up] > refused | failed | skipped            nothing was touched, or there is no way back
 * restore:  restore > prove-restore > restored                 from the snapshot that this run took and proved
 * ```
 */

/** What was decided before the run and binds it; frozen in the first entry of the task's journal. */
export interface TaskTerms {
  readonly planId: string;
  readonly planDigest: string;
  readonly approvalId: string;
  readonly snapshotMode: SnapshotMode;
  readonly restoreOnFailure: boolean;
  readonly rebootPolicy: RebootPolicy;
  /** The only name under which a snapshot counts as taken in this run. */
  readonly snapshotName: string;
  readonly stageId: string;
  readonly packages: number;
}

export interface TakenSnapshot {
  readonly id: string;
  readonly name: string;
  readonly vm: string;
  readonly takenAt: string;
}

export interface HealthReading {
  readonly name: string;
  readonly passed: boolean;
  readonly exitCode: number | null;
  readonly output: string;
}

/** What verify read. Whether it is good enough is decided by `judgeVerification`, not by whoever read it. */
export interface Verification {
  /** Differences between what changed and what was planned, as sentences. Empty: exactly the approved versions. */
  readonly differences: readonly string[];
  /** What the second witness says against the package manager. Empty: they agree. */
  readonly disagreements: readonly string[];
  /** Files that the second witness compared; 0 means that there was no second witness. */
  readonly filesChecked: number;
  readonly health: readonly HealthReading[];
  readonly changes: readonly PackageChange[];
  readonly rebootRequired: boolean;
}

export type StepResult =
  | { readonly step: 'preflight'; readonly inventoryDigest: string; readonly bootMarker: string }
  | { readonly step: 'snapshot'; readonly snapshot: TakenSnapshot }
  | {
      readonly step: 'prove-snapshot';
      readonly snapshotId: string;
      readonly facts: Readonly<Record<string, string>>;
    }
  | { readonly step: 'stage'; readonly bytes: number }
  | { readonly step: 'install'; readonly rebootRequired: boolean; readonly bootMarker: string }
  | { readonly step: 'reboot'; readonly bootMarker: string }
  | { readonly step: 'verify'; readonly verification: Verification }
  | { readonly step: 'clean-up' }
  | { readonly step: 'restore' }
  | {
      readonly step: 'prove-restore';
      readonly differences: readonly string[];
      readonly facts: Readonly<Record<string, string>>;
    };

/** The decision under which an install begins. Written into the journal beside the intent. */
export interface Authority {
  readonly approvalId: string;
  readonly planDigest: string;
  readonly grantedBy: string;
  readonly requestedBy: string;
  readonly expiresAt: string;
}

export type TaskEvent =
  | { readonly kind: 'task-created'; readonly at: string; readonly terms: TaskTerms }
  /** The intent, committed before the effect. `key` names the effect on the other side. */
  | {
      readonly kind: 'step-started';
      readonly at: string;
      readonly step: Step;
      readonly key: string;
      readonly authority?: Authority;
      readonly bootMarker?: string;
    }
  | { readonly kind: 'step-finished'; readonly at: string; readonly result: StepResult }
  /** `effect`: whether the endpoint may have been changed by the attempt. */
  | {
      readonly kind: 'step-failed';
      readonly at: string;
      readonly step: Step;
      readonly failure: Failure;
      readonly effect: 'none' | 'possible';
    }
  /** After a crash: the world was asked, and the effect never began. It may be begun again. */
  | { readonly kind: 'step-absent'; readonly at: string; readonly step: Step; readonly detail: string }
  /** The world was asked and could not say. */
  | { readonly kind: 'attention-needed'; readonly at: string; readonly step: Step; readonly failure: Failure }
  | { readonly kind: 'connection-lost'; readonly at: string; readonly step: Step; readonly failure: Failure }
  | { readonly kind: 'connection-regained'; readonly at: string; readonly step: Step }
  /** A rule said no between steps. */
  | { readonly kind: 'refused'; readonly at: string; readonly failure: Failure }
  | { readonly kind: 'cancel-requested'; readonly at: string; readonly by: string }
  | {
      readonly kind: 'resolved';
      readonly at: string;
      readonly by: string;
      readonly decision: 'look-again' | 'restore' | 'accept-as-is';
      readonly reason: string;
    }
  | { readonly kind: 'ended'; readonly at: string; readonly outcome: Outcome };

/** forward: on with the job. stop: end without having touched, or without a way back. restore: back to the snapshot. */
export type Course = 'forward' | 'stop' | 'restore';

export interface TaskFacts {
  readonly terms: TaskTerms;
  readonly course: Course;
  /** Set when the course is `stop`, or when a person accepted the endpoint as it is. */
  readonly verdict: Outcome | null;
  readonly failure: Failure | null;
  readonly cancelRequested: boolean;
  readonly inventoryDigest: string | null;
  readonly bootMarker: string | null;
  readonly snapshot: TakenSnapshot | null;
  /** When the intent to take it was committed, by this machine's clock: a proof must not be older. */
  readonly snapshotIntentAt: string | null;
  readonly snapshotProven: boolean;
  /** Soft mode: the attempt is over, with or without a snapshot. */
  readonly snapshotSettled: boolean;
  /** Staging was begun, so that there is something to clean up. */
  readonly stageBegun: boolean;
  readonly staged: boolean;
  readonly installBegun: boolean;
  readonly installed: boolean;
  readonly rebootRequired: boolean;
  readonly rebooted: boolean;
  readonly verification: Verification | null;
  readonly cleanedUp: boolean;
  readonly restored: boolean;
  readonly restoreProven: boolean;
}

export type TaskState =
  | { readonly kind: 'new' }
  | { readonly kind: 'ready'; readonly facts: TaskFacts }
  | {
      readonly kind: 'running';
      readonly facts: TaskFacts;
      readonly step: Step;
      readonly key: string;
      readonly startedAt: string;
      readonly connected: boolean;
    }
  | {
      readonly kind: 'needs-attention';
      readonly facts: TaskFacts;
      readonly step: Step;
      readonly key: string;
      readonly failure: Failure;
    }
  | { readonly kind: 'ended'; readonly facts: TaskFacts; readonly outcome: Outcome };

export const NEW_TASK: TaskState = { kind: 'new' };

export function factsOf(state: TaskState): TaskFacts | null {
  return state.kind === 'new' ? null : state.facts;
}
