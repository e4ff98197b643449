import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryDraft } from '../../../../../main/core/review/carry-draft.ts';
import type { ReviewPack } from '../../../../../main/core/review/review-pack.ts';
import { LIBSSL, OPENSSL, PACK } from '../../../../support/review-site.ts';

type Endpoint = ReviewPack['endpoints'][number];
const endpoint = (id: string, fields: Partial<Endpoint> = {}): Endpoint => ({
  ...{ id, name: id, group: 'web', snapshotMode: 'hard', restoreOnFailure: true },
  ...{ rebootPolicy: 'if-required', scannedAt: null, ...fields },
});
const group = (name: string, policySha256: string | null): ReviewPack['groups'][number] => ({
  ...{ name, policySha256, policy: null },
});
/** libssl3 on e1 of web, openssl on e1 of web and e2 of db. */
const BEFORE: ReviewPack = {
  ...PACK,
  customer: 'Trust',
  groups: [group('db', null), group('web', 'c'.repeat(64))],
  endpoints: [endpoint('e1'), endpoint('e2', { group: 'db' })],
  patches: PACK.patches.map((patch) => ({
    ...patch,
    endpoints:
      patch.sha256 === OPENSSL
        ? [...patch.endpoints, { id: 'e2', name: 'db-1', from: '3.0.20-1' }]
        : patch.endpoints,
  })),
};
const DRAFT = [{ patch: LIBSSL }, { patch: OPENSSL }];
const carried = (after: ReviewPack): string[] =>
  carryDraft(DRAFT, BEFORE, after).carried.map(({ patch }) => patch);
const onlyPatch = (sha256: string, fields: Partial<ReviewPack['patches'][number]>): ReviewPack => ({
  ...BEFORE,
  patches: BEFORE.patches.map((patch) => (patch.sha256 === sha256 ? { ...patch, ...fields } : patch)),
});

describe('a draft on a list that takes the place of another', () => {
  it('comes along whole when nothing of it changed but what is said of it', () => {
    const quality = { verdict: 'concern', note: 'restarts twice', by: 'Ada', at: PACK.createdAt } as const;
    const later = { packId: 'pack-2', nonce: 'f'.repeat(32), cutOffAt: '2026-12-25T12:00:00.000Z' };
    expect(carried({ ...onlyPatch(OPENSSL, { quality, cves: [] }), ...later })).toEqual([LIBSSL, OPENSSL]);
    const scanned = BEFORE.endpoints.map((item) => ({ ...item, scannedAt: PACK.createdAt }));
    expect(carried({ ...BEFORE, endpoints: scanned })).toEqual([LIBSSL, OPENSSL]);
  });

  it.each<readonly [string, ReviewPack, readonly string[]]>([
    ['gone', { ...BEFORE, patches: BEFORE.patches.slice(1) }, BEFORE.patches.slice(1).map((p) => p.sha256)],
    ['another file', onlyPatch(OPENSSL, { sha256: 'e'.repeat(64) }), [LIBSSL]],
    ['another version', onlyPatch(OPENSSL, { version: '3.0.23-1' }), [LIBSSL]],
    ['kept out by policy now', onlyPatch(OPENSSL, { standing: 'excluded' }), [LIBSSL]],
    ['an endpoint more', onlyPatch(LIBSSL, { endpoints: BEFORE.patches[1]?.endpoints ?? [] }), [OPENSSL]],
    [
      'from another version',
      onlyPatch(LIBSSL, { endpoints: [{ id: 'e1', name: 'web-1', from: null }] }),
      [OPENSSL],
    ],
    [
      'a policy of one group',
      { ...BEFORE, groups: [group('db', 'd'.repeat(64)), group('web', 'c'.repeat(64))] },
      [LIBSSL],
    ],
    ['another group', { ...BEFORE, endpoints: [endpoint('e1'), endpoint('e2')] }, [LIBSSL]],
    [
      'other terms',
      { ...BEFORE, endpoints: [endpoint('e1'), endpoint('e2', { group: 'db', snapshotMode: 'soft' })] },
      [LIBSSL],
    ],
    ['another customer', { ...BEFORE, customer: 'Council' }, []],
  ])('loses what is about something else: %s', (_what, after, stays) => {
    expect(carried(after)).toEqual(stays);
  });

  it('keeps every row in exactly one of the two, in order, and never one that the new list lacks', () => {
    const drafts = fc.uniqueArray(fc.constantFrom(LIBSSL, OPENSSL, 'e'.repeat(64)));
    const packs = fc
      .record({
        dropped: fc.constantFrom(null, LIBSSL, OPENSSL),
        policy: fc.constantFrom('c'.repeat(64), 'd'.repeat(64), null),
        mode: fc.constantFrom('hard' as const, 'soft' as const),
      })
      .map(({ dropped, policy, mode }) => ({
        ...BEFORE,
        groups: [group('db', null), group('web', policy)],
        endpoints: [endpoint('e1', { snapshotMode: mode }), endpoint('e2', { group: 'db' })],
        patches: BEFORE.patches.filter(({ sha256 }) => sha256 !== dropped),
      }));
    fc.assert(
      fc.property(drafts, packs, (patches, after) => {
        const draft = patches.map((patch) => ({ patch }));
        const { carried: kept, left } = carryDraft(draft, BEFORE, after);
        expect(draft.filter((row) => kept.includes(row))).toEqual(kept);
        expect(draft.filter((row) => !kept.includes(row))).toEqual(left);
        const there = new Set(after.patches.map(({ sha256 }) => sha256));
        expect(kept.every(({ patch }) => there.has(patch))).toBe(true);
        const isSame =
          after.groups[1]?.policySha256 === 'c'.repeat(64) && after.endpoints[0]?.snapshotMode === 'hard';
        expect(isSame || kept.length === 0).toBe(true);
      }),
    );
  });
});
