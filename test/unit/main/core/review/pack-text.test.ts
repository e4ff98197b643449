import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../../../main/core/plan.ts';
import { packText } from '../../../../../main/core/review/pack-text.ts';
import type { PackHead } from '../../../../../main/core/review/review-pack.ts';

test('a pack written row by row has the bytes of the pack written at once', () => {
  const anything = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<object>;
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((key) => key !== 'patches' && key !== '__proto__'),
        anything,
      ),
      fc.array(anything),
      (head, patches) => {
        const text = packText(
          head as unknown as PackHead,
          patches.map((row) => canonicalJson(row)),
        );
        expect(text).toBe(canonicalJson({ ...head, patches }));
      },
    ),
    { numRuns: 500 },
  );
});
