import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecidedRow } from '../../../../../main/core/review/decision-file.ts';
import {
  historyOf,
  type DecidedList,
  type ListedEndpoint,
} from '../../../../../main/core/review/pack-history.ts';

type Patch = DecidedList['patches'][number];

const day = (count: number): string => new Date(Date.UTC(2026, 0, 1 + count)).toISOString();
const hashOf = (name: string, version: string, release = ''): string =>
  Buffer.from(`${name} ${version} ${release}`).toString('hex').padEnd(64, '0').slice(0, 64);

const IDS = ['a1', 'a2', 'a3', 'b1'] as const;
const ENDPOINTS: Readonly<Record<string, ListedEndpoint>> = {
  a1: { group: 'A', release: 'debian bookworm' },
  a2: { group: 'A', release: 'debian bookworm' },
  a3: { group: 'A', release: 'debian bullseye' },
  b1: { group: 'B', release: 'debian bookworm' },
};
const endpointsOf = (ids: readonly string[]): ReadonlyMap<string, ListedEndpoint> =>
  new Map(ids.flatMap((id) => (ENDPOINTS[id] === undefined ? [] : [[id, ENDPOINTS[id]] as const])));

function patch(name: string, version: string, ids: readonly string[], more: Partial<Patch> = {}): Patch {
  return {
    ...{ sha256: hashOf(name, version), package: name, arch: 'amd64', version, standing: 'decide' },
    ...{ releasedAt: day(0), dueAt: day(14), endpoints: ids.map((id) => ({ id, name: id, from: '1' })) },
    ...more,
  };
}

const say = (of: Patch, verdict: DecidedRow['verdict'], more: Partial<DecidedRow> = {}): DecidedRow => ({
  ...{ patch: of.sha256, verdict, reason: `because ${verdict}`, until: null, control: '' },
  ...(verdict === 'defer' ? { until: day(90), control: 'a filter in front' } : {}),
  ...more,
});

let lists = 0;
const list = (at: number, patches: readonly Patch[], more: Partial<DecidedList> = {}): DecidedList => ({
  ...{ packId: `pack-${(lists += 1)}`, createdAt: day(at), patches, words: [], grants: [] },
  endpoints: endpointsOf(Object.keys(ENDPOINTS)),
  ...more,
});
const answered = (at: number, patches: readonly Patch[], ...rows: DecidedRow[]): DecidedList =>
  list(at, patches, { words: [{ at: day(at + 1), rows }] });
const all = endpointsOf(Object.keys(ENDPOINTS));

