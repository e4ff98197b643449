import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pinOf } from '../core/apt/candidate.ts';
import { parsePackages, type PackageRecord } from '../core/apt/packages-index.ts';
import { extractSignedText, parseRelease, type Release } from '../core/apt/release.ts';
import type { BundledRepository } from '../core/bundle/contents.ts';
import type { ImportedRepository } from '../core/bundle/import-record.ts';
import type { Manifest } from '../core/bundle/manifest.ts';
import { compressionOf, decompress } from './decompress.ts';
import type { ImportCatalogue, ImportContent } from './import-port.ts';
import { decodeText } from './decode-text.ts';
import { stageRpmRepository } from './stage-rpm-repository.ts';
import { stageWindowsUpdates } from './stage-windows-updates.ts';
import { refuse, sizeOf } from './staged-object.ts';

/** Rows in one transaction while an index is read: small ones write the same pages of its b-trees again and again. */
const BATCH = 5_000;
/** Of an unpacked index, parsed at a time. */
const PIECE_BYTES = 512 * 1024;
/** A signed release file of a large archive has some 150 kB. */
const MAX_RELEASE_BYTES = 16 * 1024 * 1024;

/**
 * Steps 12 to 14: reads each repository's release file and index from the content store, after their hashes held, and
 * checks that they vouch for one another. Indexes new to the catalogue are read into it, out of sight until the commit.
 */
export async function stageRepositories(
  repositories: readonly BundledRepository[],
  manifest: Manifest,
  ports: { readonly catalogue: ImportCatalogue; readonly content: ImportContent },
  onIndex: (done: number, total: number) => void,
  signal: AbortSignal | undefined,
): Promise<ImportedRepository[]> {
  const releases = new Map<string, Release>();
  const staged: ImportedRepository[] = [];
  for (const [position, repository] of repositories.entries()) {
    if (repository.ecosystem === 'rpm' || repository.ecosystem === 'windows') {
      const stage = repository.ecosystem === 'rpm' ? stageRpmRepository : stageWindowsUpdates;
      staged.push(await stage(repository, manifest, ports, signal));
      onIndex(position + 1, repositories.length);
      continue;
    }
    const { release: releaseRef, index: indexRef } = repository;
    const releaseSize = sizeOf(manifest, 'release', releaseRef, ports);
    const indexSize = sizeOf(manifest, 'index', indexRef, ports);
    if (releaseRef.path !== `${repository.root}/dists/${repository.suite}/InRelease`) {
      throw refuse(
        'BUNDLE_METADATA_INVALID',
        releaseRef.path,
        'it is not where its repository keeps its release file',
        'The bundle was built wrongly.',
      );
    }
    const known = releases.get(releaseRef.sha256);
    const release = known ?? readRelease(repository, releaseSize, manifest, ports);
    releases.set(releaseRef.sha256, release);

    const below = `${repository.root}/dists/${repository.suite}/`;
    const listed = indexRef.path.startsWith(below)
      ? release.files.get(indexRef.path.slice(below.length))
      : undefined;
    if (listed?.sha256 !== indexRef.sha256 || listed.size !== indexSize) {
      throw refuse(
        'BUNDLE_HASH_MISMATCH',
        indexRef.path,
        `the signed ${releaseRef.path} names another file`,
        'Files of two states of the repository were mixed. Ask for a new bundle.',
      );
    }
    const plain = release.files.get(`${repository.component}/binary-${repository.arch}/Packages`);
    if (plain === undefined) {
      throw refuse(
        'BUNDLE_METADATA_INVALID',
        releaseRef.path,
        `it lists no packages of ${repository.component} for ${repository.arch}`,
        'The bundle was built wrongly.',
      );
    }
    if (!ports.catalogue.hasIndex(indexRef.sha256)) {
      await readIndex(indexRef, plain, ports, signal);
    }
    onIndex(position + 1, repositories.length);
    staged.push({
      ecosystem: 'deb',
      distribution: repository.distribution,
      codename: repository.codename,
      root: repository.root,
      suite: repository.suite,
      component: repository.component,
      arch: repository.arch,
      origin: release.origin,
      label: release.label,
      releaseDate: release.date,
      validUntil: release.validUntil,
      pin: pinOf(release),
      release: { ...releaseRef, size: releaseSize },
      index: { ...indexRef, size: indexSize },
    });
  }
  return staged;
}

