import { CollectError } from '../../contract/errors.ts';
import { checkRpmSignatures } from '../bundle/rpm-signatures.ts';
import type { BundledFile, BundledRepository } from '../core/bundle/contents.ts';
import type { ManifestObject, ObjectClass } from '../core/bundle/manifest.ts';
import type { NeededPlatform } from '../core/needs-list.ts';
import { resolveRpmNeeded, type RpmOffer, type RpmResolution } from '../core/rpm/resolve.ts';
import {
  amountOf,
  type CollectedContent,
  type CollectRequest,
  type ContentSource,
  type MissingFile,
} from './content-source.ts';
import { downloadPath, fetchPackages, type FetchedFiles, type WantedFile } from './fetch-file.ts';
import { fetchRpmRepository, type FetchedRpmRepository } from './fetch-rpm-repository.ts';
import { fileUrl } from './mirrors.ts';
import { prepareVendorKeys, type VendorKeys } from './vendor-keys.ts';

export interface RpmTrust {
  /** Files with vendors' public keys, in ASCII armour or binary. */
  readonly keyFiles: readonly string[];
  /** Roots whose repositories are taken though nothing vouches for them but the way they came. */
  readonly unsignedRoots: readonly string[];
}

/** Repositories of RPM packages: `repomd.xml`, `primary`, `updateinfo`, `modules`, `.rpm`. */
export class RpmSource implements ContentSource {
  readonly #trust: RpmTrust;

  constructor(trust: RpmTrust) {
    this.#trust = trust;
  }

  async collect(request: CollectRequest): Promise<CollectedContent> {
    const { context, held, signal } = request;
    const platforms = request.needs.platforms.filter((platform) => platform.kind === 'dnf');
    const keys =
      this.#trust.keyFiles.length === 0 || platforms.length === 0
        ? null
        : prepareVendorKeys(this.#trust.keyFiles, context.downloadDir);
    const repositories = await this.#fetchRepositories(platforms, keys, request);
    const contents = platforms.map((platform) => resolve(platform, repositories));
    const wanted = wantedFiles(contents, repositories);
    const origin = new Map(wanted.map((item) => [item.path, item.release]));
    const fetched = await fetchPackages(wanted, held, context, request.onProgress, signal);
    const packages = await this.#refuseUnsigned(fetched, repositories, keys, request);

    const objects = new Map<string, ManifestObject>();
    const addFile = (
      file: { path: string; sha256: string; size: number } | null,
      kind: ObjectClass,
    ): void => {
      if (file !== null && !held.has(file.sha256))
        objects.set(file.path, { sha256: file.sha256, size: file.size, class: kind, path: file.path });
    };
    for (const repository of repositories.values()) {
      addFile(repository.release, 'release');
      addFile(repository.signature, 'release');
      addFile(repository.primary, 'index');
      addFile(repository.updateinfo, 'index');
      addFile(repository.modules, 'index');
    }
    for (const item of packages.objects) objects.set(item.path, item);
    return {
      objects: [...objects.values()],
      repositories: describeRepositories(platforms, repositories),
      releases: [...repositories.values()].map((found) => ({
        root: found.repository.root,
        suite: found.repository.suite,
        releaseDate: found.date,
        validUntil: null,
        signedBy: found.signatures.map((item) => item.fingerprint),
        offered: amountOf(found.offers),
        carried: amountOf(packages.objects.filter((item) => origin.get(item.path) === found.release.path)),
      })),
      // The site reads what the vendor says from the vendor's own document.
      advisories: [],
      upgrades: contents.reduce((sum, content) => sum + content.upgrades.length, 0),
      additions: contents.reduce((sum, content) => sum + content.additions.length, 0),
      alreadyHeld: packages.alreadyHeld,
      heldBytes: packages.heldBytes,
      downloaded: packages.downloaded,
      missing: packages.missing,
      unmet: [...contents.flatMap((content) => content.unmet), ...describeSkipped(repositories)],
      withoutChangelog: [],
      documents: [...repositories.values()].reduce((sum, found) => sum + found.advisories.size, 0),
      documentCves: new Set([...repositories.values()].flatMap((found) => [...found.cves])),
    };
  }

  async #fetchRepositories(
    platforms: readonly NeededPlatform[],
    keys: VendorKeys | null,
    { context, onProgress }: CollectRequest,
  ): Promise<ReadonlyMap<string, FetchedRpmRepository>> {
    const wanted = new Map(
      platforms.flatMap((platform) => platform.repositories.map((ref) => [keyOf(ref), { platform, ref }])),
    );
    const repositories = new Map<string, FetchedRpmRepository>();
    if (wanted.size > 0) onProgress({ phase: 'indexes', done: 0, total: wanted.size });
    for (const [key, { platform, ref }] of wanted) {
      const { id, codename } = platform.distribution;
      const found = await fetchRpmRepository(ref, { distribution: id, codename }, keys, context);
      if (keys === null && !this.#trust.unsignedRoots.includes(ref.root)) {
        throw new CollectError(
          'COLLECT_RELEASE_UNVERIFIED',
          `${found.release.path} is refused: there are no vendor’s keys to verify it or its packages with.`,
          {
            hint: `Name them with --vendor-keys, or take it on trust with --unsigned ${ref.root}.`,
            subject: { file: found.release.path },
          },
        );
      }
      repositories.set(key, found);
      onProgress({ phase: 'indexes', done: repositories.size, total: wanted.size });
    }
    return repositories;
  }

