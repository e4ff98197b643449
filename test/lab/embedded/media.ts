import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeCrypto } from '../../../main/bundle/node-crypto.ts';
import { createSigningKeys, openSigningKeys } from '../../../main/collect/signing-keys.ts';
import { closeOutput, finishOutput, openOutput, placeBlob } from '../../../main/collect/write-bundle.ts';
import { formatAdvisories, type Advisory } from '../../../main/core/advisory.ts';
import { pinOf } from '../../../main/core/apt/candidate.ts';
import { parsePackages } from '../../../main/core/apt/packages-index.ts';
import { parseRelease } from '../../../main/core/apt/release.ts';
import { resolveNeeded, type Offer } from '../../../main/core/apt/resolve.ts';
import { composeBundleFiles } from '../../../main/core/bundle/compose.ts';
import {
  formatReport,
  formatRepositories,
  type BundledRepository,
} from '../../../main/core/bundle/contents.ts';
import type { ManifestObject, ObjectClass } from '../../../main/core/bundle/manifest.ts';
import type { NeedsList } from '../../../main/core/needs-list.ts';
import { gunzipSync } from 'node:zlib';
import { sha256 } from './deb-file.ts';
import { readSigned, UPDATES, type Vendor, type VendorSuite } from './vendor.ts';

const PASSPHRASE = 'keys of a simulated supplier';

export interface Media {
  /** Bundle folder to import. */
  readonly folder: string;
  /** Of the root of trust, to pin. */
  readonly fingerprint: string;
  readonly packages: number;
}

/**
 * Packs a real signed bundle of the made-up vendor's content for a needs-list: with the project's own resolver, manifest,
 * metadata and keys. What it leaves out of `buildBundle` is the download and gpgv, for there is no mirror and no OpenPGP.
 */
export async function packMedia(options: {
  readonly vendor: Vendor;
  readonly needs: NeedsList;
  /** For the keys and what is between. */
  readonly folder: string;
  /** For the bundle; without it a folder of its own in `folder`. */
  readonly media?: string;
  readonly now: string;
}): Promise<Media> {
  const { vendor, needs, now } = options;
  const keysDir = join(options.folder, 'keys');
  const outDir = options.media ?? join(options.folder, 'media');
  const blobsDir = join(options.folder, 'blobs');
  await createSigningKeys({ dir: keysDir, passphrase: PASSPHRASE, now, scrypt: { N: 1024, r: 8, p: 1 } });
  const keys = await openSigningKeys(keysDir, PASSPHRASE);
  openOutput(outDir);

  const objects = new Map<string, ManifestObject>();
  const sources = new Map<string, string>();
  const add = (path: string, kind: ObjectClass, bytes: Buffer): string => {
    const hash = sha256(bytes);
    const file = join(blobsDir, hash);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    sources.set(hash, file);
    objects.set(path, { sha256: hash, size: bytes.length, class: kind, path });
    return hash;
  };
  const repositories: BundledRepository[] = [];
  const feeds: Record<string, string> = {};
  const offers: Offer[] = [];
  const files = new Map<string, Buffer>();
  // The security archive first: of equal versions it is the preferred one.
  for (const suite of vendor.suites.toReversed()) {
    const read = (path: string): Buffer => suite.files.get(path) ?? Buffer.alloc(0);
    const releasePath = `${suite.root}/${suite.releasePath}`;
    const indexPath = `${suite.root}/${suite.indexPath}`;
    const release = parseRelease(readSigned(read(suite.releasePath), vendor.publicKey) ?? '', releasePath);
    repositories.push({
      distribution: 'debian',
      codename: 'bookworm',
      root: suite.root,
      suite: suite.suite,
      component: suite.component,
      arch: suite.arch,
      release: { path: releasePath, sha256: add(releasePath, 'release', read(suite.releasePath)) },
      index: { path: indexPath, sha256: add(indexPath, 'index', read(suite.indexPath)) },
    });
    feeds[`${suite.root}/${suite.suite}`] = release.date;
    offers.push(...offersOf(suite, read(suite.indexPath), pinOf(release)));
    for (const [path, bytes] of suite.files) files.set(`${suite.root}/${path}`, bytes);
  }
  let packages = 0;
  for (const platform of needs.platforms) {
    const { upgrades, additions } = resolveNeeded(platform, offers);
    for (const offer of [...upgrades, ...additions]) {
      const path = `${offer.repository}/${offer.filename}`;
      add(path, 'package', files.get(path) ?? Buffer.alloc(0));
      packages += 1;
    }
  }
  const addText = (path: string, kind: ObjectClass, text: string): string =>
    add(path, kind, Buffer.from(text, 'utf8'));
  addText('sallyport/repositories.json', 'repositories', formatRepositories(repositories));
  addText('sallyport/advisories.json', 'advisories', formatAdvisories(advisoriesOf(offers, now)));
  addText('sallyport/report.json', 'report', formatReport({ missing: [], unmet: [] }));

  for (const [hash, file] of sources) placeBlob(outDir, hash, file);
  const manifest = {
    stream: 'main',
    seq: 1,
    base: 0,
    createdAt: now,
    feeds,
    minApp: '0.1.0',
    objects: [...objects.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  };
  const versions = { timestamp: 1, snapshot: 1, targets: 1 };
  finishOutput(
    outDir,
    composeBundleFiles({ manifest, versions, roots: keys.roots, signers: keys.signers }, nodeCrypto),
  );
  closeOutput(outDir);
  return { folder: outDir, fingerprint: keys.fingerprint, packages };
}

function offersOf(suite: VendorSuite, index: Buffer, pin: Offer['pin']): Offer[] {
  const { records } = parsePackages(gunzipSync(index).toString('utf8'), true, suite.indexPath);
  return records.map((record) => ({ ...record, pin, repository: suite.root }));
}

function advisoriesOf(offers: readonly Offer[], now: string): Advisory[] {
  return UPDATES.flatMap((update): Advisory[] => {
    const offer = offers.find((item) => item.source === update.source);
    if (offer === undefined) return [];
    return [
      {
        id: `tracker:bookworm/${update.source}/simulated`,
        advisory: null,
        type: 'security',
        ecosystem: 'deb',
        distribution: 'debian',
        codename: 'bookworm',
        source: update.source,
        of: 'source',
        fixedVersion: offer.sourceVersion,
        urgency: null,
        severity: update.severity,
        cves: [...update.cves],
        title: update.title,
        body: 'Made up for the simulated lab.',
        publishedAt: now,
        provenance: { kind: 'tracker', document: 'simulated', sha256: sha256(update.title) },
      },
    ];
  });
}
