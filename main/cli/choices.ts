import type {
  Letter,
  Party,
  RaciElement,
  RebootPolicy,
  Role,
  SnapshotMode,
  Step,
  Workspace,
} from '../../contract/vocabulary.ts';
import { usageError } from './usage.ts';

// Closed lists of contract/vocabulary.ts, written out again: reading the schema library there costs a third of a second
// at every start. A test holds the two equal.
export const ROLE_CHOICES = [
  'engineer',
  'approver',
  'service-manager',
  'auditor',
] as const satisfies readonly Role[];
export const WORKSPACE_CHOICES = ['operate', 'collect', 'review'] as const satisfies readonly Workspace[];
export const SNAPSHOT_MODES = ['hard', 'soft', 'disabled'] as const satisfies readonly SnapshotMode[];
export const REBOOT_POLICIES = ['never', 'if-required', 'always'] as const satisfies readonly RebootPolicy[];
export const LETTER_CHOICES = ['R', 'A', 'C', 'I'] as const satisfies readonly Letter[];
export const PARTY_CHOICES = ['provider', 'customer'] as const satisfies readonly Party[];
export const RACI_ELEMENT_CHOICES = [
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
] as const satisfies readonly RaciElement[];
export const STEP_CHOICES = [
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
] as const satisfies readonly Step[];
export const RESOLVE_DECISIONS = ['look-again', 'restore', 'accept-as-is'] as const;

/** The member of a closed list that the parser of the command line has already let through. */
export function readChoice<const T extends string>(choices: readonly T[], text: string): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined)
    throw new Error(`"${text}" passed the command line and is none of ${choices.join(', ')}`);
  return found;
}

export function readWorkspace(text: string): Workspace {
  if (text === 'operate' || text === 'collect' || text === 'review') return text;
  throw usageError(`There is no workspace "${text}".`, `Known: ${WORKSPACE_CHOICES.join(', ')}.`);
}

export function readRoles(texts: readonly string[]): Role[] {
  return [...new Set(texts)].map((text) => readChoice(ROLE_CHOICES, text));
}
