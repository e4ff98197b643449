import { z } from 'zod';
import { PolicyError, ReviewError } from '../../../contract/errors.ts';
import { canonicalJson } from '../plan.ts';
import { decidedRowSchema, requireCompleteRows, type DecidedRow } from './decision-file.ts';
import { requireWaiting, type ReviewSite, type SentPack } from './judge-decision.ts';
import { parsePayload } from './payload.ts';
import type { SheetHead } from './read-sheet.ts';
import type { ReviewPack } from './review-pack.ts';

/**
 * A decision that came in a spreadsheet. Nobody at the customer signed it: it counts as the decision of the person at the site who
 * countersigned it, and says of itself for ever that it was unsigned.
 */
const statementSchema = z.strictObject({
  format: z.literal('sallyport-countersigned-sheet/1'),
  siteId: z.string().max(64),
  packId: z.string().max(64),
  packSha256: z.string().length(64),
  planDigest: z.string().length(64),
  nonce: z.string().max(32),
  cutOffAt: z.iso.datetime(),
  /** Of the spreadsheet's bytes, which the site keeps. */
  sheetSha256: z.string().length(64),
  /** That no signature of the customer stands behind it. */
  unsigned: z.literal(true),
  customer: z.string().max(120),
  /** Who at the customer filled it in, as the person who brought it said. */
  saidBy: z.string().max(120),
  /** How the person who countersigns made sure of that. */
  assurance: z.string().max(500),
  importedBy: z.string().max(64),
  countersignedBy: z.string().max(64),
  decidedAt: z.iso.datetime(),
  rows: z.array(decidedRowSchema).min(1).max(200_000),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type CountersignedSheet = DeepReadonly<z.infer<typeof statementSchema>>;

/** The text that is signed: equal statements have equal texts. */
export function formatCountersigned(statement: CountersignedSheet): string {
  return canonicalJson(statement);
}

/** @throws ReviewError REVIEW_VERSION_UNKNOWN, REVIEW_CONTENT_INVALID */
export function parseCountersigned(json: string): CountersignedSheet {
  return parsePayload(statementSchema, 'sallyport-countersigned-sheet', json, 'a countersigned sheet');
}

/** How approvals, runs and reports speak of it. */
export function unsignedMark(customer: string, saidBy: string): string {
  return `unsigned sheet of ${customer === '' ? saidBy : customer}`;
}

/**
 * Whether a spreadsheet answers a pack that still waits.
 *
 * @param now ISO 8601
 * @throws ReviewError REVIEW_PACK_UNKNOWN, REVIEW_PACK_DIFFERS, and as `requireWaiting`
 */
export function requireSheetFits(
  head: Pick<SheetHead, 'packId' | 'packSha256'>,
  sent: SentPack | undefined,
  now: string,
): SentPack {
  const refuse = (code: ReviewError['code'], message: string, hint: string): ReviewError =>
    new ReviewError(code, message, { hint, subject: { pack: head.packId } });
  if (sent === undefined) {
    throw refuse(
      'REVIEW_PACK_UNKNOWN',
      `This site never gave out pack ${head.packId}.`,
      'Export a new pack.',
    );
  }
  if (sent.sha256 !== head.packSha256) {
    throw refuse(
      'REVIEW_PACK_DIFFERS',
      'The spreadsheet was not made from the pack that this site gave out.',
      'Have the spreadsheet of the pack itself filled in.',
    );
  }
  requireWaiting(sent, now, refuse);
  return sent;
}

/**
 * Whether this person may stand for the spreadsheet. Whoever asks cannot grant, also not by way of a spreadsheet that they brought
 * themselves.
 *
 * @throws PolicyError POLICY_SAME_PERSON; ReviewError REVIEW_NOT_APPROVER, REVIEW_CONFLICTING, and as `requireCompleteRows`
 */
export function requireMayCountersign(
  person: { readonly id: string; readonly name: string; readonly mayApprove: boolean },
  sent: SentPack,
  rows: readonly DecidedRow[],
  { known, sameHand, now }: Pick<ReviewSite, 'known' | 'sameHand' | 'now'>,
): void {
  if (sameHand(sent.requestedBy, person.id)) {
    throw new PolicyError(
      'POLICY_SAME_PERSON',
      'Whoever asks for an approval cannot stand for an answer to it.',
      {
        hint: 'Another person with the role approver has to countersign.',
      },
    );
  }
  if (!person.mayApprove) {
    throw new ReviewError('REVIEW_NOT_APPROVER', `${person.name} does not have the role approver.`, {
      hint: 'An approver has to countersign.',
    });
  }
  if (known.some((item) => item.packId === sent.pack.packId && item.personId === person.id)) {
    throw new ReviewError('REVIEW_CONFLICTING', `${person.name} has answered this pack before.`, {
      hint: 'One person answers a pack once. Another approver has to countersign, or export a new pack.',
    });
  }
  requireCompleteRows(rows, sent.pack, now);
}

/** The binding of a statement to what the site knows: everything but the signature. */
export function countersignedFits(
  statement: CountersignedSheet,
  pack: ReviewPack,
  packSha256: string,
  sheetSha256: string,
): boolean {
  return (
    statement.siteId === pack.siteId &&
    statement.packId === pack.packId &&
    statement.packSha256 === packSha256 &&
    statement.planDigest === pack.planDigest &&
    statement.nonce === pack.nonce &&
    statement.cutOffAt === pack.cutOffAt &&
    statement.sheetSha256 === sheetSha256
  );
}
