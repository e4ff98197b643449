import { ANN, BEA, BUILDER, BUILDER_2, medium, root, SIGNED, SPARE } from './media.ts';
import { BY_NEW_BUILDER, chain, NEW_BUILDER, step, vector, versions, type Vector } from './vector.ts';

const TWO_BUILDERS = {
  timestamp: { keys: [BUILDER, BUILDER_2], threshold: 1 },
  snapshot: { keys: [BUILDER, BUILDER_2], threshold: 1 },
};

const snapshotKey = root(2, [ANN, BEA], { roles: { snapshot: NEW_BUILDER.snapshot } });
const releaseKey = root(2, [ANN, BEA], { roles: { targets: { keys: [SPARE], threshold: 1 } } });
const lapsed = root(1, [ANN, BEA], { expires: '2026-11-01T00:00:00Z' });
/** Recovery from keys that were stolen, or lapsed. */
export const RECOVERY: readonly Vector[] = [
  vector(
    'fast-forward-recovery',
    '5.3.11',
    'versions that a thief drove up bind no longer once the key is replaced',
    [
      step(medium({ seq: 1, versions: versions(900_000, 900_000, 900_000) }), 'accepted'),
      step(medium({ seq: 2 }), 'BUNDLE_ROLLBACK'),
      step(
        medium({
          seq: 2,
          roots: chain(root(1), root(2, [ANN, BEA], { roles: NEW_BUILDER })),
          signers: BY_NEW_BUILDER,
        }),
        'accepted',
        { root: 2 },
      ),
      step(
        medium({
          seq: 3,
          versions: versions(1, 1, 1),
          roots: chain(root(1), root(2, [ANN, BEA], { roles: NEW_BUILDER })),
          signers: BY_NEW_BUILDER,
        }),
        'BUNDLE_ROLLBACK',
        { root: 2 },
      ),
    ],
  ),
  vector(
    'fast-forward-recovery-snapshot',
    '5.3.11',
    'the snapshot key alone was replaced: all that hangs on it is free',
    [
      step(medium({ seq: 1, versions: versions(9, 900_000, 900_000) }), 'accepted'),
      step(medium({ seq: 2, versions: versions(10, 2, 2) }), 'BUNDLE_ROLLBACK'),
      step(
        medium({
          seq: 2,
          versions: versions(10, 2, 2),
          roots: chain(root(1), snapshotKey),
          signers: { snapshot: [BUILDER_2] },
        }),
        'accepted',
        { root: 2 },
      ),
    ],
  ),
  vector(
    'no-recovery-by-release-key',
    '5.3.11',
    'a release key that was replaced frees neither timestamp nor snapshot',
    [
      step(medium({ seq: 1, versions: versions(9, 9, 9) }), 'accepted'),
      step(
        medium({ seq: 2, roots: chain(root(1), releaseKey), signers: { targets: [SPARE] } }),
        'BUNDLE_ROLLBACK',
        { root: 2 },
      ),
    ],
  ),
  vector(
    'no-recovery-while-signer-counts',
    '5.3.11',
    'a key added or another one removed frees nothing: what was signed still is',
    [
      step(medium({ seq: 1, versions: versions(9, 9, 9) }), 'accepted'),
      step(
        medium({
          seq: 2,
          roots: chain(root(1), root(2, [ANN, BEA], { roles: TWO_BUILDERS })),
          signers: BY_NEW_BUILDER,
        }),
        'BUNDLE_ROLLBACK',
        { root: 2 },
      ),
    ],
  ),
  vector(
    'expired-root-hands-over',
    '5.3.10',
    'a root that has expired still passes on to its successor',
    [
      step(medium({ roots: chain(lapsed) }), 'BUNDLE_EXPIRED'),
      step(medium({ roots: chain(lapsed, root(2)) }), 'accepted', { root: 2 }),
    ],
    lapsed,
  ),
];

/** What lapses, and what clocks show. */
export const TIME: readonly Vector[] = [
  vector('freeze', 'format 4.9', 'an old medium handed over again and again needs a stated reason', [
    step(medium(), 'BUNDLE_EXPIRED', { now: '2027-04-01T00:00:00Z' }),
    step(medium(), 'accepted', { now: '2027-04-01T00:00:00Z', reason: 'the courier was ill' }),
  ]),
  vector('timestamp-lapsed', '5.4.4', 'lapsed before its usual time', [
    step(medium({ expires: { timestamp: '2026-11-24T12:00:00Z' } }), 'BUNDLE_EXPIRED'),
    step(medium({ expires: { snapshot: '2026-11-24T12:00:00Z' } }), 'BUNDLE_EXPIRED'),
    step(medium({ expires: { snapshot: '2026-11-24T12:00:00Z' } }), 'accepted', {
      reason: 'agreed by telephone',
    }),
  ]),
  vector('snapshot-lapsed', '5.5.6', 'lapsed before its usual time', [
    step(medium({ expires: { snapshot: '2026-11-24T12:00:00Z' } }), 'BUNDLE_EXPIRED'),
    step(medium({ expires: { snapshot: '2026-11-24T12:00:00Z' } }), 'accepted', {
      reason: 'agreed by telephone',
    }),
  ]),
  vector(
    'root-lapsed',
    '5.3.10',
    'the last root has expired, and no reason helps: only its successor does',
    [step(medium({ roots: chain(lapsed) }), 'BUNDLE_EXPIRED', { reason: 'please' })],
    lapsed,
  ),
  vector('targets-lapsed', '5.6.5', 'no reason helps: only a newer bundle does', [
    step(medium({ expires: { targets: '2026-11-24T12:00:00Z' } }), 'BUNDLE_EXPIRED', { reason: 'please' }),
  ]),
  vector('clock-behind', 'format 4.9', 'the clock shows a time before one that was signed', [
    step(medium(), 'accepted'),
    step(medium({ seq: 2 }), 'BUNDLE_CLOCK_WRONG', { now: '2020-01-01T00:00:00Z' }),
    step(medium({ seq: 2, expires: { targets: '2026-11-23T00:00:00Z' } }), 'BUNDLE_EXPIRED', {
      now: '2020-01-01T00:00:00Z',
      reason: 'a clock set back hides no expiry',
    }),
    step(medium({ seq: 2 }), 'accepted', { now: '2020-01-01T00:00:00Z', reason: 'the battery is on order' }),
  ]),
  vector('clock-ahead', 'format 4.9', 'the clock is years ahead; nothing is learned from it', [
    step(medium(), 'BUNDLE_CLOCK_WRONG', { now: '2040-01-01T00:00:00Z' }),
    step(medium(), 'BUNDLE_CLOCK_WRONG', { now: '2040-01-01T00:00:00Z', reason: 'please' }),
    step(medium(), 'accepted'),
  ]),
  vector('from-the-future', 'format 4.6', 'signed after what the clock shows: one of two clocks is wrong', [
    step(medium({ createdAt: '2026-12-24T00:00:00Z' }), 'BUNDLE_CLOCK_WRONG'),
    step(medium({ createdAt: '2026-12-24T00:00:00Z' }), 'BUNDLE_CLOCK_WRONG', { reason: 'please' }),
    step(medium({ createdAt: SIGNED }), 'accepted'),
  ]),
];
