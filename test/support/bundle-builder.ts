import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { nodeCrypto } from '../../main/bundle/node-crypto.ts';
import { blobPath } from '../../main/bundle/read-metadata.ts';
import { formatVolume, VOLUME_FILE } from '../../main/bundle/volume.ts';
import type { Advisory } from '../../main/core/advisory.ts';
import { formatAdvisories } from '../../main/core/advisory.ts';
import { composeBundleFiles, composeRoot, keyIdOf, type PublicKey } from '../../main/core/bundle/compose.ts';
import { manifestPathOf } from '../../main/core/bundle/reference.ts';
import { formatReport, formatRepositories, type BundledRepository } from '../../main/core/bundle/contents.ts';
import type { BundleSigner } from '../../main/core/bundle/crypto-port.ts';
import { formatRiskList, type RiskList } from '../../main/core/risk/risk-list.ts';
import { partCount, piecesOf, planLayout, volumesOf } from '../../main/core/bundle/layout.ts';
import type { Manifest, ManifestObject, ObjectClass } from '../../main/core/bundle/manifest.ts';
import type { RoleName } from '../../main/core/bundle/metadata.ts';

/**
 * Makes small bundles by hand, right or wrong on purpose. Their release files carry no real vendor signature: the site
 * leaves that check to apt on the endpoint, and the connected side's check is tested where it is made.
 */

export const BUNDLE_TIME = '2026-11-24T00:00:00Z';
const RELEASE_TIME = 'Mon, 23 Nov 2026 12:00:00 UTC';

export interface TestKey extends BundleSigner {
  readonly publicKey: PublicKey;
}

/** A key that is the same in every run: its secret is the hash of its name. */
export function testKey(name: string): TestKey {
  const seed = createHash('sha256').update(`sallyport test key ${name}`).digest();
  // PKCS#8 of an Ed25519 seed (RFC 8410 §7).
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const x = createPublicKey(key).export({ format: 'jwk' }).x ?? '';
  const publicKey: PublicKey = {
    keytype: 'ed25519',
    scheme: 'ed25519',
    keyval: { public: Buffer.from(x, 'base64url').toString('hex') },
  };
  return {
    publicKey,
    keyId: keyIdOf(publicKey, nodeCrypto),
    sign: (message) => sign(null, message, key).toString('hex'),
  };
}

export const KEY = testKey('supplier');

interface TestRole {
  readonly keys: readonly TestKey[];
  readonly threshold: number;
}

export function testRoot(
  options: {
    readonly version?: number;
    readonly createdAt?: string;
    /** For every role that `roles` does not state. */
    readonly keys?: readonly TestKey[];
    readonly threshold?: number;
    readonly roles?: Partial<Readonly<Record<RoleName, TestRole>>>;
    readonly signers?: readonly TestKey[];
    readonly expires?: string;
  } = {},
): Uint8Array {
  const keys = options.keys ?? [KEY];
  const usual: TestRole = { keys, threshold: options.threshold ?? 1 };
  const roleOf = (role: RoleName): { keys: PublicKey[]; threshold: number } => {
    const stated = options.roles?.[role] ?? usual;
    return { keys: stated.keys.map((key) => key.publicKey), threshold: stated.threshold };
  };
  return composeRoot(
    {
      version: options.version ?? 1,
      createdAt: options.createdAt ?? BUNDLE_TIME,
      roles: {
        root: roleOf('root'),
        timestamp: roleOf('timestamp'),
        snapshot: roleOf('snapshot'),
        targets: roleOf('targets'),
      },
      signers: options.signers ?? keys,
      ...(options.expires === undefined ? {} : { expires: options.expires }),
    },
    nodeCrypto,
  );
}

export interface TestPackage {
  readonly name: string;
  readonly version: string;
  readonly content: string | Uint8Array;
  /** In the index, but its file is not in the bundle. */
  readonly isLeftOut?: boolean;
}

