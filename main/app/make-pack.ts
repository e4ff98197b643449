import { ContractError } from '../../contract/errors.ts';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import { canonicalJson } from '../core/plan.ts';
import type { ReviewPack } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { requireApproval, requirePlan, statusOf } from './approvals.ts';
import { noticeList } from './notice-steps.ts';
import { packEvidence } from './pack-evidence.ts';
import { packRows } from './pack-facts.ts';
import { packPolicies, standingsOf } from './pack-policies.ts';
import { speakers } from './statements.ts';
import type { CallContext, Services } from './services.ts';
import { requireSomebodyToAnswer } from './who-answers.ts';
import { isSingleOperator } from './single-operator.ts';

export interface PackWish {
  readonly approvalId: string;
  readonly cutOffAt: string;
  readonly approvers: number;
}

export interface MadePack {
  readonly pack: ReviewPack;
  readonly payload: Uint8Array;
  /** Of the payload. */
  readonly sha256: string;
}

/** Makes a list to decide of a plan that waits for approval, and keeps nothing of it yet. @throws ContractError */
export function makePack(context: CallContext, wish: PackWish): MadePack {
  const { services } = context;
  const approval = requireApproval(services, wish.approvalId);
  if (statusOf(approval, services.now()) !== 'requested') {
    throw new ContractError('CONTRACT_CONFLICT', 'Nobody waits for a decision on this approval.', {
      subject: { approvalId: approval.id },
    });
  }
  if (Date.parse(wish.cutOffAt) <= Date.parse(services.now())) {
    throw new ContractError('CONTRACT_INPUT_INVALID', 'The cut-off has passed.', {
      hint: 'Give a later one.',
    });
  }
  const pack = composePack(context, approval, wish);
  const payload = reviewCrypto.encodeUtf8(canonicalJson(pack));
  return { pack, payload, sha256: reviewCrypto.sha256(payload) };
}

/** The list of an approval that was made last, as it was kept. @throws ContractError CONTRACT_CONFLICT when none was */
export function newestPack(services: Services, approvalId: string): MadePack {
  const newest = services.reviews.listPacks().find((item) => item.approvalId === approvalId);
  const row = newest === undefined ? undefined : services.reviews.findPack(newest.id);
  const pack = row === undefined ? null : services.readPacks.get(row.id);
  if (row !== undefined && pack !== null) return { pack, payload: row.payload, sha256: row.sha256 };
  throw new ContractError('CONTRACT_CONFLICT', 'No list was prepared for this approval.', {
    hint: 'Say until when the customer has to decide: then one is made.',
    subject: { approvalId },
  });
}

/** Keeps a pack for good, with what lists show of it. */
export function keepPack(context: CallContext, { pack, payload, sha256 }: MadePack): void {
  const { services } = context;
  const { packId: id, approvalId, cutOffAt, createdAt } = pack;
  context.commit({ pack: id, approval: approvalId, sha256, cutOffAt }, () => {
    services.reviews.insertPack({ id, approvalId, sha256, payload, createdAt });
    services.queue.insertFacts({
      ...{ packId: id, customer: pack.customer, cutOffAt, approvers: pack.approvers },
      groups: pack.groups.map((group) => group.name),
      patches: pack.patches.length,
      endpoints: pack.endpoints.length,
      findings: pack.patches.reduce((sum, patch) => sum + patch.endpoints.length, 0),
    });
    noticeList(services, pack);
  });
  services.publish({ kind: 'changed', area: 'approvals', id: approvalId });
}

function composePack(context: CallContext, approval: ApprovalRow, wish: PackWish): ReviewPack {
  const { services } = context;
  const { site } = services;
  const { plan, digest } = requirePlan(services, approval.planId);
  const terms = packPolicies(services, plan);
  requireSomebodyToAnswer(services, approval, terms.customer);
  const standingOf = standingsOf(services, terms);
  const { patches, diff } = packRows(services, plan, terms.customer);
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
    createdAt: services.now(),
    createdBy: context.person().name,
    cutOffAt: wish.cutOffAt,
    approvers: wish.approvers,
    singleOperator: isSingleOperator(services),
    ...terms,
    diff,
    evidence: packEvidence(services, plan),
    reviewers: packReviewers(services, terms.customer),
    patches: patches.map((patch) => ({ ...patch, standing: standingOf(patch) })),
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
