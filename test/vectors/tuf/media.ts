import { nodeCrypto } from '../../../main/bundle/node-crypto.ts';
import { composeBundleFiles, expiryOf, signedRootOf, signRole } from '../../../main/core/bundle/compose.ts';
import type { BundleSigner } from '../../../main/core/bundle/crypto-port.ts';
import type { RoleName } from '../../../main/core/bundle/metadata.ts';
import { testKey, type TestKey } from '../../support/bundle-builder.ts';

/** Media of the test vectors: a root with a threshold, and metadata of bundles whose manifests are nearly empty. */

export const SIGNED = '2026-11-24T00:00:00Z';

const key = testKey;
export const [ANN, BEA, CEM, DOV] = ['Ann', 'Bea', 'Cem', 'Dov'].map(key) as [
  TestKey,
  TestKey,
  TestKey,
  TestKey,
];
export const [RELEASE, SPARE, BUILDER, BUILDER_2, STRANGER] = [
  'release',
  'spare',
  'builder',
  'second builder',
  'stranger',
].map(key) as [TestKey, TestKey, TestKey, TestKey, TestKey];

interface Role {
  readonly keys: readonly TestKey[];
  readonly threshold: number;
}
type Roles = Readonly<Record<RoleName, Role>>;

export const ROLES: Roles = {
  root: { keys: [ANN, BEA, CEM], threshold: 2 },
  targets: { keys: [RELEASE, SPARE], threshold: 1 },
  snapshot: { keys: [BUILDER], threshold: 1 },
  timestamp: { keys: [BUILDER], threshold: 1 },
};

export function root(
  version: number,
  signers: readonly BundleSigner[] = [ANN, BEA],
  change: {
    readonly roles?: Partial<Roles>;
    readonly expires?: string;
    /** Fields to add to what is signed. */
    readonly more?: (signed: Record<string, unknown>) => void;
  } = {},
): Uint8Array {
  const roles = { ...ROLES, ...change.roles };
  const of = ({ keys, threshold }: Role) => ({ keys: keys.map(({ publicKey }) => publicKey), threshold });
  const signed = signedRootOf(
    {
      version,
      expires: change.expires ?? expiryOf(SIGNED, 'root'),
      roles: {
        root: of(roles.root),
        timestamp: of(roles.timestamp),
        snapshot: of(roles.snapshot),
        targets: of(roles.targets),
      },
    },
    nodeCrypto,
  );
  change.more?.(signed);
  return signRole(signed, signers, nodeCrypto);
}

export interface MediumOptions {
  readonly seq?: number;
  readonly base?: number;
  readonly versions?: { readonly timestamp: number; readonly snapshot: number; readonly targets: number };
  readonly createdAt?: string;
  readonly roots?: ReadonlyMap<number, Uint8Array>;
  readonly signers?: Partial<Readonly<Record<'timestamp' | 'snapshot' | 'targets', readonly BundleSigner[]>>>;
  readonly expires?: Partial<Readonly<Record<'timestamp' | 'snapshot' | 'targets', string>>>;
}

/** Metadata files of a medium by path; the manifest is left out, for the vectors end where it begins. */
export function medium(options: MediumOptions = {}): Map<string, string> {
  const seq = options.seq ?? 1;
  const files = composeBundleFiles(
    {
      manifest: {
        stream: 'main',
        seq,
        base: options.base ?? 0,
        createdAt: options.createdAt ?? SIGNED,
        feeds: {},
        minApp: '0.1.0',
        objects: [],
      },
      versions: options.versions ?? { timestamp: seq, snapshot: seq, targets: seq },
      roots: options.roots ?? new Map([[1, root(1)]]),
      signers: { timestamp: [BUILDER], snapshot: [BUILDER], targets: [RELEASE], ...options.signers },
      ...(options.expires === undefined ? {} : { expires: options.expires }),
    },
    nodeCrypto,
  );
  return new Map(
    [...files]
      .filter(([path]) => path.startsWith('metadata/'))
      .map(([path, bytes]) => [path, nodeCrypto.decodeUtf8(bytes)]),
  );
}

type SignedPart = Record<string, unknown>;
const ORDER = ['targets', 'snapshot', 'timestamp'] as const;
type Changed = (typeof ORDER)[number];

/** Changes what one file says, and signs it and all that name it anew: wrong on purpose, but honestly signed. */
export function forge(
  files: ReadonlyMap<string, string>,
  role: Changed,
  change: (signed: SignedPart) => void,
  signers: readonly BundleSigner[] = role === 'targets' ? [RELEASE] : [BUILDER],
): Map<string, string> {
  const forged = new Map(files);
  const signedOf = (name: string): SignedPart =>
    (JSON.parse(forged.get(`metadata/${name}.json`) ?? '{}') as { signed: SignedPart }).signed;
  const put = (name: string, signed: SignedPart, by: readonly BundleSigner[]): Uint8Array => {
    const bytes = signRole(signed, by, nodeCrypto);
    forged.set(`metadata/${name}.json`, nodeCrypto.decodeUtf8(bytes));
    return bytes;
  };
  const first = signedOf(role);
  change(first);
  let below = put(role, first, signers);
  let name: Changed = role;
  for (const next of ORDER.slice(ORDER.indexOf(role) + 1)) {
    const signed = signedOf(next);
    const meta = (signed['meta'] as Record<string, Record<string, unknown>>)[`${name}.json`];
    if (meta !== undefined) {
      meta['length'] = below.length;
      meta['hashes'] = { sha256: nodeCrypto.sha256(below) };
    }
    below = put(next, signed, [BUILDER]);
    name = next;
  }
  return forged;
}
