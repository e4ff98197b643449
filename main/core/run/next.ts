import type { ErrorCode, Failure } from '../../../contract/errors.ts';
import type { Outcome, Step } from '../../../contract/vocabulary.ts';
import type { Authority, TaskFacts, TaskState, Verification } from './state.ts';

/** What comes next for a task by its facts alone: the order of steps and the ways out, in one place. */
export type Next =
  { readonly do: 'step'; readonly step: Step } | { readonly do: 'end'; readonly outcome: Outcome };

/** What the engine shall do now. */
export type Action =
  | Next
  /** A step was begun by an engine that is gone: ask the world what became of it. */
  | { readonly do: 'reconcile'; readonly step: Step; readonly key: string }
  | { readonly do: 'wait-for-person' }
  | { readonly do: 'nothing' };

const step = (name: Step): Next => ({ do: 'step', step: name });

export function planNext(facts: TaskFacts): Next {
  switch (facts.course) {
    case 'restore':
      if (!facts.restored) return step('restore');
      if (!facts.restoreProven) return step('prove-restore');
      return { do: 'end', outcome: 'restored' };
    case 'stop':
      if (facts.stageBegun && !facts.cleanedUp && !facts.installBegun) return step('clean-up');
      return { do: 'end', outcome: facts.verdict ?? 'failed' };
    case 'forward':
      return planForward(facts);
  }
}

function planForward(facts: TaskFacts): Next {
  if (facts.inventoryDigest === null) return step('preflight');
  if (facts.terms.snapshotMode !== 'disabled' && !facts.snapshotSettled) {
    return step(facts.snapshot === null ? 'snapshot' : 'prove-snapshot');
  }
  if (!facts.staged) return step('stage');
  if (!facts.installed) return step('install');
  if (shouldReboot(facts)) return step('reboot');
  if (facts.verification === null) return step('verify');
  if (!facts.cleanedUp) return step('clean-up');
  return {
    do: 'end',
    outcome: judgeVerification(facts.verification).kind === 'proven' ? 'succeeded' : 'unproven',
  };
}

function shouldReboot(facts: TaskFacts): boolean {
  if (facts.rebooted) return false;
  if (facts.terms.rebootPolicy === 'always') return true;
  return facts.terms.rebootPolicy === 'if-required' && facts.rebootRequired;
}

/**
 * Safety rule 4: success needs the package manager's word and a second witness that agrees.
 * `failed`: the endpoint is not what was approved, or not healthy. `unproven`: nobody but the package manager says so.
 */
export function judgeVerification(
  read: Verification,
):
  | { readonly kind: 'proven' }
  | { readonly kind: 'unproven' }
  | { readonly kind: 'failed'; readonly failure: Failure } {
  if (read.differences.length > 0) {
    return failed(
      'PATCHING_VERIFY_MISMATCH',
      `The endpoint is not what was approved: ${read.differences.slice(0, 5).join('; ')}.`,
    );
  }
  const unhealthy = read.health.filter((check) => !check.passed);
  if (unhealthy.length > 0) {
    return failed(
      'PATCHING_HEALTH_CHECK_FAILED',
      unhealthy
        .map(
          (check) =>
            `Health check "${check.name}" failed after patching: ${check.output.trim() || `exit ${check.exitCode ?? 'none'}`}`,
        )
        .join(' '),
    );
  }
  return read.disagreements.length === 0 && read.filesChecked > 0 ? { kind: 'proven' } : { kind: 'unproven' };
}

function failed(code: ErrorCode, message: string): { kind: 'failed'; failure: Failure } {
  return { kind: 'failed', failure: { code, message, retry: 'never' } };
}

/** An approval as the engine reads it at this instant. */
export interface ApprovalReading {
  readonly id: string;
  readonly planDigest: string;
  readonly status: 'requested' | 'granted' | 'rejected' | 'withdrawn' | 'expired' | 'used';
  readonly requestedBy: string;
  readonly decidedBy: string | null;
  readonly expiresAt: string | null;
  /** Whether the approver's signature over the decision holds. */
  readonly signatureHolds: boolean;
  /** Whether one hand is known to act as whoever asked and as whoever granted. */
  readonly sameHand: boolean;
}

/**
 * Safety rules 1 and 9: an approval authorises an install when it was granted by someone other than who asked, for
 * exactly this plan, is signed, and has not expired.
 *
 * @param now ISO 8601 in UTC
 * @param planDigestNow digest of the plan as it is stored now, computed afresh
 */
