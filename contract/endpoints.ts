import { z } from 'zod';
import { RiskView } from './risk.ts';
import {
  Address,
  HostKey,
  Id,
  Instant,
  Name,
  Outcome,
  Port,
  RebootPolicy,
  SnapshotMode,
} from './vocabulary.ts';

export const HealthCheck = z.strictObject({
  name: Name,
  argv: z.array(z.string().min(1)).min(1),
  timeoutMs: z.number().int().min(100).max(600_000).default(30_000),
});

/** How the engine logs in. Goes in sealed, never comes out. */
export const LoginInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('private-key'),
    privateKey: z.string().min(1),
    passphrase: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('password'), password: z.string().min(1) }),
]);
export const SudoInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('root') }),
  z.strictObject({ kind: z.literal('passwordless') }),
  z.strictObject({ kind: z.literal('password'), password: z.string().min(1) }),
]);

export const AddEndpoint = z.strictObject({
  name: Name,
  group: Name.default('Ungrouped'),
  address: Address,
  port: Port.default(22),
  user: z.string().min(1).max(64),
  login: LoginInput,
  sudo: SudoInput,
  /** `null`: pinned later by a person who compares it. */
  hostKey: HostKey.nullable().default(null),
  hypervisorId: Id.nullable().default(null),
  vm: z.string().max(80).nullable().default(null),
  snapshotMode: SnapshotMode.default('hard'),
  restoreOnFailure: z.boolean().default(true),
  rebootPolicy: RebootPolicy.default('if-required'),
  healthChecks: z.array(HealthCheck).default([]),
});

export const AddHypervisor = z.strictObject({
  name: Name,
  kind: z.enum(['btrfs']),
  address: Address,
  port: Port.default(22),
  user: z.string().min(1).max(64),
  login: LoginInput,
  sudo: SudoInput,
  hostKey: HostKey.nullable().default(null),
  disksRoot: z.string().startsWith('/'),
  snapshotsRoot: z.string().startsWith('/'),
  powerCommand: z.string().startsWith('/'),
});

export const EndpointSummary = z.strictObject({
  id: Id,
  name: Name,
  group: Name,
  address: z.string(),
  port: z.number(),
  user: z.string(),
  hostKey: HostKey.nullable(),
  hypervisorName: z.string().nullable(),
  vm: z.string().nullable(),
  snapshotMode: SnapshotMode,
  restoreOnFailure: z.boolean(),
  rebootPolicy: RebootPolicy,
  healthChecks: z.array(HealthCheck),
  /** For example `Debian GNU/Linux 12 (bookworm)`; `null` before the first scan. */
  platform: z.string().nullable(),
  scannedAt: Instant.nullable(),
  /** Why the last scan failed; `null` when it did not. */
  scanFailure: z.strictObject({ code: z.string(), message: z.string(), at: Instant }).nullable(),
  packages: z.number(),
  rebootRequired: z.boolean(),
  findings: z.strictObject({ total: z.number(), security: z.number(), notCarried: z.number() }),
  lastOutcome: z.strictObject({ outcome: Outcome, at: Instant, runId: Id }).nullable(),
});
export type EndpointSummary = z.infer<typeof EndpointSummary>;

export const Finding = z.strictObject({
  /** Stable within one assessment: package:arch. */
  key: z.string(),
  endpointId: Id,
  endpointName: z.string(),
  package: z.string(),
  arch: z.string(),
  installed: z.string(),
  candidate: z.string(),
  source: z.string(),
  repository: z.string(),
  security: z.boolean(),
  /** Whether the content store holds the package. */
  carried: z.boolean(),
  held: z.boolean(),
  /** As the vendor states it; `not stated` where the vendor's data says nothing. */
  severity: z.string(),
  /** Urgency field of the vendor's changelog, a different thing from severity. */
  urgency: z.string(),
  cves: z.array(z.string()),
  advisories: z.array(z.string()),
  risk: RiskView,
});
export type Finding = z.infer<typeof Finding>;

export const EndpointDetail = z.strictObject({
  endpoint: EndpointSummary,
  facts: z.array(z.strictObject({ label: z.string(), value: z.string() })),
  findings: z.array(Finding),
  packages: z.array(
    z.strictObject({ name: z.string(), arch: z.string(), version: z.string(), status: z.string() }),
  ),
  history: z.array(
    z.strictObject({ at: Instant, what: z.string(), outcome: Outcome.nullable(), runId: Id.nullable() }),
  ),
});
export type EndpointDetail = z.infer<typeof EndpointDetail>;
