import { z } from 'zod';
import { command, MANAGER, query } from './channel.ts';
import {
  Id,
  Instant,
  Letter,
  Name,
  NoticeSubject,
  OccasionKind,
  Party,
  RaciElement,
  Sha256,
  ToldBy,
} from './vocabulary.ts';

/** Where a notice leads: what it is about. */
const Subject = z.strictObject({ kind: NoticeSubject, id: z.string() });

/** What came of a notice, in the order in which it was recorded. */
export const NoticeEntry = z.strictObject({
  kind: z.enum(['seen', 'printed', 'handed-over', 'dropped', 'answered']),
  at: Instant,
  /** Name of who recorded it. */
  by: z.string(),
  recordedAt: Instant,
  /** `handed-over`: to whom. */
  recipient: z.string().nullable(),
  /** `dropped`: where it was written to, and the SHA-256 of what was written. */
  file: z.string().nullable(),
  sha256: z.string().nullable(),
});
export type NoticeEntry = z.infer<typeof NoticeEntry>;

const Answer = z.strictObject({
  answer: z.enum(['no-objection', 'remark']),
  remark: z.string(),
  at: Instant,
  by: z.string(),
  /** Somebody else wrote down what was said or written. */
  onBehalf: z.boolean(),
});

export const NoticeView = z.strictObject({
  id: Id,
  kind: OccasionKind,
  element: RaciElement,
  /** Of the matrix that was in force. */
  version: z.number(),
  about: Subject,
  text: z.string(),
  at: Instant,
  by: z.string(),
  /** How many endpoints it names; 0: all that its subject names. */
  endpoints: z.number(),
  party: Party,
  /** Which customer it is said to; '': one without a name; `null`: the provider. */
  customer: z.string().nullable(),
  letter: Letter.extract(['C', 'I']),
  /** `null`: nobody here stands for the party, so somebody has to carry it to them. */
  person: z.string().nullable(),
  /** Whether the person can see it in the window. */
  maySignIn: z.boolean(),
  /** How they came to know first; `null`: not yet. */
  told: z.strictObject({ by: ToldBy, at: Instant, detail: z.string() }).nullable(),
  /** `null`: they gave none. */
  answer: Answer.nullable(),
  /** When what was asked was settled, with or without their answer; `null`: it still is open. */
  settledAt: Instant.nullable(),
  entries: z.array(NoticeEntry),
});
export type NoticeView = z.infer<typeof NoticeView>;

/** Notices of one step that reached many endpoints, as one line for a person. */
const MyNotice = z.strictObject({
  ids: z.array(Id),
  kind: OccasionKind,
  element: RaciElement,
  about: Subject,
  party: Party,
  customer: z.string().nullable(),
  letter: Letter.extract(['C', 'I']),
  text: z.string(),
  at: Instant,
  /** Not seen before. */
  isNew: z.boolean(),
});
export type MyNotice = z.infer<typeof MyNotice>;

export const MyDesk = z.strictObject({
  /** What this person has to move on. */
  holds: z.array(
    z.strictObject({
      about: Subject,
      element: RaciElement,
      letters: z.array(Letter),
      /** What to do. */
      task: z.string(),
      detail: z.string(),
      at: Instant,
    }),
  ),
  /** What they are asked and did not answer while it is open. */
  asked: z.array(MyNotice),
  /** What they should know: not seen, or seen within a day. */
  told: z.array(MyNotice),
});
export type MyDesk = z.infer<typeof MyDesk>;

/** A printed notice: one person's, of one customer, on a page of its own. */
export const NoticePage = z.strictObject({
  site: z.string(),
  marking: z.string(),
  /** What a site with one operator says of itself; `null`: it has more. */
  declaration: z.string().nullable(),
  to: z.string(),
  party: Party,
  customer: z.string().nullable(),
  made: Instant,
  by: z.string(),
  items: z.array(
    z.strictObject({
      id: Id,
      letter: Letter.extract(['C', 'I']),
      element: RaciElement,
      text: z.string(),
      at: Instant,
    }),
  ),
  /** The same in plain text. */
  text: z.string(),
});
export type NoticePage = z.infer<typeof NoticePage>;

const ids = z.array(Id).min(1).max(5_000);

/** Channels for who was asked and told. Rows of the one table in channels.ts. */
export const NOTICE_CHANNELS = {
  /** Newest first. */
  'notices.list': query(
    z.strictObject({
      about: Subject.nullable().default(null),
      only: z.enum(['all', 'untold', 'unanswered']).default('all'),
      limit: z.number().int().min(1).max(5_000).default(500),
    }),
    z.array(NoticeView),
  ),
  /** What waits for the person who is signed in, by letter. */
  'notices.mine': query(z.strictObject({}), MyDesk),
  /** These were on the screen of the person whom they are for; others' are passed over, and so is what was seen before. */
  'notices.see': command(z.strictObject({ ids }), z.strictObject({ seen: z.number() }), 'signed-in'),
  /** Whoever is asked answers; an engineer or a service manager may write down what somebody said elsewhere. */
  'notices.answer': command(
    z.strictObject({
      ids,
      answer: z.enum(['no-objection', 'remark']),
      remark: z.string().trim().max(2_000).default(''),
      onBehalf: z.boolean().default(false),
    }),
    z.array(NoticeView),
    'signed-in',
  ),
  /** Pages to print, one for each person. That they were printed is recorded; that they arrived is not known by that. */
  'notices.print': command(z.strictObject({ ids }), z.array(NoticePage), MANAGER),
  /** A printed notice was handed over. */
  'notices.record': command(z.strictObject({ ids, to: Name, at: Instant }), z.array(NoticeView), MANAGER),
  /** Writes a file for each person into a folder, as text for people or as JSON for programs. */
  'notices.drop': command(
    z.strictObject({
      ids,
      folder: z.string().min(1).max(4_096),
      format: z.enum(['text', 'json']).default('text'),
    }),
    z.array(z.strictObject({ file: z.string(), sha256: Sha256, to: z.string(), notices: z.number() })),
    MANAGER,
  ),
} as const;
