import { z } from 'zod';
import type { Failure } from './errors.ts';
import { AddEndpoint, AddHypervisor, EndpointDetail, EndpointSummary, Finding } from './endpoints.ts';
import {
  AgentView,
  BundleView,
  FilterPatches,
  PatchEndpoints,
  PatchFacets,
  PatchPage,
  PinAgent,
  ReAnchorView,
  SearchPatches,
  TrustView,
} from './catalogue.ts';
import {
  BuildBundle,
  BuiltBundle,
  CollectSources,
  CollectView,
  NeedsListView,
  SiteRegisterView,
  TakeBack,
  WriteToMedium,
} from './collect.ts';
import {
  DraftRoot,
  HoldCeremony,
  KeyStatusView,
  RehearsalView,
  RootPlanView,
  SignDraft,
  SignedDraft,
} from './keys.ts';
import { BundleDiffView, ClocksView, GarbageView, PatchDetail } from './risk.ts';
import { ImportBundle, MediumView, PinVendorKey, VendorKeyView, VerifyMedia } from './custody.ts';
import {
  ApprovalDetail,
  ApprovalView,
  JournalEntry,
  MakePlan,
  PlanSummary,
  PlanView,
  ResolveTask,
  RunSummary,
  RunView,
  SnapshotView,
} from './runs.ts';
import { RaciAbout, RaciMatrixView, RaciView, SetRaci } from './raci.ts';
import {
  AddPerson,
  ChangePassphrase,
  AuditEntry,
  CreateSite,
  Hypervisor,
  Incident,
  Operation,
  Person,
  RoleChange,
  SetCustomers,
  SetRoles,
  Speaker,
  SignIn,
  SiteView,
} from './site.ts';
import { HostKey, Id, Role, Sha256, Workspace } from './vocabulary.ts';
import {
  query,
  command,
  nothing,
  byId,
  started,
  BundleId,
  folder,
  ENGINEER,
  APPROVER,
  CONFIRMING,
  MANAGER,
  SERVICE_MANAGER,
  type Channel,
  ValidHours,
} from './channel.ts';
import { DESK_CHANNELS } from './desk-channels.ts';
import { NOTICE_CHANNELS } from './notices.ts';
import { BeginReview } from './packs.ts';
import { REVIEW_CHANNELS } from './review-channels.ts';

export type { Channel };

