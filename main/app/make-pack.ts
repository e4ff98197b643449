import { ContractError } from '../../contract/errors.ts';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import { canonicalJson } from '../core/plan.ts';
import { approversWanted } from '../core/review/approvers.ts';
import { packText } from '../core/review/pack-text.ts';
import type { PackHead, PackPatch, ReviewPack } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { requireApproval, requirePlan, statusOf } from './approvals.ts';
import { carryDrafts } from './carried-drafts.ts';
import { inSlices, type Pace } from './in-slices.ts';
import { noticeList } from './notice-steps.ts';
import { packEvidence } from './pack-evidence.ts';
import { packRows } from './pack-facts.ts';
import { packPolicies, standingsOf } from './pack-policies.ts';
import { siteTime, speakers } from './statements.ts';
import type { CallContext, Services } from './services.ts';
import { requireSomebodyToAnswer } from './who-answers.ts';
import { isSingleOperator } from './single-operator.ts';

export interface PackWish {
  readonly approvalId: string;
  readonly cutOffAt: string;
  readonly approvers: number;
  /** Who asks for it: they may have locked the window when it is made. */
  readonly by: string;
}

/** A list as it is signed and kept. */
export interface KeptPack {
  readonly head: PackHead;
  readonly payload: Uint8Array;
  /** Of the payload. */
  readonly sha256: string;
}

export interface MadePack extends KeptPack {
  readonly patches: readonly PackPatch[];
}

/** What making a list goes through. */
export const PACK_STEPS = ['facts', 'list'] as const;

/** The approval that a list is to be made of. @throws ContractError when none can be made of it */
export function requireOpen(
  services: Services,
  wish: Pick<PackWish, 'approvalId' | 'cutOffAt'>,
): ApprovalRow {
  const approval = requireApproval(services, wish.approvalId);
  if (statusOf(approval, siteTime(services)) !== 'requested') {
    throw new ContractError('CONTRACT_CONFLICT', 'Nobody waits for a decision on this approval.', {
      subject: { approvalId: approval.id },
    });
  }
  if (Date.parse(wish.cutOffAt) <= Date.parse(siteTime(services))) {
    throw new ContractError('CONTRACT_INPUT_INVALID', 'The cut-off has passed.', {
      hint: 'Give a later one.',
    });
  }
  return approval;
}

/**
 * Makes a list to decide of a plan that waits for approval, and keeps nothing of it yet. Other calls have their turn meanwhile.
 *
 * @throws ContractError, the signal's reason
 */
export async function makePack(services: Services, wish: PackWish, pace: Pace): Promise<MadePack> {
  const approval = requireOpen(services, wish);
  const { plan } = requirePlan(services, approval.planId);
  const terms = packPolicies(services, plan);
  requireSomebodyToAnswer(services, approval, terms.customer);
  const standingOf = standingsOf(services, terms);
  const { patches, diff } = await packRows(services, plan, terms, pace);
  const texts: string[] = [];
  const rows: PackPatch[] = [];
  await inSlices({ step: 'list', activity: 'Writing the rows' }, patches, pace, (slice) => {
    for (const patch of slice) {
      const row = { ...patch, standing: standingOf(patch, wish.cutOffAt) };
      rows.push(row);
      texts.push(canonicalJson(row));
    }
  });
  requireUnchanged(services, { ...terms, ...wish });
  const head = packHead(services, requireOpen(services, wish), wish, diff);
  const payload = reviewCrypto.encodeUtf8(packText(head, texts));
  return { head, patches: rows, payload, sha256: reviewCrypto.sha256(payload) };
}

/**
 * Whether what a list was made by still holds: to be asked when it is kept, where other calls had their turn since it was made.
 *
 * @throws ContractError
 */
