import { z } from 'zod';
import { ReviewError } from '../../contract/errors.ts';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import type { ReviewDecisionRow } from '../catalogue/review-store.ts';
import { canonicalJson } from '../core/plan.ts';
import { isCovered, judgeCoverage, type PackBasis, type Word } from '../core/review/coverage.ts';
import { parseDecision } from '../core/review/decision-file.ts';
import {
  openDecision,
  type DecisionInput,
  type EnrolledKey,
  type KnownDecision,
  type ReviewSite,
  type SentPack,
  type SiteTerms,
} from '../core/review/judge-decision.ts';
import { parsePack, type ReviewPack } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { statusOf } from './approvals.ts';
import { countersignedOf } from './countersigned-sheets.ts';
import { coverageSite } from './coverage-site.ts';
import type { Services } from './services.ts';
import { keptDelegations, sameHandAt, siteTime, speakers, statementKeys } from './statements.ts';

/** What an approval that came from decision files rests on: the text of its decision row. */
const outcomeSchema = z.strictObject({
  format: z.literal('sallyport-review-outcome/1'),
  approvalId: z.string(),
  planId: z.string(),
  planDigest: z.string(),
  packId: z.string(),
  /** SHA-256 of each signed payload, sorted; what several signed alike stands there once for each. None where silence or standing approvals alone cover it. */
  decisions: z.array(z.string()),
  /** The policies it was made under, by group; `null`: none. */
  policies: z.array(z.strictObject({ group: z.string(), sha256: z.string().nullable() })).optional(),
});
type Outcome = z.infer<typeof outcomeSchema>;

export function formatOutcome(outcome: Omit<Outcome, 'format'>): string {
  return canonicalJson({
    format: 'sallyport-review-outcome/1',
    ...outcome,
    decisions: outcome.decisions.toSorted(),
  });
}

/** Every answer that was taken in, signed by the customer or countersigned here. */
export function knownDecisions({ reviews, sheets }: Services): KnownDecision[] {
  const countersigned = sheets
    .list()
    .flatMap(({ packId, countersignatures }) =>
      countersignatures.map(({ personId, sha256 }) => ({ packId, personId, sha256 })),
    );
  return [...reviews.listDecisions(), ...countersigned];
}

/** What the rules for decision files need to know of this site. */
export function reviewSite(services: Services): ReviewSite {
  const { reviews, plans, site } = services;
  return {
    siteId: site.getSetting('site.id') ?? '',
    now: siteTime(services),
    keys: statementKeys(services),
    known: knownDecisions(services),
    delegations: keptDelegations(services),
    sameHand: sameHandAt(services),
    speaksFor: (personId, customer, requestedBy) => speakers(services, requestedBy)(personId, customer),
    findPack: (id) => {
      const row = reviews.findPack(id);
      const approval = row === undefined ? undefined : plans.getApproval(row.approvalId);
      if (row === undefined || approval === undefined) return undefined;
      return {
        pack: readPack(row.payload),
        sha256: row.sha256,
        requestedBy: approval.requestedBy,
        supersededBy: row.supersededBy,
        isOpen: statusOf(approval, siteTime(services)) === 'requested',
        granted: grantedOn(services, row.id, approval),
        terms: siteTerms(services),
      };
    },
  };
}

/** Approvals that rest on a pack: that which asked, once it is decided, and those of the plans of what was left of it. */
export const restingOn = ({ plans }: Pick<Services, 'plans'>, packId: string): ApprovalRow[] =>
  plans
    .listApprovals()
    .filter((row) => isOutcome(row) && row.decision?.statement.includes(`"packId":"${packId}"`) === true);

function grantedOn(services: Services, packId: string, approval: ApprovalRow): SentPack['granted'] {
  const resting = restingOn(services, packId);
  const statuses = new Set(resting.map((row) => statusOf(row, siteTime(services))));
  if (statuses.has('used')) return 'begun';
  if (statuses.has('granted')) return 'waits';
  // What is left of a list that was decided in part is planned first, and granted when the plan is there.
  const mayFollow = approval.decision?.kind === 'rejected' && isOutcome(approval) && resting.length === 1;
  return mayFollow ? 'waits' : 'nothing';
}

function siteTerms({ endpoints, policies }: Services): SiteTerms {
  const groups = new Map(endpoints.list().map(({ id, group }) => [id, group]));
  const customers = new Map(policies.listGroups().map(({ name, customer }) => [name, customer]));
  return {
    groupOf: (id) => groups.get(id),
    customerOf: (group) => customers.get(group) ?? '',
    policyOf: (group) => policies.policyInForce(group)?.sha256 ?? null,
  };
}

/** A pack as this site gave it out. */
export function readPack(payload: Uint8Array): ReviewPack {
  return parsePack(reviewCrypto.decodeUtf8(payload), 'the pack');
}

export function inputOf(row: Pick<ReviewDecisionRow, 'file' | 'sshSignature'>, file: string): DecisionInput {
  if (row.sshSignature === null) return { kind: 'envelope', file, bytes: row.file };
  const signatureFile = `${file}.sig`;
  return { kind: 'ssh', file, bytes: row.file, signature: row.sshSignature, signatureFile };
}