  /**
   * Lets rpm check the packages' own signatures, where it is installed. It must be where a vendor signs packages only:
   * then nothing else vouches for them.
   */
  async #refuseUnsigned(
    fetched: FetchedFiles,
    repositories: ReadonlyMap<string, FetchedRpmRepository>,
    keys: VendorKeys | null,
    { context }: CollectRequest,
  ): Promise<FetchedFiles> {
    if (keys === null) return fetched;
    const fileOf = (item: { readonly sha256: string }): string =>
      downloadPath(context.downloadDir, item.sha256);
    const isTaken = (item: ManifestObject): boolean =>
      this.#trust.unsignedRoots.some((root) => item.path.startsWith(`${root}/`));
    const toCheck = fetched.objects.filter((item) => !isTaken(item));
    const result = await checkRpmSignatures(toCheck.map(fileOf), keys.files);
    if (result.kind === 'keys refused') {
      throw new CollectError('COLLECT_KEYRING_MISSING', 'rpm does not take the vendor’s keys.', {
        hint: 'Name the file with the vendor’s public keys, as it publishes them.',
        cause: result.cause,
      });
    }
    if (result.kind === 'not possible') {
      const bare = [...repositories.values()].find(
        (found) => found.signature === null && !this.#trust.unsignedRoots.includes(found.repository.root),
      );
      if (bare === undefined) return fetched;
      throw new CollectError(
        'COLLECT_VERIFIER_MISSING',
        `${bare.release.path} is not signed, and rpm is not installed to check the signatures of its packages.`,
        { hint: 'Install it (Debian: apt-get install rpm).' },
      );
    }
    const refused: MissingFile[] = toCheck
      .filter((item) => result.refused.has(fileOf(item)))
      .map(({ path, sha256 }) => ({ path, sha256, reason: 'the vendor’s signature on it does not hold' }));
    const names = new Set(refused.map((item) => item.path));
    return {
      ...fetched,
      objects: fetched.objects.filter((item) => !names.has(item.path)),
      missing: [...fetched.missing, ...refused].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    };
  }
}

/** Packages that nothing vouches for are left out; a repository that names all of them so would else look up to date. */
function describeSkipped(repositories: ReadonlyMap<string, FetchedRpmRepository>): string[] {
  return [...repositories].flatMap(([name, { skipped }]) =>
    skipped === 0
      ? []
      : [`${name}: ${skipped} packages left out, which it names by no SHA-256 or at another address`],
  );
}

const keyOf = (ref: { readonly root: string; readonly suite: string }): string => `${ref.root} ${ref.suite}`;

function resolve(
  platform: NeededPlatform,
  repositories: ReadonlyMap<string, FetchedRpmRepository>,
): RpmResolution {
  const found = platform.repositories.flatMap((ref) => repositories.get(keyOf(ref)) ?? []);
  const offers: RpmOffer[] = [];
  for (const repository of found) for (const offer of repository.offers) offers.push(offer);
  return resolveRpmNeeded(platform, offers, {
    packages: found.flatMap((repository) => repository.moduleFacts.packages),
    defaults: found.flatMap((repository) => repository.moduleFacts.defaults),
  });
}

function wantedFiles(
  contents: readonly RpmResolution[],
  repositories: ReadonlyMap<string, FetchedRpmRepository>,
): readonly (WantedFile & { readonly release: string })[] {
  return contents
    .flatMap((content) => [...content.upgrades, ...content.additions])
    .flatMap((offer) => {
      const found = repositories.get(offer.repository);
      if (found === undefined) return [];
      const path = `${found.repository.root}/${found.repository.suite}/${offer.filename}`;
      // Whether the name is safe is looked at when it is fetched; an address must stay below its base at once.
      const url = fileUrl(found.base, offer.filename);
      return { path, url, sha256: offer.sha256, size: offer.size, release: found.release.path };
    });
}

function describeRepositories(
  platforms: readonly NeededPlatform[],
  repositories: ReadonlyMap<string, FetchedRpmRepository>,
): BundledRepository[] {
  return platforms.flatMap((platform) =>
    platform.repositories.flatMap((ref): BundledRepository[] => {
      const found = repositories.get(keyOf(ref));
      if (found === undefined) return [];
      const file = (kind: BundledFile['kind'], item: FetchedRpmRepository['signature']): BundledFile[] =>
        item === null ? [] : [{ kind, path: item.path, sha256: item.sha256 }];
      return [
        {
          ecosystem: 'rpm',
          distribution: platform.distribution.id,
          codename: platform.distribution.codename,
          root: ref.root,
          suite: ref.suite,
          component: '',
          arch: platform.architecture,
          release: { path: found.release.path, sha256: found.release.sha256 },
          index: { path: found.primary.path, sha256: found.primary.sha256 },
          files: [
            ...file('signature', found.signature),
            ...file('updateinfo', found.updateinfo),
            ...file('modules', found.modules),
          ],
        },
      ];
    }),
  );
}
