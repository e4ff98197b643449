import { canonicalize } from '@tufjs/canonical-json';
import type { BundleCrypto, BundleSigner } from './crypto-port.ts';
import { formatManifest, type Manifest } from './manifest.ts';
import type { RoleName } from './metadata.ts';
import { rootFile } from './verify.ts';
import { manifestPathOf } from './reference.ts';

/** Writes the signed metadata of a bundle: the other direction of verify.ts. */

const SPEC_VERSION = '1.0.31';
const DAY_MS = 86_400_000;

/** How long each role's signature is good for. */
export const LIFETIME_DAYS: Readonly<Record<RoleName, number>> = {
  root: 5 * 365,
  targets: 365,
  snapshot: 90,
  timestamp: 90,
};

export interface PublicKey {
  readonly keytype: 'ed25519';
  readonly scheme: 'ed25519';
  readonly keyval: { readonly public: string };
}

/** The id of a key: SHA-256 of its canonical JSON, as python-securesystemslib and TUF do it. */
export function keyIdOf(key: PublicKey, crypto: BundleCrypto): string {
  return crypto.sha256(crypto.encodeUtf8(canonicalize(key)));
}

/** In whole seconds: the specification's form, and other clients read no other. */
export const expiryOf = (createdAt: string, role: RoleName): string =>
  new Date(Date.parse(createdAt) + LIFETIME_DAYS[role] * DAY_MS).toISOString().replace(/\.\d+Z$/, 'Z');

/** A signed metadata file. Signatures are sorted by key id, so that the same signers give the same bytes. */
export function signRole(
  signed: Readonly<Record<string, unknown>>,
  signers: readonly BundleSigner[],
  crypto: BundleCrypto,
): Uint8Array {
  const message = crypto.encodeUtf8(canonicalize(signed));
  const signatures = signers
    .map((signer) => ({ keyid: signer.keyId, sig: signer.sign(message) }))
    .toSorted((a, b) => (a.keyid < b.keyid ? -1 : 1));
  return crypto.encodeUtf8(`${JSON.stringify({ signatures, signed }, null, 1)}\n`);
}

type RootRoles = Readonly<
  Record<RoleName, { readonly keys: readonly PublicKey[]; readonly threshold: number }>
>;

/** What is signed of root metadata: whose keys count for which role, and how many of them. */
export function signedRootOf(
  options: { readonly version: number; readonly expires: string; readonly roles: RootRoles },
  crypto: BundleCrypto,
): Record<string, unknown> {
  const keys: Record<string, PublicKey> = {};
  const roles: Record<string, { keyids: string[]; threshold: number }> = {};
  for (const [role, { keys: roleKeys, threshold }] of Object.entries(options.roles)) {
    const keyids = roleKeys.map((key) => keyIdOf(key, crypto));
    roleKeys.forEach((key, index) => {
      keys[keyids[index] ?? ''] = key;
    });
    roles[role] = { keyids: keyids.toSorted(), threshold };
  }
  return {
    _type: 'root',
    spec_version: SPEC_VERSION,
    version: options.version,
    expires: options.expires,
    consistent_snapshot: false,
    keys,
    roles,
  };
}

/**
 * Root metadata, signed.
 *
 * @param options.signers of the previous root too, when this is not version 1
 */
export function composeRoot(
  options: {
    readonly version: number;
    readonly createdAt: string;
    readonly roles: RootRoles;
    readonly signers: readonly BundleSigner[];
    readonly expires?: string;
  },
  crypto: BundleCrypto,
): Uint8Array {
  const expires = options.expires ?? expiryOf(options.createdAt, 'root');
  return signRole(signedRootOf({ ...options, expires }, crypto), options.signers, crypto);
}

/** Versions for the next metadata: each higher than what any site has accepted. */
export interface RoleVersions {
  readonly timestamp: number;
  readonly snapshot: number;
  readonly targets: number;
}

/**
 * Every file of a bundle but its objects: path on the medium to bytes.
 *
 * @param roots the whole chain from version 1, by version
 */
export function composeBundleFiles(
  options: {
    readonly manifest: Manifest;
    readonly versions: RoleVersions;
    readonly roots: ReadonlyMap<number, Uint8Array>;
    readonly signers: Readonly<Record<Exclude<RoleName, 'root'>, readonly BundleSigner[]>>;
    /** Instead of the role's usual lifetime. */
    readonly expires?: Partial<Readonly<Record<Exclude<RoleName, 'root'>, string>>>;
  },
  crypto: BundleCrypto,
): Map<string, Uint8Array> {
  const { manifest, versions, signers } = options;
  const files = new Map<string, Uint8Array>();
  for (const [version, bytes] of options.roots) files.set(rootFile(version), bytes);
  const expires = (role: Exclude<RoleName, 'root'>): string =>
    options.expires?.[role] ?? expiryOf(manifest.createdAt, role);
  const metaOf = (bytes: Uint8Array, version: number): object => ({
    version,
    length: bytes.length,
    hashes: { sha256: crypto.sha256(bytes) },
  });

  const manifestBytes = crypto.encodeUtf8(formatManifest(manifest));
  const manifestPath = manifestPathOf(manifest.stream, manifest.seq);
  files.set(manifestPath, manifestBytes);

  const targets = signRole(
    {
      _type: 'targets',
      spec_version: SPEC_VERSION,
      version: versions.targets,
      expires: expires('targets'),
      targets: {
        [manifestPath]: {
          length: manifestBytes.length,
          hashes: { sha256: crypto.sha256(manifestBytes) },
          custom: {
            stream: manifest.stream,
            seq: manifest.seq,
            base: manifest.base,
            created: manifest.createdAt,
          },
        },
      },
    },
    signers.targets,
    crypto,
  );
  const snapshot = signRole(
    {
      _type: 'snapshot',
      spec_version: SPEC_VERSION,
      version: versions.snapshot,
      expires: expires('snapshot'),
      meta: { 'targets.json': metaOf(targets, versions.targets) },
    },
    signers.snapshot,
    crypto,
  );
  const timestamp = signRole(
    {
      _type: 'timestamp',
      spec_version: SPEC_VERSION,
      version: versions.timestamp,
      expires: expires('timestamp'),
      meta: { 'snapshot.json': metaOf(snapshot, versions.snapshot) },
    },
    signers.timestamp,
    crypto,
  );
  files.set('metadata/targets.json', targets);
  files.set('metadata/snapshot.json', snapshot);
  files.set('metadata/timestamp.json', timestamp);
  return files;
}