describe('what the rows of a list say of earlier lists', () => {
  it('of a package that was never listed is nothing', () => {
    const row = patch('openssl', '2', ['a1']);
    const { of, diff } = historyOf([row], all, []);
    expect(of(row)).toEqual({ change: 'new', previous: null, deferral: null, clockFrom: null, dueAt: null });
    expect(diff).toBeNull();
  });

  it('counts renewals, keeps the first release, and tells what was said last', () => {
    const first = patch('openssl', '2', ['a1'], { releasedAt: day(0), dueAt: day(14) });
    const second = patch('openssl', '3', ['a1'], { releasedAt: day(20), dueAt: day(34) });
    const row = patch('openssl', '4', ['a1']);
    const { of } = historyOf([row], all, [
      answered(1, [first], say(first, 'defer', { until: day(20) })),
      answered(21, [second], say(second, 'defer', { until: day(50), control: 'switched off' })),
    ]);
    expect(of(row)).toMatchObject({
      deferral: { times: 2, since: day(2), until: day(50), control: 'switched off' },
      previous: { version: '3', verdict: 'defer', by: 'word' },
      ...{ clockFrom: day(0), dueAt: day(14) },
    });
  });

  it('keeps a deferral whatever another group says, and in whichever group the endpoint is now', () => {
    const ours = patch('openssl', '2', ['a1']);
    const theirs = patch('openssl', '2', ['b1']);
    const earlier = [
      answered(1, [ours], say(ours, 'defer')),
      list(2, [theirs], {
        words: [{ at: day(3), rows: [say(theirs, 'approve')] }],
        grants: [{ at: day(3), covers: (id) => id === 'b1' }],
      }),
    ];
    const { of } = historyOf([ours], all, earlier);
    expect(of(ours)).toMatchObject({
      deferral: { times: 1 },
      clockFrom: day(0),
      previous: { verdict: 'defer' },
    });
    expect(historyOf([theirs], all, earlier).of(theirs)).toMatchObject({
      ...{ deferral: null, previous: { verdict: 'approve' } },
    });
    const moved = new Map([...all, ['a1', { group: 'B', release: 'debian bookworm' }]]);
    expect(historyOf([ours], moved, earlier).of(ours)).toMatchObject({
      deferral: { times: 1 },
      clockFrom: day(0),
    });
  });

  it('ends a deferral with another version on the endpoint, not with a yes or a no', () => {
    const row = patch('openssl', '2', ['a1']);
    const earlier = [
      answered(1, [row], say(row, 'defer')),
      answered(5, [row], say(row, 'approve')),
      answered(9, [row], say(row, 'reject')),
    ];
    expect(historyOf([row], all, earlier).of(row)).toMatchObject({
      deferral: { times: 1 },
      clockFrom: day(0),
    });
    const installed = patch('openssl', '3', ['a1'], { endpoints: [{ id: 'a1', name: 'a1', from: '2' }] });
    expect(historyOf([installed], all, earlier).of(installed)).toMatchObject({
      ...{ deferral: null, clockFrom: null, previous: { verdict: 'reject' } },
    });
  });

  it('tells an endpoint that joined a group what the group deferred', () => {
    const first = patch('openssl', '2', ['a1']);
    const row = patch('openssl', '2', ['a2']);
    const { of } = historyOf([row], all, [answered(1, [first], say(first, 'defer'))]);
    expect(of(row)).toMatchObject({ deferral: { times: 1 }, previous: { verdict: 'defer' } });
  });

  it('takes packages of two releases for two packages', () => {
    const bookworm = patch('openssl', '3+deb12', ['a1']);
    const bullseye = patch('openssl', '1+deb11', ['a3']);
    const { of, diff } = historyOf([bookworm, bullseye], all, [
      answered(1, [bookworm, bullseye], say(bookworm, 'approve'), say(bullseye, 'approve')),
    ]);
    expect([of(bookworm).change, of(bullseye).change]).toEqual(['again', 'again']);
    expect(of(bullseye).previous?.version).toBe('1+deb11');
    expect(diff).toMatchObject({ new: 0, newer: 0, again: 2, gone: [] });
  });

  it('of a row that several groups share is the gravest', () => {
    const ours = patch('openssl', '2', ['a1']);
    const theirs = patch('openssl', '2', ['b1']);
    const row = patch('openssl', '2', ['a1', 'b1']);
    const { of } = historyOf([row], all, [
      answered(1, [ours], say(ours, 'reject')),
      answered(5, [theirs], say(theirs, 'approve')),
    ]);
    expect(of(row)).toMatchObject({ previous: { verdict: 'reject' }, change: 'new' });
    const shared = [ours, theirs].map((item) => answered(1, [item], say(item, 'defer')));
    expect(historyOf([row], all, shared).of(row).deferral?.times).toBe(1);
  });

  it('keeps the deferral of one person beside the no of another', () => {
    const row = patch('openssl', '2', ['a1']);
    const words = [
      { at: day(2), rows: [say(row, 'defer')] },
      { at: day(3), rows: [say(row, 'reject')] },
    ];
    const { of } = historyOf([row], all, [list(1, [row], { words })]);
    expect(of(row)).toMatchObject({ previous: { verdict: 'reject' }, deferral: { times: 1 } });
  });

  it('tells what was granted without a word: by silence, by a standing approval, at the console', () => {
    const silent = patch('openssl', '2', ['a1']);
    const standing = patch('tzdata', '2', ['a1'], { standing: 'approved' });
    const left = patch('bash', '2', ['a1']);
    const patches = [silent, standing, left];
    const covers = (_id: string, sha256: string): boolean => sha256 !== left.sha256;
    const settled = list(1, patches, { grants: [{ at: day(8), covers }] });
    const { of, diff } = historyOf(patches, all, [settled]);
    expect(of(silent).previous).toEqual({
      version: '2',
      verdict: 'approve',
      at: day(8),
      reason: '',
      by: 'silence',
    });
    expect(of(standing).previous?.by).toBe('standing');
    expect(of(left).previous).toBeNull();
    expect(diff).toMatchObject({ sincePackId: settled.packId, again: 3 });
  });

  it('stays a no or a question about the same version where nothing but silence or a standing approval came after', () => {
    const row = patch('openssl', '2', ['a1']);
    const newer = patch('openssl', '3', ['a1']);
    const granted = (item: Patch): DecidedList =>
      list(5, [item], { grants: [{ at: day(6), covers: () => true }] });
    for (const verdict of ['reject', 'ask'] as const) {
      const said = answered(1, [row], say(row, verdict));
      const settled = historyOf([row], all, [said, granted(row)]).of(row);
      expect(settled.previous).toMatchObject({ verdict, by: 'word' });
      const inAdvance = patch('openssl', '2', ['a1'], { standing: 'approved' });
      expect(historyOf([row], all, [said, granted(inAdvance)]).of(row).previous).toMatchObject({
        verdict,
      });
      for (const then of [answered(5, [row], say(row, 'approve')), granted(newer)])
        expect(historyOf([row], all, [said, then]).of(row).previous).toMatchObject({ verdict: 'approve' });
    }
  });

  it('tells of a no or a question about this version before a graver word about another', () => {
    const row = patch('openssl', '3', ['a1', 'b1']);
    const older = patch('openssl', '2', ['a1']);
    const theirs = patch('openssl', '3', ['b1']);
    for (const verdict of ['reject', 'ask'] as const) {
      const lists = [answered(1, [older], say(older, 'reject')), answered(3, [theirs], say(theirs, verdict))];
      expect(historyOf([row], all, lists).of(row).previous).toMatchObject({ version: '3', verdict });
    }
  });

  it('differs from what the same group last approved, and counts as gone what the same endpoints’ lists had', () => {
    const ours = [patch('openssl', '2', ['a1']), patch('bash', '2', ['a1'])];
    const theirs = [patch('nginx', '2', ['b1'])];
    const approved = answered(1, ours, ...ours.map((item) => say(item, 'approve')));
    const other = answered(5, theirs, ...theirs.map((item) => say(item, 'approve')));
    const rejected = answered(8, ours, ...ours.map((item) => say(item, 'reject')));
    const rows = [patch('openssl', '3', ['a1']), patch('curl', '2', ['a1'])];
    const { of, diff } = historyOf(rows, endpointsOf(['a1']), [approved, other, rejected]);
    expect(rows.map((row) => of(row).change)).toEqual(['newer', 'new']);
    expect(diff).toEqual({
      ...{ sincePackId: approved.packId, sinceAt: approved.createdAt, new: 1, newer: 1, again: 0 },
      gone: [{ package: 'bash', version: '2' }],
    });
    const both = historyOf([...rows, ...theirs], all, [approved, other]);
    expect(both.diff).toMatchObject({ sincePackId: approved.packId, again: 1 });
  });
});

