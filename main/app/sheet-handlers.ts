import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { z } from 'zod';
import { ContractError, ReviewError } from '../../contract/errors.ts';
import type { SheetProblem, SheetReading, SheetRowView, SheetView } from '../../contract/sheets.ts';
import type { KnownSheet } from '../catalogue/sheet-store.ts';
import { canonicalJson } from '../core/plan.ts';
import {
  formatCountersigned,
  requireMayCountersign,
  requireSheetFits,
  unsignedMark,
  type CountersignedSheet,
} from '../core/review/countersigned.ts';
import type { DecidedRow } from '../core/review/decision-file.ts';
import type { ReviewPack } from '../core/review/review-pack.ts';
import type { SentPack } from '../core/review/judge-decision.ts';
import { readSheetHead, readSheetRows } from '../core/review/read-sheet.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { MAX_SHEET_BYTES, readSheetFile } from '../review/sheet-files.ts';
import type { Handlers } from './dispatch.ts';
import { readPack, reviewSite } from './reviews.ts';
import type { CallContext, Services } from './services.ts';
import { siteTime } from './statements.ts';
import { takeIn } from './take-in.ts';

type SheetHandlers = Pick<
  Handlers,
  'reviews.readSheet' | 'reviews.importSheet' | 'reviews.sheets' | 'reviews.sheetRows' | 'reviews.countersign'
>;

/** Decisions in a spreadsheet: read with every mistake named, kept as unsigned, counted once a person at the site stands for them. */
export const sheetHandlers: SheetHandlers = {
  'reviews.readSheet': async ({ file }, { services }) => {
    const { sent, sha256, rows, problems } = await readSheet(services, file);
    return {
      ...{ packId: sent.pack.packId, sheetSha256: sha256 },
      ...{ counts: countVerdicts(rows), problems },
      blank: problems.length > 0 ? 0 : sent.pack.patches.length - rows.length,
    };
  },
  'reviews.importSheet': async (input, context) => {
    const { services } = context;
    const { sent, bytes, sha256, rows, problems } = await readSheet(services, input.file);
    const [first] = problems;
    if (first !== undefined) {
      const more = problems.length === 1 ? '' : `, and ${problems.length - 1} more`;
      throw new ReviewError(
        'REVIEW_SHEET_INVALID',
        `${basename(input.file)} has mistakes: row ${first.row}, ${first.column}: ${first.problem}${more}`,
        {
          hint: 'Read the sheet to see them all. Nothing of it was taken in.',
          subject: { file: input.file },
        },
      );
    }
    if (services.sheets.find(sha256) !== undefined) {
      throw new ReviewError('REVIEW_REPLAYED', `${basename(input.file)} was taken in before.`, {
        hint: 'There is nothing to do.',
        subject: { file: input.file },
      });
    }
    const importedBy = context.person().id;
    const facts = { pack: sent.pack.packId, sheet: sha256, saidBy: input.saidBy, signed: 'no' };
    context.commit(facts, () =>
      services.sheets.insertSheet({
        ...{ sha256, packId: sent.pack.packId, fileName: basename(input.file), file: bytes },
        ...{ saidBy: input.saidBy, decided: canonicalJson(rows), importedAt: services.now(), importedBy },
      }),
    );
    services.publish({ kind: 'changed', area: 'approvals', id: sent.pack.approvalId });
    return present(services, requireSheet(services, sha256));
  },
  'reviews.sheets': (_input, { services }) => services.sheets.list().map((sheet) => present(services, sheet)),
  'reviews.sheetRows': ({ id }, { services }) => linesOf(services, requireSheet(services, id)),
  'reviews.countersign': (input, context) => countersign(context, input),
};

interface ReadSheet {
  readonly sent: SentPack;
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly rows: readonly DecidedRow[];
  readonly problems: z.infer<typeof SheetProblem>[];
}

/** @throws ReviewError REVIEW_SHEET_*, REVIEW_ZIP_*, and as `requireSheetFits` */
async function readSheet(services: Services, file: string): Promise<ReadSheet> {
  const name = basename(file);
  const bytes = readBytes(file);
  const grid = await readSheetFile(bytes, name);
  const head = readSheetHead(grid);
  if ('problem' in head) {
    throw new ReviewError('REVIEW_SHEET_INVALID', `${name}: ${head.problem}`, {
      hint: head.fix,
      subject: { file },
    });
  }
  const sent = requireSheetFits(head, reviewSite(services).findPack(head.packId), siteTime(services));
  const { rows, problems } = readSheetRows(grid, head.titles, sent.pack, siteTime(services));
  return { sent, bytes, sha256: reviewCrypto.sha256(bytes), rows, problems };
}

function readBytes(file: string): Buffer {
  try {
    if (statSync(file).size <= MAX_SHEET_BYTES) return readFileSync(file);
  } catch (error) {
    throw new ReviewError('REVIEW_SHEET_UNREADABLE', `${file} cannot be read.`, {
      ...{ hint: 'Look at the path and the medium.', subject: { file }, cause: error },
    });
  }
  throw new ReviewError('REVIEW_SHEET_TOO_LARGE', `${basename(file)} is larger than any list of patches.`, {
    hint: 'Do not use this file.',
    subject: { file },
  });
}

