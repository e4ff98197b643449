import type { Db } from '../database.ts';
import { keepInstalled, readInventory } from '../installed-versions.ts';

/**
 * What a fleet has, in a form that is quick to judge: most endpoints have most packages in the same versions, so each
 * distinct one is kept once and an inventory is a list of their numbers. Verdicts and counts are derived and made anew
 * when the catalogue changes.
 */
export const migration = {
  version: 71,
  name: 'fleet',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE installed_platforms (
        id INTEGER PRIMARY KEY,
        distribution TEXT NOT NULL,
        codename TEXT NOT NULL,
        arch TEXT NOT NULL,
        UNIQUE (distribution, codename, arch)
      ) STRICT;
      CREATE TABLE installed_versions (
        id INTEGER PRIMARY KEY,
        platform_id INTEGER NOT NULL REFERENCES installed_platforms (id),
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        arch TEXT NOT NULL,
        source_version TEXT NOT NULL,
        UNIQUE (platform_id, name, version, arch, source_version)
      ) STRICT;

      -- Of the newest inventory of an endpoint, and of the one that its counts are of.
      CREATE TABLE inventory_facts (
        inventory_id INTEGER PRIMARY KEY REFERENCES inventories (id),
        pretty_name TEXT NOT NULL,
        packages INTEGER NOT NULL,
        reboot_required INTEGER NOT NULL CHECK (reboot_required IN (0, 1)),
        versions BLOB                     -- ids of installed_versions, 32 bits each, little-endian; NULL with dnf
      ) STRICT;

      CREATE TABLE version_verdicts (
        version_id INTEGER PRIMARY KEY REFERENCES installed_versions (id),
        patch_id INTEGER NOT NULL,
        security INTEGER NOT NULL CHECK (security IN (0, 1))
      ) STRICT;
      -- Of endpoints with dnf, whose packages can't be judged one by one: what is offered depends on their modules.
      CREATE TABLE endpoint_needs (
        endpoint_id TEXT NOT NULL REFERENCES endpoints (id),
        patch_id INTEGER NOT NULL,
        installed TEXT NOT NULL,
        security INTEGER NOT NULL CHECK (security IN (0, 1)),
        PRIMARY KEY (endpoint_id, patch_id, installed)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE endpoint_counts (
        endpoint_id TEXT PRIMARY KEY REFERENCES endpoints (id),
        inventory_id INTEGER NOT NULL,
        total INTEGER NOT NULL,
        security INTEGER NOT NULL,
        not_carried INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE patch_needs (patch_id INTEGER PRIMARY KEY, endpoints INTEGER NOT NULL) STRICT;
      CREATE TABLE fleet_state (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        -- What the verdicts are of: the state of the catalogue, and the highest version that was judged.
        catalogue TEXT NOT NULL,
        judged INTEGER NOT NULL
      ) STRICT;
    `);
    const newest = db
      .prepare('SELECT inventory_id FROM endpoints WHERE inventory_id IS NOT NULL')
      .pluck()
      .all() as number[];
    for (const id of newest) {
      const inventory = readInventory(db, id);
      if (inventory !== undefined) keepInstalled(db, id, inventory);
    }
  },
} as const;
