import { ContractError, ReviewError } from '../../contract/errors.ts';
import type { SettledPack } from '../../contract/policies.ts';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import { approversWanted } from '../core/review/approvers.ts';
import {
  countVoices,
  isCovered,
  judgeCoverage,
  type JudgedItem,
  type PackBasis,
} from '../core/review/coverage.ts';
import { requireApproval, statusOf } from './approvals.ts';
import { coverageSite, policiesOf } from './coverage-site.ts';
import { beginPlan } from './make-plan.ts';
import { noticeDecision, noticeRequest } from './notice-steps.ts';
import { formatOutcome, packBasis } from './reviews.ts';
import { siteTime } from './statements.ts';
import type { CallContext, Services } from './services.ts';

const VALID_HOURS = 72;

export interface Concluded {
  readonly status: 'granted' | 'partly' | 'rejected' | 'waiting';
  readonly items: readonly JudgedItem[];
  /** Patches, by how they stand on the endpoints where they stand worst. */
  readonly counts: { readonly approved: number; readonly rejected: number; readonly deferred: number };
  readonly waitingFor: number;
  /** Begins to plan what is left when only some of it is covered; for after the transaction. Gives the id of the operation. */
  readonly begin: () => string | null;
}

/**
 * Makes an outcome of what was decided on a pack, unless something may still change before its cut-off.
 *
 * @param decidedBy whose word completes it: the last approver, or who signed the policy under which silence counts
 */
export function concludePack(
  context: CallContext,
  packId: string,
  decidedBy: string,
  validHours: number = VALID_HOURS,
): Concluded {
  const { services } = context;
  const basis = packBasis(services, packId);
  if (basis === null) {
    throw new ContractError('CONTRACT_CONFLICT', 'What this pack rests on does not hold any more.', {
      hint: 'Export a new pack.',
      subject: { pack: packId },
    });
  }
  const { pack } = basis;
  const approval = requireApproval(services, pack.approvalId);
  const site = coverageSite(services, approval.requestedBy);
  const items = judgeCoverage(basis.asked, basis, site);
  const voices = countVoices(basis, site);
  const wanted = approversWanted(pack);
  const left = items.filter((item) => !item.verdict.covered);
  const isOptOut = (group: string): boolean => site.policyOf(group)?.policy.mode === 'opt-out';
  const mayStillChange = left.some((item) => item.mayChange && (voices < wanted || isOptOut(item.group)));
  const isShort = voices < wanted && left.length > 0 && Date.parse(site.now) < Date.parse(pack.cutOffAt);
  const waits = mayStillChange || isShort;
  const covered = items.length - left.length;
  const status = waits ? 'waiting' : left.length === 0 ? 'granted' : covered > 0 ? 'partly' : 'rejected';
  const waitingFor = Math.max(0, wanted - voices);
  const counts = countPatches(items);
  if (status === 'waiting') return { status, items, counts, waitingFor, begin: () => null };

  const decidedAt = siteTime(services);
  const expiresAt = new Date(Date.parse(decidedAt) + validHours * 3_600_000).toISOString();
  const isGranted = status === 'granted';
  const kind = isGranted ? 'granted' : 'rejected';
  const reason = isGranted ? null : `${counts.approved} of ${pack.patches.length} patches approved`;
  context.commit({ pack: packId, approval: approval.id, status }, () => {
    services.plans.insertDecision(approval.id, {
      ...{ kind, decidedBy, decidedAt, reason },
      expiresAt: isGranted ? expiresAt : null,
      ...{ statement: outcomeText(services, approval, basis), signature: '' },
    });
    const by = services.site.findPerson(decidedBy)?.name ?? decidedBy;
    noticeDecision(services, approval, { kind, by, reason });
  });
  const begin = (): string | null => {
    services.publish({ kind: 'changed', area: 'approvals', id: approval.id });
    return status === 'partly' ? beginRest(context, basis, items, { decidedBy, decidedAt, expiresAt }) : null;
  };
  return { status, items, counts, waitingFor, begin };
}

/** What an approval of a plan rests on that was decided on a pack: everything that came in on it. */
export function outcomeText(
  services: Services,
  row: Pick<ApprovalRow, 'id' | 'planId' | 'planDigest'>,
  { pack, asked }: PackBasis,
): string {
  return formatOutcome({
    ...{ approvalId: row.id, planId: row.planId, planDigest: row.planDigest, packId: pack.packId },
    decisions: decisionIds(services, pack.packId),
    policies: policiesOf(services, asked),
  });
}

