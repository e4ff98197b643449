import fc from 'fast-check';
import { SIGNERS, type Who } from './rules-site.ts';

/** What can happen at a site, and stories of it for the property of the rules. */

export type Verdict = 'approve' | 'reject' | 'defer' | 'ask';
export type Group = 'web' | 'db' | 'hr';
export const OWNER: Readonly<Record<Group, string>> = { web: 'Trust', db: 'Trust', hr: 'Council' };
export interface Terms {
  readonly mode: 'opt-in' | 'opt-out';
  readonly approvers: number;
  readonly noticeHours: number;
  readonly emergency: boolean;
  readonly securityOnly: boolean;
  readonly excluded: string | null;
  /** `app` is approved until this hour; 0: it is not. */
  readonly standingUntil: number;
}
/** What a story keeps of a policy that was taken in, of a list that was made, of what was asked. */
export interface Policy extends Terms {
  readonly version: number;
  readonly by: Who;
}
export interface Pack {
  readonly id: string;
  /** `null`: nobody wrote it out yet. */
  file: string | null;
  wentOut: number | null;
  readonly customer: string;
  readonly endpoints: readonly string[];
  readonly madeAt: number;
  readonly cutOff: number;
  readonly approvers: number;
  readonly versions: Readonly<Record<Group, number>>;
  readonly homes: ReadonlyMap<string, Group>;
  readonly said: { who: Who | 'Bilal'; at: number; verdicts: Map<string, Verdict> }[];
  /** What the customer was against in earlier lists when this one was made: silence and approvals in advance give none of it. */
  readonly against: ReadonlySet<string>;
}
export interface Asked {
  readonly id: string;
  readonly endpoints: readonly string[];
  readonly names: readonly string[];
  readonly packs: Pack[];
  /** Versions of the policies when somebody at the console granted it. */
  granted: Readonly<Record<Group, number>> | null;
  readonly request: { who: Who; group: Group; name: string; until: number; pullsIn: boolean } | null;
}

export type Happening =
  | { kind: 'clock'; hours: number }
  /** A bundle came in that was made now. */
  | { kind: 'floor' }
  /** `cutOff`: of the list that is exported with it; `null`: no list is made. */
  | {
      kind: 'ask';
      endpoints: readonly string[];
      names: readonly string[];
      approvers: number;
      cutOff: number | null;
    }
  | { kind: 'export'; cutOff: number }
  /** A new list that stays at the site, until it is written out. */
  | { kind: 'prepare'; cutOff: number; approvers: number }
  | { kind: 'write' }
  | { kind: 'decide'; who: Who; verdicts: (Verdict | null)[] }
  | { kind: 'grant' }
  /** Bilal stands for a spreadsheet that a customer filled in. */
  | { kind: 'countersign'; verdicts: (Verdict | null)[] }
  /** Whoever asks tries it themself, with every role there is. */
  | { kind: 'asker'; door: 'grant' | 'sign' | 'countersign' | 'enrol' }
  | { kind: 'settle' }
  | { kind: 'policy'; who: Who; group: Group; terms: Terms }
  | { kind: 'delegate'; from: Who; to: Who; hours: number }
  | { kind: 'revoke-delegation' }
  | { kind: 'revoke-key'; who: Who }
  | { kind: 'role'; who: Who | 'Bilal'; approver: boolean }
  | { kind: 'customers'; who: Who | 'Bilal'; customers: string[] }
  | { kind: 'move'; endpoint: string; group: Group; byAsker: boolean }
  | { kind: 'emergency'; who: Who; group: Group; name: string; hours: number; pullsIn: boolean };

