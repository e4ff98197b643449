import { assessInventory, type AssessmentCatalogue } from '../core/assessment.ts';
import type { Inventory } from '../core/inventory.ts';
import type { CatalogueStore } from './catalogue-store.ts';
import type { Db } from './database.ts';
import { readInventory } from './installed-versions.ts';

/** Of one endpoint's findings. */
export interface FindingCounts {
  readonly total: number;
  readonly security: number;
  /** Whose file is not at the site. */
  readonly notCarried: number;
}

/** Endpoints whose packages can't be judged one by one: each is assessed whole, and what it needs is kept. */
export class SinglyAssessed {
  readonly #db: Db;
  readonly #catalogue: CatalogueStore;
  /** By release, with the names that were asked for so far. */
  readonly #loaded = new Map<string, { readonly names: Set<string>; catalogue: AssessmentCatalogue }>();

  constructor(db: Db, catalogue: CatalogueStore) {
    this.#db = db;
    this.#catalogue = catalogue;
  }

  /** @returns the patches that it needed, each once */
  forget(endpointId: string): ReadonlySet<number> {
    const rows = this.#db
      .prepare('DELETE FROM endpoint_needs WHERE endpoint_id = ? RETURNING patch_id')
      .pluck()
      .all(endpointId) as number[];
    return new Set(rows);
  }

  assess(
    endpointId: string,
    inventoryId: number,
  ): { readonly counts: FindingCounts; readonly patches: ReadonlySet<number> } {
    const inventory = readInventory(this.#db, inventoryId);
    const findings = inventory === undefined ? [] : assessInventory(inventory, this.#catalogueFor(inventory));
    const put = this.#db.prepare(
      'INSERT OR IGNORE INTO endpoint_needs (endpoint_id, patch_id, installed, security) VALUES (?, ?, ?, ?)',
    );
    for (const { candidate, installed, security } of findings)
      put.run(endpointId, candidate.patchId, installed, security ? 1 : 0);
    return {
      counts: {
        total: findings.length,
        security: findings.filter((finding) => finding.security).length,
        notCarried: findings.filter((finding) => !finding.carried).length,
      },
      patches: new Set(findings.map((finding) => finding.candidate.patchId)),
    };
  }

  #catalogueFor(inventory: Inventory): AssessmentCatalogue {
    const key = `${inventory.distribution} ${inventory.codename}`;
    const known = this.#loaded.get(key);
    const names = known?.names ?? new Set<string>();
    const before = names.size;
    for (const item of inventory.packages) names.add(item.name);
    if (known !== undefined && names.size === before) return known.catalogue;
    const catalogue = this.#catalogue.loadAssessmentCatalogue(inventory, names);
    this.#loaded.set(key, { names, catalogue });
    return catalogue;
  }
}
