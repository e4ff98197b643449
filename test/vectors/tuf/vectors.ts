import { ANN, BEA, BUILDER, CEM, DOV, forge, medium, RELEASE, root, SPARE, STRANGER } from './media.ts';
import { RECOVERY, TIME } from './recovery-vectors.ts';
import { BY_NEW_BUILDER, chain, NEW_BUILDER, step, vector, versions, type Vector } from './vector.ts';

/** Every test vector of docs/FORMAT-bundle.md, appendix A. */

const seen = step(medium({ seq: 5 }), 'accepted');

/** Thresholds that a next root raises. */
const ALL_THREE = { root: { keys: [ANN, BEA, CEM], threshold: 3 } };
const BOTH_RELEASE = root(2, [ANN, BEA], { roles: { targets: { keys: [RELEASE, SPARE], threshold: 2 } } });

const ROLLBACK: readonly Vector[] = [
  vector('accepts-next', '5.3-5.6', 'one bundle after another', [
    step(medium(), 'accepted'),
    step(medium({ seq: 2 }), 'accepted'),
    step(medium({ seq: 2 }), 'BUNDLE_ALREADY_IMPORTED'),
  ]),
  vector('rollback-timestamp', '5.4.3.1', 'a timestamp with a lower version', [
    seen,
    step(medium({ seq: 6, versions: versions(4, 6, 6) }), 'BUNDLE_ROLLBACK'),
  ]),
  vector('rollback-snapshot', '5.4.3.2', 'a new timestamp names an older snapshot', [
    seen,
    step(medium({ seq: 6, versions: versions(6, 4, 6) }), 'BUNDLE_ROLLBACK'),
  ]),
  vector('rollback-targets', '5.5.5', 'a new snapshot names older targets', [
    seen,
    step(medium({ seq: 6, versions: versions(6, 6, 4) }), 'BUNDLE_ROLLBACK'),
  ]),
  vector('rollback-bundle', 'format 4.6', 'all roles are new, the bundle is old', [
    seen,
    step(medium({ seq: 4, versions: versions(6, 6, 6) }), 'BUNDLE_ROLLBACK'),
  ]),
  vector('same-version-other-file', 'format 4.3', 'a version was given out twice', [
    seen,
    step(medium({ seq: 5, createdAt: '2026-11-24T01:00:00Z' }), 'BUNDLE_ROLLBACK'),
  ]),
  vector(
    'rollback-root',
    '5.3',
    'a medium of before the keys were replaced, whose newest root is an older one',
    [
      step(
        medium({
          seq: 1,
          roots: chain(root(1), root(2, [ANN, BEA], { roles: NEW_BUILDER })),
          signers: BY_NEW_BUILDER,
        }),
        'accepted',
        { root: 2 },
      ),
      step(medium({ seq: 2 }), 'BUNDLE_SIGNATURE_UNTRUSTED', { root: 2 }),
    ],
  ),
  vector('base-missing', 'format 4.6', 'the bundle builds on one that the site never had', [
    step(medium({ seq: 3, base: 2 }), 'BUNDLE_FILE_MISSING'),
  ]),
];

const mixed = (...names: string[]): Map<string, string> => {
  const other = medium({ seq: 2 });
  const files = medium();
  for (const name of names) files.set(`metadata/${name}.json`, other.get(`metadata/${name}.json`) ?? '');
  return files;
};

const MIXED: readonly Vector[] = [
  vector('mix-and-match-snapshot', '5.5.2', 'a snapshot of another bundle', [
    step(mixed('snapshot'), 'BUNDLE_HASH_MISMATCH'),
  ]),
  vector('mix-and-match-targets', '5.6.2', 'targets of another bundle', [
    step(mixed('targets'), 'BUNDLE_HASH_MISMATCH'),
  ]),
  vector('mix-and-match-timestamp', '5.5.2', 'the timestamp of another bundle', [
    step(mixed('timestamp'), 'BUNDLE_HASH_MISMATCH'),
  ]),
  vector('mix-and-match-targets-version', '5.6.4', 'the named targets, but another version than named', [
    step(
      forge(medium(), 'snapshot', (signed) => {
        const meta = signed['meta'] as Record<string, { version: number }>;
        if (meta['targets.json'] !== undefined) meta['targets.json'].version = 7;
      }),
      'BUNDLE_MIX_AND_MATCH',
    ),
  ]),
  vector('mix-and-match-version', '5.5.4', 'the named bytes, but another version than named', [
    step(
      forge(medium(), 'timestamp', (signed) => {
        const meta = signed['meta'] as Record<string, { version: number }>;
        if (meta['snapshot.json'] !== undefined) meta['snapshot.json'].version = 7;
      }),
      'BUNDLE_MIX_AND_MATCH',
    ),
  ]),
  vector('delegations', 'format 2.1', 'targets that delegate are refused, not half understood', [
    step(
      forge(medium(), 'targets', (signed) => {
        signed['delegations'] = { keys: {}, roles: [] };
      }),
      'BUNDLE_METADATA_INVALID',
    ),
  ]),
  vector('two-bundles', 'format 4.6', 'targets that name two manifests', [
    step(
      forge(medium(), 'targets', (signed) => {
        const targets = signed['targets'] as Record<string, unknown>;
        targets['bundles/main/2/manifest.tsv'] = Object.values(targets)[0];
      }),
      'BUNDLE_METADATA_INVALID',
    ),
  ]),
  vector(
    'unknown-fields',
    '4.1',
    'fields that a reader does not know are covered by the signature and ignored',
    [
      step(
        forge(medium({ roots: chain(root(1)) }), 'targets', (signed) => {
          signed['x-of-a-newer-builder'] = { any: ['thing'] };
        }),
        'accepted',
      ),
    ],
  ),
];

