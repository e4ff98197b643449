import { z } from 'zod';

/** Closed lists and identifiers that every process speaks. One word per notion, here and everywhere. */

export const ROLES = ['engineer', 'approver', 'service-manager', 'auditor'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** What a data folder is for; docs/ARCHITECTURE.md says what each does and never does. */
export const WORKSPACES = ['operate', 'collect', 'review'] as const;
export const Workspace = z.enum(WORKSPACES);
export type Workspace = z.infer<typeof Workspace>;

export const SnapshotMode = z.enum(['hard', 'soft', 'disabled']);
export type SnapshotMode = z.infer<typeof SnapshotMode>;
export const RebootPolicy = z.enum(['never', 'if-required', 'always']);
export type RebootPolicy = z.infer<typeof RebootPolicy>;

export const STEPS = [
  'preflight',
  'snapshot',
  'prove-snapshot',
  'stage',
  'install',
  'reboot',
  'verify',
  'clean-up',
  'restore',
  'prove-restore',
] as const;
export const Step = z.enum(STEPS);
export type Step = z.infer<typeof Step>;

/**
 * How one endpoint's part of a run ended. `refused`: a rule said no and nothing was touched. `unproven`: the package
 * manager says done, the second witness does not agree. `needs-attention`: only a person can settle it.
 */
export const OUTCOMES = [
  'succeeded',
  'restored',
  'refused',
  'unproven',
  'needs-attention',
  'failed',
  'skipped',
] as const;
export const Outcome = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof Outcome>;

/** A task's state as people see it: an outcome, or where it is on the way. */
export const TaskStatus = z.enum([...OUTCOMES, 'waiting', 'running']);
export type TaskStatus = z.infer<typeof TaskStatus>;

export const ApprovalStatus = z.enum(['requested', 'granted', 'rejected', 'withdrawn', 'expired', 'used']);
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

/** The first rule of the order of risk that lifts a row above those of which nothing is known (main/core/risk/order.ts). */
export const RISK_RULES = [
  'ransomware',
  'exploited',
  'vendor-exploited',
  'severity',
  'epss',
  'cvss',
  'security',
  'none',
] as const;
export const RiskRule = z.enum(RISK_RULES);
export type RiskRule = z.infer<typeof RiskRule>;

/** How packages are named and their versions ordered. */
export const Ecosystem = z.enum(['deb', 'rpm', 'windows']);
/** A vendor's word; `not stated` where it gives none. */
export const SeverityWord = z.enum(['critical', 'high', 'medium', 'low', 'unimportant', 'not stated']);

/** `running`: there is time left. `unknown`: the vendor's date is not known. `met`: nothing is to be done. */
export const CLOCK_STATES = ['overdue', 'due-soon', 'running', 'unknown', 'met'] as const;
export const ClockState = z.enum(CLOCK_STATES);
export type ClockState = z.infer<typeof ClockState>;
/** The one step that moves a clock on. */
export const ClockAdvice = z.enum([
  'bring-bundle',
  'make-plan',
  'request-approval',
  'decide',
  'start-run',
  'wait',
  'nothing',
]);
export type ClockAdvice = z.infer<typeof ClockAdvice>;

/** Why content that a newer version supersedes is kept. */
export const KEEP_REASONS = ['run', 'approval', 'plan', 'restore', 'finding'] as const;
export const KeepReason = z.enum(KEEP_REASONS);
export type KeepReason = z.infer<typeof KeepReason>;

/** What the work of a site is divided into, for saying who answers for what. */
export const RACI_ELEMENTS = [
  'platform-availability',
  'platform-updates',
  'platform-configuration',
  'agents-provide',
  'agents-deploy',
  'agents-update',
  'agents-configure',
  'scan',
  'approve',
  'snapshot',
  'ensure-snapshot',
  'apply',
  'ensure-success',
  'restore',
  'name-out-of-cycle',
  'apply-out-of-cycle',
] as const;
export const RaciElement = z.enum(RACI_ELEMENTS);
export type RaciElement = z.infer<typeof RaciElement>;
export const PARTIES = ['provider', 'customer'] as const;
export const Party = z.enum(PARTIES);
export type Party = z.infer<typeof Party>;
/** R does the work, A has the final yes or no, C is asked, I is told. */
export const LETTERS = ['R', 'A', 'C', 'I'] as const;
export const Letter = z.enum(LETTERS);
export type Letter = z.infer<typeof Letter>;

/** Steps of which somebody is asked or told, as the matrix says (main/core/raci/occasions.ts has the element of each). */
export const OCCASIONS = [
  'bundle-imported',
  'agents-imported',
  'group-changed',
  'policy-changed',
  'matrix-changed',
  'scan-done',
  'emergency-requested',
  'plan-made',
  'approval-requested',
  'quality-checked',
  'list-made',
  'pack-exported',
  'decision-taken-in',
  'approval-decided',
  'run-started',
  'snapshot-taken',
  'snapshot-proven',
  'restore-begun',
  'restored',
  'incident',
  'run-ended',
] as const;
export const OccasionKind = z.enum(OCCASIONS);
export type OccasionKind = z.infer<typeof OccasionKind>;
/** What a notice is about, and where a screen shows it. */
export const NOTICE_SUBJECTS = [
  'bundle',
  'group',
  'endpoint',
  'policy',
  'matrix',
  'scan',
  'request',
  'plan',
  'approval',
  'run',
  'incident',
] as const;
export const NoticeSubject = z.enum(NOTICE_SUBJECTS);
export type NoticeSubject = z.infer<typeof NoticeSubject>;
/** How somebody came to know: in the window, from a printed notice that was handed over, from a file on a medium; elsewhere, as their answer shows. */
export const TOLD_BY = ['in-app', 'printed-notice', 'file-drop', 'answer'] as const;
export const ToldBy = z.enum(TOLD_BY);
export type ToldBy = z.infer<typeof ToldBy>;

/** Identifiers are UUIDs, except where a name is the identity. */
export const Id = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** ISO 8601 in UTC. */
export const Instant = z.iso.datetime();
/** Name of an endpoint, a person or a hypervisor: printable, one line. */
export const Name = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}]+$/u);
/** Address of an endpoint: an IP address or a host name of the site's own resolver. */
export const Address = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/);
export const Port = z.number().int().min(1).max(65_535);
/** SHA-256 fingerprint of an SSH host key as OpenSSH prints it. */
export const HostKey = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/);

/**
 * What the QR code of an enrolment sheet says: the site takes it in the place of a public key. Readers of QR codes guess at letters
 * beyond ASCII, and guess differently, so those of a name are written as in an address. `publicKey`: Ed25519, hex.
 */
export function enrolmentText(publicKey: string, name: string): string {
  return `sallyport-enrol:1:${publicKey}:${name.replaceAll(/[^ -$&-~]+/gu, encodeURIComponent)}`;
}

/** `null`: the text is none that an enrolment sheet carries. */
export function readEnrolmentText(
  text: string,
): { readonly publicKey: string; readonly name: string } | null {
  const match = /^sallyport-enrol:1:([0-9a-f]{64}):([ -~]{1,1000})$/.exec(text.trim());
  if (match === null) return null;
  try {
    return { publicKey: match[1] ?? '', name: decodeURIComponent(match[2] ?? '') };
  } catch {
    return null;
  }
}