const who = fc.constantFrom(...SIGNERS);
const group = fc.constantFrom<Group>('web', 'web', 'web', 'db', 'hr');
const terms = fc.record({
  mode: fc.constantFrom('opt-in' as const, 'opt-out' as const),
  approvers: fc.constantFrom(1, 1, 2),
  noticeHours: fc.constantFrom(1, 1, 60),
  emergency: fc.boolean(),
  securityOnly: fc.constantFrom(false, false, true),
  excluded: fc.constantFrom(null, null, null, 'lib'),
  standingUntil: fc.constantFrom(0, 40),
});
const verdicts = fc.oneof(
  { weight: 3, arbitrary: fc.constant<(Verdict | null)[]>(['approve', 'approve', 'approve']) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom<Verdict | null>('approve', 'reject', 'defer', 'ask', null), {
      ...{ minLength: 3, maxLength: 3 },
    }),
  },
);
const is = <T extends string>(kind: T) => fc.constant(kind);
const asking: fc.Arbitrary<Happening> = fc.record({
  ...{
    kind: is('ask'),
    approvers: fc.constantFrom(1, 1, 1, 2),
    cutOff: fc.constantFrom(null, 10, 30, 30, 70),
  },
  endpoints: fc.constantFrom(['e1'], ['e1'], ['e1', 'e2'], ['e3']),
  names: fc.constantFrom(['app'], ['app', 'lib'], ['app', 'lib', 'doc']),
});
const deciding: fc.Arbitrary<Happening> = fc.record({ kind: is('decide'), who, verdicts });
const signing: fc.Arbitrary<Happening> = fc.record({ kind: is('policy'), who, group, terms });
const preparing: fc.Arbitrary<Happening> = fc.record({
  ...{ kind: is('prepare'), cutOff: fc.constantFrom(10, 70), approvers: fc.constantFrom(1, 1, 2) },
});
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: is('clock'), hours: fc.integer({ min: -60, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: is('floor') }) },
  { weight: 1, arbitrary: asking },
  { weight: 1, arbitrary: fc.record({ kind: is('export'), cutOff: fc.constantFrom(10, 70) }) },
  { weight: 1, arbitrary: preparing },
  { weight: 1, arbitrary: fc.record({ kind: is('write') }) },
  { weight: 5, arbitrary: deciding },
  { weight: 2, arbitrary: fc.record({ kind: is('countersign'), verdicts }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: is('asker'),
      door: fc.constantFrom(...(['grant', 'sign', 'countersign', 'enrol'] as const)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: is('grant') }) },
  { weight: 3, arbitrary: fc.record({ kind: is('settle') }) },
  { weight: 2, arbitrary: signing },
  {
    weight: 1,
    arbitrary: fc.record({ kind: is('delegate'), from: who, to: who, hours: fc.constantFrom(10, 80) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: is('revoke-delegation') }) },
  { weight: 1, arbitrary: fc.record({ kind: is('revoke-key'), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: is('role'),
      who: fc.constantFrom(...SIGNERS, 'Bilal' as const),
      approver: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: is('customers'), who: fc.constantFrom(...SIGNERS, 'Bilal' as const) },
      customers: fc.constantFrom<string[]>(['Trust'], ['Council'], [], ['Trust', 'Council']),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: is('move'), endpoint: fc.constantFrom('e1', 'e2'), group, byAsker: fc.boolean() },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ kind: is('emergency'), who, group, name: fc.constantFrom('app', 'lib') },
      ...{ hours: fc.constantFrom(5, 50), pullsIn: fc.boolean() },
    }),
  },
);
const rest = fc.array(happening, { minLength: 3, maxLength: 10 });
const TERMS: Terms = {
  ...{ mode: 'opt-in', approvers: 1, noticeHours: 1, emergency: false },
  ...{ securityOnly: false, excluded: null, standingUntil: 0 },
};
/** By chance alone some grounds seldom come to hold; these stories begin where they are about to. */
const SILENCE: readonly Happening[] = [
  { kind: 'policy', who: 'A', group: 'web', terms: { ...TERMS, mode: 'opt-out' } },
  { kind: 'ask', endpoints: ['e1'], names: ['app', 'lib'], approvers: 1, cutOff: 10 },
];
const AFTER_CUT_OFF: readonly Happening[] = [{ kind: 'clock', hours: 11 }, { kind: 'settle' }];
const EMERGENCY: readonly Happening[] = [
  { kind: 'policy', who: 'A', group: 'web', terms: { ...TERMS, emergency: true } },
  { kind: 'emergency', who: 'A', group: 'web', name: 'app', hours: 50, pullsIn: true },
];
/** A list that lay at the site until shortly before its cut-off, or for ever. */
const unwritten = fc
  .constantFrom<readonly Happening[]>([], [{ kind: 'write' }])
  .map((write): Happening[] => [
    { kind: 'policy', who: 'A', group: 'web', terms: { ...TERMS, mode: 'opt-out', noticeHours: 2 } },
    { kind: 'ask', endpoints: ['e1'], names: ['app', 'lib'], approvers: 1, cutOff: null },
    { kind: 'prepare', cutOff: 10, approvers: 1 },
    ...[{ kind: 'clock', hours: 9 } as const, ...write, { kind: 'clock', hours: 2 } as const],
    { kind: 'settle' },
  ]);
