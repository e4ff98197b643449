import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CodedError } from '../../../../../contract/errors.ts';
import { composeDecision } from '../../../../../main/core/review/compose-decision.ts';
import { parseDecision, type DecidedRow } from '../../../../../main/core/review/decision-file.ts';
import { judgeDecision } from '../../../../../main/core/review/judge-decision.ts';
import { DEFAULT_POLICY } from '../../../../../main/core/review/policy.ts';
import type { PackPatch, ReviewPack } from '../../../../../main/core/review/review-pack.ts';
import { reviewCrypto } from '../../../../../main/review/node-crypto.ts';
import { canonicalJson } from '../../../../../main/core/plan.ts';
import { fileOf, makeKey, PACK, signedText, siteWith } from '../../../../support/review-site.ts';

const [BASE] = PACK.patches;
if (BASE === undefined) throw new Error('the pack has patches');
const KEY = makeKey();
const AT = '2026-11-23T09:00:00.000Z';

const patchOf = fc.record({
  standing: fc.constantFrom<PackPatch['standing']>('decide', 'approved', 'excluded', 'out-of-scope'),
  on: fc.constantFrom('in', 'out'),
  row: fc.option(
    fc.record({
      verdict: fc.constantFrom<DecidedRow['verdict']>('approve', 'reject', 'defer', 'ask'),
      reason: fc.constantFrom('', 'because', 'x'.repeat(2_001)),
      until: fc.constantFrom(null, '2026-12-24T00:00:00.000Z', '2026-01-01T00:00:00.000Z'),
      control: fc.constantFrom('', 'behind the firewall'),
    }),
  ),
});
type Drawn = readonly (typeof patchOf extends fc.Arbitrary<infer T> ? T : never)[];

function packOf(base: PackPatch, drawn: Drawn): { readonly pack: ReviewPack; readonly sha256: string } {
  const group = (name: string, mode: 'opt-in' | 'opt-out') => ({
    ...{ name, policySha256: 'e'.repeat(64) },
    policy: {
      ...{ format: 'sallyport-policy/1' as const, siteId: 'site-1', customer: '', group: name },
      ...{ ...DEFAULT_POLICY, version: 1, mode, signedAt: PACK.createdAt, signedBy: 'Mira' },
    },
  });
  const pack: ReviewPack = {
    ...PACK,
    groups: [group('in', 'opt-in'), group('out', 'opt-out')],
    endpoints: ['in', 'out'].map((name) => ({
      ...{ id: name, name, group: name, snapshotMode: 'hard' as const, restoreOnFailure: true },
      ...{ rebootPolicy: 'never' as const, scannedAt: null },
    })),
    patches: drawn.map(({ standing, on }, index) => ({
      ...{ ...base, standing, sha256: index.toString(16).padStart(64, '0') },
      endpoints: [{ id: on, name: on, from: '1' }],
    })),
  };
  return { pack, sha256: reviewCrypto.sha256(reviewCrypto.encodeUtf8(canonicalJson(pack))) };
}

test('whatever is let through to be signed, the site reads and takes in; it has a row at least', () => {
  const seen = { signed: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(patchOf, { minLength: 1, maxLength: 6 }), (drawn) => {
      const { pack, sha256 } = packOf(BASE, drawn);
      const rows = drawn.flatMap(({ row }, index) =>
        row === null ? [] : [{ ...row, patch: index.toString(16).padStart(64, '0') }],
      );
      let text: string;
      try {
        text = composeDecision({ pack, sha256 }, rows, { decidedBy: 'Grace', decidedAt: AT });
      } catch (error) {
        seen.refused += 1;
        expect(error).toBeInstanceOf(CodedError);
        return;
      }
      seen.signed += 1;
      expect(parseDecision(text, 'decision').rows.length).toBeGreaterThan(0);
      const input = fileOf(signedText(text, KEY));
      const judged = judgeDecision(input, siteWith(KEY, { sent: { pack, sha256 } }), reviewCrypto);
      expect(judged.decision.rows).toHaveLength(rows.length);
    }),
    { numRuns: 400 },
  );
  expect(Math.min(seen.signed, seen.refused)).toBeGreaterThan(20);
});