interface ReadWord {
  readonly word: Word;
  /** The key was revoked since: it approves nothing any more, and what it was against stays out. */
  readonly isRevoked: boolean;
}

/** A decision whose signature holds now; `null` when it does not. */
function readWord(row: ReviewDecisionRow, packSha256: string, keys: readonly EnrolledKey[]): ReadWord | null {
  try {
    const { payload, signer } = openDecision(inputOf(row, 'a decision'), keys, reviewCrypto);
    if (signer.personId !== row.personId) return null;
    if (reviewCrypto.sha256(payload) !== row.sha256) return null;
    const decision = parseDecision(reviewCrypto.decodeUtf8(payload), 'a decision');
    if (decision.packSha256 !== packSha256) return null;
    const { personId, mayApprove, enrolledBy } = signer;
    const isRevoked = signer.revokedAt !== null;
    const rows = isRevoked ? decision.rows.filter(({ verdict }) => verdict !== 'approve') : decision.rows;
    return { word: { personId, mayApprove, enrolledBy, at: row.importedAt, rows }, isRevoked };
  } catch (error) {
    if (error instanceof ReviewError) return null;
    throw error;
  }
}

/**
 * What a pack and the decisions on it allow, read afresh; `null` when anything that is kept does not hold.
 *
 * @param only decisions by SHA-256; all of the pack when absent
 */
export function packBasis(services: Services, packId: string, only?: readonly string[]): PackBasis | null {
  const { reviews, plans } = services;
  const row = reviews.findPack(packId);
  if (row === undefined || reviewCrypto.sha256(row.payload) !== row.sha256) return null;
  const pack = readPack(row.payload);
  const asked = plans.getPlan(pack.planId);
  if (asked?.digest !== pack.planDigest) return null;
  const keys = statementKeys(services);
  const signed = reviews
    .listDecisions(packId)
    .map((item) => ({ sha256: item.sha256, read: readWord(item, row.sha256, keys) }));
  const countersigned = countersignedOf(services, packId).map((item) => ({
    sha256: item.sha256,
    read: {
      word: {
        ...{ personId: item.personId, enrolledBy: '', at: item.statement.decidedAt },
        mayApprove: services.site.findPerson(item.personId)?.roles.includes('approver') === true,
        rows: item.statement.rows,
      },
      isRevoked: false,
    },
  }));
  const kept = [...signed, ...countersigned];
  // Whatever an outcome names must still hold; beyond it every word that came in is heard, and none may be unreadable.
  const named = new Set(only ?? signed.map((item) => item.sha256));
  const found = new Set(kept.filter((item) => named.has(item.sha256)).map((item) => item.sha256));
  if (found.size !== named.size) return null;
  const words: Word[] = [];
  for (const { sha256, read } of kept) {
    if (read === null || (read.isRevoked && named.has(sha256))) return null;
    words.push(read.word);
  }
  return {
    ...{ kind: 'pack', pack, asked: asked.plan, words, delegations: keptDelegations(services) },
    wentOutAt: reviews.firstExportOf(packId),
  };
}

/** Whether an approval rests on decision files rather than on a signature made at the console. */
export function isOutcome(row: ApprovalRow): boolean {
  return row.decision?.statement.includes('"sallyport-review-outcome/1"') === true;
}

/** The pack that an approval was decided under; `null` when it rests on none. */
export function packOf(row: ApprovalRow): string | null {
  const outcome = outcomeSchema.safeParse(parseJson(row.decision?.statement ?? ''));
  return outcome.success ? outcome.data.packId : null;
}

/**
 * Judges an approval by the files it rests on, each time anew: signatures, what was shown, what was approved, policies in force. Safety
 * rule 1: holds only when everything of the plan is covered.
 */
export function outcomeHolds(services: Services, row: ApprovalRow): boolean {
  const outcome = outcomeSchema.safeParse(parseJson(row.decision?.statement ?? ''));
  if (!outcome.success) return false;
  const { approvalId, planId, planDigest, packId, decisions } = outcome.data;
  const plan = services.plans.getPlan(row.planId);
  if (plan === undefined || plan.digest !== planDigest) return false;
  if (approvalId !== row.id || planId !== row.planId || planDigest !== row.planDigest) return false;
  const basis = packBasis(services, packId, decisions);
  if (basis === null) return false;
  return isCovered(judgeCoverage(plan.plan, basis, coverageSite(services, row.requestedBy)));
}

/** The pack whose answers an approval rests on; `null`: it rests on no pack. */
export function packNamedBy(row: ApprovalRow): string | null {
  const outcome = outcomeSchema.safeParse(parseJson(row.decision?.statement ?? ''));
  return outcome.success ? outcome.data.packId : null;
}

/** The policies that a decision row names: of an outcome, of an emergency, or of a grant at the console. */
export function policiesNamedBy(row: ApprovalRow): readonly { group: string; sha256: string | null }[] {
  const named = z
    .object({ policies: z.array(z.object({ group: z.string(), sha256: z.string().nullable() })) })
    .safeParse(parseJson(row.decision?.statement ?? ''));
  return named.success ? named.data.policies : [];
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
