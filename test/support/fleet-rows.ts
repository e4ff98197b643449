import type { Db } from '../../main/catalogue/database.ts';
import { EndpointStore } from '../../main/catalogue/endpoint-store.ts';
import { keepInstalled } from '../../main/catalogue/installed-versions.ts';
import type { InstalledPackage, Inventory } from '../../main/core/inventory.ts';

const TIME = '2026-11-24T00:00:00.000Z';

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
    if (this.#endpoints.get(id) === undefined) this.#add(id);
    this.#endpoints.insertInventory(id, inventory, TIME, 'scan', null);
  }

  /** As {@link scan}, but without the packed inventory that nobody is going to read. */
  scanUnpacked(db: Db, id: string, inventory: Inventory): void {
    this.#add(id);
    const inventoryId = Number(
      db
        .prepare(
          "INSERT INTO inventories (endpoint_id, taken_at, digest, reason, content) VALUES (?, ?, '', 'scan', x'')",
        )
        .run(id, TIME).lastInsertRowid,
    );
    keepInstalled(db, inventoryId, inventory);
    db.prepare('UPDATE endpoints SET inventory_id = ? WHERE id = ?').run(inventoryId, id);
  }

  #add(id: string): void {
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
      createdAt: TIME,
    });
  }
}
