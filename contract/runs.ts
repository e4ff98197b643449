import { z } from 'zod';
import { HealthCheck } from './endpoints.ts';
import { RiskView } from './risk.ts';
import {
  ApprovalStatus,
  Id,
  Instant,
  RebootPolicy,
  Sha256,
  SnapshotMode,
  Step,
  TaskStatus,
} from './vocabulary.ts';

export const PlannedPackage = z.strictObject({
  name: z.string(),
  arch: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  sha256: Sha256,
  /** Asked for by a person; otherwise another package of the transaction pulls it in. */
  requested: z.boolean(),
});

export const EndpointPlan = z.strictObject({
  endpointId: Id,
  endpointName: z.string(),
  address: z.string(),
  distribution: z.string(),
  codename: z.string(),
  snapshotMode: SnapshotMode,
  restoreOnFailure: z.boolean(),
  rebootPolicy: RebootPolicy,
  healthChecks: z.array(HealthCheck),
  packages: z.array(PlannedPackage),
});

export const PlanView = z.strictObject({
  id: Id,
  digest: Sha256,
  createdAt: Instant,
  createdBy: z.string(),
  endpoints: z.array(EndpointPlan),
  /** Endpoints that were asked for but are not in the plan, and why. */
  leftOut: z.array(
    z.strictObject({ endpointId: Id, endpointName: z.string(), code: z.string(), message: z.string() }),
  ),
  packages: z.number(),
  bytes: z.number(),
  /** Whose the endpoints are, as far as somebody said. */
  customers: z.array(z.string()),
});
export type PlanView = z.infer<typeof PlanView>;

/** A plan in a list: without what it changes, which can be tens of thousands of packages. */
export const PlanSummary = PlanView.pick({
  id: true,
  digest: true,
  createdAt: true,
  createdBy: true,
  packages: true,
  bytes: true,
  customers: true,
}).extend({
  endpoints: z.number(),
  leftOut: z.number(),
});
export type PlanSummary = z.infer<typeof PlanSummary>;

export const MakePlan = z.strictObject({
  /** Empty: every endpoint with a finding. */
  endpointIds: z.array(Id).default([]),
  /** Package names; empty: every finding that is carried. */
  packages: z.array(z.string()).default([]),
  onlySecurity: z.boolean().default(false),
});

export const ApprovalView = z.strictObject({
  id: Id,
  planId: Id,
  planDigest: Sha256,
  status: ApprovalStatus,
  requestedBy: z.string(),
  requestedAt: Instant,
  decidedBy: z.string().nullable(),
  decidedAt: Instant.nullable(),
  expiresAt: Instant.nullable(),
  reason: z.string().nullable(),
  /** Base64 Ed25519 signature of the approver over the decision; `null` before a decision. */
  signature: z.string().nullable(),
  runId: Id.nullable(),
  /** Whether the person who is signed in may decide it, and why not. */
  mayDecide: z.boolean(),
  mayNotDecideBecause: z.string().nullable(),
  /** A list was made of it: that is decided on, patch by patch, and the plan is not granted as a whole. */
  hasList: z.boolean(),
  /** Whether the person who is signed in may take back the request, or a grant of which no run was begun. */
  mayWithdraw: z.boolean(),
  endpoints: z.number(),
  packages: z.number(),
  cves: z.number(),
  /** Whose the endpoints are, as far as somebody said. */
  customers: z.array(z.string()),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

export const ApprovalDetail = z.strictObject({
  approval: ApprovalView,
  /** Where only some of it was approved: the approval of just that, once there is a plan of it. */
  narrowedTo: Id.nullable(),
  plan: PlanView,
  /** One row for each distinct package version in the plan. */
  patches: z.array(
    z.strictObject({
      package: z.string(),
      arch: z.string(),
      to: z.string(),
      source: z.string(),
      severity: z.string(),
      urgency: z.string(),
      security: z.boolean(),
      cves: z.array(z.string()),
      risk: RiskView,
      size: z.number(),
      requested: z.boolean(),
      endpoints: z.array(z.strictObject({ name: z.string(), from: z.string().nullable() })),
    }),
  ),
});
export type ApprovalDetail = z.infer<typeof ApprovalDetail>;

export const TaskView = z.strictObject({
  endpointId: Id,
  endpointName: z.string(),
  status: TaskStatus,
  /** The step it is at, or ended at. */
  step: Step.nullable(),
  /** 0..1 within the step, where it is known. */
  progress: z.number().nullable(),
  activity: z.string(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  failure: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
  /** Steps in the order they were begun. */
  steps: z.array(
    z.strictObject({
      step: Step,
      startedAt: Instant,
      endedAt: Instant.nullable(),
      result: z.enum(['running', 'done', 'failed', 'interrupted', 'skipped']),
    }),
  ),
  packages: z.number(),
  snapshotMode: SnapshotMode,
  snapshotName: z.string().nullable(),
  snapshotProven: z.boolean(),
  rebootPending: z.boolean(),
  /** What really changed between the inventories before and after; `null` until it was read. */
  changes: z
    .array(
      z.strictObject({
        name: z.string(),
        arch: z.string(),
        from: z.string().nullable(),
        to: z.string().nullable(),
      }),
    )
    .nullable(),
});
export type TaskView = z.infer<typeof TaskView>;

export const RunStatus = z.enum(['running', 'paused', 'ended']);
export const RunSummary = z.strictObject({
  id: Id,
  planId: Id,
  planDigest: Sha256,
  approvalId: Id,
  approvedBy: z.string(),
  startedBy: z.string(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  status: RunStatus,
  outcomes: z.partialRecord(TaskStatus, z.number()),
  endpoints: z.number(),
  cancelRequested: z.boolean(),
});
export type RunSummary = z.infer<typeof RunSummary>;
export const RunView = z.strictObject({ run: RunSummary, tasks: z.array(TaskView) });
export type RunView = z.infer<typeof RunView>;

export const JournalEntry = z.strictObject({
  runId: Id,
  endpointId: Id,
  endpointName: z.string(),
  /** Counts within the task, from 1. */
  seq: z.number(),
  at: Instant,
  kind: z.string(),
  step: Step.nullable(),
  /** One line for people. */
  text: z.string(),
  hash: Sha256,
});
export type JournalEntry = z.infer<typeof JournalEntry>;

export const SnapshotView = z.strictObject({
  id: Id,
  name: z.string(),
  platformId: z.string(),
  vm: z.string(),
  hypervisorName: z.string(),
  endpointId: Id,
  endpointName: z.string(),
  runId: Id,
  takenAt: Instant,
  provenAt: Instant.nullable(),
  /** Kept until then; never deleted by itself before. */
  keptUntil: Instant,
  deletedAt: Instant.nullable(),
  restoredAt: Instant.nullable(),
  /** What restoring would take back: changes on the endpoint since the snapshot, as last known. */
  wouldLose: z.array(
    z.strictObject({ name: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
  ),
  /** True when the run after it succeeded, so that restoring asks for a second confirmation. */
  runSucceeded: z.boolean(),
});
export type SnapshotView = z.infer<typeof SnapshotView>;

/** How a person settles a task that needs attention. */
export const ResolveTask = z.strictObject({
  runId: Id,
  endpointId: Id,
  decision: z.enum(['look-again', 'restore', 'accept-as-is']),
  reason: z.string().trim().min(3).max(500),
});
