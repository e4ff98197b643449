import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ContractError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { formatAdvisories, type Advisory } from '../core/advisory.ts';
import { isSecurityRepository } from '../core/apt/candidate.ts';
import { resolveNeeded, type Offer } from '../core/apt/resolve.ts';
import { composeBundleFiles } from '../core/bundle/compose.ts';
import { formatReport, formatRepositories, type BundledRepository } from '../core/bundle/contents.ts';
import { isSafePath } from '../core/bundle/logical-path.ts';
import { totalBytes, type Manifest, type ManifestObject, type ObjectClass } from '../core/bundle/manifest.ts';
import { manifestPathOf } from '../core/bundle/verify.ts';
import type { NeededPlatform, NeedsList } from '../core/needs-list.ts';
import { readChangelogAdvisories, readTrackerAdvisories } from './collect-advisories.ts';
import { downloadVerified, type DownloadOptions } from './download.ts';
import {
  downloadPath,
  fetchIndex,
  fetchRelease,
  type FetchContext,
  type FetchedIndex,
  type FetchedRelease,
} from './fetch-repository.ts';
import { fileUrl, makeMirrorFinder, readAptTargets } from './mirrors.ts';
import { openSigningKeys, readNumbers, writeNumbers } from './signing-keys.ts';
import { finishOutput, openOutput, placeBlob } from './write-bundle.ts';

export interface BuildOptions {
  readonly needs: NeedsList;
  /** New or empty folder. */
  readonly outDir: string;
  readonly keysDir: string;
  readonly passphrase: string;
  /** ISO-8601. */
  readonly now: string;
  readonly stream?: string;
  /** Base address by repository root (`debian-security`); for others this machine's apt is asked. */
  readonly mirrors?: Readonly<Record<string, string>>;
  readonly keyring?: string;
  /** The security tracker's JSON, for severities that changelogs don't state. */
  readonly advisoriesFile?: string;
  /** Kept between builds, so that nothing is fetched twice. Default: `downloads` in the folder of the keys. */
  readonly downloadDir?: string;
  /** Leave nothing out, also what the site has. */
  readonly full?: boolean;
  readonly download?: DownloadOptions;
}

export interface BuildProgress {
  readonly phase: 'indexes' | 'packages' | 'changelogs' | 'writing';
  /** Bytes for packages and writing, pieces otherwise. */
  readonly done: number;
  readonly total: number;
}

export interface BuildResult {
  readonly outDir: string;
  readonly stream: string;
  readonly seq: number;
  readonly base: number;
  readonly createdAt: string;
  readonly manifestSha256: string;
  /** Of the root of trust, for the site to compare. */
  readonly fingerprint: string;
  readonly objects: number;
  readonly bytes: number;
  readonly repositories: readonly {
    readonly root: string;
    readonly suite: string;
    readonly releaseDate: string;
    readonly validUntil: string | null;
    /** Fingerprints of the vendor's keys that signed. */
    readonly signedBy: readonly string[];
  }[];
  /** Newer versions of installed packages, and packages they newly depend on. */
  readonly upgrades: number;
  readonly additions: number;
  /** Packages left out because the site has them. */
  readonly alreadyHeld: number;
  readonly advisories: number;
  readonly cves: number;
  /** Indexed by the vendor, but not to be had. */
  readonly missing: readonly { readonly path: string; readonly sha256: string; readonly reason: string }[];
  readonly unmet: readonly string[];
  readonly withoutChangelog: readonly string[];
}

const DEFAULT_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PARALLEL_DOWNLOADS = 4;
/** Oldest Sallyport that reads this format. */
const MIN_APP = '0.1.0';

interface PlatformContent {
  readonly platform: NeededPlatform;
  readonly upgrades: readonly Offer[];
  readonly additions: readonly Offer[];
  readonly unmet: readonly string[];
}

/**
 * Builds a signed bundle for a needs-list: vendor files untouched, just the packages needed, what they fix.
 *
 * @throws CollectError; ContractError CONTRACT_CANCELLED. What was fetched stays in the download folder.
 */