/** The one table of channels. Types, validation, authorisation, audit, command line and documentation derive from it. */
export const CHANNELS = {
  'site.get': query(nothing, SiteView, 'anyone'),
  'site.create': command(CreateSite, SiteView, 'anyone', ['person']),
  /** The customer's own desk: no account, no connection. Refused where the folder holds a site already. */
  'site.beginReview': command(BeginReview, SiteView, 'anyone'),
  /** Refused where it would mix the two: a site with an inventory stays in Operate, one that is building in Collect. */
  'site.setWorkspace': command(z.strictObject({ workspace: Workspace }), SiteView, MANAGER),
  'session.signIn': command(SignIn, Person, 'anyone', ['passphrase']),
  'session.signOut': command(nothing, nothing, 'anyone'),
  'persons.list': query(nothing, z.array(Person)),
  /** The passphrase is for one sign-in: the person chooses their own then, and can do nothing else before. */
  'persons.add': command(AddPerson, Person, MANAGER, ['passphrase']),
  /** Of whoever is signed in. */
  'persons.changePassphrase': command(ChangePassphrase, Person, 'signed-in', ['current', 'next']),

  /** Nobody gives themselves a role while somebody else can sign in. */
  'persons.setRoles': command(SetRoles, Person, SERVICE_MANAGER),
  /** Takes every role and the passphrase. What the person did stays. */
  'persons.endAccess': command(SetRoles.omit({ roles: true }), Person, SERVICE_MANAGER),
  'persons.customers': query(nothing, z.array(Speaker)),
  /** For whom a person speaks: these customers and no other. Nobody says it of themselves while somebody else can sign in. */
  'persons.setCustomers': command(SetCustomers, z.array(Speaker), SERVICE_MANAGER),
  /** Changes of roles, oldest first. */
  'persons.history': query(nothing, z.array(RoleChange)),

  /** Who does, answers for, is asked about and is told of what. */
  'raci.get': query(nothing, RaciMatrixView),
  /** A new version of the matrix; those before stay. */
  'raci.set': command(SetRaci, RaciMatrixView, SERVICE_MANAGER),
  /** The letters of one approval, step of a run, incident or scan, and who has to act next. */
  'raci.of': query(z.strictObject({ about: RaciAbout }), RaciView),

  'hypervisors.list': query(nothing, z.array(Hypervisor)),
  'hypervisors.add': command(AddHypervisor, Hypervisor, ENGINEER, ['login', 'sudo']),
  'hypervisors.readHostKey': query(
    byId,
    z.strictObject({ hostKey: HostKey, pinned: HostKey.nullable() }),
    ENGINEER,
  ),
  'hypervisors.pinHostKey': command(z.strictObject({ id: Id, hostKey: HostKey }), Hypervisor, ENGINEER),

  'endpoints.list': query(nothing, z.array(EndpointSummary)),
  'endpoints.get': query(byId, EndpointDetail),
  'endpoints.add': command(AddEndpoint, EndpointSummary, ENGINEER, ['login', 'sudo']),
  /** Connects to the endpoint's address only and sends no credential. */
  'endpoints.readHostKey': query(
    byId,
    z.strictObject({ hostKey: HostKey, pinned: HostKey.nullable() }),
    ENGINEER,
  ),
  'endpoints.pinHostKey': command(z.strictObject({ id: Id, hostKey: HostKey }), EndpointSummary, ENGINEER),
  /** Empty list: every endpoint. Result of the operation: ids scanned and ids that failed. */
  'endpoints.scan': command(z.strictObject({ ids: z.array(Id).default([]) }), started, ENGINEER),
  'findings.list': query(z.strictObject({ endpointId: Id.nullable().default(null) }), z.array(Finding)),

  'trust.get': query(nothing, TrustView),
  /** Pins the root of trust from a bundle folder after a person compared its fingerprint. */
  'trust.pinRoot': command(
    z.strictObject({ folder: z.string().min(1), fingerprint: Sha256 }),
    TrustView,
    ENGINEER,
  ),
  /**
   * Proposes that trust begins anew at a medium whose root has this fingerprint: after a backup was restored, here or where bundles are
   * built. Changes nothing until another person confirms it, and says what would be given up.
   */
  'trust.proposeReAnchor': command(
    folder.extend({ fingerprint: Sha256, reason: z.string().trim().min(1).max(500) }),
    ReAnchorView,
    ENGINEER,
  ),
  /** By another person, who has compared the fingerprint by themselves. */
  'trust.confirmReAnchor': command(z.strictObject({ id: Id, fingerprint: Sha256 }), ReAnchorView, CONFIRMING),
  'trust.reAnchors': query(nothing, z.array(ReAnchorView)),
  /** Verifies signed metadata only. */
  'bundles.inspect': query(
    folder,
    z.strictObject({
      bundle: BundleView,
      rootFingerprint: Sha256,
      trusted: z.boolean(),
      alreadyImported: z.boolean(),
      /** Packages of our own agent that it carries: `sallyport-agent 0.1.0`. */
      agents: z.array(z.string()),
      /** Which medium of how many the bundle lies on. */
      volume: z.number(),
      volumes: z.number(),
    }),
    ENGINEER,
  ),
  /**
   * Checks media whole, every hash of them, and imports nothing; the trust stays where it is. Result of the operation: of each
   * medium what is good, missing, extra and changed. Findings are no failure of the operation.
   */
  'bundles.verify': command(VerifyMedia, started, ENGINEER),
  /**
   * Result of the operation: what was imported, or that the bundle waits for more media and for which. Each medium of a
   * bundle on several is imported by a call of its own, in any order.
   */
  'bundles.import': command(ImportBundle, started, ENGINEER),
  'bundles.list': query(nothing, z.array(BundleView)),
  /** Versions of our own agent for Linux that bundles brought, newest first. Nothing deploys them to endpoints. */
  'agents.list': query(nothing, z.array(AgentView)),
  /** Keeps a version that is not the newest from garbage collection, or no longer. */
  'agents.pin': command(PinAgent, z.array(AgentView), ENGINEER),
  'vendorKeys.list': query(nothing, z.array(VendorKeyView)),
  /** From now on the repositories of that root need a signature by one of the keys pinned for it. */
  'vendorKeys.pin': command(PinVendorKey, VendorKeyView, ENGINEER),
  /** Media that are mounted now, and what they say of themselves. Nothing of it is verified. */
  'media.list': query(nothing, z.array(MediumView), ENGINEER),
  'catalogue.search': query(SearchPatches, PatchPage),
  'catalogue.facets': query(FilterPatches, PatchFacets),
  /** Advisories with where they were read, CVEs with who says what of them, and what supersedes what. */
  'catalogue.get': query(z.strictObject({ id: z.number() }), PatchDetail),
  /** What `catalogue.collectGarbage` would remove now, and what it would keep and why. */
  'catalogue.garbage': query(nothing, GarbageView),
  /** Removes superseded content that no run, approval, plan, restore or finding needs. */
  'catalogue.collectGarbage': command(nothing, GarbageView, ENGINEER),
  /** What the second bundle brings beside the first; both were imported. */
  'bundles.diff': query(z.strictObject({ from: BundleId, to: BundleId }), BundleDiffView),
  /** The 30 days of the catalogue, the 14 days of fixes, and the age of the lists that risk is judged by. */
  'clocks.get': query(
    z.strictObject({ limit: z.number().int().min(0).max(10_000).default(200) }),
    ClocksView,
  ),
  'catalogue.endpointsOf': query(z.strictObject({ id: z.number() }), PatchEndpoints),
  /** Writes the needs-list file; it names no endpoint and no address. */
  'needsList.export': command(
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ file: z.string(), packages: z.number() }),
    ENGINEER,
  ),

  'collect.get': query(nothing, CollectView),
  /** Makes one key that signs for every role: for a laboratory. */
  'collect.createKeys': command(
    z.strictObject({ folder: z.string().min(1).max(4_096), passphrase: z.string().min(1).max(1_000) }),
    CollectView,
    ENGINEER,
    ['passphrase'],
  ),
  'collect.useKeys': command(folder, CollectView, ENGINEER),
  /** How the keys stand and what to do next; `null` before anybody said where they are. */
  'collect.keyStatus': query(nothing, KeyStatusView.nullable()),
  /** Makes the keys of all keyholders, the signing keys and the first root, and uses them from then on. */
  'collect.holdCeremony': command(HoldCeremony, started, ENGINEER, ['passphrase', 'holders', 'spare']),
  /** Opens a keyholder's key and signs with it, as on the day when it is needed. Changes nothing. */
  'collect.rehearse': command(
    z.strictObject({ medium: z.string().min(1).max(4_096), passphrase: z.string().min(1).max(1_000) }),
    RehearsalView,
    ENGINEER,
    ['passphrase'],
  ),
  /** Begins the next root: other keyholders, another threshold, new signing keys, or a later expiry alone. */
  'collect.draftRoot': command(DraftRoot, KeyStatusView, ENGINEER, ['passphrase', 'addHolders']),
  /** What a draft says, for the keyholder who is about to sign it. */
  'collect.readDraft': query(z.strictObject({ file: z.string().min(1).max(4_096) }), RootPlanView, ENGINEER),
  'collect.signDraft': command(SignDraft, SignedDraft, ENGINEER, ['passphrase']),
  /** Takes signed copies of the draft together; the root is in force when enough keyholders have signed. */
  'collect.acceptDraft': command(
    z.strictObject({ files: z.array(z.string().min(1).max(4_096)).max(64) }),
    KeyStatusView,
    ENGINEER,
  ),
  /** Takes the draft away; the root that is in force stays. */
  'collect.dropDraft': command(nothing, KeyStatusView, ENGINEER),
  'collect.setSources': command(CollectSources, CollectView, ENGINEER),
  'collect.needs': query(nothing, z.array(NeedsListView)),
  /** A needs-list or a baseline; which, the file says. */
  'collect.openNeeds': command(
    z.strictObject({ file: z.string().min(1).max(4_096) }),
    NeedsListView,
    ENGINEER,
  ),
  'collect.dropNeeds': command(z.strictObject({ id: Sha256 }), nothing, ENGINEER),
  /** Result of the operation: the bundle, as `collect.built` lists it. */
  'collect.build': command(BuildBundle, started, ENGINEER, ['passphrase']),
  /** Newest first. */
  'collect.built': query(nothing, z.array(BuiltBundle)),
  /** Copies a built bundle, or what of it belongs on one medium, into a new or empty folder. */
  'collect.writeToMedium': command(WriteToMedium, started, ENGINEER),
  /** What sites were given, where a register was kept. */
  'collect.register': query(nothing, z.array(SiteRegisterView)),
  /** Answers with the names of the bundles that were taken back: `main/3`. */
  'collect.takeBack': command(TakeBack, z.strictObject({ takenBack: z.array(z.string()) }), ENGINEER),

  /** Result of the operation: the id of the plan. Asks each endpoint what its package manager would really do. */
  'plans.make': command(MakePlan, started, ENGINEER),
  'plans.get': query(byId, PlanView),
  'plans.list': query(nothing, z.array(PlanSummary)),

  'approvals.request': command(z.strictObject({ planId: Id }), ApprovalView, ENGINEER),
  'approvals.list': query(nothing, z.array(ApprovalView)),
  'approvals.get': query(byId, ApprovalDetail),
  /** The digest is what the approver saw; another one is refused. */
  'approvals.grant': command(
    z.strictObject({
      id: Id,
      planDigest: Sha256,
      validHours: ValidHours,
    }),
    ApprovalView,
    APPROVER,
  ),
  'approvals.reject': command(
    z.strictObject({ id: Id, planDigest: Sha256, reason: z.string().trim().min(3).max(500) }),
    ApprovalView,
    APPROVER,
  ),
  /** By an approver who speaks for a customer that it touches as well. A run of it stops before its next step. */
  'approvals.withdraw': command(byId, ApprovalView, ['engineer', 'approver']),

  ...REVIEW_CHANNELS,
  ...DESK_CHANNELS,
  ...NOTICE_CHANNELS,

  /** Returns when the first journal entry is committed; the run goes on in the engine. */
  'runs.start': command(z.strictObject({ approvalId: Id }), RunSummary, ENGINEER),
  'runs.list': query(nothing, z.array(RunSummary)),
  'runs.get': query(byId, RunView),
  'runs.journal': query(
    z.strictObject({ runId: Id, afterRow: z.number().int().min(0).default(0) }),
    z.strictObject({ lastRow: z.number(), entries: z.array(JournalEntry) }),
  ),
  /** Resolves when every task of the run has ended or needs attention. */
  'runs.wait': query(byId, RunView),
  /** Takes effect between steps. */
  'runs.cancel': command(byId, RunSummary, MANAGER),
  /** Continues the runs that a stopped engine left behind. Happens by itself when the vault opens. */
  'runs.resume': command(nothing, z.strictObject({ resumed: z.array(Id) }), ENGINEER),
  'runs.resolve': command(ResolveTask, RunView, ENGINEER),

  'snapshots.list': query(nothing, z.array(SnapshotView)),
  /** `confirmName` is the name of the endpoint, typed by a person. */
  'snapshots.restore': command(
    z.strictObject({ id: Id, confirmName: z.string(), evenAfterSuccess: z.boolean().default(false) }),
    started,
    ENGINEER,
  ),
  'snapshots.delete': command(z.strictObject({ id: Id, confirmName: z.string() }), SnapshotView, ENGINEER),

  'incidents.list': query(nothing, z.array(Incident)),
  'audit.list': query(
    z.strictObject({
      afterSeq: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(5_000).default(500),
    }),
    z.array(AuditEntry),
  ),
  'audit.verify': query(
    nothing,
    z.strictObject({ entries: z.number(), intact: z.boolean(), firstBroken: z.number().nullable() }),
  ),

  'operations.list': query(nothing, z.array(Operation)),
  /** Resolves when it has ended; a failure of the operation is the failure of this call. `result` is plain data. */
  'operations.wait': query(
    byId,
    z.strictObject({ operation: Operation, result: z.record(z.string(), z.unknown()) }),
  ),
  'operations.cancel': command(byId, Operation, 'signed-in'),
} as const satisfies Record<string, Channel>;

