import { z } from 'zod';
import { ReviewError } from '../../contract/errors.ts';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import type { ReviewDecisionRow } from '../catalogue/review-store.ts';
import { canonicalJson } from '../core/plan.ts';
import { findUncovered } from '../core/review/coverage.ts';
import { parseDecision, type DecisionFile } from '../core/review/decision-file.ts';
import {
  openDecision,
  type DecisionInput,
  type EnrolledKey,
  type KnownDecision,
  type ReviewSite,
} from '../core/review/judge-decision.ts';
import { parsePack, type ReviewPack } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { statusOf } from './approvals.ts';
import { countersignedOf } from './countersigned-sheets.ts';
import type { Services } from './services.ts';

/** What an approval that came from decision files rests on: the text of its decision row. */
const outcomeSchema = z.strictObject({
  format: z.literal('sallyport-review-outcome/1'),
  approvalId: z.string(),
  planId: z.string(),
  planDigest: z.string(),
  packId: z.string(),
  /** SHA-256 of each signed payload, sorted. */
  decisions: z.array(z.string()).min(1),
});
type Outcome = z.infer<typeof outcomeSchema>;

export function formatOutcome(outcome: Omit<Outcome, 'format'>): string {
  return canonicalJson({
    format: 'sallyport-review-outcome/1',
    ...outcome,
    decisions: outcome.decisions.toSorted(),
  });
}

/** Every enrolled key, with whether its owner may approve now. */
export function enrolledKeys({ reviews, site }: Services): EnrolledKey[] {
  return reviews.listKeys().flatMap((row) => {
    const person = site.findPerson(row.personId);
    if (person === undefined) return [];
    return [
      {
        personId: person.id,
        personName: person.name,
        mayApprove: person.roles.includes('approver'),
        enrolledBy: row.enrolledBy,
        publicKey: row.publicKey,
        validFrom: row.enrolledAt,
        validUntil: row.validUntil,
        revokedAt: row.revokedAt,
      },
    ];
  });
}

/** Every answer that was taken in, signed by the customer or countersigned here. */
export function knownDecisions({ reviews, sheets }: Services): KnownDecision[] {
  const countersigned = sheets
    .list()
    .flatMap(({ packId, countersignature }) =>
      countersignature === null
        ? []
        : [{ packId, personId: countersignature.personId, sha256: countersignature.sha256 }],
    );
  return [...reviews.listDecisions(), ...countersigned];
}

/** What the rules for decision files need to know of this site. */
export function reviewSite(services: Services): ReviewSite {
  const { reviews, plans, site } = services;
  return {
    siteId: site.getSetting('site.id') ?? '',
    now: services.now(),
    keys: enrolledKeys(services),
    known: knownDecisions(services),
    findPack: (id) => {
      const row = reviews.findPack(id);
      const approval = row === undefined ? undefined : plans.getApproval(row.approvalId);
      if (row === undefined || approval === undefined) return undefined;
      return {
        pack: readPack(row.payload),
        sha256: row.sha256,
        requestedBy: approval.requestedBy,
        supersededBy: row.supersededBy,
        isOpen: statusOf(approval, services.now()) === 'requested',
      };
    },
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

/** Reads a decision whose signature holds now; `null` when it does not, or its key has been revoked since. */
function readDecision(
  row: ReviewDecisionRow,
  keys: readonly EnrolledKey[],
): { readonly decision: Pick<DecisionFile, 'rows' | 'packSha256'>; readonly personId: string } | null {
  try {
    const { payload, signer } = openDecision(inputOf(row, 'a decision'), keys, reviewCrypto);
    if (signer.revokedAt !== null || signer.personId !== row.personId) return null;
    if (reviewCrypto.sha256(payload) !== row.sha256) return null;
    return {
      decision: parseDecision(reviewCrypto.decodeUtf8(payload), 'a decision'),
      personId: signer.personId,
    };
  } catch (error) {
    if (error instanceof ReviewError) return null;
    throw error;
  }
}

/** Whether an approval rests on decision files rather than on a signature made at the console. */
export function isOutcome(row: ApprovalRow): boolean {
  return row.decision?.statement.includes('"sallyport-review-outcome/1"') === true;
}

/**
 * Judges an approval by the files it rests on, each time anew: signatures, what was shown, what was approved. Safety rule
 * 1: holds only when nothing of the plan is left uncovered.
 */
export function outcomeHolds(services: Services, row: ApprovalRow): boolean {
  const { reviews, plans } = services;
  const outcome = outcomeSchema.safeParse(parseJson(row.decision?.statement ?? ''));
  if (!outcome.success) return false;
  const { approvalId, planId, planDigest, packId } = outcome.data;
  const plan = plans.getPlan(row.planId);
  const packRow = reviews.findPack(packId);
  if (plan === undefined || packRow === undefined || plan.digest !== planDigest) return false;
  if (approvalId !== row.id || planId !== row.planId || planDigest !== row.planDigest) return false;
  if (reviewCrypto.sha256(packRow.payload) !== packRow.sha256) return false;
  const pack = readPack(packRow.payload);
  const asked = plans.getPlan(pack.planId);
  if (asked?.digest !== pack.planDigest) return false;

  const keys = enrolledKeys(services);
  const read = reviews
    .listDecisions(packId)
    .filter((item) => outcome.data.decisions.includes(item.sha256))
    .map((item) => readDecision(item, keys));
  const signed = read.flatMap((item) => (item?.decision.packSha256 === packRow.sha256 ? [item] : []));
  const countersigned = countersignedOf(services, packId)
    .filter((item) => outcome.data.decisions.includes(item.sha256))
    .map((item) => ({ decision: item.statement, personId: item.personId }));
  const decisions = [...signed, ...countersigned];
  if (decisions.length !== outcome.data.decisions.length) return false;
  if (new Set(decisions.map((item) => item.personId)).size !== decisions.length) return false;
  if (decisions.some((item) => item.personId === row.requestedBy)) return false;
  return (
    findUncovered(
      plan.plan,
      asked.plan,
      pack,
      decisions.map((item) => item.decision),
    ).length === 0
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
