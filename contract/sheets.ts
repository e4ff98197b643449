import { z } from 'zod';
import { ValidHours } from './channel.ts';
import { Verdict } from './reviews.ts';
import { Id, Instant, Name, Sha256 } from './vocabulary.ts';

/** Something in a spreadsheet that a person has to put right; `row` counts from 1, as a spreadsheet program does. */
export const SheetProblem = z.strictObject({
  row: z.number(),
  column: z.string(),
  problem: z.string(),
  fix: z.string(),
});

const Counts = z.strictObject({
  approved: z.number(),
  rejected: z.number(),
  deferred: z.number(),
  asked: z.number(),
});

/** What a spreadsheet says, before anybody takes it in. With problems nothing of it counts, and the counts are 0. */
export const SheetReading = z.strictObject({
  packId: Id,
  sheetSha256: Sha256,
  counts: Counts,
  /** Patches of the pack of which it says nothing: the policies decide on them. */
  blank: z.number(),
  problems: z.array(SheetProblem),
});
export type SheetReading = z.infer<typeof SheetReading>;

export const SheetView = z.strictObject({
  /** SHA-256 of the file, which the site keeps. */
  id: Sha256,
  packId: Id,
  approvalId: Id,
  fileName: z.string(),
  /** Who at the customer filled it in, as the importer says. Nobody signed it. */
  saidBy: z.string(),
  /** `unsigned sheet of Ministry of Maps`: how approvals, runs and reports speak of it for ever. */
  mark: z.string(),
  importedAt: Instant,
  importedBy: z.string(),
  counts: Counts,
  /** Who stands for it, oldest first, and how many different persons have to approve its list. */
  countersigned: z.array(z.strictObject({ by: z.string(), at: Instant })),
  approvers: z.number(),
});
export type SheetView = z.infer<typeof SheetView>;

/** One patch of the list and what the sheet says of it: what whoever countersigns puts their name to. */
export const SheetRowView = z.strictObject({
  patch: Sha256,
  package: z.string(),
  arch: z.string(),
  version: z.string(),
  endpoints: z.number(),
  /** `null`: the sheet says nothing of it, and the policies decide what that means. */
  verdict: Verdict.nullable(),
  reason: z.string(),
  until: Instant.nullable(),
  control: z.string(),
});
export type SheetRowView = z.infer<typeof SheetRowView>;

const file = z.string().min(1).max(4_096);
export const ReadSheet = z.strictObject({ file });
export const ImportSheet = z.strictObject({ file, saidBy: Name });
/** `assurance`: how the person made sure that the customer means it, for example by telephone with whom. */
export const CountersignSheet = z.strictObject({
  id: Sha256,
  assurance: z.string().trim().min(3).max(500),
  validHours: ValidHours,
});
