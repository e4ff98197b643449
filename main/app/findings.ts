import { assessInventory, type AssessmentCatalogue, type Finding } from '../core/assessment.ts';
import type { CatalogueStore } from '../catalogue/catalogue-store.ts';
import type { EndpointRow, EndpointStore, StoredInventory } from '../catalogue/endpoint-store.ts';

interface Assessed {
  readonly inventoryId: number;
  readonly bundles: string;
  readonly findings: readonly Finding[];
}

/**
 * What each endpoint lacks: its newest inventory against the catalogue as it is now. Computed when asked for and kept
 * until either changes.
 */
export class Findings {
  readonly #endpoints: EndpointStore;
  readonly #catalogue: CatalogueStore;
  readonly #kept = new Map<string, Assessed>();

  constructor(endpoints: EndpointStore, catalogue: CatalogueStore) {
    this.#endpoints = endpoints;
    this.#catalogue = catalogue;
  }

  inventoryOf(endpoint: EndpointRow): StoredInventory | undefined {
    return endpoint.inventoryId === null ? undefined : this.#endpoints.getInventory(endpoint.inventoryId);
  }

  /** Sorted by package and architecture; empty before the first scan or import. */
  of(endpoint: EndpointRow): readonly Finding[] {
    return this.ofAll([endpoint]).get(endpoint.id) ?? [];
  }

  ofAll(endpoints: readonly EndpointRow[]): ReadonlyMap<string, readonly Finding[]> {
    const bundles = this.#catalogue
      .listBundles()
      .map((bundle) => bundle.id)
      .join(' ');
    const result = new Map<string, readonly Finding[]>();
    const stale: { endpoint: EndpointRow; stored: StoredInventory }[] = [];
    for (const endpoint of endpoints) {
      const kept = this.#kept.get(endpoint.id);
      if (kept !== undefined && kept.inventoryId === endpoint.inventoryId && kept.bundles === bundles) {
        result.set(endpoint.id, kept.findings);
        continue;
      }
      const stored = this.inventoryOf(endpoint);
      if (stored !== undefined) stale.push({ endpoint, stored });
    }
    for (const [release, group] of groupByRelease(stale)) {
      const catalogue = this.#loadFor(release, group);
      for (const { endpoint, stored } of group) {
        const findings = assessInventory(stored.inventory, catalogue);
        this.#kept.set(endpoint.id, { inventoryId: stored.id, bundles, findings });
        result.set(endpoint.id, findings);
      }
    }
    return result;
  }

  #loadFor(release: string, group: readonly { stored: StoredInventory }[]): AssessmentCatalogue {
    const [distribution = '', codename = ''] = release.split(' ');
    const names = new Set(group.flatMap(({ stored }) => stored.inventory.packages.map((item) => item.name)));
    return this.#catalogue.loadAssessmentCatalogue({ distribution, codename }, names);
  }
}

function groupByRelease<T extends { readonly stored: StoredInventory }>(
  items: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = `${item.stored.inventory.distribution} ${item.stored.inventory.codename}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