export interface TestBundleOptions {
  readonly seq?: number;
  readonly base?: number;
  readonly createdAt?: string;
  /** `Date` and, if any, `Valid-Until` of the release file. */
  readonly releaseDate?: string;
  readonly validUntil?: string;
  readonly versions?: { readonly timestamp: number; readonly snapshot: number; readonly targets: number };
  readonly packages?: readonly TestPackage[];
  readonly advisories?: readonly Advisory[];
  readonly risk?: RiskList;
  readonly roots?: ReadonlyMap<number, Uint8Array>;
  readonly signers?: readonly TestKey[];
  /** Instead of `signers`, for the roles that it states. */
  readonly roleSigners?: Partial<Readonly<Record<'timestamp' | 'snapshot' | 'targets', readonly TestKey[]>>>;
  readonly expires?: { readonly timestamp?: string; readonly snapshot?: string; readonly targets?: string };
  readonly minApp?: string;
  /** Cuts objects that are longer, and writes the manifest with its layout. */
  readonly partBytes?: number;
  /** Spreads the bundle over media of this capacity: `volume-1`, `volume-2` ... below the folder. */
  readonly volumeBytes?: number;
  /** Last word on the objects before they are signed. */
  readonly changeObjects?: (objects: Map<string, { class: ObjectClass; bytes: Uint8Array }>) => void;
  /** Last word on the manifest before it is signed. */
  readonly changeManifest?: (manifest: Manifest) => Manifest;
}

export const PACKAGES: readonly TestPackage[] = [
  { name: 'openssl', version: '3.0.20-1~deb12u2', content: 'the bytes of openssl' },
  { name: 'rsync', version: '3.2.7-1+deb12u3', content: 'the bytes of rsync' },
];

export const packagePath = (item: TestPackage): string =>
  `debian-security/pool/updates/main/${item.name}_${item.version}_amd64.deb`;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;

