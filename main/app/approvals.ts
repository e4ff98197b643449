import { ContractError } from '../../contract/errors.ts';
import type { ApprovalRow, PlanRow } from '../catalogue/plan-store.ts';
import { handMark } from '../core/raci/hands.ts';
import type { ApprovalReading } from '../core/run/next.ts';
import { unsignedMarkOf } from './countersigned-sheets.ts';
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

/** Whether it rests on what a customer named for at once. */
export const isEmergency = (row: ApprovalRow): boolean =>
  row.decision?.statement.includes('"sallyport-emergency-outcome/1"') === true;

/**
 * Who decided, for people; for ever with the mark of a spreadsheet that nobody at the customer signed, and of a person who was added
 * by whoever asked, or who added them.
 */
export function deciderOf(services: Services, row: ApprovalRow): string | null {
  if (row.decision === null) return null;
  const { decidedBy, statement } = row.decision;
  const name = services.site.findPerson(decidedBy)?.name ?? decidedBy;
  const hand =
    row.decision.kind === 'granted'
      ? handMark(row.requestedBy, decidedBy, services.site.listPersons())
      : null;
  const marks = [unsignedMarkOf(services, statement), hand].filter((mark) => mark !== null);
  return marks.length === 0 ? name : `${name} (${marks.join('; ')})`;
}