export type ChannelName = keyof typeof CHANNELS;
export type InputOf<N extends ChannelName> = z.input<(typeof CHANNELS)[N]['input']>;
export type ParsedInputOf<N extends ChannelName> = z.output<(typeof CHANNELS)[N]['input']>;
export type OutputOf<N extends ChannelName> = z.output<(typeof CHANNELS)[N]['output']>;

export type Reply<T = unknown> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export function isChannelName(name: string): name is ChannelName {
  return Object.hasOwn(CHANNELS, name);
}

/** Areas that every workspace has. */
const SHARED_AREAS: readonly string[] = ['site', 'session', 'persons', 'audit', 'operations', 'media'];

/**
 * The workspace that a channel belongs to: `collect.` to Collect, `packs.`, `myKey.` and `statements.` to Review, and whatever nobody decided on to
 * Operate, so that the others can reach no endpoint by a channel that was added later.
 */
export function workspaceOf(name: ChannelName): Workspace | 'any' {
  const area = name.slice(0, name.indexOf('.'));
  if (SHARED_AREAS.includes(area)) return 'any';
  if (area === 'collect') return 'collect';
  return ['packs', 'myKey', 'statements'].includes(area) ? 'review' : 'operate';
}

/** Names of roles, for forms. */
export const ROLE_NAMES = Role.options;