/** Writes a bundle to a folder. @returns its manifest and where its objects lie, by logical path */
export function writeTestBundle(
  dir: string,
  options: TestBundleOptions = {},
): {
  readonly manifest: Manifest;
  readonly blobs: Readonly<Record<string, string>>;
  readonly files: string[];
  /** One a medium. */
  readonly folders: readonly string[];
} {
  const seq = options.seq ?? 1;
  const packages = options.packages ?? PACKAGES;
  const objects = new Map<string, { class: ObjectClass; bytes: Uint8Array }>();

  const index = bytesOf(packages.map(stanzaOf).join('\n'));
  const packed = gzipSync(index, { level: 9 });
  const suite = 'debian-security/dists/bookworm-security';
  const indexPath = `${suite}/main/binary-amd64/Packages.gz`;
  const release = bytesOf(
    [
      '-----BEGIN PGP SIGNED MESSAGE-----',
      'Hash: SHA256',
      '',
      'Origin: Debian',
      'Label: Debian-Security',
      'Suite: oldstable-security',
      'Codename: bookworm-security',
      `Date: ${options.releaseDate ?? RELEASE_TIME}`,
      ...(options.validUntil === undefined ? [] : [`Valid-Until: ${options.validUntil}`]),
      'Architectures: amd64',
      'Components: main',
      'SHA256:',
      ` ${sha256(index)} ${index.length} main/binary-amd64/Packages`,
      ` ${sha256(packed)} ${packed.length} main/binary-amd64/Packages.gz`,
      '-----BEGIN PGP SIGNATURE-----',
      '',
      'none: a test',
      '-----END PGP SIGNATURE-----',
      '',
    ].join('\n'),
  );
  objects.set(`${suite}/InRelease`, { class: 'release', bytes: release });
  objects.set(indexPath, { class: 'index', bytes: packed });
  for (const item of packages) {
    if (item.isLeftOut !== true)
      objects.set(packagePath(item), { class: 'package', bytes: bytesOf(item.content) });
  }
  const repository: BundledRepository = {
    distribution: 'debian',
    codename: 'bookworm',
    root: 'debian-security',
    suite: 'bookworm-security',
    component: 'main',
    arch: 'amd64',
    release: { path: `${suite}/InRelease`, sha256: sha256(release) },
    index: { path: indexPath, sha256: sha256(packed) },
  };
  objects.set('sallyport/repositories.json', {
    class: 'repositories',
    bytes: bytesOf(formatRepositories([repository])),
  });
  objects.set('sallyport/advisories.json', {
    class: 'advisories',
    bytes: bytesOf(formatAdvisories(options.advisories ?? [])),
  });
  if (options.risk !== undefined) {
    objects.set('sallyport/risk.json', { class: 'risk', bytes: bytesOf(formatRiskList(options.risk)) });
  }
  objects.set('sallyport/report.json', {
    class: 'report',
    bytes: bytesOf(formatReport({ missing: [], unmet: [] })),
  });
  options.changeObjects?.(objects);

  const listed = [...objects].map(([path, object]): ManifestObject => ({
    sha256: sha256(object.bytes),
    size: object.bytes.length,
    class: object.class,
    path,
  }));
  const bytesBySha = new Map([...objects.values()].map(({ bytes }) => [sha256(bytes), bytes]));
  const partBytes = options.partBytes ?? 1024 ** 3;
  const layout = planLayout(listed, hashesOfParts(bytesBySha, partBytes), {
    partBytes,
    volumeBytes: options.volumeBytes ?? null,
    clusterBytes: 1,
  });
  const plain: Manifest = {
    stream: 'main',
    seq,
    base: options.base ?? 0,
    createdAt: options.createdAt ?? BUNDLE_TIME,
    feeds: { 'debian-security/bookworm-security': '2026-11-23T12:00:00Z' },
    minApp: options.minApp ?? '0.1.0',
    objects: listed.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    ...(layout === undefined ? {} : { layout }),
  };
  const manifest = options.changeManifest?.(plain) ?? plain;
  const signers = options.signers ?? [KEY];
  const files = composeBundleFiles(
    {
      manifest,
      versions: options.versions ?? { timestamp: seq, snapshot: seq, targets: seq },
      roots: options.roots ?? new Map([[1, testRoot()]]),
      signers: { timestamp: signers, snapshot: signers, targets: signers, ...options.roleSigners },
      ...(options.expires === undefined ? {} : { expires: options.expires }),
    },
    nodeCrypto,
  );
  const blobs: Record<string, string> = {};
  for (const [path, { bytes }] of objects) blobs[path] = blobPath(sha256(bytes));
  const volumes = volumesOf(manifest);
  const manifestSha256 = sha256(files.get(manifestPathOf(manifest.stream, manifest.seq)) ?? new Uint8Array());
  const folders: string[] = [];
  for (let volume = 1; volume <= volumes; volume += 1) {
    const folder = volumes === 1 ? dir : join(dir, `volume-${volume}`);
    folders.push(folder);
    const own = new Map(files);
    if (volumes > 1) own.set(VOLUME_FILE, bytesOf(formatVolume(manifest, manifestSha256, volume)));
    for (const piece of layout === undefined ? [] : piecesOf(manifest)) {
      const whole = bytesBySha.get(piece.object) ?? new Uint8Array();
      if (piece.volume === volume)
        own.set(blobPath(piece.name), whole.subarray(piece.offset, piece.offset + piece.size));
    }
    // What a test changed in the manifest may no longer be what the objects are: they lie as they were made.
    if (layout === undefined) for (const [hash, bytes] of bytesBySha) own.set(blobPath(hash), bytes);
    for (const [path, bytes] of own) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
  }
  return { manifest, blobs, files: [...files.keys()], folders };
}

function hashesOfParts(
  contents: ReadonlyMap<string, Uint8Array>,
  partBytes: number,
): Map<string, readonly string[]> {
  return new Map(
    [...contents].map(([hash, bytes]) => [
      hash,
      Array.from({ length: partCount(bytes.length, partBytes) }, (_, index) =>
        sha256(bytes.subarray(index * partBytes, (index + 1) * partBytes)),
      ),
    ]),
  );
}

function stanzaOf(item: TestPackage): string {
  const bytes = bytesOf(item.content);
  return [
    `Package: ${item.name}`,
    `Version: ${item.version}`,
    'Architecture: amd64',
    'Section: net',
    'Priority: optional',
    'Installed-Size: 10',
    `Filename: pool/updates/main/${item.name}_${item.version}_amd64.deb`,
    `Size: ${bytes.length}`,
    `SHA256: ${sha256(bytes)}`,
    `Description: a test of ${item.name}`,
    '',
  ].join('\n');
}
