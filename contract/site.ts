import { z } from 'zod';
import { HostKey, Id, Instant, Name, Role, Sha256, Workspace } from './vocabulary.ts';

export const Person = z.strictObject({
  id: Id,
  name: Name,
  roles: z.array(Role),
  /** SHA-256 of the person's Ed25519 public key, in hexadecimal. */
  keyFingerprint: Sha256,
  createdAt: Instant,
  /** `null`: nobody, they began the site; or not on record. */
  addedBy: z.string().nullable(),
  /** Somebody else chose their passphrase: until they choose their own they can do nothing else here. */
  mustChoosePassphrase: z.boolean(),
});
export type Person = z.infer<typeof Person>;

export const SiteView = z.strictObject({
  /** `null`: this data folder holds no site yet. */
  site: z
    .strictObject({
      id: Id,
      name: Name,
      /** Protective marking, for example OFFICIAL. */
      marking: z.string(),
      workspace: Workspace,
      createdAt: Instant,
      /** True where no two persons of different hands could ask and grant. */
      singleOperator: z.boolean(),
      /** True where the lab behind it is simulated. Shown wherever a person looks. */
      simulated: z.boolean(),
    })
    .nullable(),
  signedIn: Person.nullable(),
  vault: z.enum(['absent', 'locked', 'unlocked']),
  /** Whether the system's keyring wraps the vault key, so that runs resume after a restart without a passphrase. */
  keyring: z.enum(['unavailable', 'available', 'in-use']),
  engine: z.strictObject({
    version: z.string(),
    startedAt: Instant,
    memoryBytes: z.number(),
    node: z.string(),
  }),
  /** Names for the sign-in screen. */
  persons: z.array(z.strictObject({ id: Id, name: Name, roles: z.array(Role) })),
  catalogue: z.strictObject({
    bundles: z.number(),
    newestBundleAt: Instant.nullable(),
    patches: z.number(),
  }),
});
export type SiteView = z.infer<typeof SiteView>;

/** At least twelve characters; the vault refuses what is on its short list of the obvious. */
export const Passphrase = z.string().min(1).max(1_000);

export const CreateSite = z.strictObject({
  name: Name,
  marking: z.string().trim().min(1).max(80).default('OFFICIAL'),
  workspace: Workspace.default('operate'),
  person: z.strictObject({ name: Name, roles: z.array(Role).min(1), passphrase: Passphrase }),
  simulated: z.boolean().default(false),
});
export const AddPerson = z.strictObject({ name: Name, roles: z.array(Role).min(1), passphrase: Passphrase });
/** For a person at the machine: what they sign in with now, and what they choose instead. */
export const ChangePassphrase = z.strictObject({ current: Passphrase, next: Passphrase });
export const SetRoles = z.strictObject({
  person: Name,
  roles: z.array(Role).min(1),
  reason: z.string().trim().min(3).max(500),
});
/** For which customers persons speak; only persons of whom something is on record. */
export const Speaker = z.strictObject({
  person: z.string(),
  /** Empty: none on record. */
  customers: z.array(z.string()),
  reason: z.string(),
  at: Instant,
  by: z.string(),
});
export const SetCustomers = z.strictObject({
  person: Name,
  customers: z.array(z.string().trim().min(1).max(120)).max(100),
  reason: z.string().trim().min(3).max(2_000),
});

export const RoleChange = z.strictObject({
  person: z.string(),
  before: z.array(Role),
  /** None: their access ended. */
  after: z.array(Role),
  at: Instant,
  by: z.string(),
  reason: z.string(),
});
export const SignIn = z.strictObject({ person: Name, passphrase: Passphrase });

export const Hypervisor = z.strictObject({
  id: Id,
  name: Name,
  kind: z.enum(['btrfs']),
  address: z.string(),
  port: z.number(),
  user: z.string(),
  hostKey: HostKey.nullable(),
});
export type Hypervisor = z.infer<typeof Hypervisor>;

export const AuditEntry = z.strictObject({
  seq: z.number(),
  at: Instant,
  actor: z.string(),
  action: z.string(),
  subject: z.record(z.string(), z.string()),
  hash: Sha256,
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const Incident = z.strictObject({
  id: Id,
  openedAt: Instant,
  code: z.string(),
  message: z.string(),
  endpointId: Id.nullable(),
  endpointName: z.string().nullable(),
  runId: Id.nullable(),
  evidence: z.array(z.strictObject({ label: z.string(), text: z.string() })),
});
export type Incident = z.infer<typeof Incident>;

/** One part of an operation, as far as a person follows it. */
export const OperationStep = z.strictObject({
  id: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  done: z.number(),
  /** 0: not known yet. */
  total: z.number(),
  unit: z.enum(['items', 'bytes']),
  /** What came of it, in words; empty where nobody said. */
  figure: z.string(),
});
export type OperationStep = z.infer<typeof OperationStep>;

/** Work that takes longer than a second: started by one call, followed by topics, awaited by `operations.wait`. */
export const Operation = z.strictObject({
  id: Id,
  kind: z.enum([
    'scan',
    'import',
    'verify',
    'plan',
    'prepare',
    'export',
    'restore',
    'check-access',
    'collect',
  ]),
  title: z.string(),
  status: z.enum(['running', 'done', 'failed', 'cancelled']),
  startedAt: Instant,
  /** What it is doing now, in words. */
  activity: z.string(),
  done: z.number(),
  /** 0: not known yet. */
  total: z.number(),
  unit: z.enum(['items', 'bytes']),
  /** In their order; empty where it has no parts. */
  steps: z.array(OperationStep),
});
export type Operation = z.infer<typeof Operation>;