/** Lists of one package over some endpoints, each answered somehow by one or two persons. */
const someLists = fc.array(
  fc.record({
    version: fc.integer({ min: 2, max: 5 }),
    ids: fc.uniqueArray(fc.constantFrom<string[]>(...IDS), { minLength: 1 }),
    released: fc.option(fc.integer({ min: 0, max: 60 }), { nil: null }),
    said: fc.array(
      fc.record({
        verdict: fc.constantFrom<DecidedRow['verdict'][]>('approve', 'reject', 'defer', 'ask'),
        at: fc.integer({ min: 61, max: 90 }),
        until: fc.integer({ min: 91, max: 200 }),
      }),
      { maxLength: 2 },
    ),
    granted: fc.boolean(),
  }),
  { maxLength: 6 },
);
type SomeList = typeof someLists extends fc.Arbitrary<(infer L)[]> ? L : never;

const build = ({ version, ids, released, said, granted }: SomeList, at: number): DecidedList => {
  const item = patch('openssl', String(version), ids, {
    releasedAt: released === null ? null : day(released),
    dueAt: released === null ? null : day(released + 14),
  });
  const words = said.map((word) => ({
    at: day(word.at),
    rows: [say(item, word.verdict, word.verdict === 'defer' ? { until: day(word.until) } : {})],
  }));
  return list(at, [item], {
    words,
    grants: granted ? [{ at: day(at), covers: () => true }] : [],
  });
};
const isDeferral = ({ words }: DecidedList): boolean =>
  words.some(({ rows }) => rows.some(({ verdict }) => verdict === 'defer'));

