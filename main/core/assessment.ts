import { graverSeverity, mostPressingUrgency, type Advisory, type Severity } from './advisory.ts';
import { effectiveArch, isSecurityRepository, selectCandidate, type PinPriority } from './apt/candidate.ts';
import { isHeld, isPresent } from './apt/inventory.ts';
import type { InstalledPackage, Inventory } from './inventory.ts';
import { assessRpmInventory } from './rpm/assess.ts';
import type { ModuleFacts } from './rpm/modules.ts';
import { compareDebVersions } from './version/deb.ts';

/** A repository of the catalogue: one signed release and one of its indexes. */
export interface CatalogueRepository {
  readonly id: number;
  readonly distribution: string;
  /** Of the distribution release it belongs to (`bookworm`), not of the suite (`bookworm-security`). */
  readonly codename: string;
  readonly root: string;
  readonly suite: string;
  readonly component: string;
  readonly arch: string;
  readonly origin: string;
  readonly label: string;
  readonly releaseDate: string;
  readonly pin: PinPriority;
}

/** A package version that a repository's signed index lists. */
export interface CatalogueOffer {
  /** Of the catalogue; the same file has the same id for ever. */
  readonly patchId: number;
  /** Of the .deb file. */
  readonly sha256: string;
  readonly repositoryId: number;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source: string;
  readonly sourceVersion: string;
  /** Bytes. */
  readonly size: number;
  /** The file itself is in the content store. */
  readonly carried: boolean;
}

export interface AssessmentCatalogue {
  readonly repositories: readonly CatalogueRepository[];
  readonly offers: readonly CatalogueOffer[];
  readonly advisories: readonly Advisory[];
  /** Of the repositories that have modules. */
  readonly modules?: ModuleFacts;
}

/** An installed package for which the vendor has something newer. */
export interface Finding {
  readonly name: string;
  readonly arch: string;
  readonly installed: string;
  readonly candidate: CatalogueOffer;
  readonly repository: CatalogueRepository;
  /** Whether the site has the file; if not, the next bundle must bring it. */
  readonly carried: boolean;
  readonly held: boolean;
  /** The vendor published it as a security update, or its changelog names CVEs. */
  readonly security: boolean;
  /** Statements on versions after the installed one, up to the candidate; newest fix first. */
  readonly advisories: readonly Advisory[];
  readonly cves: readonly string[];
  readonly severity: Severity;
  /** Most pressing changelog urgency; `null` when none is known. Not a severity. */
  readonly urgency: string | null;
}

/** What a verdict on an installed package depends on, besides the catalogue: endpoints with the same share it. */
export type InstalledVersion = Pick<InstalledPackage, 'name' | 'version' | 'arch' | 'sourceVersion'>;

/** A finding, but for what only one endpoint knows of the package. */
export type Verdict = Omit<Finding, 'held'>;

interface RankedOffer {
  readonly offer: CatalogueOffer;
  readonly version: string;
  readonly pin: PinPriority;
  readonly isSecurity: boolean;
}

interface Platform {
  readonly distribution: string;
  readonly codename: string;
  /** The endpoints' own. */
  readonly arch: string;
}

/** Judges installed Debian packages of one platform against the catalogue. Preparing it is the dear part: judge many with it. */
export class Assessor {
  readonly #arch: string;
  readonly #repositories = new Map<number, CatalogueRepository>();
  /** Best first among equal versions. */
  readonly #offers = new Map<string, RankedOffer[]>();
  readonly #advisories = new Map<string, Advisory[]>();

