import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../../../contract/errors.ts';
import { PackRows } from '../../../../../main/core/review/pack-rows.ts';
import { parsePack } from '../../../../../main/core/review/review-pack.ts';

const sha = (digit: number): string => String(digit).repeat(64);
const row = (digit: number): object => ({
  ...{ sha256: sha(digit), package: `package-${digit}`, arch: 'all', version: '1', source: 'source' },
  ...{ severity: 'high', urgency: '', security: true, cves: [], size: 1, requested: true },
  endpoints: [{ id: 'one', name: 'web-1', from: null }],
});
const textOf = (change: object = {}): string =>
  JSON.stringify({
    ...{ format: 'sallyport-review-pack/1', packId: 'pack', siteId: 'site', siteName: 'Site', marking: '' },
    ...{ approvalId: 'approval', planId: 'plan', planDigest: sha(9), nonce: 'a'.repeat(32) },
    ...{ createdAt: '2026-11-01T00:00:00.000Z', createdBy: 'Ada', cutOffAt: '2026-11-08T00:00:00.000Z' },
    ...{ approvers: 1, patches: [row(1), row(2), row(3)] },
    ...change,
  });

function refusalOf(ask: () => unknown): CodedError {
  try {
    ask();
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a pack read row by row', () => {
  test('is, row by row and whole, what it is read at once, in whatever order its rows are asked for', () => {
    const pack = parsePack(textOf(), 'the pack');
    const rows = PackRows.read(textOf(), 'the pack');
    expect(rows.count).toBe(3);
    expect([2, 0].map((place) => rows.at(place))).toEqual([pack.patches[2], pack.patches[0]]);
    expect(rows.at(2)).toBe(rows.at(2));
    expect(rows.whole()).toEqual(pack);
    expect({ ...rows.head, patches: pack.patches }).toEqual(pack);
    expect([sha(2), sha(7)].map((sha256) => rows.placeOf(sha256))).toEqual([1, undefined]);
    expect(PackRows.of(pack).at(1)).toEqual(rows.at(1));
  });

  test('a malformed row is refused by whatever asks for it, and names its place', () => {
    const bad = PackRows.read(textOf({ patches: [row(1), { ...row(2), size: 'much' }] }), 'the pack');
    expect(bad.at(0).package).toBe('package-1');
    for (const ask of [() => bad.at(1), () => bad.whole()]) {
      expect(refusalOf(ask)).toMatchObject({
        code: 'REVIEW_CONTENT_INVALID',
        message: 'the pack is malformed at patches.1.size.',
      });
    }
    expect(refusalOf(() => PackRows.read(textOf({ patches: [7] }), 'the pack').forOrder())).toMatchObject({
      message: 'the pack is malformed at patches.0.',
    });
  });

  test.each([
    ['no JSON', '{', 'REVIEW_CONTENT_INVALID'],
    ['no rows', textOf({ patches: [] }), 'REVIEW_CONTENT_INVALID'],
    ['a field too much', textOf({ more: 1 }), 'REVIEW_CONTENT_INVALID'],
    ['another head', textOf({ nonce: 'x' }), 'REVIEW_CONTENT_INVALID'],
    ['a later format', textOf({ format: 'sallyport-review-pack/2' }), 'REVIEW_VERSION_UNKNOWN'],
  ])('%s is refused at once, as it is when it is read whole', (_what, text, code) => {
    expect(refusalOf(() => PackRows.read(text, 'the pack')).code).toBe(code);
    expect(refusalOf(() => parsePack(text, 'the pack')).code).toBe(code);
  });
});