describe('a no and a question', () => {
  it('are told of the same version until a person says otherwise, however many lists silence settles', () => {
    fc.assert(
      fc.property(someLists, fc.integer({ min: 2, max: 5 }), (made, version) => {
        const same = made.map((item): SomeList => ({ ...item, version, ids: ['a1'] }));
        const spoken = same.map(build).filter(({ words }) => words.length > 0);
        const worst = ['reject', 'defer', 'ask'] as const;
        const said = spoken.at(-1)?.words.flatMap(({ rows }) => rows.map((row) => row.verdict)) ?? [];
        const expected = worst.find((verdict) => said.includes(verdict));
        const item = patch('openssl', String(version), ['a1']);
        const { previous } = historyOf([item], all, same.map(build)).of(item);
        if (expected === 'reject' || expected === 'ask') expect(previous?.verdict).toBe(expected);
        else expect(['reject', 'ask']).not.toContain(previous?.verdict);
      }),
    );
  });
});

describe('deferrals, in whatever order lists and answers come', () => {
  const row = patch('openssl', '9', ['a1'], { releasedAt: day(80), dueAt: day(94) });

  it('never lose a renewal and never move the clock later', () => {
    fc.assert(
      fc.property(someLists, (made) => {
        const lists = made.map(build);
        const here = lists.filter(
          (item) => isDeferral(item) && item.patches[0]?.endpoints.some(({ id }) => id === 'a1') === true,
        );
        const { deferral, clockFrom, dueAt } = historyOf([row], all, lists).of(row);
        expect(deferral?.times ?? 0).toBeGreaterThanOrEqual(here.length);
        for (const { patches } of here) {
          const { releasedAt = null, dueAt: due = null } = patches[0] ?? {};
          if (releasedAt !== null) expect((clockFrom ?? '9') <= releasedAt).toBe(true);
          if (due !== null) expect((dueAt ?? '9') <= due).toBe(true);
        }
      }),
    );
  });

  it('say the same in every order', () => {
    fc.assert(
      fc.property(
        someLists.chain((made) =>
          fc.tuple(fc.constant(made), fc.shuffledSubarray(made, { minLength: made.length })),
        ),
        ([made, shuffled]) => {
          const [a, b] = [made, shuffled].map((lists) => historyOf([row], all, lists.map(build)).of(row));
          expect(b?.deferral).toEqual(a?.deferral);
          expect([b?.clockFrom, b?.dueAt]).toEqual([a?.clockFrom, a?.dueAt]);
        },
      ),
    );
  });

  it('only grow with more lists', () => {
    fc.assert(
      fc.property(someLists, someLists, (made, more) => {
        const less = historyOf([row], all, made.map(build)).of(row);
        const bigger = historyOf([row], all, [...made, ...more].map(build)).of(row);
        expect(bigger.deferral?.times ?? 0).toBeGreaterThanOrEqual(less.deferral?.times ?? 0);
        if (less.clockFrom !== null) expect((bigger.clockFrom ?? '9') <= less.clockFrom).toBe(true);
      }),
    );
  });

  it('and all else said of a row hear nothing of other groups', () => {
    fc.assert(
      fc.property(someLists, someLists, fc.constantFrom('B', 'C', 'D'), (made, others, group) => {
        const ours = made.map((item) => ({ ...item, ids: ['a1'] }));
        const theirs = others.map((item) => ({ ...item, ids: ['b1'] }));
        const renamed = new Map([...all, ['b1', { group, release: 'debian bookworm' }]]);
        const alone = historyOf([row], all, ours.map(build)).of(row);
        const beside = historyOf(
          [row],
          all,
          [...theirs, ...ours].map((item, at) => ({ ...build(item, at), endpoints: renamed })),
        ).of(row);
        expect(beside).toEqual({ ...alone, previous: beside.previous });
        expect(beside.previous?.verdict).toBe(alone.previous?.verdict);
      }),
    );
  });
});
