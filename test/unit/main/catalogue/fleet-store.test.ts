import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CatalogueStore } from '../../../../main/catalogue/catalogue-store.ts';
import { openDatabase } from '../../../../main/catalogue/database.ts';
import { FleetStore } from '../../../../main/catalogue/fleet-store.ts';
import { ImportStore } from '../../../../main/catalogue/import-store.ts';
import { assessInventory } from '../../../../main/core/assessment.ts';
import type { Inventory } from '../../../../main/core/inventory.ts';
import { fillCatalogue, statement } from '../../../support/catalogue-rows.ts';
import { FleetRows, inventoryOf } from '../../../support/fleet-rows.ts';

const NAMES = ['bash', 'curl', 'openssl', 'zlib'] as const;
const name = fc.constantFrom(...NAMES);
const version = fc.constantFrom('1.0-1', '1.0-1+deb12u1', '1.0-1+deb12u2', '1:0.5-1', '1.1~rc1-1', '1.1-1');
const arch = fc.constantFrom('amd64', 'i386', 'all');

const packages = fc.uniqueArray(
  fc.record({
    name,
    version,
    arch,
    status: fc.constantFrom('install ok installed', 'hold ok installed', 'deinstall ok config-files'),
  }),
  { selector: (item) => `${item.name}:${item.arch}`, maxLength: 8 },
);
const inventory = fc
  .record({ packages, codename: fc.constantFrom('bookworm', 'bookworm', 'trixie') })
  .map((fields): Inventory => ({ ...inventoryOf(fields.packages), codename: fields.codename }));

const bundle = fc.record({
  main: fc.uniqueArray(fc.record({ name, version, arch }), {
    selector: (item) => Object.values(item).join(' '),
  }),
  security: fc.uniqueArray(fc.record({ name, version, arch }), {
    selector: (item) => Object.values(item).join(' '),
  }),
  fixes: fc.array(fc.record({ name, version }), { maxLength: 3 }),
});

const step = fc.oneof(
  fc.record({ kind: fc.constant('scan' as const), endpoint: fc.nat(3), inventory }),
  fc.record({ kind: fc.constant('bundle' as const), bundle }),
  fc.constant({ kind: 'ask' as const }),
);

it('counts for a fleet what is found on each endpoint alone, whatever came in which order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
      const db = openDatabase(':memory:');
      try {
        const catalogue = new CatalogueStore(db);
        const imports = new ImportStore(db);
        const fleet = new FleetStore(db, catalogue);
        const rows = new FleetRows(db);
        const newest = new Map<string, Inventory>();
        let seq = 0;
        for (const each of [...steps, { kind: 'ask' as const }]) {
          if (each.kind === 'scan') {
            rows.scan(`endpoint-${each.endpoint}`, each.inventory);
            newest.set(`endpoint-${each.endpoint}`, each.inventory);
          } else if (each.kind === 'bundle') {
            const { main, security, fixes } = each.bundle;
            const advisories = fixes.map((fix, index) =>
              statement(`DSA-${index}`, fix.name, fix.version, [`CVE-2026-000${index}`]),
            );
            fillCatalogue(imports, { packages: main, seq: (seq += 1) });
            const repository = {
              root: 'debian-security',
              suite: 'bookworm-security',
              label: 'Debian-Security',
            };
            fillCatalogue(imports, { packages: security, advisories, repository, seq: (seq += 1) });
          } else {
            expectSame(fleet, catalogue, newest);
          }
        }
      } finally {
        db.close();
      }
    }),
    { numRuns: Number(process.env['SALLYPORT_FLEET_RUNS'] ?? 25) },
  );
});

function expectSame(
  fleet: FleetStore,
  catalogue: CatalogueStore,
  newest: ReadonlyMap<string, Inventory>,
): void {
  const needs = new Map<number, Set<string>>();
  const installed: string[] = [];
  const counts = new Map<string, unknown>();
  for (const [id, inventory] of newest) {
    const findings = assessInventory(inventory, catalogue.loadAssessmentCatalogue(inventory, NAMES));
    counts.set(id, {
      total: findings.length,
      security: findings.filter((finding) => finding.security).length,
      notCarried: findings.filter((finding) => !finding.carried).length,
    });
    for (const finding of findings) {
      const { patchId } = finding.candidate;
      needs.set(patchId, (needs.get(patchId) ?? new Set()).add(id));
      installed.push(`${patchId} ${id} ${finding.installed}`);
    }
  }
  expect(new Map([...fleet.counts()].sort())).toEqual(new Map([...counts].sort()));
  expect(new Map([...fleet.needs()].sort())).toEqual(
    new Map([...needs].map(([patch, endpoints]): [number, number] => [patch, endpoints.size]).sort()),
  );
  const listed = [...needs.keys()].flatMap((patch) =>
    fleet.endpointsNeeding(patch).map((item) => `${patch} ${item.endpointId} ${item.installed}`),
  );
  expect(listed.sort()).toEqual(installed.sort());
  for (const [id, facts] of fleet.facts()) expect([id, facts.packages]).toEqual([id, expect.any(Number)]);
}