const twoReleases = root(1, [ANN, BEA], { roles: { targets: { keys: [RELEASE, SPARE], threshold: 2 } } });
const twoIds = root(1, [ANN, BEA], {
  roles: { targets: { keys: [RELEASE], threshold: 2 } },
  more: (signed) => {
    const keys = signed['keys'] as Record<string, object>;
    const roles = signed['roles'] as Record<string, { keyids: string[] }>;
    keys['0'.repeat(64)] = { ...keys[RELEASE.keyId] };
    roles['targets']?.keyids.push('0'.repeat(64));
  },
});
const otherId = { keyId: '0'.repeat(64), sign: (message: Uint8Array) => RELEASE.sign(message) };
const newerKeys = root(1, [ANN, BEA], {
  more: (signed) => {
    const keys = signed['keys'] as Record<string, object>;
    const roles = signed['roles'] as Record<string, { keyids: string[] }>;
    keys['1'.repeat(64)] = { keytype: 'of-tomorrow', scheme: 'of-tomorrow', keyval: { public: 'anything' } };
    roles['targets']?.keyids.push('1'.repeat(64));
  },
});

const SIGNATURES: readonly Vector[] = [
  vector(
    'threshold-not-met',
    '5.3.4',
    'one of two signatures',
    [
      step(medium({ roots: chain(twoReleases) }), 'BUNDLE_THRESHOLD_NOT_MET'),
      step(medium({ roots: chain(twoReleases), signers: { targets: [RELEASE, SPARE] } }), 'accepted'),
    ],
    twoReleases,
  ),
  vector(
    'one-key-two-ids',
    '5.3.4',
    'the same key under two ids is one keyholder',
    [
      step(
        medium({ roots: chain(twoIds), signers: { targets: [RELEASE, otherId] } }),
        'BUNDLE_THRESHOLD_NOT_MET',
      ),
    ],
    twoIds,
  ),
  vector('signed-twice', '4.2.1', 'key ids of signatures must be unique', [
    step(medium({ signers: { targets: [RELEASE, RELEASE] } }), 'BUNDLE_METADATA_INVALID'),
  ]),
  vector('role-confusion', '5.6.3', 'the builder key may not sign for targets', [
    step(medium({ signers: { targets: [BUILDER] } }), 'BUNDLE_SIGNATURE_UNTRUSTED'),
  ]),
  vector('either-release-key', '5.6.3', 'one of two release keys suffices', [
    step(medium({ signers: { targets: [SPARE] } }), 'accepted'),
    step(medium({ seq: 2, signers: { targets: [STRANGER, RELEASE] } }), 'accepted'),
  ]),
  vector('foreign-root', 'format 4.2', 'another supplier’s root under a version that is known', [
    step(medium({ roots: chain(root(1, [ANN, CEM])) }), 'BUNDLE_HASH_MISMATCH'),
  ]),
  vector(
    'key-of-unknown-type',
    '4.2',
    'a key that only newer readers know counts for nothing and hinders nothing',
    [step(medium({ roots: chain(newerKeys) }), 'accepted')],
    newerKeys,
  ),
];

