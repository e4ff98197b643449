import { createPublicKey, verify } from 'node:crypto';
import { ContractError } from '../../contract/errors.ts';
import type { ApprovalRow, PlanRow } from '../catalogue/plan-store.ts';
import { canonicalJson } from '../core/plan.ts';
import type { ApprovalReading } from '../core/run/next.ts';
import type { Services } from './services.ts';

/** @throws ContractError CONTRACT_NOT_FOUND */
export function requirePlan(services: Services, id: string): PlanRow {
  const row = services.plans.getPlan(id);
  if (row === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such plan.', { subject: { id } });
  return row;
}

/** @throws ContractError CONTRACT_NOT_FOUND */
export function requireApproval(services: Services, id: string): ApprovalRow {
  const row = services.plans.getApproval(id);
  if (row === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such approval.', { subject: { id } });
  return row;
}

export function statusOf(row: ApprovalRow, now: string): ApprovalReading['status'] {
  if (row.decision === null) return 'requested';
  if (row.decision.kind !== 'granted') return row.decision.kind;
  if (row.runId !== null) return 'used';
  return row.decision.expiresAt !== null && row.decision.expiresAt <= now ? 'expired' : 'granted';
}

/** The approval as the run engine judges it: nothing is believed that the signature does not cover. */
export function readApproval(services: Services, id: string): ApprovalReading | null {
  const row = services.plans.getApproval(id);
  if (row === undefined) return null;
  return {
    id: row.id,
    planDigest: row.planDigest,
    status: statusOf(row, services.now()),
    requestedBy: row.requestedBy,
    decidedBy: row.decision?.decidedBy ?? null,
    expiresAt: row.decision?.expiresAt ?? null,
    signatureHolds: signatureHolds(services, row),
  };
}

function signatureHolds(services: Services, row: ApprovalRow): boolean {
  const { decision } = row;
  if (decision === null) return false;
  const person = services.site.findPerson(decision.decidedBy);
  if (person === undefined) return false;
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
  });
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
