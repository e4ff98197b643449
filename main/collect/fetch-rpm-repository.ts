import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { CollectError } from '../../contract/errors.ts';
import { compressionOf, decompress } from '../bundle/decompress.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import type { RepositoryRef } from '../core/needs-list.ts';
import { parseModules, type ModuleFacts } from '../core/rpm/modules.ts';
import { PrimaryReader } from '../core/rpm/primary.ts';
import { parseRepomd, type RepomdFile } from '../core/rpm/repomd.ts';
import type { RpmOffer } from '../core/rpm/resolve.ts';
import { UpdateinfoReader } from '../core/rpm/updateinfo.ts';
import { downloadSmall, downloadVerified, hashFile } from './download.ts';
import { downloadPath, keepBytes, type FetchContext } from './fetch-file.ts';
import { fileUrl } from './mirrors.ts';
import type { VendorKeys } from './vendor-keys.ts';
import { verifyVendorSignature, type VendorSignature } from './vendor-signature.ts';

const MAX_REPOMD_BYTES = 4 * 1024 * 1024;
const MAX_SIGNATURE_BYTES = 64 * 1024;

interface FetchedFile {
  /** Logical path. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

export interface FetchedRpmRepository {
  readonly repository: RepositoryRef;
  /** Of the folder that holds `repodata`. */
  readonly base: URL;
  readonly release: FetchedFile;
  /** ISO-8601, by the times that it gives for its files. */
  readonly date: string;
  /** Of `repomd.xml`; empty where the vendor signs packages only. */
  readonly signatures: readonly VendorSignature[];
  readonly signature: FetchedFile | null;
  readonly primary: FetchedFile;
  readonly updateinfo: FetchedFile | null;
  readonly modules: FetchedFile | null;
  readonly offers: readonly RpmOffer[];
  readonly moduleFacts: ModuleFacts;
  /** Vendor's names of the documents in `updateinfo`, and CVEs that they name. */
  readonly advisories: ReadonlySet<string>;
  readonly cves: ReadonlySet<string>;
  /** Packages in `primary` that SHA-256 does not vouch for. */
  readonly skipped: number;
}

/**
 * Fetches the metadata of one RPM repository: `repomd.xml`, verified with the vendor's keys where the vendor signs it,
 * and what it names by SHA-256 or SHA-512: packages, advisories, module streams.
 *
 * @param keys `null` where none were given: then nothing is verified here
 * @throws CollectError COLLECT_DOWNLOAD_FAILED, COLLECT_RELEASE_UNVERIFIED, COLLECT_VERIFIER_MISSING,
 *   COLLECT_MIRROR_UNKNOWN; BundleError BUNDLE_CONTENT_UNREADABLE, BUNDLE_TOO_LARGE
 */
