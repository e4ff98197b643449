import type {
  ApprovalStatus,
  RebootPolicy,
  Role,
  SnapshotMode,
  Step,
  TaskStatus,
  Workspace,
} from '../../contract/vocabulary.ts';

/** The language of states: one word and one tone for each, everywhere. The icon beside it is in components/status.tsx. */
export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet' | 'accent';

export const TASK_STATES: Readonly<Record<TaskStatus, { readonly word: string; readonly tone: Tone }>> = {
  succeeded: { word: 'Succeeded', tone: 'good' },
  restored: { word: 'Restored', tone: 'warn' },
  refused: { word: 'Refused', tone: 'info' },
  unproven: { word: 'Unproven', tone: 'warn' },
  'needs-attention': { word: 'Needs attention', tone: 'bad' },
  failed: { word: 'Failed', tone: 'bad' },
  skipped: { word: 'Skipped', tone: 'quiet' },
  waiting: { word: 'Waiting', tone: 'quiet' },
  running: { word: 'Running', tone: 'accent' },
};

/** Order in which outcomes are counted: what a person must look at comes first. */
export const TASK_STATE_ORDER: readonly TaskStatus[] = [
  'needs-attention',
  'failed',
  'unproven',
  'restored',
  'refused',
  'running',
  'waiting',
  'succeeded',
  'skipped',
];

/** What an outcome means, in a sentence. */
export const TASK_STATE_MEANING: Readonly<Record<TaskStatus, string>> = {
  succeeded: 'Installed, and the inventory afterwards agrees.',
  restored:
    'Something went wrong after the install. The endpoint is back as it was before, and that is proven.',
  refused: 'A rule said no. Nothing was touched.',
  unproven: 'The package manager says done, but a second reading does not agree.',
  'needs-attention': 'What is true on this endpoint could not be determined. A person must settle it.',
  failed: 'It did not work. See the code for what to do.',
  skipped: 'Not done: the run was stopped before this endpoint began, or there was nothing to do.',
  waiting: 'Its turn has not come yet.',
  running: 'Under way.',
};

export const APPROVAL_STATES: Readonly<
  Record<ApprovalStatus, { readonly word: string; readonly tone: Tone }>
> = {
  requested: { word: 'Waiting for a decision', tone: 'accent' },
  granted: { word: 'Approved', tone: 'good' },
  rejected: { word: 'Rejected', tone: 'bad' },
  withdrawn: { word: 'Withdrawn', tone: 'quiet' },
  expired: { word: 'Expired', tone: 'warn' },
  used: { word: 'Approved and started', tone: 'good' },
};

export const STEP_WORDS: Readonly<Record<Step, string>> = {
  preflight: 'Preflight',
  snapshot: 'Take snapshot',
  'prove-snapshot': 'Prove snapshot',
  stage: 'Stage content',
  install: 'Install',
  reboot: 'Reboot',
  verify: 'Verify',
  'clean-up': 'Clean up',
  restore: 'Restore',
  'prove-restore': 'Prove restore',
};

export const WORKSPACE_WORDS: Readonly<Record<Workspace, { readonly word: string; readonly means: string }>> =
  {
    operate: {
      word: 'Operate: look after endpoints',
      means: 'On the isolated network. Opens no connection but to its own inventory.',
    },
    collect: {
      word: 'Collect: build bundles',
      means: 'On a machine that reaches the vendors’ mirrors. Never talks to endpoints.',
    },
    review: {
      word: 'Review: decide on patches',
      means: 'For the customer, on their own machine. Needs no account, and opens no connection at all.',
    },
  };
export const WORKSPACE_ORDER: readonly Workspace[] = ['operate', 'collect', 'review'];

export const ROLE_WORDS: Readonly<Record<Role, { readonly word: string; readonly may: string }>> = {
  engineer: { word: 'Engineer', may: 'Scans, plans, asks for approval, starts runs, restores.' },
  approver: { word: 'Approver', may: 'Decides on plans that somebody else asked for.' },
  'service-manager': { word: 'Service manager', may: 'Adds people and stops runs.' },
  auditor: { word: 'Auditor', may: 'Reads everything, changes nothing.' },
};
export const ROLE_ORDER: readonly Role[] = ['engineer', 'approver', 'service-manager', 'auditor'];

export const SNAPSHOT_MODE_WORDS: Readonly<
  Record<SnapshotMode, { readonly word: string; readonly means: string }>
> = {
  hard: { word: 'Hard', means: 'No proven snapshot, no install.' },
  soft: { word: 'Soft', means: 'Tries to take a snapshot; installs without one if that fails.' },
  disabled: { word: 'Disabled', means: 'No snapshot is taken.' },
};

export const REBOOT_POLICY_WORDS: Readonly<Record<RebootPolicy, string>> = {
  never: 'Never reboot',
  'if-required': 'Reboot if required',
  always: 'Always reboot',
};

/** Severity as the vendor words it, to a tone. An unknown word stays quiet rather than being guessed at. */
export function toneOfSeverity(severity: string): Tone {
  switch (severity.toLowerCase()) {
    case 'critical':
    case 'emergency':
    case 'high':
    case 'important':
      return 'bad';
    case 'medium':
    case 'moderate':
      return 'warn';
    default:
      return 'quiet';
  }
}

/** First letter large, the rest as it stands. */
export function capitalise(text: string): string {
  return text === '' ? '' : (text[0]?.toUpperCase() ?? '') + text.slice(1);
}
