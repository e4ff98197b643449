import { createPublicKey, verify } from 'node:crypto';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import { canonicalJson } from '../core/plan.ts';
import type { ApprovalReading } from '../core/run/next.ts';
import { isEmergency, statusOf } from './approvals.ts';
import { grantCovers } from './console-grants.ts';
import { emergencyHolds } from './emergencies.ts';
import { isOutcome, outcomeHolds, policiesNamedBy } from './reviews.ts';
import { sameHandAt } from './statements.ts';
import type { Services } from './services.ts';
import { siteTime } from './statements.ts';

/** The approval as the run engine judges it: nothing is believed that the signature does not cover. */
export function readApproval(services: Services, id: string): ApprovalReading | null {
  const row = services.plans.getApproval(id);
  if (row === undefined) return null;
  return {
    id: row.id,
    planDigest: row.planDigest,
    status: statusOf(row, siteTime(services)),
    requestedBy: row.requestedBy,
    decidedBy: row.decision?.decidedBy ?? null,
    expiresAt: row.decision?.expiresAt ?? null,
    signatureHolds: signatureHolds(services, row),
    sameHand: row.decision !== null && sameHandAt(services)(row.requestedBy, row.decision.decidedBy),
  };
}

function signatureHolds(services: Services, row: ApprovalRow): boolean {
  const { decision } = row;
  if (decision === null) return false;
  if (isOutcome(row)) return outcomeHolds(services, row);
  if (isEmergency(row)) return emergencyHolds(services, row);
  const person = services.site.findPerson(decision.decidedBy);
  if (person === undefined) return false;
  const named = policiesNamedBy(row);
  const expected = canonicalJson({
    format: 'sallyport-decision/1',
    approvalId: row.id,
    planId: row.planId,
    planDigest: row.planDigest,
    requestedBy: row.requestedBy,
    decidedBy: decision.decidedBy,
    kind: decision.kind,
    decidedAt: decision.decidedAt,
    expiresAt: decision.expiresAt,
    reason: decision.reason,
    // A grant of before there were policies names none.
    ...(named.length === 0 ? {} : { policies: named }),
  });
  if (decision.kind === 'granted' && !grantCovers(services, row, named)) return false;
  return (
    decision.statement === expected &&
    verify(
      null,
      Buffer.from(expected, 'utf8'),
      createPublicKey(person.publicKey),
      Buffer.from(decision.signature, 'base64'),
    )
  );
}
