import {
  assessInventory,
  type Assessor,
  type AssessmentCatalogue,
  type Finding,
} from '../core/assessment.ts';
import type { CatalogueStore } from '../catalogue/catalogue-store.ts';
import type { EndpointRow, EndpointStore, StoredInventory } from '../catalogue/endpoint-store.ts';

interface Assessed {
  readonly inventoryId: number;
  /** State of the catalogue that they are of. */
  readonly catalogue: string;
  readonly findings: readonly Finding[];
}

/** Endpoints whose findings are kept: those that somebody looks at. Of a fleet they would fill the memory. */
const MOST_KEPT = 200;

/**
 * What each endpoint lacks: its newest inventory against the catalogue as it is now. Computed when asked for and kept
 * until either changes. For numbers over the fleet see main/catalogue/fleet-store.ts.
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
    const catalogueState = this.#catalogue.stateMark();
    const result = new Map<string, readonly Finding[]>();
    const stale: { endpoint: EndpointRow; stored: StoredInventory }[] = [];
    for (const endpoint of endpoints) {
      const kept = this.#kept.get(endpoint.id);
      if (
        kept !== undefined &&
        kept.inventoryId === endpoint.inventoryId &&
        kept.catalogue === catalogueState
      ) {
        result.set(endpoint.id, kept.findings);
        continue;
      }
      const stored = this.inventoryOf(endpoint);
      if (stored !== undefined) stale.push({ endpoint, stored });
    }
    for (const [release, group] of groupByRelease(stale)) {
      const catalogue = this.#loadFor(release, group);
      const assessors = new Map<string, Assessor>();
      for (const { endpoint, stored } of group) {
        const findings = assessInventory(stored.inventory, catalogue, assessors);
        this.#keep(endpoint.id, { inventoryId: stored.id, catalogue: catalogueState, findings });
        result.set(endpoint.id, findings);
      }
    }
    return result;
  }

  #keep(endpointId: string, assessed: Assessed): void {
    this.#kept.delete(endpointId);
    this.#kept.set(endpointId, assessed);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > MOST_KEPT) this.#kept.delete(oldest);
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
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