export function authorise(
  facts: TaskFacts,
  approval: ApprovalReading | null,
  planDigestNow: string,
  now: string,
): { readonly ok: true; readonly authority: Authority } | { readonly ok: false; readonly failure: Failure } {
  const refuse = (code: ErrorCode, message: string) => ({
    ok: false as const,
    failure: { code, message, retry: 'never' as const },
  });
  if (approval === null || approval.id !== facts.terms.approvalId) {
    return refuse('POLICY_NO_LIVE_APPROVAL', 'The approval that this run was started with is not there.');
  }
  if (approval.status !== 'granted' && approval.status !== 'used') {
    return refuse('POLICY_NO_LIVE_APPROVAL', `The approval is ${approval.status}, not granted.`);
  }
  if (planDigestNow !== facts.terms.planDigest) {
    return refuse('POLICY_PLAN_CHANGED', 'The stored plan is not the one that this run was started with.');
  }
  if (approval.planDigest !== facts.terms.planDigest) {
    return refuse('POLICY_APPROVAL_FOR_OTHER_PLAN', 'The approval is for another plan.');
  }
  if (approval.decidedBy === null || !approval.signatureHolds) {
    return refuse('POLICY_NO_LIVE_APPROVAL', 'The signature of the approval does not hold.');
  }
  if (approval.decidedBy === approval.requestedBy || approval.sameHand) {
    return refuse('POLICY_SAME_PERSON', 'The approval was granted by the person who asked for it.');
  }
  if (approval.expiresAt === null || approval.expiresAt <= now) {
    return refuse(
      'POLICY_APPROVAL_EXPIRED',
      `The approval expired at ${approval.expiresAt ?? 'an unknown time'}.`,
    );
  }
  return {
    ok: true,
    authority: {
      approvalId: approval.id,
      planDigest: approval.planDigest,
      grantedBy: approval.decidedBy,
      requestedBy: approval.requestedBy,
      expiresAt: approval.expiresAt,
    },
  };
}

/** The engine's next action. Pure: the same state always gives the same answer. */
export function nextAction(state: TaskState): Action {
  switch (state.kind) {
    case 'new':
      return { do: 'nothing' };
    case 'ready':
      return planNext(state.facts);
    case 'running':
      return { do: 'reconcile', step: state.step, key: state.key };
    case 'needs-attention':
      return { do: 'wait-for-person' };
    case 'ended':
      return { do: 'nothing' };
  }
}

/** Codes that mean "a rule or a check said no before anything was touched". */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'POLICY_NO_LIVE_APPROVAL',
  'POLICY_APPROVAL_EXPIRED',
  'POLICY_APPROVAL_FOR_OTHER_PLAN',
  'POLICY_SAME_PERSON',
  'POLICY_ROLE_MISSING',
  'POLICY_SNAPSHOT_REQUIRED',
  'POLICY_SNAPSHOT_UNAVAILABLE',
  'POLICY_ENDPOINT_DISABLED',
  'POLICY_PLAN_CHANGED',
  'POLICY_ENDPOINT_BUSY',
  'TRANSPORT_HOST_KEY_MISMATCH',
  'TRANSPORT_HOST_KEY_UNPINNED',
  'TRANSPORT_ADDRESS_NOT_IN_INVENTORY',
  'HYPERVISOR_SNAPSHOT_FAILED',
  'HYPERVISOR_SNAPSHOT_UNPROVEN',
  'HYPERVISOR_SPACE_LOW',
  'PATCHING_DISK_FULL',
  'PATCHING_PACKAGES_BROKEN',
  'PATCHING_PACKAGE_HELD',
  'PATCHING_VENDOR_SIGNATURE_BAD',
  'PATCHING_CLOCK_WRONG',
  'PATCHING_CONTENT_MISMATCH',
  'PATCHING_TRANSACTION_DIFFERS',
  'PATCHING_STALE_PLAN',
  'PATCHING_HEALTH_CHECK_FAILED',
]);

/** How a task ends whose failure left the endpoint untouched. */
export function outcomeUntouched(code: ErrorCode): 'refused' | 'failed' {
  return REFUSALS.has(code) ? 'refused' : 'failed';
}

/** Failures of an install that the package manager reports before it touches anything. */
const UNTOUCHED_INSTALL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PATCHING_LOCK_HELD',
  'PATCHING_VENDOR_SIGNATURE_BAD',
  'PATCHING_CONTENT_MISMATCH',
  'PATCHING_TRANSACTION_DIFFERS',
  'PATCHING_STALE_PLAN',
]);

/** Whether an install that failed with this code may have left the endpoint as it was. */
export function mayBeUntouched(code: ErrorCode): boolean {
  return UNTOUCHED_INSTALL.has(code);
}
