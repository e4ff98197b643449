/**
 * Every failure that Sallyport knows by name. A code is stable and documented; a message is for people and may change.
 * Codes cross every boundary (window, command line, journal) as data: see {@link Failure}.
 */

export const ERROR_CODES = [
  // The contract itself: the call was malformed or not allowed.
  'CONTRACT_UNKNOWN_CHANNEL',
  'CONTRACT_INPUT_INVALID',
  'CONTRACT_OUTPUT_INVALID',
  'CONTRACT_UNTRUSTED_SENDER',
  'CONTRACT_NOT_SIGNED_IN',
  'CONTRACT_FORBIDDEN',
  'CONTRACT_NOT_FOUND',
  'CONTRACT_CONFLICT',
  'CONTRACT_CANCELLED',
  // The engine and its store.
  'ENGINE_BUSY',
  'ENGINE_LOST',
  'STORE_FROM_THE_FUTURE',
  'STORE_MIGRATION_UNKNOWN',
  'STORE_DAMAGED',
  'STORE_FULL',
  // Secrets.
  'VAULT_LOCKED',
  'VAULT_PASSPHRASE_WRONG',
  'VAULT_DAMAGED',
  'VAULT_EXISTS',
  'VAULT_PASSPHRASE_WEAK',
  'VAULT_SECRET_MISSING',
  // Transport to an endpoint or a hypervisor.
  'TRANSPORT_UNREACHABLE',
  'TRANSPORT_HOST_KEY_MISMATCH',
  'TRANSPORT_HOST_KEY_UNPINNED',
  'TRANSPORT_AUTH_FAILED',
  'TRANSPORT_SUDO_DENIED',
  'TRANSPORT_ADDRESS_NOT_IN_INVENTORY',
  'TRANSPORT_DROPPED',
  'TRANSPORT_TIMEOUT',
  'TRANSPORT_PROTOCOL',
  // Hypervisor.
  'HYPERVISOR_VM_UNKNOWN',
  'HYPERVISOR_SNAPSHOT_FAILED',
  'HYPERVISOR_SNAPSHOT_UNPROVEN',
  'HYPERVISOR_SNAPSHOT_NOT_OURS',
  'HYPERVISOR_SNAPSHOT_UNKNOWN',
  'HYPERVISOR_RESTORE_FAILED',
  'HYPERVISOR_RESTORE_UNPROVEN',
  'HYPERVISOR_POWER_FAILED',
  'HYPERVISOR_SPACE_LOW',
  'HYPERVISOR_NAME_UNSAFE',
  // Patch driver.
  'PATCHING_PLATFORM_UNSUPPORTED',
  'PATCHING_LOCK_HELD',
  'PATCHING_DISK_FULL',
  'PATCHING_PACKAGES_BROKEN',
  'PATCHING_PACKAGE_HELD',
  'PATCHING_VENDOR_SIGNATURE_BAD',
  'PATCHING_CLOCK_WRONG',
  'PATCHING_CONTENT_MISMATCH',
  'PATCHING_TRANSACTION_DIFFERS',
  'PATCHING_STALE_PLAN',
  'PATCHING_INSTALL_FAILED',
  'PATCHING_INSTALL_UNDETERMINED',
  'PATCHING_OUTPUT_UNREADABLE',
  'PATCHING_REBOOT_FAILED',
  'PATCHING_VERIFY_MISMATCH',
  'PATCHING_HEALTH_CHECK_FAILED',
  // Catalogue and content.
  'CATALOGUE_EMPTY',
  'CATALOGUE_PATCH_UNKNOWN',
  'CONTENT_MISSING',
  'CONTENT_DAMAGED',
  // Bundles on media.
  'BUNDLE_NOT_FOUND',
  'BUNDLE_UNREADABLE',
  'BUNDLE_MEDIUM_LOST',
  'BUNDLE_ROOT_UNPINNED',
  'BUNDLE_ROOT_ALREADY_PINNED',
  'BUNDLE_ROOT_FINGERPRINT_MISMATCH',
  'BUNDLE_SIGNATURE_UNTRUSTED',
  'BUNDLE_THRESHOLD_NOT_MET',
  'BUNDLE_METADATA_INVALID',
  'BUNDLE_MIX_AND_MATCH',
  'BUNDLE_ROLLBACK',
  'BUNDLE_EXPIRED',
  'BUNDLE_CLOCK_WRONG',
  'BUNDLE_HASH_MISMATCH',
  'BUNDLE_SIZE_MISMATCH',
  'BUNDLE_FILE_MISSING',
  'BUNDLE_FILE_UNEXPECTED',
  'BUNDLE_FILE_CHANGED',
  'BUNDLE_LINK_REFUSED',
  'BUNDLE_PATH_UNSAFE',
  'BUNDLE_TOO_LARGE',
  'BUNDLE_ALREADY_IMPORTED',
  'BUNDLE_CONTENT_UNREADABLE',
  'BUNDLE_APP_TOO_OLD',
  'BUNDLE_INFECTED',
  'BUNDLE_SCAN_FAILED',
  'BUNDLE_VENDOR_SIGNATURE_BAD',
  // Collect, on the connected side.
  'COLLECT_NEEDS_LIST_INVALID',
  'COLLECT_MIRROR_UNKNOWN',
  'COLLECT_VERIFIER_MISSING',
  'COLLECT_KEYRING_MISSING',
  'COLLECT_RELEASE_UNVERIFIED',
  'COLLECT_DOWNLOAD_FAILED',
  'COLLECT_KEY_INVALID',
  'COLLECT_KEY_PASSPHRASE_WRONG',
  'COLLECT_MEDIUM_SHARED',
  'COLLECT_ADVISORIES_INVALID',
  'COLLECT_REGISTER_INVALID',
  'COLLECT_OUTPUT_NOT_EMPTY',
  'COLLECT_VOLUME_TOO_SMALL',
  'COLLECT_CABINET_UNREADABLE',
  'COLLECT_CABINET_UNSUPPORTED',
  'COLLECT_CABINET_TOO_LARGE',
  'COLLECT_SCAN_INVALID',
  'COLLECT_FACTS_INVALID',
  'COLLECT_FOLDER_UNREADABLE',
  'COLLECT_AGENT_INVALID',
  // Policy: a rule said no. Nothing was touched.
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
  'POLICY_RESTORE_OLDER_THAN_SUCCESS',
  'POLICY_OTHER_WORKSPACE',
  'POLICY_WORKSPACE_IN_USE',
  'POLICY_RACI_INVALID',
  'POLICY_PASSPHRASE_NOT_OWN',
  // Runs.
  'RUN_CANCELLED',
  'RUN_NOT_FOUND',
  'RUN_ALREADY_STARTED',
  'RUN_JOURNAL_DAMAGED',
  'RUN_NEEDS_ATTENTION',
  'RUN_NOTHING_TO_DO',
  // A bug of ours. The incident id leads to the local log.
  'INTERNAL',
  // Review packs and the decisions that come back.
  'REVIEW_FILE_UNREADABLE',
  'REVIEW_FILE_TOO_LARGE',
  'REVIEW_TYPE_UNKNOWN',
  'REVIEW_VERSION_UNKNOWN',
  'REVIEW_CONTENT_INVALID',
  'REVIEW_SIGNATURE_BAD',
  'REVIEW_SIGNATURE_UNSUPPORTED',
  'REVIEW_SIGNATURE_FOR_OTHER_USE',
  'REVIEW_KEY_NOT_ENROLLED',
  'REVIEW_KEY_REVOKED',
  'REVIEW_KEY_EXPIRED',
  'REVIEW_KEY_NOT_YET_VALID',
  'REVIEW_NOT_APPROVER',
  'REVIEW_OTHER_SITE',
  'REVIEW_PACK_UNKNOWN',
  'REVIEW_PACK_DIFFERS',
  'REVIEW_PLAN_DIFFERS',
  'REVIEW_NONCE_DIFFERS',
  'REVIEW_CUT_OFF_DIFFERS',
  'REVIEW_PACK_SUPERSEDED',
  'REVIEW_POLICY_CHANGED',
  'REVIEW_ENDPOINTS_CHANGED',
  'REVIEW_DECIDED_ALREADY',
  'REVIEW_REPLAYED',
  'REVIEW_CONFLICTING',
  'REVIEW_LATE',
  'REVIEW_CLOCK_WRONG',
  'REVIEW_PATCH_UNKNOWN',
  'REVIEW_PATCH_TWICE',
  'REVIEW_REASON_MISSING',
  'REVIEW_DEFERRAL_INVALID',
  'REVIEW_CONTROL_MISSING',
  'REVIEW_INCOMPLETE',
  'REVIEW_NEEDS_UNAPPROVED',
  // What customers sign beside decisions: policies, delegations, emergency requests.
  'REVIEW_GROUP_UNKNOWN',
  'REVIEW_CUSTOMER_DIFFERS',
  'REVIEW_NOT_THEIR_CUSTOMER',
  'REVIEW_SEVERAL_CUSTOMERS',
  'REVIEW_POLICY_OLDER',
  'REVIEW_DELEGATE_UNKNOWN',
  'REVIEW_DELEGATION_INVALID',
  'REVIEW_DELEGATION_EXPIRED',
  'REVIEW_DELEGATION_REVOKED',
  'REVIEW_DELEGATION_NOT_YET_VALID',
  'REVIEW_EMERGENCY_NO_LANE',
  'REVIEW_EMERGENCY_ENDED',
  'REVIEW_NOT_COVERED',
  'REVIEW_DECIDE_ON_LIST',
  'REVIEW_SITE_KEY_UNTRUSTED',
  'REVIEW_SITE_KEY_DIFFERS',
  // A ZIP file from the other side, before anything of it is believed.
  'REVIEW_ZIP_UNREADABLE',
  'REVIEW_ZIP_UNSUPPORTED',
  'REVIEW_ZIP_CONTRADICTORY',
  'REVIEW_ZIP_DUPLICATE',
  'REVIEW_ZIP_PATH_UNSAFE',
  'REVIEW_ZIP_TOO_LARGE',
  'REVIEW_ZIP_ENTRY_MISSING',
  // Decisions in a spreadsheet, which nobody at the customer signed.
  'REVIEW_SHEET_UNREADABLE',
  'REVIEW_SHEET_ENCODING',
  'REVIEW_SHEET_TOO_LARGE',
  'REVIEW_SHEET_UNSAFE',
  'REVIEW_SHEET_INVALID',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * Whether trying again can help: `never` (a person must change something first), `same` (the same call may succeed
 * later), `after-reconnect` (the connection was lost, what it was doing must be asked of the other side).
 */
export type Retry = 'never' | 'same' | 'after-reconnect';

/** What a failure is about: ids and names only, never secrets. */
export type Subject = Readonly<Record<string, string>>;

/** A failure as data, the only form in which one crosses a process boundary. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly retry: Retry;
  readonly subject?: Subject;
}

export interface CodedErrorOptions {
  readonly hint?: string;
  readonly retry?: Retry;
  readonly subject?: Subject;
  readonly cause?: unknown;
}

/** The one error class that carries a code. Areas derive from it so that a stack names the area. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retry: Retry;
  readonly subject: Subject | undefined;

  constructor(code: ErrorCode, message: string, options: CodedErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
    this.retry = options.retry ?? 'never';
    this.subject = options.subject;
  }
}

export class ContractError extends CodedError {}
export class StoreError extends CodedError {}
export class VaultError extends CodedError {}
export class TransportError extends CodedError {}
export class HypervisorError extends CodedError {}
export class PatchDriverError extends CodedError {}
export class CatalogueError extends CodedError {}
export class BundleError extends CodedError {}
export class CollectError extends CodedError {}
/** A refusal, not a fault: a rule said no and nothing was touched. */
export class PolicyError extends CodedError {}
export class RunError extends CodedError {}
export class ReviewError extends CodedError {}

/** Turns a known failure into data. Anything that is no {@link CodedError} is a bug and is not for this function. */
export function toFailure(error: CodedError): Failure {
  return {
    code: error.code,
    message: error.message,
    retry: error.retry,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.subject === undefined ? {} : { subject: error.subject }),
  };
}