const dovIn = { root: { keys: [ANN, BEA, DOV], threshold: 2 } };
const ROOTS: readonly Vector[] = [
  vector('root-rotation', '5.3.4', 'a keyholder replaced: signed by enough of the old and of the new', [
    step(medium(), 'accepted'),
    step(medium({ seq: 2, roots: chain(root(1), root(2, [ANN, BEA], { roles: dovIn })) }), 'accepted', {
      root: 2,
    }),
    step(medium({ seq: 3, roots: chain(root(1), root(2, [ANN, BEA], { roles: dovIn })) }), 'accepted', {
      root: 2,
    }),
  ]),
  vector('root-rotation-by-too-few-old', '5.3.4', 'enough of the new keyholders, one of the old', [
    step(
      medium({ roots: chain(root(1), root(2, [ANN, DOV], { roles: dovIn })) }),
      'BUNDLE_THRESHOLD_NOT_MET',
    ),
  ]),
  vector('root-rotation-by-too-few-new', '5.3.4', 'enough of the old keyholders, one of the new', [
    step(
      medium({ roots: chain(root(1), root(2, [ANN, CEM], { roles: dovIn })) }),
      'BUNDLE_THRESHOLD_NOT_MET',
    ),
  ]),
  vector('root-by-strangers', '5.3.4', 'signed by nobody who counts', [
    step(
      medium({
        roots: chain(root(1), root(2, [STRANGER], { roles: { root: { keys: [STRANGER], threshold: 1 } } })),
      }),
      'BUNDLE_SIGNATURE_UNTRUSTED',
    ),
  ]),
  vector('root-version-gap', '5.3.5', 'a root that says another version than its name', [
    step(medium({ roots: chain(root(1), root(3)) }), 'BUNDLE_ROLLBACK'),
  ]),
  vector('root-version-lower', '5.3.5', 'the old root again under the name of the next', [
    step(medium({ roots: chain(root(1), root(1)) }), 'BUNDLE_ROLLBACK'),
  ]),
  vector(
    'root-threshold-raised',
    '5.3.4',
    'more keyholders must sign from now on, and it begins with this very root',
    [
      step(
        medium({ roots: chain(root(1), root(2, [ANN, BEA], { roles: ALL_THREE })) }),
        'BUNDLE_THRESHOLD_NOT_MET',
      ),
      step(medium({ roots: chain(root(1), root(2, [ANN, BEA, CEM], { roles: ALL_THREE })) }), 'accepted', {
        root: 2,
      }),
    ],
  ),
  vector('targets-threshold-raised', '5.3.4', 'a new root wants two release keys where one was enough', [
    step(medium(), 'accepted'),
    step(medium({ seq: 2, roots: chain(root(1), BOTH_RELEASE) }), 'BUNDLE_THRESHOLD_NOT_MET', { root: 2 }),
    step(
      medium({ seq: 2, roots: chain(root(1), BOTH_RELEASE), signers: { targets: [RELEASE, SPARE] } }),
      'accepted',
      { root: 2 },
    ),
  ]),
  vector(
    'builder-key-replaced',
    '5.3.4',
    'the key of timestamp and snapshot is replaced: the old one counts no more, the new one does',
    [
      step(medium(), 'accepted'),
      step(
        medium({ seq: 2, roots: chain(root(1), root(2, [ANN, BEA], { roles: NEW_BUILDER })) }),
        'BUNDLE_SIGNATURE_UNTRUSTED',
        { root: 2 },
      ),
      step(
        medium({
          seq: 2,
          roots: chain(root(1), root(2, [ANN, BEA], { roles: NEW_BUILDER })),
          signers: BY_NEW_BUILDER,
        }),
        'accepted',
        { root: 2 },
      ),
    ],
  ),
  vector('root-chain', '5.3', 'a site that slept follows several roots at once; revoked keys count no more', [
    step(
      medium({
        roots: chain(
          root(1),
          root(2, [ANN, BEA], { roles: dovIn }),
          root(3, [ANN, BEA, DOV], { roles: { ...dovIn, ...NEW_BUILDER } }),
        ),
        signers: BY_NEW_BUILDER,
      }),
      'accepted',
      { root: 3 },
    ),
    step(
      medium({
        seq: 2,
        roots: chain(
          root(1),
          root(2, [ANN, BEA], { roles: dovIn }),
          root(3, [ANN, BEA, DOV], { roles: { ...dovIn, ...NEW_BUILDER } }),
        ),
      }),
      'BUNDLE_SIGNATURE_UNTRUSTED',
      { root: 3 },
    ),
  ]),
  vector('root-kept-when-bundle-fails', '5.3.8', 'a new root is kept though the bundle with it is refused', [
    step(
      medium({
        roots: chain(root(1), root(2, [ANN, BEA], { roles: dovIn })),
        signers: { targets: [STRANGER] },
      }),
      'BUNDLE_SIGNATURE_UNTRUSTED',
      { root: 2 },
    ),
    step(medium({ roots: chain(root(1), root(2, [ANN, BEA], { roles: dovIn })) }), 'accepted', { root: 2 }),
  ]),
];

export const VECTORS: readonly Vector[] = [
  ...ROLLBACK,
  ...MIXED,
  ...SIGNATURES,
  ...ROOTS,
  ...RECOVERY,
  ...TIME,
];
