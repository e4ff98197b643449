import { inflateSync } from 'node:zlib';
import { isPresent } from '../core/apt/inventory.ts';
import type { InstalledPackage, Inventory } from '../core/inventory.ts';
import type { Db } from './database.ts';

/** What lists of endpoints show of an inventory, without unpacking it. */
export interface InventoryFacts {
  readonly takenAt: string;
  readonly prettyName: string;
  /** Packages that are there. */
  readonly packages: number;
  readonly rebootRequired: boolean;
}

/**
 * Notes what an inventory has installed, each distinct version once. To be called in the transaction that keeps the
 * inventory.
 */
export function keepInstalled(db: Db, inventoryId: number, inventory: Inventory): void {
  const present = inventory.packages.filter((item) => isPresent(item.status));
  db.prepare(
    `INSERT OR REPLACE INTO inventory_facts (inventory_id, pretty_name, packages, reboot_required, versions)
     VALUES (?, ?, ?, ?, ?)`,
  ).run(
    inventoryId,
    inventory.prettyName,
    present.length,
    inventory.rebootRequired ? 1 : 0,
    inventory.platform === 'apt' ? numberVersions(db, inventory, present) : null,
  );
}

function numberVersions(db: Db, inventory: Inventory, present: readonly InstalledPackage[]): Buffer {
  const { distribution, codename, arch } = inventory;
  db.prepare(
    'INSERT INTO installed_platforms (distribution, codename, arch) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  ).run(distribution, codename, arch);
  const platform = db
    .prepare('SELECT id FROM installed_platforms WHERE distribution = ? AND codename = ? AND arch = ?')
    .pluck()
    .get(distribution, codename, arch) as number;
  const find = db
    .prepare(
      `SELECT id FROM installed_versions
       WHERE platform_id = ? AND name = ? AND version = ? AND arch = ? AND source_version = ?`,
    )
    .pluck();
  const add = db.prepare(
    'INSERT INTO installed_versions (platform_id, name, version, arch, source_version) VALUES (?, ?, ?, ?, ?)',
  );
  const ids = Uint32Array.from(present, ({ name, version, arch: packageArch, sourceVersion }) => {
    const key = [platform, name, version, packageArch, sourceVersion] as const;
    return (find.get(...key) as number | undefined) ?? Number(add.run(...key).lastInsertRowid);
  });
  return Buffer.from(ids.buffer);
}

/** The versions of an inventory's packages by their ids; a package that is there twice counts twice. */
export function versionsOf(blob: Uint8Array): Uint32Array {
  // A view needs an address that is a multiple of four, which a copy has.
  return new Uint32Array(Uint8Array.from(blob).buffer);
}

/** The whole inventory, unpacked. */
export function readInventory(db: Db, id: number): Inventory | undefined {
  const content = db.prepare('SELECT content FROM inventories WHERE id = ?').pluck().get(id) as
    Uint8Array | undefined;
  return content === undefined ? undefined : (JSON.parse(inflateSync(content).toString('utf8')) as Inventory);
}