export function requireUnchanged(
  services: Services,
  list: ReturnType<typeof packPolicies> & Pick<PackWish, 'approvalId' | 'cutOffAt'>,
): void {
  const { plan } = requirePlan(services, requireOpen(services, list).planId);
  if (bindingOf(packPolicies(services, plan)) === bindingOf(list)) return;
  throw new ContractError('CONTRACT_CONFLICT', 'The groups or their policies changed meanwhile.', {
    hint: 'Prepare the list again.',
    subject: { approvalId: list.approvalId },
  });
}

/** The list of an approval that was made last, as it was kept. @throws ContractError CONTRACT_CONFLICT when none was */
export function newestPack(services: Services, approvalId: string): KeptPack {
  const newest = services.reviews.listPacks().find((item) => item.approvalId === approvalId);
  const row = newest === undefined ? undefined : services.reviews.findPack(newest.id);
  const rows = row === undefined ? null : services.readPacks.rowsOf(row.id);
  if (row !== undefined && rows !== null)
    return { head: rows.head, payload: row.payload, sha256: row.sha256 };
  throw new ContractError('CONTRACT_CONFLICT', 'No list was prepared for this approval.', {
    hint: 'Say until when the customer has to decide: then one is made.',
    subject: { approvalId },
  });
}

/** Keeps a pack for good, with what lists show of it. */
export function keepPack(context: CallContext, { head, patches, payload, sha256 }: MadePack): void {
  const { services } = context;
  const pack: ReviewPack = { ...head, patches };
  const { packId: id, approvalId, cutOffAt, createdAt } = pack;
  const before = services.reviews.listPacks().find((row) => row.approvalId === approvalId)?.id;
  context.commit({ pack: id, approval: approvalId, sha256, cutOffAt }, () => {
    services.reviews.insertPack({ id, approvalId, sha256, payload, createdAt });
    services.queue.insertFacts({
      ...{ packId: id, customer: pack.customer, cutOffAt, approvers: approversWanted(pack) },
      groups: pack.groups.map((group) => group.name),
      patches: pack.patches.length,
      endpoints: pack.endpoints.length,
      findings: pack.patches.reduce((sum, patch) => sum + patch.endpoints.length, 0),
    });
    carryDrafts(services, before, pack);
    noticeList(services, pack);
  });
  services.readPacks.keep(pack);
  services.publish({ kind: 'changed', area: 'approvals', id: approvalId });
}

/** What the rows were judged by. */
const bindingOf = ({ customer, groups, endpoints }: ReturnType<typeof packPolicies>): string =>
  canonicalJson({ customer, groups, endpoints: endpoints.map(({ id, group }) => ({ id, group })) });

function packHead(
  services: Services,
  approval: ApprovalRow,
  wish: PackWish,
  diff: PackHead['diff'],
): PackHead {
  const { site } = services;
  const { plan, digest } = requirePlan(services, approval.planId);
  const terms = packPolicies(services, plan);
  return {
    format: 'sallyport-review-pack/1',
    packId: services.newId(),
    siteId: site.getSetting('site.id') ?? '',
    siteName: site.getSetting('site.name') ?? '',
    marking: site.getSetting('site.marking') ?? '',
    approvalId: approval.id,
    planId: approval.planId,
    planDigest: digest,
    nonce: services.newId().replaceAll('-', ''),
    createdAt: siteTime(services),
    createdBy: wish.by,
    cutOffAt: wish.cutOffAt,
    approvers: wish.approvers,
    singleOperator: isSingleOperator(services),
    ...terms,
    diff,
    evidence: packEvidence(services, plan),
    reviewers: packReviewers(services, terms.customer),
  };
}

/** Tells reviewers, who have no other way to learn it, whether their key still counts. Nobody else's keys are named. */
function packReviewers(services: Services, customer: string): NonNullable<ReviewPack['reviewers']> {
  const speaksFor = speakers(services, null);
  return services.reviews
    .listKeys()
    .filter(({ personId }) => speaksFor(personId, customer))
    .map(({ id: key, validUntil, revokedAt }) => ({ key, validUntil, revokedAt }));
}
