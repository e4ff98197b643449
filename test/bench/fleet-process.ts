import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { CatalogueStore } from '../../main/catalogue/catalogue-store.ts';
import { openDatabase } from '../../main/catalogue/database.ts';
import { FleetStore } from '../../main/catalogue/fleet-store.ts';
import { ImportStore } from '../../main/catalogue/import-store.ts';
import type { Inventory } from '../../main/core/inventory.ts';
import { parsePackages, type PackageRecord } from '../../main/core/apt/packages-index.ts';
import { peakMemory } from './harness/peak-memory.ts';
import { fillCatalogue } from '../support/catalogue-rows.ts';
import { FleetRows } from '../support/fleet-rows.ts';
import { makeInventories } from './harness/fleet-data.ts';

type Offered = Pick<PackageRecord, 'name' | 'version' | 'arch' | 'source' | 'sourceVersion'>;

/**
 * argv: verb, folder of the site, then
 *   `scan` index, endpoints, packages each: keeps inventories as scans do; prints seconds of it
 *   `forget`: throws verdicts and counts away
 *   `assess` number of a bundle or 0: with a number, brings that bundle first; then judges, counts and stores
 *
 * Prints seconds, CPU seconds, bytes at the peak, endpoints, findings.
 */
const [verb = '', dir = '', ...rest] = process.argv.slice(2);
const db = openDatabase(join(dir, 'site.db'));
const imports = new ImportStore(db);

function time(work: () => void): readonly [number, number] {
  const cpu = process.cpuUsage();
  const began = performance.now();
  work();
  const { user, system } = process.cpuUsage(cpu);
  return [(performance.now() - began) / 1000, (user + system) / 1e6];
}

if (verb === 'scan') {
  const [index = '', endpoints = '0', perEndpoint = '0'] = rest;
  const { records } = parsePackages(readFileSync(index, 'utf8'), true, 'Packages', {
    fields: 'without-relations',
  });
  fillCatalogue(imports, { packages: records });
  // A security archive with something newer of every thirtieth package.
  fillCatalogue(imports, {
    packages: newerOf(records, 30),
    seq: 2,
    repository: { root: 'debian-security', suite: 'bookworm-security', label: 'Debian-Security' },
  });
  const rows = new FleetRows(db);
  const measured = 100;
  let count = 0;
  let took: readonly [number, number] = [0, 0];
  const inventories = makeInventories(records, Number(endpoints), Number(perEndpoint));
  const scanSome = (upTo: number, how: (id: string, inventory: Inventory) => void): void => {
    db.exec('BEGIN');
    while (count < upTo) {
      const next = inventories.next();
      if (next.done === true) break;
      how(`endpoint-${String(count).padStart(5, '0')}`, next.value);
      if ((count += 1) % 100 === 0) db.exec('COMMIT; BEGIN');
    }
    db.exec('COMMIT');
  };
  took = time(() => scanSome(measured, (id, inventory) => rows.scan(id, inventory)));
  // Of the others only what an assessment reads: packing ten thousand inventories takes minutes and is not measured.
  scanSome(Infinity, (id, inventory) => rows.scanUnpacked(db, id, inventory));
  process.stdout.write(`${took[0] / measured} ${took[1] / measured}\n`);
} else if (verb === 'forget') {
  db.exec(
    'DELETE FROM fleet_state; DELETE FROM version_verdicts; DELETE FROM endpoint_counts; DELETE FROM patch_needs',
  );
} else {
  const seq = Number(rest[0] ?? 0);
  if (seq > 0) {
    const offered = db
      .prepare(
        'SELECT name, version, arch, source, source_version AS sourceVersion FROM patches WHERE id % 40 = 0',
      )
      .all() as Offered[];
    fillCatalogue(imports, {
      packages: newerOf(offered, 1, seq),
      seq,
      repository: { root: 'debian-security', suite: 'bookworm-security', label: 'Debian-Security' },
    });
  }
  const fleet = new FleetStore(db, new CatalogueStore(db));
  let endpoints = 0;
  let findings = 0;
  const [wall, cpu] = time(() => {
    for (const { total } of fleet.counts().values()) {
      endpoints += 1;
      findings += total;
    }
  });
  const memory = peakMemory();
  process.stdout.write(`${wall} ${cpu} ${memory} ${endpoints} ${findings} ${fleet.needs().size}\n`);
}
db.close();

/** Something newer of every so-manieth package. */
function newerOf(rows: readonly Offered[], each: number, revision = 1): Offered[] {
  return rows
    .filter((_, index) => index % each === 0)
    .map(({ name, version, arch, source, sourceVersion }) => ({
      name,
      version: `${version}+deb12u${revision}`,
      arch,
      source,
      sourceVersion: `${sourceVersion}+deb12u${revision}`,
    }));
}
