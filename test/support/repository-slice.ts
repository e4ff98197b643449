import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parsePackages, type PackageRecord } from '../../main/core/apt/packages-index.ts';
import { extractSignedText, parseRelease } from '../../main/core/apt/release.ts';
import type { Inventory } from '../../main/core/inventory.ts';
import { compareDebVersions } from '../../main/core/version/deb.ts';
import { requireCommand } from '../lab/real/command.ts';
import type { RepositoryFile, RepositorySlice } from '../../main/core/repository-slice.ts';

/** A package of which the vendor has a newer version than an endpoint. */
export interface PendingUpdate {
  readonly record: PackageRecord;
  readonly from: string;
}

/** A vendor's repository as far as a test needs it, its bytes in a folder of this machine. */
export interface FetchedRepository {
  /** Signed release file and index; no packages. */
  readonly slice: RepositorySlice;
  /** Everything in the index, by `name:arch`; the newest version of each. */
  readonly records: ReadonlyMap<string, PackageRecord>;
  /** The slice with these packages fetched. */
  withPackages(records: readonly PackageRecord[]): Promise<RepositorySlice>;
}

const APT_HELPER = '/usr/lib/apt/apt-helper';

/**
 * Fetches a suite's release file and package index from a mirror, with apt's own means: the machine's proxy and
 * certificates apply. The signature is not judged here: that is the endpoint's part, and what is under test.
 *
 * @param mirror base address, for example of this machine's own apt configuration
 */
export async function fetchRepository(request: {
  readonly mirror: string;
  readonly name: string;
  readonly suite: string;
  readonly arch: string;
  readonly folder: string;
}): Promise<FetchedRepository> {
  const { mirror, suite, arch, folder } = request;
  const release = `dists/${suite}/InRelease`;
  await rm(join(folder, release), { force: true });
  await download(`${mirror}/${release}`, join(folder, release));
  const text = await readFile(join(folder, release), 'utf8');
  const component = 'main';
  // The security archive names its components `updates/main`, its files lie under `main`.
  const indexPath = `${component}/binary-${arch}/Packages.xz`;
  const entry = parseRelease(extractSignedText(text, release), release).files.get(indexPath);
  if (entry === undefined) throw new Error(`${release} names no ${indexPath}`);
  const index = `dists/${suite}/${indexPath}`;
  const byHash = `dists/${suite}/${component}/binary-${arch}/by-hash/SHA256/${entry.sha256}`;
  await download(`${mirror}/${byHash}`, join(folder, index), entry.sha256);
  const plain = await requireCommand(['xz', '-dc', join(folder, index)]);

  const records = new Map<string, PackageRecord>();
  for (const record of parsePackages(plain, true, index).records) {
    const key = `${record.name}:${record.arch}`;
    const known = records.get(key);
    if (known === undefined || compareDebVersions(record.version, known.version) > 0)
      records.set(key, record);
  }
  const slice: RepositorySlice = {
    name: request.name,
    suite,
    components: [component],
    arch,
    signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
    metadata: [await describeFile(folder, release), await describeFile(folder, index)],
    packages: [],
  };
  return {
    slice,
    records,
    withPackages: async (wanted) => {
      const packages: RepositoryFile[] = [];
      for (const record of wanted) {
        const file = join(folder, record.filename);
        // Mirrors escape the characters that apt escapes: see the %-encoding of apt-get --print-uris.
        const url = `${mirror}/${record.filename.replaceAll('+', '%2b').replaceAll('~', '%7e')}`;
        await download(url, file, record.sha256);
        packages.push({ path: record.filename, file, sha256: record.sha256, size: record.size });
      }
      return { ...slice, packages };
    },
  };
}

/** What an endpoint has installed in an older version than the repository has, smallest package first. */
export function findPending(inventory: Inventory, repository: FetchedRepository): readonly PendingUpdate[] {
  return inventory.packages
    .flatMap((item) => {
      const record = repository.records.get(`${item.name}:${item.arch}`);
      if (record === undefined || compareDebVersions(record.version, item.version) <= 0) return [];
      return [{ record, from: item.version }];
    })
    .toSorted((a, b) => a.record.size - b.record.size);
}

async function describeFile(folder: string, path: string): Promise<RepositoryFile> {
  const bytes = await readFile(join(folder, path));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, file: join(folder, path), sha256, size: bytes.length };
}

async function download(url: string, file: string, sha256?: string): Promise<void> {
  if (sha256 !== undefined && existsSync(file)) {
    if (
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex') === sha256
    )
      return;
    await rm(file);
  }
  await mkdir(dirname(file), { recursive: true });
  const hash = sha256 === undefined ? [] : [`SHA256:${sha256}`];
  // Without this apt-helper fetches as another user, who may not write into our folder.
  const asUs = ['-o', 'APT::Sandbox::User=root'];
  await requireCommand([APT_HELPER, ...asUs, 'download-file', url, file, ...hash], { timeoutMs: 120_000 });
}

/** A copy of a file with one bit turned over, its name and size kept. */
export async function withFlippedBit(file: RepositoryFile, folder: string): Promise<RepositoryFile> {
  const bytes = await readFile(file.file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await mkdir(folder, { recursive: true });
  const copy = join(folder, `${file.sha256}-flipped`);
  await writeFile(copy, bytes);
  return { ...file, file: copy, sha256: createHash('sha256').update(bytes).digest('hex') };
}
