import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEEP_REASONS } from '../../../../contract/vocabulary.ts';
import { findGarbage, type Needs, type StoredObject } from '../../../../main/core/garbage.ts';

const hash = fc.integer({ min: 0, max: 40 }).map((value) => value.toString(16).padStart(64, '0'));
const object: fc.Arbitrary<StoredObject> = fc.record({
  sha256: hash,
  size: fc.integer({ min: 0, max: 1_000_000 }),
  class: fc.constantFrom(
    'package',
    'index',
    'release',
    'repositories',
    'advisories',
    'risk',
    'report',
    'agent',
  ),
  standing: fc.constantFrom('offered', 'superseded', 'withdrawn'),
});
const set = fc.array(hash, { maxLength: 10 }).map((items): ReadonlySet<string> => new Set(items));
const needs: fc.Arbitrary<Needs> = fc.record({
  run: set,
  approval: set,
  plan: set,
  restore: set,
  finding: set,
});

describe('garbage', () => {
  it('never holds what a run, an approval, a plan, a restore or a finding needs, nor what is still offered', () => {
    fc.assert(
      fc.property(fc.uniqueArray(object, { selector: (item) => item.sha256 }), needs, (stored, needed) => {
        const { objects, kept, bytes } = findGarbage(stored, needed);
        for (const item of objects) {
          expect(KEEP_REASONS.some((reason) => needed[reason].has(item.sha256))).toBe(false);
          expect(item.standing).not.toBe('offered');
          expect(['package', 'index', 'release', 'agent']).toContain(item.class);
        }
        expect(bytes).toBe(objects.reduce((sum, item) => sum + item.size, 0));
        // Nothing collectable is passed over in silence: it goes, or it says why it stays.
        const told = new Set([...objects, ...kept.map((entry) => entry.object)].map((item) => item.sha256));
        for (const item of stored) {
          const collectable =
            item.standing !== 'offered' && ['package', 'index', 'release', 'agent'].includes(item.class);
          expect(told.has(item.sha256)).toBe(collectable);
        }
        for (const { object: item, reason } of kept) expect(needed[reason].has(item.sha256)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('grows when less is needed, and never loses an object by it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(object, { selector: (item) => item.sha256 }), needs, (stored, needed) => {
        const fewer: Needs = { ...needed, plan: new Set() };
        const before = findGarbage(stored, needed).objects.map((item) => item.sha256);
        const after = findGarbage(stored, fewer).objects.map((item) => item.sha256);
        expect(after).toEqual(expect.arrayContaining(before));
      }),
      { numRuns: 500 },
    );
  });
});
