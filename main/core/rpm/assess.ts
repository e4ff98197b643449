import { graverSeverity, type Advisory, type Severity } from '../advisory.ts';
import type { AssessmentCatalogue, CatalogueOffer, CatalogueRepository, Finding } from '../assessment.ts';
import type { InstalledPackage, Inventory } from '../inventory.ts';
import { compareRpmVersions } from '../version/rpm.ts';
import { activeStreams, StreamFilter } from './streams.ts';

/** Architectures whose packages an endpoint runs, beside its own and `noarch`. */
const ALSO_RUNS: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['i686', 'i586', 'i486', 'i386', 'x86_64_v2', 'x86_64_v3'],
  aarch64: [],
};

export const runsOn = (arch: string, native: string): boolean =>
  arch === native || arch === 'noarch' || (ALSO_RUNS[native] ?? []).includes(arch);

/** A package of one architecture takes the place of one of the same or of none. */
export const takesPlaceOf = (arch: string, installed: string): boolean =>
  arch === installed || arch === 'noarch' || installed === 'noarch';

/**
 * What is missing on an endpoint with RPM packages: for each name and architecture the newest version that the
 * repositories offer, unless that or a newer one is installed. Equal in set to `dnf check-update` on the same
 * metadata; of packages that are installed in several versions (kernels) the newest counts.
 *
 * @returns sorted by name, then architecture
 */
export function assessRpmInventory(inventory: Inventory, catalogue: AssessmentCatalogue): Finding[] {
  const repositories = new Map<number, CatalogueRepository>();
  for (const repository of catalogue.repositories) {
    if (repository.distribution === inventory.distribution && repository.codename === inventory.codename)
      repositories.set(repository.id, repository);
  }
  const active = activeStreams(inventory.modules, catalogue.modules?.defaults ?? []);
  const filter = new StreamFilter(catalogue.modules, active);
  const installed = new Map<string, InstalledPackage[]>();
  for (const item of inventory.packages) {
    const list = installed.get(item.name);
    if (list === undefined) installed.set(item.name, [item]);
    else list.push(item);
  }
  const newest = new Map<string, CatalogueOffer>();
  for (const offer of catalogue.offers) {
    if (!repositories.has(offer.repositoryId) || !installed.has(offer.name)) continue;
    if (!runsOn(offer.arch, inventory.arch) || !filter.isVisible(offer)) continue;
    const key = `${offer.name} ${offer.arch}`;
    const best = newest.get(key);
    if (best === undefined || isBetter(offer, best)) newest.set(key, offer);
  }
  const statements = new Map<string, Advisory[]>();
  for (const advisory of catalogue.advisories) {
    if (advisory.distribution !== inventory.distribution || advisory.codename !== inventory.codename)
      continue;
    if (advisory.module !== undefined && !active.has(advisory.module)) continue;
    const key = `${advisory.of} ${advisory.source}`;
    const list = statements.get(key);
    if (list === undefined) statements.set(key, [advisory]);
    else list.push(advisory);
  }
  const held = new Set(inventory.held);

  const findings: Finding[] = [];
  for (const candidate of newest.values()) {
    const rivals = (installed.get(candidate.name) ?? []).filter((item) =>
      takesPlaceOf(candidate.arch, item.arch),
    );
    const current = rivals.toSorted((a, b) => compareRpmVersions(b.version, a.version))[0];
    const repository = repositories.get(candidate.repositoryId);
    if (current === undefined || repository === undefined) continue;
    if (compareRpmVersions(current.version, candidate.version) >= 0) continue;
    findings.push(
      describe(current, candidate, repository, {
        binary: statements.get(`binary ${candidate.name}`) ?? [],
        source: statements.get(`source ${candidate.source}`) ?? [],
        held: held.has(candidate.name) || held.has(`${candidate.name}.${candidate.arch}`),
      }),
    );
  }
  return findings.sort((a, b) => (`${a.name}\0${a.arch}` < `${b.name}\0${b.arch}` ? -1 : 1));
}

/** The newer one; of equal ones a file that is here, then the older repository entry. */
function isBetter(offer: CatalogueOffer, best: CatalogueOffer): boolean {
  const order = compareRpmVersions(offer.version, best.version);
  if (order !== 0) return order > 0;
  if (offer.carried !== best.carried) return offer.carried;
  return offer.repositoryId < best.repositoryId;
}

function describe(
  item: InstalledPackage,
  candidate: CatalogueOffer,
  repository: CatalogueRepository,
  facts: {
    readonly binary: readonly Advisory[];
    readonly source: readonly Advisory[];
    readonly held: boolean;
  },
): Finding {
  const between = (from: string, to: string) => (advisory: Advisory) =>
    compareRpmVersions(advisory.fixedVersion, from) > 0 && compareRpmVersions(advisory.fixedVersion, to) <= 0;
  const advisories = [
    ...facts.binary.filter(between(item.version, candidate.version)),
    ...facts.source.filter(between(item.sourceVersion, candidate.sourceVersion)),
  ].toSorted((a, b) => compareRpmVersions(b.fixedVersion, a.fixedVersion) || (a.id < b.id ? -1 : 1));
  const cves = [...new Set(advisories.flatMap((advisory) => advisory.cves))].sort();
  return {
    name: item.name,
    arch: candidate.arch,
    installed: item.version,
    candidate,
    repository,
    carried: candidate.carried,
    held: facts.held,
    security: cves.length > 0 || advisories.some((advisory) => advisory.type === 'security'),
    advisories,
    cves,
    severity: advisories.reduce<Severity>(
      (worst, next) => graverSeverity(worst, next.severity),
      'not stated',
    ),
    urgency: null,
  };
}
