import type { Db } from '../../main/catalogue/database.ts';
import { EndpointStore } from '../../main/catalogue/endpoint-store.ts';
import type { InstalledPackage, Inventory } from '../../main/core/inventory.ts';

/** An inventory of bookworm with these packages and nothing else to tell. */
export function inventoryOf(
  packages: readonly (Pick<InstalledPackage, 'name' | 'version'> & Partial<InstalledPackage>)[],
): Inventory {
  return {
    platform: 'apt',
    distribution: 'debian',
    codename: 'bookworm',
    prettyName: 'Debian GNU/Linux 12 (bookworm)',
    arch: 'amd64',
    kernel: '6.1.0-50-amd64',
    packages: packages.map((item) => ({
      arch: 'amd64',
      source: item.name,
      sourceVersion: item.version,
      status: 'install ok installed',
      ...item,
    })),
    held: [],
    rebootRequired: false,
    rebootReasons: [],
    clock: 0,
    bootMarker: 'boot',
  };
}

/** Puts endpoints into a site that nobody can connect to. */
export class FleetRows {
  readonly #endpoints: EndpointStore;

  constructor(db: Db) {
    this.#endpoints = new EndpointStore(db);
    db.prepare("INSERT INTO secrets (id, sealed, created_at) VALUES ('none', x'00', '')").run();
  }

  /** Adds an endpoint, or scans it again. */
  scan(id: string, inventory: Inventory): void {
    if (this.#endpoints.get(id) === undefined) {
      this.#endpoints.insert({
        id,
        name: id,
        group: 'fleet',
        address: '192.0.2.1',
        port: 22,
        user: 'root',
        hostKey: null,
        secretId: 'none',
        hypervisorId: null,
        vm: null,
        snapshotMode: 'disabled',
        restoreOnFailure: false,
        rebootPolicy: 'never',
        healthChecks: [],
        createdAt: '2026-11-24T00:00:00.000Z',
      });
    }
    this.#endpoints.insertInventory(id, inventory, '2026-11-24T00:00:00.000Z', 'scan', null);
  }
}
