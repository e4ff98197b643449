import type { Advisory } from '../core/advisory.ts';
import { isSecurityRepository } from '../core/apt/candidate.ts';
import { resolveNeeded, type Offer } from '../core/apt/resolve.ts';
import type { BundledRepository } from '../core/bundle/contents.ts';
import type { ManifestObject, ObjectClass } from '../core/bundle/manifest.ts';
import type { NeededPlatform } from '../core/needs-list.ts';
import { readChangelogAdvisories } from './collect-advisories.ts';
import {
  amountOf,
  type CollectedContent,
  type CollectRequest,
  type ContentSource,
} from './content-source.ts';
import {
  downloadPath,
  fetchPackages,
  type FetchContext,
  type FetchedFiles,
  type WantedFile,
} from './fetch-file.ts';
import { fetchIndex, fetchRelease, type FetchedIndex, type FetchedRelease } from './fetch-repository.ts';
import { fileUrl } from './mirrors.ts';

interface PlatformContent {
  readonly platform: NeededPlatform;
  readonly upgrades: readonly Offer[];
  readonly additions: readonly Offer[];
  readonly unmet: readonly string[];
}

/** Debian's and Ubuntu's kind of repository: `InRelease`, `Packages`, `.deb`. */
export class AptSource implements ContentSource {
  async collect(request: CollectRequest): Promise<CollectedContent> {
    const { context, held, signal } = request;
    const platforms = request.needs.platforms.filter((platform) => platform.kind !== 'dnf');
    const indexes = await fetchIndexes(platforms, context, request);
    const contents = platforms.map((platform) => resolvePlatform(platform, indexes));
    const wanted = wantedFiles(contents, indexes);
    const origin = new Map(wanted.map((item) => [item.path, item.release]));
    const packages = await fetchPackages(wanted, held, context, request.onProgress, signal);
    const advisories = await collectAdvisories(contents, packages, request);

    const objects = new Map<string, ManifestObject>();
    const addFile = (file: { path: string; sha256: string; size: number }, kind: ObjectClass): void => {
      if (held.has(file.sha256)) return;
      objects.set(file.path, { sha256: file.sha256, size: file.size, class: kind, path: file.path });
    };
    for (const index of indexes) {
      addFile(index.release, 'release');
      addFile(index, 'index');
    }
    for (const item of packages.objects) objects.set(item.path, item);
    const releases = new Map<string, FetchedRelease>(indexes.map(({ release }) => [release.path, release]));
    return {
      objects: [...objects.values()],
      repositories: describeRepositories(platforms, indexes),
      releases: [...releases.values()].map(({ path, repository, release, signatures }) => ({
        root: repository.root,
        suite: repository.suite,
        releaseDate: release.date,
        validUntil: release.validUntil,
        signedBy: signatures.map((signature) => signature.fingerprint),
        offered: amountOf(
          indexes.filter((index) => index.release.path === path).flatMap((index) => index.offers),
        ),
        carried: amountOf(packages.objects.filter((item) => origin.get(item.path) === path)),
      })),
      advisories: advisories.advisories,
      upgrades: contents.reduce((sum, content) => sum + content.upgrades.length, 0),
      additions: contents.reduce((sum, content) => sum + content.additions.length, 0),
      alreadyHeld: packages.alreadyHeld,
      heldBytes: packages.heldBytes,
      downloaded: packages.downloaded,
      missing: packages.missing,
      unmet: contents.flatMap((content) => content.unmet),
      withoutChangelog: advisories.withoutChangelog,
    };
  }
}

async function collectAdvisories(
  contents: readonly PlatformContent[],
  packages: FetchedFiles,
  { context, onProgress, signal }: CollectRequest,
): Promise<{ readonly advisories: readonly Advisory[]; readonly withoutChangelog: readonly string[] }> {
  const advisories = new Map<string, Advisory>();
  const withoutChangelog = new Set<string>();
  for (const { platform, upgrades } of contents) {
    // Which entries of a changelog are news, only an installed version tells.
    if (platform.everything === true) continue;
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
    for (const advisory of found.advisories) {
      // Two architectures of one release tell of the same entries, from different installed versions: keep all.
      if (!advisories.has(advisory.id)) advisories.set(advisory.id, advisory);
    }
  }
  return {
    advisories: [...advisories.keys()].sort().flatMap((id) => advisories.get(id) ?? []),
    withoutChangelog: [...withoutChangelog].sort(),
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
  { onProgress }: Pick<CollectRequest, 'onProgress'>,
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

function wantedFiles(
  contents: readonly PlatformContent[],
  indexes: readonly FetchedIndex[],
): readonly (WantedFile & { readonly release: string })[] {
  const releaseOf = new Map(
    indexes.map(({ release }) => [`${release.repository.root} ${release.repository.suite}`, release]),
  );
  return contents
    .flatMap((content) => [...content.upgrades, ...content.additions])
    .flatMap((offer) => {
      const release = releaseOf.get(offer.repository);
      if (release === undefined) return [];
      return {
        path: `${release.repository.root}/${offer.filename}`,
        url: fileUrl(release.base, offer.filename),
        sha256: offer.sha256,
        size: offer.size,
        release: release.path,
      };
    });
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
