import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../../contract/errors.ts';
import {
  anchorAt,
  confirmReAnchor,
  type ReAnchorProposal,
} from '../../../../../main/core/bundle/re-anchor.ts';
import type { RoleMark, TrustState } from '../../../../../main/core/bundle/trust.ts';

const AT = '2026-11-25T00:00:00Z';
const DAY_MS = 86_400_000;
const ROLES = ['timestamp', 'snapshot', 'targets'] as const;

const mark = fc.option(
  fc
    .record({ version: fc.integer({ min: 1, max: 20 }) })
    .map(({ version }): RoleMark => ({ version, sha256: `file-${version}`, signedBy: null })),
);
/** Two families of roots: of the same keyholders, and of others under the same numbers. */
const roots = fc
  .record({ from: fc.integer({ min: 1, max: 4 }), length: fc.integer({ min: 1, max: 3 }), family: fc.nat(1) })
  .map(({ from, length, family }) =>
    Array.from({ length }, (_, index) => ({
      version: from + index,
      bytes: Uint8Array.of(family, from + index),
    })),
  );
const trust: fc.Arbitrary<TrustState> = fc.record({
  roots,
  marks: fc.record({ timestamp: mark, snapshot: mark, targets: mark }),
  streams: fc.dictionary(
    fc.constantFrom('main', 'malware'),
    fc.integer({ min: 1, max: 9 }).map((seq) => ({ seq, manifestSha256: `m${seq}` })),
  ),
  timeFloor: fc.option(fc.integer({ min: 0, max: 900 }).map((day) => new Date(day * DAY_MS).toISOString())),
});

/** What is lower in `after` than in `before`, by name; a root of other keyholders counts as lower. */
function lowered(before: TrustState, after: TrustState): string[] {
  const last = before.roots.at(-1);
  const same = after.roots.find(({ version }) => version === last?.version);
  const isKept = same !== undefined && last !== undefined && Buffer.compare(same.bytes, last.bytes) === 0;
  return [
    ...(isKept ? [] : ['root']),
    ...ROLES.filter((role) => (after.marks[role]?.version ?? 0) < (before.marks[role]?.version ?? 0)),
  ];
}
const digest = (state: TrustState): string => JSON.stringify(state);

interface Step {
  readonly kind: 'propose' | 'confirm' | 'import';
  readonly by: string;
  readonly anchor: TrustState;
  readonly days: number;
  readonly fingerprint: string;
}
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('propose', 'confirm', 'import'),
  by: fc.constantFrom('ann', 'bea', 'cem'),
  anchor: trust,
  days: fc.nat(4),
  fingerprint: fc.constantFrom('right', 'wrong'),
});

describe('re-anchoring', () => {
  it('lowers nothing but what its record names, and never a stream or the time floor', () => {
    fc.assert(
      fc.property(trust, trust, (before, anchor) => {
        const { next, givesUp } = anchorAt(before, anchor);
        expect(givesUp.map(({ what }) => what)).toEqual(lowered(before, next));
        for (const { what, from, to } of givesUp) {
          if (what === 'root') continue;
          expect([from, to]).toEqual([before.marks[what]?.version ?? 0, next.marks[what]?.version ?? 0]);
        }
        expect(next.streams).toEqual(before.streams);
        expect(Date.parse(next.timeFloor ?? '1970-01-01')).toBeGreaterThanOrEqual(
          Math.max(
            Date.parse(before.timeFloor ?? '1970-01-01'),
            Date.parse(anchor.timeFloor ?? '1970-01-01'),
          ),
        );
        expect(next.roots.at(-1)?.version).toBeDefined();
        const versions = next.roots.map(({ version }) => version);
        expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
      }),
    );
  });

  it('lowers a version that the site knows only with two persons on record, whatever they do in which order', () => {
    let confirmed = 0;
    fc.assert(
      fc.property(trust, fc.array(step, { maxLength: 12 }), (first, steps) => {
        let state = first;
        let day = 0;
        let proposal: (ReAnchorProposal & { readonly givesUp: readonly { readonly what: string }[] }) | null =
          null;
        for (const { kind, by, anchor, days, fingerprint } of steps) {
          day += days;
          const at = new Date(Date.parse(AT) + day * DAY_MS).toISOString();
          const before = state;
          if (kind === 'import') {
            // An import moves the trust on, and so voids what was proposed.
            const known = state.marks.timestamp?.version ?? 0;
            const timestamp = { version: known + 1, sha256: `file-${known + 1}`, signedBy: null };
            state = { ...state, marks: { ...state.marks, timestamp } };
          } else if (kind === 'propose') {
            const { next, givesUp } = anchorAt(state, anchor);
            proposal = {
              id: 'p',
              proposedBy: by,
              proposedAt: at,
              fingerprint: 'right',
              trustDigest: digest(state),
              next,
              givesUp,
            };
          } else if (proposal !== null) {
            try {
              state = confirmReAnchor(proposal, { by, at, fingerprint }, digest(state));
              confirmed += 1;
              expect(by).not.toBe(proposal.proposedBy);
              expect(fingerprint).toBe('right');
              expect(lowered(before, state)).toEqual(proposal.givesUp.map(({ what }) => what));
              continue;
            } catch (error) {
              if (!(error instanceof CodedError)) throw error;
            }
          }
          expect(lowered(before, state)).toEqual([]);
        }
      }),
      { numRuns: 1_000 },
    );
    // Else it would hold of nothing.
    expect(confirmed).toBeGreaterThan(50);
  });
});