const SHEET: readonly Happening[] = [
  { kind: 'ask', endpoints: ['e1'], names: ['app', 'lib'], approvers: 1, cutOff: 30 },
  { kind: 'countersign', verdicts: ['approve', 'approve', 'approve'] },
];
const CONSOLE: readonly Happening[] = [
  { kind: 'ask', endpoints: ['e1'], names: ['app', 'lib'], approvers: 1, cutOff: null },
  { kind: 'grant' },
];
const STANDING: readonly Happening[] = [
  { kind: 'policy', who: 'A', group: 'web', terms: { ...TERMS, standingUntil: 40 } },
  { kind: 'ask', endpoints: ['e1'], names: ['app'], approvers: 1, cutOff: 30 },
  { kind: 'settle' },
];
const one = fc.constantFrom<(Verdict | null)[]>(['reject'], ['defer'], ['ask'], ['approve']);
/** What was said on one list, in a file or a spreadsheet, holds back from the next. */
const held = fc
  .oneof(
    { weight: 2, arbitrary: fc.record({ kind: is('decide'), who, verdicts: one }) },
    { weight: 1, arbitrary: fc.record({ kind: is('countersign'), verdicts: one }) },
  )
  .map((said): Happening[] => [
    { kind: 'policy', who: 'A', group: 'web', terms: { ...TERMS, mode: 'opt-out', standingUntil: 40 } },
    { kind: 'ask', endpoints: ['e1'], names: ['app'], approvers: 1, cutOff: 10 },
    said,
    { kind: 'ask', endpoints: ['e1'], names: ['app'], approvers: 1, cutOff: 30 },
    { kind: 'settle' },
    { kind: 'clock', hours: 31 },
    { kind: 'settle' },
  ]);
/** The floor is raised to an hour at which nothing of the beginnings counts any more, and the clock is set back. */
const SET_BACK: readonly Happening[] = [
  { kind: 'clock', hours: 60 },
  { kind: 'floor' },
  { kind: 'clock', hours: -60 },
];
const setBack = fc.constantFrom<readonly Happening[]>([], [], [], SET_BACK);
export const stories: fc.Arbitrary<Happening[]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.array(signing, { maxLength: 2 }), asking, rest)
      .map(([policies, first, then]) => [...policies, first, ...then]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(happening, { maxLength: 2 }), rest)
      .map(([between, then]) => [...SILENCE, ...between, ...AFTER_CUT_OFF, ...then]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(happening, { maxLength: 1 }), setBack, rest)
      .map(([before, back, then]) => [...before, ...EMERGENCY, ...back, ...then]),
  },
  { weight: 1, arbitrary: fc.tuple(setBack, rest).map(([back, then]) => [...STANDING, ...back, ...then]) },
  { weight: 1, arbitrary: rest.map((then) => [...CONSOLE, ...then]) },
  { weight: 1, arbitrary: fc.tuple(unwritten, rest).map(([first, then]) => [...first, ...then]) },
  { weight: 1, arbitrary: rest.map((then) => [...SHEET, ...then]) },
  { weight: 1, arbitrary: fc.tuple(held, rest).map(([first, then]) => [...first, ...then]) },
);
