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

interface RankedOffer {
  readonly offer: CatalogueOffer;
  readonly version: string;
  readonly pin: PinPriority;
  readonly isSecurity: boolean;
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

/**
 * What is missing on an endpoint: for each installed package the version that apt would upgrade to, by the catalogue's
 * repositories of that same distribution release. Equal in set to `apt list --upgradable` on the same indexes.
 *
 * @returns sorted by name, then architecture
 */
export function assessInventory(inventory: Inventory, catalogue: AssessmentCatalogue): Finding[] {
  if (inventory.platform === 'dnf') return assessRpmInventory(inventory, catalogue);
  const repositories = new Map<number, CatalogueRepository>();
  for (const repository of catalogue.repositories) {
    if (repository.distribution === inventory.distribution && repository.codename === inventory.codename) {
      repositories.set(repository.id, repository);
    }
  }
  const offers = new Map<string, RankedOffer[]>();
  for (const offer of catalogue.offers) {
    const repository = repositories.get(offer.repositoryId);
    if (repository === undefined) continue;
    const key = `${offer.name}:${effectiveArch(offer.arch, inventory.arch)}`;
    const ranked: RankedOffer = {
      offer,
      version: offer.version,
      pin: repository.pin,
      isSecurity: isSecurityRepository(repository),
    };
    const list = offers.get(key);
    if (list === undefined) offers.set(key, [ranked]);
    else list.push(ranked);
  }
  const advisories = new Map<string, Advisory[]>();
  for (const advisory of catalogue.advisories) {
    if (advisory.distribution !== inventory.distribution || advisory.codename !== inventory.codename)
      continue;
    const list = advisories.get(advisory.source);
    if (list === undefined) advisories.set(advisory.source, [advisory]);
    else list.push(advisory);
  }
  const heldNames = new Set(inventory.held);

  const findings: Finding[] = [];
  for (const item of inventory.packages) {
    if (!isPresent(item.status)) continue;
    const available = offers.get(`${item.name}:${effectiveArch(item.arch, inventory.arch)}`);
    if (available === undefined) continue;
    // Equal versions: the security archive first, then a file that is here, then the older repository entry.
    const ordered = available.toSorted(
      (a, b) =>
        Number(b.isSecurity) - Number(a.isSecurity) ||
        Number(b.offer.carried) - Number(a.offer.carried) ||
        a.offer.repositoryId - b.offer.repositoryId,
    );
    const candidate = selectCandidate(item.version, ordered)?.offer;
    const repository = candidate === undefined ? undefined : repositories.get(candidate.repositoryId);
    if (candidate === undefined || repository === undefined) continue;
    findings.push(
      describeFinding(item, candidate, repository, advisories.get(candidate.source) ?? [], {
        held: heldNames.has(item.name) || heldNames.has(`${item.name}:${item.arch}`) || isHeld(item.status),
        // A fix may have come as security update and be part of an even newer version of another repository.
        securityOffered: available.some(
          (offer) =>
            offer.isSecurity &&
            compareDebVersions(offer.version, item.version) > 0 &&
            compareDebVersions(offer.version, candidate.version) <= 0,
        ),
      }),
    );
  }
  return findings.sort((a, b) =>
    a.name !== b.name ? (a.name < b.name ? -1 : 1) : a.arch < b.arch ? -1 : a.arch > b.arch ? 1 : 0,
  );
}

function describeFinding(
  item: InstalledPackage,
  candidate: CatalogueOffer,
  repository: CatalogueRepository,
  statements: readonly Advisory[],
  state: { readonly held: boolean; readonly securityOffered: boolean },
): Finding {
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
    held: state.held,
    security: state.securityOffered || cves.length > 0,
    advisories: relevant,
    cves,
    severity: relevant.reduce<Severity>((worst, next) => graverSeverity(worst, next.severity), 'not stated'),
    urgency: mostPressingUrgency(relevant),
  };
}
