import { createHash } from 'node:crypto';
import { CollectError } from '../../contract/errors.ts';
import { compressionOf, decompress } from '../bundle/decompress.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { pinOf } from '../core/apt/candidate.ts';
import { parsePackages } from '../core/apt/packages-index.ts';
import { extractSignedText, parseRelease, type Release } from '../core/apt/release.ts';
import type { Offer } from '../core/apt/resolve.ts';
import type { RepositoryRef } from '../core/needs-list.ts';
import { downloadSmall, downloadVerified } from './download.ts';
import { downloadPath, keepBytes, type FetchContext } from './fetch-file.ts';
import { fileUrl } from './mirrors.ts';
import { verifyVendorSignature, type VendorSignature } from './vendor-signature.ts';

const MAX_RELEASE_BYTES = 16 * 1024 * 1024;

export interface FetchedRelease {
  readonly repository: RepositoryRef;
  readonly base: URL;
  readonly release: Release;
  readonly signatures: readonly VendorSignature[];
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

export interface FetchedIndex {
  readonly release: FetchedRelease;
  readonly component: string;
  readonly arch: string;
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly offers: readonly Offer[];
}

/**
 * Fetches a suite's signed release file and verifies the vendor's signature before it is read.
 *
 * @throws CollectError COLLECT_DOWNLOAD_FAILED, COLLECT_RELEASE_UNVERIFIED, COLLECT_VERIFIER_MISSING,
 *   COLLECT_KEYRING_MISSING, COLLECT_MIRROR_UNKNOWN
 */
export async function fetchRelease(
  repository: RepositoryRef,
  context: FetchContext,
): Promise<FetchedRelease> {
  const base = context.findMirror(repository);
  const path = `${repository.root}/dists/${repository.suite}/InRelease`;
  const url = fileUrl(base, `dists/${repository.suite}/InRelease`);
  const bytes = await downloadSmall(url, path, MAX_RELEASE_BYTES, context.download);
  const signatures = await verifyVendorSignature(bytes, path, { keyring: context.keyring });
  const release = parseRelease(extractSignedText(nodeCrypto.decodeUtf8(bytes), path), path);
  if (release.validUntil !== null && Date.parse(context.now) > Date.parse(release.validUntil)) {
    throw new CollectError('COLLECT_RELEASE_UNVERIFIED', `${path} lapsed at ${release.validUntil}.`, {
      hint: 'The mirror is stale. Use a current one, and check this machine’s clock.',
      subject: { file: path },
    });
  }
  if (release.codename !== repository.suite && release.suite !== repository.suite) {
    throw new CollectError(
      'COLLECT_RELEASE_UNVERIFIED',
      `${path} is the release file of ${release.codename} (${release.suite}), not of ${repository.suite}.`,
      { hint: 'The mirror serves another suite under this name.', subject: { file: path } },
    );
  }
  return { repository, base, release, signatures, path, ...keepBytes(context.downloadDir, bytes) };
}

/**
 * Fetches one package index that the signed release file names and reads it.
 *
 * @throws CollectError COLLECT_DOWNLOAD_FAILED
 */
export async function fetchIndex(
  fetched: FetchedRelease,
  component: string,
  arch: string,
  context: FetchContext,
): Promise<FetchedIndex> {
  const { repository, release, base } = fetched;
  const plainPath = `${component}/binary-${arch}/Packages`;
  const plain = release.files.get(plainPath);
  // The smallest file first; the others for repositories that offer nothing else.
  const relative = ['.xz', '.zst', '.bz2', '.gz']
    .map((ending) => `${plainPath}${ending}`)
    .find((name) => release.files.has(name));
  const listed = relative === undefined ? undefined : release.files.get(relative);
  if (plain === undefined || relative === undefined || listed === undefined) {
    throw new CollectError(
      'COLLECT_DOWNLOAD_FAILED',
      `${fetched.path} lists no packages of ${component} for ${arch}.`,
      {
        hint: 'Take the component or the architecture out of the needs-list.',
        subject: { file: fetched.path },
      },
    );
  }
  const suitePath = `dists/${repository.suite}`;
  const byHash = `${suitePath}/${relative.slice(0, relative.lastIndexOf('/'))}/by-hash/SHA256/${listed.sha256}`;
  const target = downloadPath(context.downloadDir, listed.sha256);
  const sources = release.acquireByHash ? [byHash, `${suitePath}/${relative}`] : [`${suitePath}/${relative}`];
  const path = `${repository.root}/${suitePath}/${relative}`;
  let reason = '';
  for (const source of sources) {
    const outcome = await downloadVerified(fileUrl(base, source), target, listed, context.download);
    if (outcome.kind === 'done') {
      const offers = await readOffers(target, path, plain, {
        pin: pinOf(release),
        repository: `${repository.root} ${repository.suite}`,
      });
      return { release: fetched, component, arch, path, sha256: listed.sha256, size: listed.size, offers };
    }
    reason = outcome.reason;
  }
  throw new CollectError('COLLECT_DOWNLOAD_FAILED', `${path} could not be fetched: ${reason}.`, {
    hint: 'The mirror may be in the middle of an update. Try again in some minutes.',
    retry: 'same',
    subject: { file: path },
  });
}

async function readOffers(
  file: string,
  path: string,
  plain: { readonly sha256: string; readonly size: number },
  place: Pick<Offer, 'pin' | 'repository'>,
): Promise<Offer[]> {
  const offers: Offer[] = [];
  const decoder = new TextDecoder('utf-8');
  const hash = createHash('sha256');
  let rest = '';
  const take = (text: string, isLast: boolean): void => {
    const parsed = parsePackages(rest + text, isLast, path);
    rest = parsed.rest;
    for (const record of parsed.records) offers.push({ ...record, ...place });
  };
  let pending = '';
  for await (const chunk of decompress(file, compressionOf(path), { maxBytes: plain.size }, path)) {
    hash.update(chunk);
    pending += decoder.decode(chunk, { stream: true });
    if (pending.length > 1024 * 1024) {
      take(pending, false);
      pending = '';
    }
  }
  take(pending + decoder.decode(), true);
  if (hash.digest('hex') !== plain.sha256) {
    throw new CollectError(
      'COLLECT_RELEASE_UNVERIFIED',
      `${path} does not unpack to what the signed release file names.`,
      {
        subject: { file: path },
      },
    );
  }
  return offers;
}