export async function fetchRpmRepository(
  repository: RepositoryRef,
  release: { readonly distribution: string; readonly codename: string },
  keys: VendorKeys | null,
  context: FetchContext,
): Promise<FetchedRpmRepository> {
  const base = fileUrl(context.findMirror(repository), `${repository.suite}/`);
  const below = `${repository.root}/${repository.suite}`;
  const path = `${below}/repodata/repomd.xml`;
  const bytes = await downloadSmall(
    fileUrl(base, 'repodata/repomd.xml'),
    path,
    MAX_REPOMD_BYTES,
    context.download,
  );
  const signature = keys === null ? null : await fetchSignature(base, `${path}.asc`, context);
  const signatures =
    keys === null || signature === null
      ? []
      : await verifyVendorSignature(bytes, path, {
          keyring: keys.keyring,
          signature: downloadPath(context.downloadDir, signature.sha256),
        });
  const repomd = parseRepomd(nodeCrypto.decodeUtf8(bytes), path);

  const fetchNamed = async (listed: RepomdFile): Promise<FetchedFile> => {
    const logical = `${below}/${listed.path}`;
    const { algorithm, digest } = listed.checksum;
    const target = downloadPath(context.downloadDir, digest);
    const expected = {
      ...(algorithm === 'sha256' ? { sha256: digest } : { sha512: digest }),
      size: listed.size,
    };
    const outcome = await downloadVerified(fileUrl(base, listed.path), target, expected, context.download);
    if (outcome.kind === 'done')
      return {
        path: logical,
        sha256: algorithm === 'sha256' ? digest : await keepBySha256(target, context),
        size: listed.size,
      };
    throw new CollectError('COLLECT_DOWNLOAD_FAILED', `${logical} could not be fetched: ${outcome.reason}.`, {
      hint: 'The mirror may be in the middle of an update. Try again in some minutes.',
      retry: 'same',
      subject: { file: logical },
    });
  };
  const listedPrimary = repomd.files.get('primary');
  if (listedPrimary === undefined) {
    throw new CollectError(
      'COLLECT_RELEASE_UNVERIFIED',
      `${path} names no list of packages by SHA-256 or SHA-512.`,
      {
        hint: 'Repositories that vouch for their files by other sums are not supported.',
        subject: { file: path },
      },
    );
  }
  const primary = await fetchNamed(listedPrimary);
  const reader = new PrimaryReader(primary.path);
  const offers: RpmOffer[] = [];
  const key = `${repository.root} ${repository.suite}`;
  await readVerified(primary, listedPrimary, context, (text) => {
    for (const record of reader.write(text)) offers.push({ ...record, repository: key });
  });
  reader.end();

  const listedUpdates = repomd.files.get('updateinfo');
  const updateinfo = listedUpdates === undefined ? null : await fetchNamed(listedUpdates);
  const advisories = new Set<string>();
  const cves = new Set<string>();
  if (updateinfo !== null && listedUpdates !== undefined) {
    const updates = new UpdateinfoReader({
      ...release,
      document: updateinfo.path,
      sha256: updateinfo.sha256,
    });
    await readVerified(updateinfo, listedUpdates, context, (text) => {
      for (const advisory of updates.write(text)) {
        advisories.add(advisory.advisory ?? advisory.id);
        for (const cve of advisory.cves) cves.add(cve);
      }
    });
    updates.end();
  }
  const listedModules = repomd.files.get('modules');
  const modules = listedModules === undefined ? null : await fetchNamed(listedModules);
  let moduleFacts: ModuleFacts = { packages: [], defaults: [] };
  if (modules !== null && listedModules !== undefined) {
    const pieces: string[] = [];
    await readVerified(modules, listedModules, context, (text) => pieces.push(text));
    moduleFacts = parseModules(pieces.join(''), modules.path);
  }
  return {
    repository,
    base,
    release: { path, ...keepBytes(context.downloadDir, bytes) },
    date: repomd.date,
    signatures,
    signature,
    primary,
    updateinfo,
    modules,
    offers,
    moduleFacts,
    advisories,
    cves,
    skipped: reader.skipped,
  };
}

/** Everything in a bundle is named by SHA-256, also what a vendor names otherwise. @returns its SHA-256 */
async function keepBySha256(file: string, context: FetchContext): Promise<string> {
  const sha256 = await hashFile(file, 'sha256');
  const target = downloadPath(context.downloadDir, sha256);
  mkdirSync(dirname(target), { recursive: true });
  const part = `${target}.part`;
  copyFileSync(file, part);
  renameSync(part, target);
  return sha256;
}

/** `null` where the vendor has none. One that is there must hold: see the caller. */
async function fetchSignature(base: URL, path: string, context: FetchContext): Promise<FetchedFile | null> {
  try {
    const bytes = await downloadSmall(fileUrl(base, 'repodata/repomd.xml.asc'), path, MAX_SIGNATURE_BYTES, {
      ...context.download,
      retries: 1,
    });
    return { path, ...keepBytes(context.downloadDir, bytes) };
  } catch (error) {
    if (error instanceof CollectError && error.code === 'COLLECT_DOWNLOAD_FAILED') return null;
    throw error;
  }
}

async function readVerified(
  file: FetchedFile,
  listed: RepomdFile,
  context: FetchContext,
  take: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder('utf-8');
  const hash = createHash(listed.openChecksum.algorithm);
  const source = downloadPath(context.downloadDir, file.sha256);
  const limits = { maxBytes: listed.openSize };
  for await (const chunk of decompress(source, compressionOf(file.path), limits, file.path)) {
    hash.update(chunk);
    take(decoder.decode(chunk, { stream: true }));
  }
  take(decoder.decode());
  if (hash.digest('hex') !== listed.openChecksum.digest) {
    throw new CollectError(
      'COLLECT_RELEASE_UNVERIFIED',
      `${file.path} does not unpack to what repomd.xml names.`,
      { subject: { file: file.path } },
    );
  }
}