function countersign(
  context: CallContext,
  input: { readonly id: string; readonly assurance: string; readonly validHours: number },
) {
  const { services, session } = context;
  const person = context.person();
  const sheet = requireSheet(services, input.id);
  if (sheet.countersignatures.some(({ personId }) => personId === person.id)) {
    throw new ContractError('CONTRACT_CONFLICT', 'You have countersigned this sheet already.', {
      hint: 'Where two have to approve, another person has to countersign it as well.',
      subject: { sheet: sheet.sha256 },
    });
  }
  if (session.signer === null) throw new ContractError('CONTRACT_NOT_SIGNED_IN', 'Nobody is signed in.');
  const site = reviewSite(services);
  const found = site.findPack(sheet.packId);
  const head = { packId: sheet.packId, packSha256: found?.sha256 ?? '' };
  const sent = requireSheetFits(head, found, siteTime(services));
  const { pack } = sent;
  const rows = JSON.parse(sheet.decided) as DecidedRow[];
  const mayApprove = person.roles.includes('approver');
  requireMayCountersign({ id: person.id, name: person.name, mayApprove }, sent, rows, {
    ...site,
    now: siteTime(services),
  });
  if (!site.speaksFor(person.id, pack.customer, sent.requestedBy)) {
    throw new ReviewError(
      'REVIEW_NOT_THEIR_CUSTOMER',
      `${person.name} does not speak for ${pack.customer === '' ? 'groups of which nobody said whose they are' : pack.customer}.`,
      {
        hint: 'Have somebody countersign who speaks for that customer, or a service manager put it on record.',
        subject: { pack: pack.packId },
      },
    );
  }
  const statement: CountersignedSheet = {
    format: 'sallyport-countersigned-sheet/1',
    ...{ siteId: pack.siteId, packId: pack.packId, packSha256: sent.sha256, planDigest: pack.planDigest },
    ...{ nonce: pack.nonce, cutOffAt: pack.cutOffAt, sheetSha256: sheet.sha256, unsigned: true },
    ...{ customer: pack.customer, saidBy: sheet.saidBy, assurance: input.assurance },
    ...{ importedBy: sheet.importedBy, countersignedBy: person.id, decidedAt: siteTime(services), rows },
  };
  const text = formatCountersigned(statement);
  const signature = session.signer.sign(text);
  const sha256 = reviewCrypto.sha256(reviewCrypto.encodeUtf8(text));
  const mark = unsignedMark(pack.customer, sheet.saidBy);
  return takeIn(
    context,
    { sent, sha256, person: { id: person.id, name: person.name }, mark },
    input.validHours,
    (signedAt) =>
      services.sheets.insertCountersignature({
        ...{ sheetSha256: sheet.sha256, sha256, personId: person.id, statement: text, signature, signedAt },
      }),
  );
}

/** @throws ContractError CONTRACT_NOT_FOUND */
function requireSheet({ sheets }: Services, sha256: string): KnownSheet {
  const sheet = sheets.find(sha256);
  if (sheet === undefined) {
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such sheet.', { subject: { sheet: sha256 } });
  }
  return sheet;
}

function countVerdicts(rows: readonly DecidedRow[]): SheetReading['counts'] {
  const count = (verdict: DecidedRow['verdict']): number =>
    rows.filter((row) => row.verdict === verdict).length;
  return {
    ...{ approved: count('approve'), rejected: count('reject') },
    ...{ deferred: count('defer'), asked: count('ask') },
  };
}

function present({ reviews, site }: Services, sheet: KnownSheet): SheetView {
  const nameOf = (id: string): string => site.findPerson(id)?.name ?? id;
  const row = reviews.findPack(sheet.packId);
  if (row === undefined) throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such pack.');
  const pack = readPack(row.payload);
  return {
    ...{ id: sheet.sha256, packId: sheet.packId, approvalId: row.approvalId, fileName: sheet.fileName },
    ...{ saidBy: sheet.saidBy, mark: unsignedMark(pack.customer, sheet.saidBy) },
    ...{ importedAt: sheet.importedAt, importedBy: nameOf(sheet.importedBy) },
    counts: countVerdicts(JSON.parse(sheet.decided) as DecidedRow[]),
    countersigned: sheet.countersignatures.map(({ personId, signedAt }) => ({
      by: nameOf(personId),
      at: signedAt,
    })),
    approvers: mostApprovers(pack),
  };
}

/** Different persons who have to approve what the pack asks: it and each group's policy may want more than one. */
function mostApprovers(pack: ReviewPack): number {
  return Math.max(pack.approvers, ...pack.groups.map(({ policy }) => policy?.approvers ?? 1));
}

/** Against it first, then what is asked, what nobody says anything of, and what is approved. */
const ORDER = ['reject', 'defer', 'ask', null, 'approve'] as const;

function linesOf({ reviews }: Services, sheet: KnownSheet): SheetRowView[] {
  const row = reviews.findPack(sheet.packId);
  if (row === undefined) throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such pack.');
  const said = new Map((JSON.parse(sheet.decided) as DecidedRow[]).map((item) => [item.patch, item]));
  const lines = readPack(row.payload).patches.map((patch): SheetRowView => {
    const { verdict = null, reason = '', until = null, control = '' } = said.get(patch.sha256) ?? {};
    return {
      ...{ patch: patch.sha256, package: patch.package, arch: patch.arch, version: patch.version },
      ...{ endpoints: patch.endpoints.length, verdict, reason, until, control },
    };
  });
  return lines.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
}