  constructor({ distribution, codename, arch }: Platform, catalogue: AssessmentCatalogue) {
    this.#arch = arch;
    for (const repository of catalogue.repositories) {
      if (repository.distribution === distribution && repository.codename === codename) {
        this.#repositories.set(repository.id, repository);
      }
    }
    for (const offer of catalogue.offers) {
      const repository = this.#repositories.get(offer.repositoryId);
      if (repository === undefined) continue;
      const key = `${offer.name}:${effectiveArch(offer.arch, arch)}`;
      const ranked: RankedOffer = {
        offer,
        version: offer.version,
        pin: repository.pin,
        isSecurity: isSecurityRepository(repository),
      };
      const list = this.#offers.get(key);
      if (list === undefined) this.#offers.set(key, [ranked]);
      else list.push(ranked);
    }
    // Equal versions: the security archive first, then a file that is here, then the older repository entry.
    for (const list of this.#offers.values()) {
      list.sort(
        (a, b) =>
          Number(b.isSecurity) - Number(a.isSecurity) ||
          Number(b.offer.carried) - Number(a.offer.carried) ||
          a.offer.repositoryId - b.offer.repositoryId,
      );
    }
    for (const advisory of catalogue.advisories) {
      if (advisory.distribution !== distribution || advisory.codename !== codename) continue;
      const list = this.#advisories.get(advisory.source);
      if (list === undefined) this.#advisories.set(advisory.source, [advisory]);
      else list.push(advisory);
    }
  }

  /** @returns `null` when the installed version stays */
  judge(item: InstalledVersion): Verdict | null {
    const available = this.#offers.get(`${item.name}:${effectiveArch(item.arch, this.#arch)}`);
    if (available === undefined) return null;
    const candidate = selectCandidate(item.version, available)?.offer;
    const repository = candidate === undefined ? undefined : this.#repositories.get(candidate.repositoryId);
    if (candidate === undefined || repository === undefined) return null;
    // A fix may have come as security update and be part of an even newer version of another repository.
    const securityOffered = available.some(
      (offer) =>
        offer.isSecurity &&
        compareDebVersions(offer.version, item.version) > 0 &&
        compareDebVersions(offer.version, candidate.version) <= 0,
    );
    const statements = this.#advisories.get(candidate.source) ?? [];
    return describeVerdict(item, candidate, repository, statements, securityOffered);
  }
}

/**
 * What is missing on an endpoint: for each installed package the version that apt would upgrade to, by the catalogue's
 * repositories of that same distribution release. Equal in set to `apt list --upgradable` on the same indexes.
 *
 * @param assessors of this catalogue, by platform: preparing one is the dear part, and a fleet shares it
 * @returns sorted by name, then architecture
 */
export function assessInventory(
  inventory: Inventory,
  catalogue: AssessmentCatalogue,
  assessors = new Map<string, Assessor>(),
): Finding[] {
  if (inventory.platform === 'dnf') return assessRpmInventory(inventory, catalogue);
  const platform = `${inventory.distribution} ${inventory.codename} ${inventory.arch}`;
  const assessor = assessors.get(platform) ?? new Assessor(inventory, catalogue);
  assessors.set(platform, assessor);
  const heldNames = new Set(inventory.held);
  const findings: Finding[] = [];
  for (const item of inventory.packages) {
    if (!isPresent(item.status)) continue;
    const verdict = assessor.judge(item);
    if (verdict === null) continue;
    findings.push({
      ...verdict,
      held: heldNames.has(item.name) || heldNames.has(`${item.name}:${item.arch}`) || isHeld(item.status),
    });
  }
  return findings.sort((a, b) =>
    a.name !== b.name ? (a.name < b.name ? -1 : 1) : a.arch < b.arch ? -1 : a.arch > b.arch ? 1 : 0,
  );
}

function describeVerdict(
  item: InstalledVersion,
  candidate: CatalogueOffer,
  repository: CatalogueRepository,
  statements: readonly Advisory[],
  securityOffered: boolean,
): Verdict {
  const relevant = statements
    .filter(
      (advisory) =>
        compareDebVersions(advisory.fixedVersion, item.sourceVersion) > 0 &&
        compareDebVersions(advisory.fixedVersion, candidate.sourceVersion) <= 0,
    )
    .toSorted((a, b) => compareDebVersions(b.fixedVersion, a.fixedVersion) || (a.id < b.id ? -1 : 1));
  const cves = [...new Set(relevant.flatMap((advisory) => advisory.cves))].sort();
  return {
    name: item.name,
    arch: item.arch,
    installed: item.version,
    candidate,
    repository,
    carried: candidate.carried,
    security: securityOffered || cves.length > 0,
    advisories: relevant,
    cves,
    severity: relevant.reduce<Severity>((worst, next) => graverSeverity(worst, next.severity), 'not stated'),
    urgency: mostPressingUrgency(relevant),
  };
}
