import { z } from 'zod';
import { DraftRow, Verdict } from './reviews.ts';
import { Id, Instant, Sha256 } from './vocabulary.ts';

/** One thing that waits for decisions, or did. `unlisted`: asked for, and no list was made of it yet. */
export const QueueItem = z.strictObject({
  approvalId: Id,
  packId: Id.nullable(),
  state: z.enum(['unlisted', 'open', 'cut-off-passed', 'decided', 'superseded']),
  /** Nobody has to answer any more: policies cover what they cover, and `reviews.settle` brings it to its outcome. */
  closes: z.boolean(),
  customer: z.string(),
  groups: z.array(z.string()),
  requestedBy: z.string(),
  requestedAt: Instant,
  cutOffAt: Instant.nullable(),
  patches: z.number(),
  endpoints: z.number(),
  findings: z.number(),
  /** How many different persons must approve, by the list and the policies of its groups, whichever asks for more; and who has answered. */
  approvers: z.number(),
  answeredBy: z.array(z.string()),
  /** Rows that the person who is signed in has put a verdict to and not signed. */
  drafted: z.number(),
  /** Questions that nobody at the site has answered. */
  openQuestions: z.number(),
});
export type QueueItem = z.infer<typeof QueueItem>;

export const SaveDraft = z.strictObject({
  packId: Id,
  rows: z.array(DraftRow).max(200_000),
  /** Patches whose verdict is taken back. */
  removed: z.array(Sha256).max(200_000).default([]),
});

/** What a person had drafted on the list that this one took the place of: how much of it came along, and what did not. */
export const CarriedDraft = z.strictObject({
  carried: z.number(),
  left: z.array(
    z.strictObject({ patch: Sha256, package: z.string(), version: z.string(), verdict: Verdict }),
  ),
});
export type CarriedDraft = z.infer<typeof CarriedDraft>;

/** A question that a customer asked in a decision, with the site's answer if there is one. */
export const QuestionView = z.strictObject({
  packId: Id,
  patch: Sha256,
  package: z.string(),
  version: z.string(),
  askedById: Id,
  askedBy: z.string(),
  question: z.string(),
  answer: z.string().nullable(),
  answeredBy: z.string().nullable(),
});
export type QuestionView = z.infer<typeof QuestionView>;

export const RecordQuality = z.strictObject({
  patches: z.array(Sha256).min(1).max(200_000),
  verdict: z.enum(['no-concern', 'concern']),
  note: z.string().trim().max(2_000).default(''),
});

export const AnswerQuestion = z.strictObject({
  packId: Id,
  patch: Sha256,
  askedById: Id,
  answer: z.string().trim().min(1).max(2_000),
});