/** Step 12. The vendor's own expiry is judged at the bundle's signed time: a bundle is in transit longer than a mirror's week. */
function readRelease(
  repository: BundledRepository,
  size: number,
  manifest: Manifest,
  { catalogue, content }: { readonly catalogue: ImportCatalogue; readonly content: ImportContent },
): Release {
  const { path, sha256 } = repository.release;
  if (size > MAX_RELEASE_BYTES)
    throw refuse('BUNDLE_TOO_LARGE', path, 'it is larger than any release file', 'Do not use this medium.');
  const text = readFileSync(content.pathOf(sha256), 'utf8');
  const release = parseRelease(extractSignedText(text, path), path);
  if (release.validUntil !== null && Date.parse(manifest.createdAt) > Date.parse(release.validUntil)) {
    throw refuse(
      'BUNDLE_EXPIRED',
      path,
      `the vendor let it lapse at ${release.validUntil}, before the bundle was made`,
      'The mirror it was built from is stale. Build from a current one.',
    );
  }
  const current = catalogue.releaseDateOf(repository.root, repository.suite);
  if (current !== null && Date.parse(release.date) < Date.parse(current)) {
    throw refuse(
      'BUNDLE_ROLLBACK',
      path,
      `it is of ${release.date}, but this site already has that of ${current}`,
      'The mirror it was built from is stale. Build from a current one.',
    );
  }
  return release;
}

/** Steps 13 and 14: decompressed within the signed size, its SHA-256 compared with the signed one, rows kept out of sight. */
async function readIndex(
  reference: { readonly path: string; readonly sha256: string },
  plain: { readonly sha256: string; readonly size: number },
  { catalogue, content }: { readonly catalogue: ImportCatalogue; readonly content: ImportContent },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { path, sha256 } = reference;
  const hash = createHash('sha256');
  let size = 0;
  let rest = '';
  const records: PackageRecord[] = [];
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;
  catalogue.beginIndex(sha256);
  const take = (isLast: boolean): void => {
    // A character a byte: an index with one foreign letter in it is not read at two bytes a character.
    const text = rest + piece.toString('latin1', 0, filled);
    filled = 0;
    const parsed = parsePackages(text, isLast, path, { fields: 'without-relations', decode: decodeUtf8 });
    rest = parsed.rest;
    for (const record of parsed.records) records.push(record);
    while (records.length >= BATCH) catalogue.appendToIndex(sha256, records.splice(0, BATCH));
    if (isLast) catalogue.appendToIndex(sha256, records);
  };
  const source = content.pathOf(sha256);
  for await (const chunk of decompress(source, compressionOf(path), { maxBytes: plain.size }, path)) {
    signal?.throwIfAborted();
    hash.update(chunk);
    size += chunk.length;
    // The decompressor uses its buffer again: what it gave is copied.
    for (let done = 0; done < chunk.length;) {
      const count = Math.min(chunk.length - done, PIECE_BYTES - filled);
      piece.set(chunk.subarray(done, done + count), filled);
      filled += count;
      done += count;
      if (filled === PIECE_BYTES) take(false);
    }
  }
  take(true);
  if (size !== plain.size || hash.digest('hex') !== plain.sha256) {
    throw refuse(
      'BUNDLE_HASH_MISMATCH',
      path,
      'what it unpacks to is not what the signed release file names',
      'Do not use this medium.',
    );
  }
  catalogue.finishIndex(sha256);
}

/** Bytes that were read as characters, as the text that they are. */
function decodeUtf8(raw: string): string {
  return /[^\0-\x7f]/.test(raw) ? Buffer.from(raw, 'latin1').toString('utf8') : raw;
}

/** Text of one of our own small objects, read from the content store after its hash held. */
export function readOwnObject(
  manifest: Manifest,
  kind: 'repositories' | 'advisories' | 'risk' | 'report' | 'provenance',
  maxBytes: number,
  content: ImportContent,
): { readonly text: string; readonly path: string } {
  const found = manifest.objects.filter((item) => item.class === kind);
  const object = found[0];
  if (object === undefined || found.length !== 1) {
    throw refuse(
      'BUNDLE_METADATA_INVALID',
      'the manifest',
      `it has ${found.length} objects of class "${kind}" instead of one`,
      'The bundle was built wrongly.',
    );
  }
  if (object.size > maxBytes)
    throw refuse('BUNDLE_TOO_LARGE', object.path, 'it is larger than it may be', 'Do not use this medium.');
  const bytes = readFileSync(content.pathOf(object.sha256));
  return { text: decodeText(bytes, object.path, 'BUNDLE_CONTENT_UNREADABLE'), path: object.path };
}