/** Begins to plan what is covered of a pack, with the pack as its approval. Gives the id of the operation. */
export function beginRest(
  context: CallContext,
  basis: PackBasis,
  items: readonly JudgedItem[],
  grant: { readonly decidedBy: string; readonly decidedAt: string; readonly expiresAt: string },
): string {
  const { services } = context;
  const { packId, approvalId } = basis.pack;
  const { requestedBy } = requireApproval(services, approvalId);
  const allowed = new Map<string, Set<string>>();
  for (const item of items.filter(({ verdict }) => verdict.covered)) {
    const set = allowed.get(item.endpointId) ?? new Set();
    allowed.set(item.endpointId, set.add(item.sha256));
  }
  return beginPlan(
    context,
    {
      ...{ endpointIds: [...allowed.keys()], packages: [], onlySecurity: false },
      allowed: (endpointId) => allowed.get(endpointId) ?? new Set(),
    },
    (plan) => {
      // While the plan was made, somebody may have answered against it.
      const now = packBasis(services, packId);
      const site = coverageSite(services, requestedBy);
      if (now === null || !isCovered(judgeCoverage(plan.plan, now, site))) {
        throw new ReviewError('REVIEW_NOT_COVERED', 'What was left of the list is not covered any more.', {
          hint: 'Make a new plan, and export a new list.',
          subject: { pack: packId },
        });
      }
      const rest = { id: services.newId(), planId: plan.id, planDigest: plan.digest };
      services.plans.insertApproval({ ...rest, requestedBy, requestedAt: services.now() });
      services.plans.insertDecision(rest.id, {
        ...{ ...grant, kind: 'granted', reason: null },
        ...{ statement: outcomeText(services, rest, now), signature: '' },
      });
      const nameOf = (id: string): string => services.site.findPerson(id)?.name ?? id;
      noticeRequest(services, rest, nameOf(requestedBy));
      noticeDecision(services, rest, { kind: 'granted', by: nameOf(grant.decidedBy), reason: null });
    },
  );
}

export function countPatches(items: readonly JudgedItem[]): Concluded['counts'] {
  const worst = new Map<string, string>();
  for (const { sha256, verdict } of items) {
    const word = verdict.covered ? 'approved' : verdict.because;
    if (!worst.has(sha256) || word !== 'approved') worst.set(sha256, word);
  }
  const count = (word: string): number => [...worst.values()].filter((item) => item === word).length;
  return { approved: count('approved'), rejected: count('rejected'), deferred: count('deferred') };
}

/**
 * Turns packs into their outcome where silence or standing approvals complete it. A pack of which nothing is covered that way is left
 * to wait.
 */
export function settlePacks(context: CallContext, packId: string | null): SettledPack[] {
  const { services } = context;
  return services.reviews.listPacks().flatMap((row): SettledPack[] => {
    if (packId !== null && row.id !== packId) return [];
    const approval = requireApproval(services, row.approvalId);
    if (row.supersededBy !== null || statusOf(approval, siteTime(services)) !== 'requested') return [];
    const giver = whoGives(services, row.id, approval);
    if (giver === null) return [];
    const { status, items, begin } = concludePack(context, row.id, giver);
    if (status === 'waiting') return [];
    const operationId = begin();
    const by = (ground: string): number =>
      items.filter(({ verdict }) => verdict.covered && verdict.by === ground).length;
    return [
      {
        ...{ packId: row.id, approvalId: approval.id, status, operationId },
        ...{ approved: by('approved'), standing: by('standing'), silence: by('silence') },
        left: items.filter(({ verdict }) => !verdict.covered).length,
      },
    ];
  });
}

/** Before a run of this approval is begun: does what `settlePacks` does for its newest pack. */
export function settleFor(context: CallContext, approvalId: string): void {
  const { reviews } = context.services;
  const newest = reviews.listPacks().find((row) => row.approvalId === approvalId);
  if (newest !== undefined) settlePacks(context, newest.id);
}

/** Who signed the policy that covers something of the pack without a word, now; `null`: nothing is, and settling leaves it to wait. */
export function whoGives(services: Services, packId: string, approval: ApprovalRow): string | null {
  const basis = packBasis(services, packId);
  if (basis === null) return null;
  const items = judgeCoverage(basis.asked, basis, coverageSite(services, approval.requestedBy));
  const given = items.find(
    ({ verdict }) => verdict.covered && (verdict.by === 'silence' || verdict.by === 'standing'),
  );
  const hasPassed = Date.parse(siteTime(services)) >= Date.parse(basis.pack.cutOffAt);
  const isWhole = items.every(({ verdict }) => verdict.covered);
  if (given === undefined || (!hasPassed && !isWhole)) return null;
  return services.policies.policyInForce(given.group)?.personId ?? null;
}

/** Of everything that answers a pack: what the approval rests on. */
function decisionIds({ reviews, sheets }: Services, packId: string): string[] {
  const countersigned = sheets
    .list(packId)
    .flatMap((item) => item.countersignatures.map(({ sha256 }) => sha256));
  return [...reviews.listDecisions(packId).map((item) => item.sha256), ...countersigned];
}