export async function buildBundle(
  options: BuildOptions,
  onProgress: (progress: BuildProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<BuildResult> {
  try {
    return await build(options, onProgress, signal);
  } catch (error) {
    if (signal?.aborted === true && !(error instanceof ContractError)) {
      throw new ContractError('CONTRACT_CANCELLED', 'The build was cancelled. What was fetched is kept.', {
        retry: 'same',
        cause: error,
      });
    }
    throw error;
  }
}

async function build(
  options: BuildOptions,
  onProgress: (progress: BuildProgress) => void,
  signal: AbortSignal | undefined,
): Promise<BuildResult> {
  const keys = await openSigningKeys(options.keysDir, options.passphrase);
  openOutput(options.outDir);
  const context: FetchContext = {
    findMirror: makeMirrorFinder(options.mirrors ?? {}, await readAptTargets()),
    keyring: options.keyring ?? DEFAULT_KEYRING,
    downloadDir: options.downloadDir ?? join(options.keysDir, 'downloads'),
    now: options.now,
    download: { ...options.download, ...(signal === undefined ? {} : { signal }) },
  };
  const { platforms } = options.needs;
  const indexes = await fetchIndexes(platforms, context, onProgress);
  const contents = platforms.map((platform) => resolvePlatform(platform, indexes));

  const stream = options.stream ?? options.needs.holdings?.stream ?? 'main';
  const holdings = options.needs.holdings?.stream === stream ? options.needs.holdings : null;
  const held = new Set(options.full === true ? [] : (holdings?.objects ?? []));
  const packages = await fetchPackages(contents, indexes, held, context, onProgress, signal);

  const advisories = await collectAdvisories(contents, packages, options, context, onProgress, signal);

  const objects = new Map<string, ManifestObject>();
  const addVendorFile = (file: { path: string; sha256: string; size: number }, kind: ObjectClass): void => {
    if (held.has(file.sha256)) return;
    objects.set(file.path, { sha256: file.sha256, size: file.size, class: kind, path: file.path });
  };
  for (const index of indexes) {
    addVendorFile(index.release, 'release');
    addVendorFile(index, 'index');
  }
  for (const item of packages.objects) objects.set(item.path, item);
  const addOwnFile = (path: string, kind: ObjectClass, text: string): void => {
    const bytes = nodeCrypto.encodeUtf8(text);
    const sha256 = nodeCrypto.sha256(bytes);
    const target = downloadPath(context.downloadDir, sha256);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
    objects.set(path, { sha256, size: bytes.length, class: kind, path });
  };
  const unmet = contents.flatMap((content) => content.unmet);
  addOwnFile(
    'sallyport/repositories.json',
    'repositories',
    formatRepositories(describeRepositories(platforms, indexes)),
  );
  addOwnFile('sallyport/advisories.json', 'advisories', formatAdvisories(advisories.advisories));
  addOwnFile('sallyport/report.json', 'report', formatReport({ missing: packages.missing, unmet }));

  // Numbers are on disk before anything is signed with them: none is ever given out twice.
  const numbers = readNumbers(options.keysDir);
  const next = (role: 'timestamp' | 'snapshot' | 'targets'): number =>
    Math.max(numbers.roles[role], options.needs.holdings?.roles[role] ?? 0) + 1;
  const versions = { timestamp: next('timestamp'), snapshot: next('snapshot'), targets: next('targets') };
  const seq = Math.max(numbers.streams[stream] ?? 0, holdings?.seq ?? 0) + 1;
  writeNumbers(options.keysDir, {
    ...numbers,
    roles: versions,
    streams: { ...numbers.streams, [stream]: seq },
  });

  const manifest: Manifest = {
    stream,
    seq,
    base: held.size > 0 ? (holdings?.seq ?? 0) : 0,
    createdAt: options.now,
    feeds: Object.fromEntries(
      indexes.map(({ release }) => [
        `${release.repository.root}/${release.repository.suite}`,
        release.release.date,
      ]),
    ),
    minApp: MIN_APP,
    objects: [...objects.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  };
  const total = totalBytes(manifest);
  let written = 0;
  for (const { sha256, size } of new Map(manifest.objects.map((item) => [item.sha256, item])).values()) {
    signal?.throwIfAborted();
    placeBlob(options.outDir, sha256, downloadPath(context.downloadDir, sha256));
    written += size;
    onProgress({ phase: 'writing', done: written, total });
  }
  const signers = { timestamp: [keys.signer], snapshot: [keys.signer], targets: [keys.signer] };
  const files = composeBundleFiles({ manifest, versions, roots: keys.roots, signers }, nodeCrypto);
  finishOutput(options.outDir, files);

  const releases = new Map<string, FetchedRelease>(indexes.map(({ release }) => [release.path, release]));
  return {
    outDir: options.outDir,
    stream,
    seq,
    base: manifest.base,
    createdAt: options.now,
    manifestSha256: nodeCrypto.sha256(files.get(manifestPathOf(stream, seq)) ?? new Uint8Array()),
    fingerprint: keys.fingerprint,
    objects: manifest.objects.length,
    bytes: total,
    repositories: [...releases.values()].map(({ repository, release, signatures }) => ({
      root: repository.root,
      suite: repository.suite,
      releaseDate: release.date,
      validUntil: release.validUntil,
      signedBy: signatures.map((signature) => signature.fingerprint),
    })),
    upgrades: contents.reduce((sum, content) => sum + content.upgrades.length, 0),
    additions: contents.reduce((sum, content) => sum + content.additions.length, 0),
    alreadyHeld: packages.alreadyHeld,
    advisories: advisories.advisories.length,
    cves: new Set(advisories.advisories.flatMap((advisory) => advisory.cves)).size,
    missing: packages.missing,
    unmet,
    withoutChangelog: advisories.withoutChangelog,
  };
}

/** Architectures that a platform's endpoints have packages of. */
function architecturesOf(platform: NeededPlatform): string[] {
  const foreign = platform.packages.map((item) => item.arch).filter((arch) => arch !== 'all');
  return [...new Set([platform.architecture, ...foreign])].sort();
}

async function fetchIndexes(
  platforms: readonly NeededPlatform[],
  context: FetchContext,
  onProgress: (progress: BuildProgress) => void,
): Promise<FetchedIndex[]> {
  const wanted = new Map<
    string,
    { platform: NeededPlatform; position: number; component: string; arch: string }
  >();
  for (const platform of platforms) {
    platform.repositories.forEach((repository, position) => {
      for (const component of repository.components) {
        for (const arch of architecturesOf(platform)) {
          wanted.set(`${repository.root} ${repository.suite} ${component} ${arch}`, {
            platform,
            position,
            component,
            arch,
          });
        }
      }
    });
  }
  const releases = new Map<string, FetchedRelease>();
  const indexes: FetchedIndex[] = [];
  onProgress({ phase: 'indexes', done: 0, total: wanted.size });
  for (const { platform, position, component, arch } of wanted.values()) {
    const repository = platform.repositories[position];
    if (repository === undefined) continue;
    const key = `${repository.root} ${repository.suite}`;
    const release = releases.get(key) ?? (await fetchRelease(repository, context));
    releases.set(key, release);
    indexes.push(await fetchIndex(release, component, arch, context));
    onProgress({ phase: 'indexes', done: indexes.length, total: wanted.size });
  }
  return indexes;
}

function indexesOf(platform: NeededPlatform, indexes: readonly FetchedIndex[]): FetchedIndex[] {
  const architectures = new Set(architecturesOf(platform));
  return indexes.filter(
    ({ release, component, arch }) =>
      architectures.has(arch) &&
      platform.repositories.some(
        (ref) =>
          ref.root === release.repository.root &&
          ref.suite === release.repository.suite &&
          ref.components.includes(component),
      ),
  );
}

function resolvePlatform(platform: NeededPlatform, indexes: readonly FetchedIndex[]): PlatformContent {
  // Of equal versions the one from the security archive is taken, as assessments at the site do.
  const rank = ({ release }: FetchedIndex): number =>
    isSecurityRepository({ label: release.release.label, suite: release.repository.suite }) ? 0 : 1;
  const offers = indexesOf(platform, indexes)
    .toSorted((a, b) => rank(a) - rank(b))
    .flatMap((index) => index.offers);
  return { platform, ...resolveNeeded(platform, offers) };
}

function describeRepositories(
  platforms: readonly NeededPlatform[],
  indexes: readonly FetchedIndex[],
): BundledRepository[] {
  const repositories = new Map<string, BundledRepository>();
  for (const platform of platforms) {
    for (const { release, component, arch, path, sha256 } of indexesOf(platform, indexes)) {
      repositories.set(path, {
        distribution: platform.distribution.id,
        codename: platform.distribution.codename,
        root: release.repository.root,
        suite: release.repository.suite,
        component,
        arch,
        release: { path: release.path, sha256: release.sha256 },
        index: { path, sha256 },
      });
    }
  }
  return [...repositories.keys()].sort().flatMap((path) => repositories.get(path) ?? []);
}

interface FetchedPackages {
  readonly objects: readonly ManifestObject[];
  readonly missing: readonly { path: string; sha256: string; reason: string }[];
  readonly alreadyHeld: number;
  /** By hash: those whose file is on this machine now. */
  readonly onDisk: ReadonlySet<string>;
}

async function fetchPackages(
  contents: readonly PlatformContent[],
  indexes: readonly FetchedIndex[],
  held: ReadonlySet<string>,
  context: FetchContext,
  onProgress: (progress: BuildProgress) => void,
  signal: AbortSignal | undefined,
): Promise<FetchedPackages> {
  const releaseOf = new Map(
    indexes.map(({ release }) => [`${release.repository.root} ${release.repository.suite}`, release]),
  );
  const wanted = new Map<string, { offer: Offer; path: string; base: URL }>();
  const missing: { path: string; sha256: string; reason: string }[] = [];
  let alreadyHeld = 0;
  for (const offer of new Map(
    contents
      .flatMap((content) => [...content.upgrades, ...content.additions])
      .map((item) => [item.sha256, item]),
  ).values()) {
    const release = releaseOf.get(offer.repository);
    if (release === undefined) continue;
    const path = `${release.repository.root}/${offer.filename}`;
    if (held.has(offer.sha256)) alreadyHeld += 1;
    else if (!isSafePath(path))
      missing.push({ path: path.slice(0, 1_024), sha256: offer.sha256, reason: 'its name is unsafe' });
    else wanted.set(path, { offer, path, base: release.base });
  }
  const total = [...wanted.values()].reduce((sum, { offer }) => sum + offer.size, 0);
  let done = 0;
  onProgress({ phase: 'packages', done, total });
  const objects: ManifestObject[] = [];
  const onDisk = new Set<string>();
  const queue = [...wanted.values()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { offer, path, base } = next;
      const outcome = await downloadVerified(
        fileUrl(base, offer.filename),
        downloadPath(context.downloadDir, offer.sha256),
        offer,
        {
          ...context.download,
          onBytes: (bytes) => {
            done += bytes;
            onProgress({ phase: 'packages', done, total });
          },
        },
      );
      if (outcome.kind === 'done') {
        onDisk.add(offer.sha256);
        objects.push({ sha256: offer.sha256, size: offer.size, class: 'package', path });
      } else {
        missing.push({ path, sha256: offer.sha256, reason: outcome.reason.slice(0, 1_000) });
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_DOWNLOADS }, work));
  signal?.throwIfAborted();
  return { objects, missing: missing.toSorted((a, b) => (a.path < b.path ? -1 : 1)), alreadyHeld, onDisk };
}

async function collectAdvisories(
  contents: readonly PlatformContent[],
  packages: FetchedPackages,
  options: BuildOptions,
  context: FetchContext,
  onProgress: (progress: BuildProgress) => void,
  signal: AbortSignal | undefined,
): Promise<{ readonly advisories: readonly Advisory[]; readonly withoutChangelog: readonly string[] }> {
  const advisories = new Map<string, Advisory>();
  const withoutChangelog = new Set<string>();
  for (const { platform, upgrades } of contents) {
    const onDisk = upgrades
      .filter((offer) => packages.onDisk.has(offer.sha256))
      .map((offer) => ({ offer, file: downloadPath(context.downloadDir, offer.sha256) }));
    const found = await readChangelogAdvisories(
      platform,
      onDisk,
      (done, total) => {
        onProgress({ phase: 'changelogs', done, total });
      },
      signal,
    );
    for (const source of found.withoutChangelog) withoutChangelog.add(source);
    const tracked =
      options.advisoriesFile === undefined
        ? []
        : readTrackerAdvisories(options.advisoriesFile, platform, upgrades);
    for (const advisory of [...found.advisories, ...tracked]) {
      // Two architectures of one release tell of the same entries, from different installed versions: keep all.
      if (!advisories.has(advisory.id)) advisories.set(advisory.id, advisory);
    }
  }
  return {
    advisories: [...advisories.keys()].sort().flatMap((id) => advisories.get(id) ?? []),
    withoutChangelog: [...withoutChangelog].sort(),
  };
}
