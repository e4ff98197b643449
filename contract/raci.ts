import { z } from 'zod';
import { NoticeView } from './notices.ts';
import { Id, Instant, Letter, Name, Party, RaciElement, Step } from './vocabulary.ts';

const Letters = z.array(Letter).max(4);

/** A row of the matrix. `persons`: who is meant by name; without a name, everybody with the role that fits. */
export const RaciRow = z.strictObject({
  element: RaciElement,
  provider: Letters,
  customer: Letters,
  note: z.string().trim().max(500),
  persons: z.array(z.strictObject({ party: Party, letter: Letter, personId: Id })).max(64),
});
export type RaciRow = z.infer<typeof RaciRow>;

export const RaciVersion = z.strictObject({
  /** 0: as Sallyport comes, nobody has changed it. */
  version: z.number(),
  at: Instant.nullable(),
  by: z.string().nullable(),
  reason: z.string(),
  rows: z.array(RaciRow),
});
export type RaciVersion = z.infer<typeof RaciVersion>;

export const RaciMatrixView = z.strictObject({
  current: RaciVersion,
  /** Newest first, the current one included. */
  history: z.array(RaciVersion.omit({ rows: true }).extend({ changed: z.array(RaciElement) })),
  /** Whether the person who is signed in may change it. */
  mayChange: z.boolean(),
  /** Elements for which no step opens a notice yet, and why. */
  withoutStep: z.array(z.strictObject({ element: RaciElement, why: z.string() })),
});
export type RaciMatrixView = z.infer<typeof RaciMatrixView>;

/** `basedOn`: the version that was read; another one in force meanwhile is a conflict. Rows that are not named stay. */
export const SetRaci = z.strictObject({
  basedOn: z.number().int().min(0),
  rows: z.array(RaciRow).min(1).max(64),
  reason: z.string().trim().min(3).max(500),
});

/** What the letters are asked about. */
export const RaciAbout = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('approval'), id: Id }),
  z.strictObject({ kind: z.literal('run-step'), id: Id, endpointId: Id, step: Step }),
  z.strictObject({ kind: z.literal('incident'), id: Id }),
  /** With an endpoint: its last scan. */
  z.strictObject({ kind: z.literal('scan'), endpointId: Id.nullable().default(null) }),
]);
export type RaciAbout = z.infer<typeof RaciAbout>;

export const RaciView = z.strictObject({
  element: RaciElement,
  /** Of the matrix. */
  version: z.number(),
  note: z.string(),
  parties: z.array(
    z.strictObject({
      party: Party,
      holders: z.array(z.strictObject({ letter: Letter, persons: z.array(Name) })),
    }),
  ),
  /** Who has to act next, and what for; `null` when nobody has to. */
  ball: z.strictObject({ party: Party, persons: z.array(Name), task: z.string() }).nullable(),
  /** The newest notice to each person who is asked or told of this; those before are in `notices.list`. */
  notices: z.array(NoticeView),
  singleOperator: z.boolean(),
});
export type RaciView = z.infer<typeof RaciView>;
