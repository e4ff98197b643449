import type { ErrorCode } from '../../contract/errors.ts';
import type { Outcome, TaskStatus } from '../../contract/vocabulary.ts';

/**
 * What a command's end means, for scripts. Documented in docs/CLI.md; a number never changes its meaning, and a script
 * must take any number that it does not know for a failure.
 */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  partial: 3,
  refused: 10,
  locked: 11,
  unverified: 12,
  attention: 20,
  cancelled: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const USAGE = new Set<ErrorCode>(['CONTRACT_INPUT_INVALID', 'CONTRACT_NOT_SIGNED_IN']);
const LOCKED = new Set<ErrorCode>(['ENGINE_BUSY', 'VAULT_LOCKED', 'VAULT_PASSPHRASE_WRONG']);
const CANCELLED = new Set<ErrorCode>(['CONTRACT_CANCELLED', 'RUN_CANCELLED']);
const ATTENTION = new Set<ErrorCode>([
  'RUN_NEEDS_ATTENTION',
  'PATCHING_INSTALL_UNDETERMINED',
  'HYPERVISOR_RESTORE_UNPROVEN',
]);
/** Something was shown as proof, and the proof did not hold. */
const UNVERIFIED = new Set<ErrorCode>([
  'COLLECT_RELEASE_UNVERIFIED',
  'CONTENT_DAMAGED',
  'PATCHING_CONTENT_MISMATCH',
  'PATCHING_VENDOR_SIGNATURE_BAD',
  'RUN_JOURNAL_DAMAGED',
  'TRANSPORT_HOST_KEY_MISMATCH',
]);
/** A bundle's codes are about verification, all but these. */
const PLAIN_BUNDLE = new Set<ErrorCode>([
  'BUNDLE_NOT_FOUND',
  'BUNDLE_UNREADABLE',
  'BUNDLE_MEDIUM_LOST',
  'BUNDLE_SCAN_FAILED',
  'BUNDLE_ALREADY_IMPORTED',
  'BUNDLE_APP_TOO_OLD',
  'BUNDLE_ROOT_ALREADY_PINNED',
]);

/** Of a decision file: a rule said no, to a file that is what it says it is. */
const REVIEW_REFUSED = new Set<ErrorCode>([
  'REVIEW_CUSTOMER_DIFFERS',
  'REVIEW_NOT_THEIR_CUSTOMER',
  'REVIEW_DECIDED_ALREADY',
  'REVIEW_DECIDE_ON_LIST',
  'REVIEW_DELEGATION_EXPIRED',
  'REVIEW_DELEGATION_NOT_YET_VALID',
  'REVIEW_DELEGATION_REVOKED',
  'REVIEW_EMERGENCY_ENDED',
  'REVIEW_EMERGENCY_NO_LANE',
  'REVIEW_ENDPOINTS_CHANGED',
  'REVIEW_LATE',
  'REVIEW_NOT_APPROVER',
  'REVIEW_NOT_COVERED',
  'REVIEW_PACK_SUPERSEDED',
  'REVIEW_POLICY_CHANGED',
  'REVIEW_POLICY_OLDER',
  'REVIEW_REPLAYED',
  'REVIEW_SEVERAL_CUSTOMERS',
]);
/** Of a decision: somebody has to complete it. */
const REVIEW_UNFINISHED = new Set<ErrorCode>([
  'REVIEW_CONTROL_MISSING',
  'REVIEW_DEFERRAL_INVALID',
  'REVIEW_DELEGATE_UNKNOWN',
  'REVIEW_DELEGATION_INVALID',
  'REVIEW_GROUP_UNKNOWN',
  'REVIEW_INCOMPLETE',
  'REVIEW_NEEDS_UNAPPROVED',
  'REVIEW_PATCH_TWICE',
  'REVIEW_REASON_MISSING',
  'REVIEW_SHEET_ENCODING',
  'REVIEW_SHEET_INVALID',
  'REVIEW_SHEET_UNREADABLE',
]);

/** The exit code of a command that ended with this failure; never 0. */
export function exitCodeOfFailure(code: ErrorCode): ExitCode {
  if (USAGE.has(code)) return EXIT.usage;
  if (LOCKED.has(code)) return EXIT.locked;
  if (CANCELLED.has(code)) return EXIT.cancelled;
  if (ATTENTION.has(code)) return EXIT.attention;
  if (UNVERIFIED.has(code)) return EXIT.unverified;
  if (code.startsWith('POLICY_') || code === 'CONTRACT_FORBIDDEN') return EXIT.refused;
  if (code.startsWith('BUNDLE_') && !PLAIN_BUNDLE.has(code)) return EXIT.unverified;
  if (REVIEW_REFUSED.has(code)) return EXIT.refused;
  if (code.startsWith('REVIEW_') && !REVIEW_UNFINISHED.has(code)) return EXIT.unverified;
  return EXIT.failed;
}

/**
 * The exit code of a run from how many endpoints ended in which way. 0 only if all succeeded. What needs a person comes
 * first; then a run that was cancelled with nothing worse than endpoints left out; then partial success.
 */
export function exitCodeOfRun(
  outcomes: Readonly<Partial<Record<TaskStatus, number>>>,
  cancelRequested: boolean,
): ExitCode {
  const count = (...statuses: (Outcome | TaskStatus)[]): number =>
    statuses.reduce((sum, status) => sum + (outcomes[status] ?? 0), 0);
  const succeeded = count('succeeded');
  const refused = count('refused');
  const skipped = count('skipped');
  const worse = count('restored', 'failed');
  const unfinished = count('waiting', 'running');
  if (count('needs-attention', 'unproven') > 0) return EXIT.attention;
  if (cancelRequested && skipped + unfinished > 0 && worse + refused === 0) return EXIT.cancelled;
  if (refused + skipped + worse + unfinished === 0) return succeeded > 0 ? EXIT.ok : EXIT.failed;
  if (succeeded > 0) return EXIT.partial;
  return worse + skipped + unfinished === 0 ? EXIT.refused : EXIT.failed;
}

/** The exit code of work on several things at once, of which some may have failed. */
export function exitCodeOfParts(parts: { readonly done: number; readonly failed: number }): ExitCode {
  if (parts.failed === 0) return EXIT.ok;
  return parts.done > 0 ? EXIT.partial : EXIT.failed;
}
