import { expect, test } from 'vitest';
import { DEFAULT_POLICY, type GroupPolicy } from '../../../../../main/core/review/policy.ts';
import type { PackPatch, ReviewPack } from '../../../../../main/core/review/review-pack.ts';
import { silenceOf } from '../../../../../main/core/review/silence.ts';
import { PACK } from '../../../../support/review-site.ts';

const [BASE] = PACK.patches;
if (BASE === undefined) throw new Error('the pack has patches');

/** From 20 to 25 November: 120 hours of notice. */
const group = (name: string, mode: GroupPolicy['mode'] | null, noticeHours = 24) => ({
  name,
  policySha256: mode === null ? null : 'e'.repeat(64),
  policy:
    mode === null
      ? null
      : {
          ...{ format: 'sallyport-policy/1' as const, siteId: 'site-1', customer: 'Trust', group: name },
          ...{ ...DEFAULT_POLICY, version: 1, mode, noticeHours },
          ...{ signedAt: PACK.createdAt, signedBy: 'Mira' },
        },
});
const endpoint = (id: string, of: string) => ({
  ...{ id, name: id, group: of, snapshotMode: 'hard' as const, restoreOnFailure: true },
  ...{ rebootPolicy: 'never' as const, scannedAt: null },
});
const patch = (
  digit: string,
  on: readonly string[],
  standing: PackPatch['standing'] = 'decide',
): PackPatch => ({
  ...BASE,
  ...{ sha256: digit.repeat(64), standing, endpoints: on.map((id) => ({ id, name: id, from: '1' })) },
});
const pack = (patches: readonly PackPatch[]): ReviewPack => ({
  ...PACK,
  groups: [
    group('out', 'opt-out'),
    group('late', 'opt-out', 121),
    group('edge', 'opt-out', 120),
    group('in', 'opt-in'),
    group('none', null),
  ],
  endpoints: ['out', 'late', 'edge', 'in', 'none'].map((name) => endpoint(`e-${name}`, name)),
  patches,
});
const NONE = { awaited: 0, yes: 0, no: 0, held: 0, standing: 0, out: 0 };
const of = (patches: readonly PackPatch[], decided: readonly string[] = []) =>
  silenceOf(pack(patches), new Set(decided));

test.each([
  ['opt-out with notice', ['e-out'], { yes: 1 }],
  ['opt-out with exactly the notice that is wanted', ['e-edge'], { yes: 1 }],
  ['opt-out with an hour too little', ['e-late'], { no: 1 }],
  ['opt-out on all endpoints, with notice on some', ['e-late', 'e-out'], { yes: 1 }],
  ['opt-in', ['e-in'], { awaited: 1 }],
  ['no policy', ['e-none'], { awaited: 1 }],
  ['opt-out on some endpoints and opt-in on others', ['e-out', 'e-in'], { awaited: 1 }],
  ['an endpoint of which the pack says no group', ['e-else'], { awaited: 1 }],
])('silence under %s', (_what, endpoints, counts) => {
  expect(of([patch('1', endpoints)])).toEqual({ ...NONE, ...counts });
});

test.each([
  ['deferred beyond the cut-off', { deferral: 1 }, { held: 1 }],
  ['deferred until the cut-off', { deferral: 0 }, { yes: 1 }],
  ['rejected before, the same version', { previous: 'reject' }, { held: 1 }],
  ['asked about before, the same version', { previous: 'ask' }, { held: 1 }],
  ['approved before', { previous: 'approve' }, { yes: 1 }],
  ['deferred before, and its day has come', { previous: 'defer' }, { yes: 1 }],
  ['rejected before in another version', { previous: 'reject', version: '3.0.21' }, { yes: 1 }],
] as const)('what the customer said before: %s', (_what, said, counts) => {
  const { deferral, previous, version } = { deferral: null, previous: null, version: BASE.version, ...said };
  const until = new Date(Date.parse(PACK.cutOffAt) + (deferral ?? 0) * 3_600_000).toISOString();
  const before: Partial<PackPatch> = {
    deferral: deferral === null ? null : { times: 1, since: PACK.createdAt, until, control: '' },
    previous:
      previous === null
        ? null
        : { version, verdict: previous, at: PACK.createdAt, reason: '', by: 'word' as const },
  };
  expect(of([{ ...patch('1', ['e-out']), ...before }])).toEqual({ ...NONE, ...counts });
  // A standing approval gives no more than silence; where every patch needs a word, it does.
  const approved = of([{ ...patch('1', ['e-in'], 'approved'), ...before }]);
  expect(approved).toEqual({ ...NONE, ...('yes' in counts ? { standing: 1 } : counts) });
  expect(of([{ ...patch('1', ['e-in']), ...before }])).toEqual({ ...NONE, awaited: 1 });
});

test('what the policies settle is neither awaited nor a yes of silence, and what is decided is not counted', () => {
  const patches = [
    patch('1', ['e-out'], 'approved'),
    patch('2', ['e-in'], 'excluded'),
    patch('3', ['e-in'], 'out-of-scope'),
    patch('4', ['e-in']),
    patch('5', ['e-out']),
  ];
  expect(of(patches)).toEqual({ awaited: 1, yes: 1, no: 0, held: 0, standing: 1, out: 2 });
  expect(of(patches, ['4'.repeat(64), '5'.repeat(64)])).toEqual({ ...NONE, standing: 1, out: 2 });
});

test.each([
  ['to nobody yet', null, 'no'],
  ['with exactly the notice that is wanted', 24, 'yes'],
  ['with an hour too little', 23, 'no'],
  ['before it was made, by a clock that was set back', 200, 'no'],
] as const)('notice counts from when the list went out: %s', (_what, hours, counts) => {
  const cutOff = Date.parse(PACK.cutOffAt);
  const wentOutAt = hours === null ? null : new Date(cutOff - hours * 3_600_000).toISOString();
  const listed = pack([patch('1', ['e-out'])]);
  // Made 20 hours before the cut-off, where it is said to have gone out before that.
  const createdAt = hours === 200 ? new Date(cutOff - 20 * 3_600_000).toISOString() : listed.createdAt;
  expect(silenceOf({ ...listed, createdAt }, new Set(), wentOutAt)).toEqual({ ...NONE, [counts]: 1 });
});
