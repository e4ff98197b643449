import { Assessor, type InstalledVersion } from '../core/assessment.ts';
import type { CatalogueStore } from './catalogue-store.ts';
import type { Db } from './database.ts';
import { versionsOf, type InventoryFacts } from './installed-versions.ts';
import { SinglyAssessed, type FindingCounts } from './singly-assessed.ts';

interface Platform {
  readonly id: number;
  readonly distribution: string;
  readonly codename: string;
  readonly arch: string;
}

interface StaleEndpoint {
  readonly id: string;
  readonly inventoryId: number;
  /** That the counts are of; `null` before the first. */
  readonly counted: number | null;
}

/** Verdicts by version id: 0 is none, otherwise the place in `patches` plus one. */
interface Verdicts {
  readonly patchOf: Uint32Array;
  readonly isSecurity: Uint8Array;
  readonly patches: readonly { readonly id: number; readonly carried: boolean }[];
}

/**
 * What all endpoints lack, in numbers. Each distinct installed version is judged once, however many endpoints have it;
 * an endpoint's counts are then a walk over its numbers. The findings themselves, with all they say, are made for one
 * endpoint at a time (main/app/findings.ts) by the same rules.
 */
export class FleetStore {
  readonly #db: Db;
  readonly #catalogue: CatalogueStore;

  constructor(db: Db, catalogue: CatalogueStore) {
    this.#db = db;
    this.#catalogue = catalogue;
  }

  /** By endpoint; without those that were never scanned. */
  counts(): ReadonlyMap<string, FindingCounts> {
    this.refresh();
    const rows = this.#db
      .prepare('SELECT endpoint_id AS id, total, security, not_carried AS notCarried FROM endpoint_counts')
      .all() as (FindingCounts & { id: string })[];
    return new Map(rows.map(({ id, ...counts }) => [id, counts]));
  }

  /** By inventory: of each endpoint's newest. */
  facts(): ReadonlyMap<number, InventoryFacts> {
    const rows = this.#db
      .prepare(
        `SELECT f.inventory_id AS id, i.taken_at AS takenAt, f.pretty_name AS prettyName, f.packages,
           f.reboot_required AS rebootRequired
         FROM endpoints e JOIN inventory_facts f ON f.inventory_id = e.inventory_id
         JOIN inventories i ON i.id = f.inventory_id`,
      )
      .all() as (Omit<InventoryFacts, 'rebootRequired'> & { id: number; rebootRequired: number })[];
    return new Map(
      rows.map(({ id, rebootRequired, ...facts }) => [
        id,
        { ...facts, rebootRequired: rebootRequired === 1 },
      ]),
    );
  }

  /** Patch id to the number of endpoints that need it. */
  needs(): ReadonlyMap<number, number> {
    this.refresh();
    return new Map(
      this.#db.prepare('SELECT patch_id, endpoints FROM patch_needs').raw().all() as [number, number][],
    );
  }

  /** The endpoints that need a patch, by name, and what they have instead. */
  endpointsNeeding(
    patchId: number,
  ): readonly { readonly endpointId: string; readonly endpointName: string; readonly installed: string }[] {
    this.refresh();
    const versions = new Map(
      this.#db
        .prepare(
          `SELECT v.id, v.version FROM version_verdicts d JOIN installed_versions v ON v.id = d.version_id
           WHERE d.patch_id = ?`,
        )
        .raw()
        .all(patchId) as [number, string][],
    );
    const found = this.#db
      .prepare(
        `SELECT e.id AS endpointId, e.name AS endpointName, n.installed FROM endpoint_needs n
         JOIN endpoints e ON e.id = n.endpoint_id WHERE n.patch_id = ?`,
      )
      .all(patchId) as { endpointId: string; endpointName: string; installed: string }[];
    if (versions.size === 0) return found;
    for (const row of this.#db
      .prepare(
        `SELECT e.id, e.name, f.versions FROM endpoints e JOIN inventory_facts f ON f.inventory_id = e.inventory_id
         WHERE f.versions IS NOT NULL`,
      )
      .iterate() as IterableIterator<{ id: string; name: string; versions: Uint8Array }>) {
      for (const version of versionsOf(row.versions)) {
        const installed = versions.get(version);
        if (installed !== undefined) found.push({ endpointId: row.id, endpointName: row.name, installed });
      }
    }
    return found.sort((a, b) => (a.endpointName < b.endpointName ? -1 : 1));
  }

  /** Brings verdicts and counts up to the catalogue and the inventories as they are now. Quick when they are. */
  refresh(): void {
    const catalogue = this.#catalogue.stateMark();
    if (!this.#isStale(catalogue)) return;
    this.#db
      .transaction(() => {
        const state = this.#state();
        const isSame = state?.catalogue === catalogue;
        if (!isSame)
          this.#db.exec(
            `
              DELETE FROM version_verdicts; DELETE FROM endpoint_needs;
              DELETE FROM endpoint_counts; DELETE FROM patch_needs;`,
          );
        const judged = this.#judge(isSame ? state.judged : 0);
        this.#db
          .prepare('INSERT OR REPLACE INTO fleet_state (id, catalogue, judged) VALUES (1, ?, ?)')
          .run(catalogue, judged);
        this.#count();
      })
      .immediate();
  }

  #state(): { readonly catalogue: string; readonly judged: number } | undefined {
    return this.#db.prepare('SELECT catalogue, judged FROM fleet_state WHERE id = 1').get() as
      { catalogue: string; judged: number } | undefined;
  }

  #isStale(catalogue: string): boolean {
    if (this.#state()?.catalogue !== catalogue) return true;
    return this.#db.prepare(`${STALE_ENDPOINTS} LIMIT 1`).get() !== undefined;
  }

  /** Judges the versions above an id. @returns the highest */
  #judge(after: number): number {
    const newest = this.#db
      .prepare('SELECT coalesce(max(id), 0) FROM installed_versions')
      .pluck()
      .get() as number;
    if (newest <= after) return after;
    const put = this.#db.prepare(
      'INSERT INTO version_verdicts (version_id, patch_id, security) VALUES (?, ?, ?)',
    );
    for (const platform of this.#db.prepare('SELECT * FROM installed_platforms').all() as Platform[]) {
      const items = this.#db
        .prepare(
          `SELECT id, name, version, arch, source_version AS sourceVersion FROM installed_versions
           WHERE platform_id = ? AND id > ?`,
        )
        .all(platform.id, after) as (InstalledVersion & { id: number })[];
      if (items.length === 0) continue;
      const names = new Set(items.map((item) => item.name));
      const assessor = new Assessor(platform, this.#catalogue.loadAssessmentCatalogue(platform, names));
      for (const item of items) {
        const verdict = assessor.judge(item);
        if (verdict !== null) put.run(item.id, verdict.candidate.patchId, verdict.security ? 1 : 0);
      }
    }
    return newest;
  }

  /** Counts the endpoints whose counts are not of their newest inventory. */
  #count(): void {
    const stale = this.#db.prepare(STALE_ENDPOINTS).all() as StaleEndpoint[];
    const verdicts = this.#loadVerdicts();
    const needed = new Map<number, number>();
    const shift = (patches: Iterable<number>, by: number): void => {
      for (const patch of patches) needed.set(patch, (needed.get(patch) ?? 0) + by);
    };
    const load = this.#db.prepare('SELECT versions FROM inventory_facts WHERE inventory_id = ?').pluck();
    const put = this.#db.prepare(
      `INSERT OR REPLACE INTO endpoint_counts (endpoint_id, inventory_id, total, security, not_carried)
       VALUES (?, ?, ?, ?, ?)`,
    );
    const singly = new SinglyAssessed(this.#db, this.#catalogue);
    for (const { id, inventoryId, counted } of stale) {
      const before = counted === null ? undefined : (load.get(counted) as Uint8Array | null | undefined);
      if (before instanceof Uint8Array) shift(patchesOf(before, verdicts), -1);
      if (before === null) shift(singly.forget(id), -1);
      const versions = load.get(inventoryId) as Uint8Array | null | undefined;
      if (versions === undefined) continue;
      const { counts, patches } =
        versions === null
          ? singly.assess(id, inventoryId)
          : { counts: countOf(versions, verdicts), patches: patchesOf(versions, verdicts) };
      shift(patches, 1);
      put.run(id, inventoryId, counts.total, counts.security, counts.notCarried);
    }
    const add = this.#db.prepare(
      `INSERT INTO patch_needs (patch_id, endpoints) VALUES (?, ?)
       ON CONFLICT (patch_id) DO UPDATE SET endpoints = endpoints + excluded.endpoints`,
    );
    for (const [patch, count] of needed) if (count !== 0) add.run(patch, count);
    this.#db.exec(`
      DELETE FROM patch_needs WHERE endpoints = 0;
      DELETE FROM inventory_facts WHERE inventory_id NOT IN
        (SELECT inventory_id FROM endpoints WHERE inventory_id IS NOT NULL);`);
  }

  #loadVerdicts(): Verdicts {
    const newest = this.#db
      .prepare('SELECT coalesce(max(id), 0) FROM installed_versions')
      .pluck()
      .get() as number;
    const rows = this.#db
      .prepare('SELECT version_id AS version, patch_id AS patch, security FROM version_verdicts')
      .all() as { version: number; patch: number; security: number }[];
    const patches = this.#db
      .prepare(
        `SELECT DISTINCT d.patch_id AS id,
           EXISTS (SELECT 1 FROM patches p JOIN content_objects c ON c.sha256 = p.sha256 WHERE p.id = d.patch_id) AS carried
         FROM version_verdicts d`,
      )
      .all() as { id: number; carried: number }[];
    const places = new Map(patches.map(({ id }, place) => [id, place]));
    const patchOf = new Uint32Array(newest + 1);
    const isSecurity = new Uint8Array(newest + 1);
    for (const { version, patch, security } of rows) {
      patchOf[version] = (places.get(patch) ?? 0) + 1;
      isSecurity[version] = security;
    }
    return {
      patchOf,
      isSecurity,
      patches: patches.map(({ id, carried }) => ({ id, carried: carried === 1 })),
    };
  }
}

const STALE_ENDPOINTS = `
  SELECT e.id, e.inventory_id AS inventoryId, c.inventory_id AS counted
  FROM endpoints e LEFT JOIN endpoint_counts c ON c.endpoint_id = e.id
  WHERE e.inventory_id IS NOT NULL AND e.inventory_id IS NOT c.inventory_id`;

/** The patches that an inventory needs, each once. */
function patchesOf(blob: Uint8Array, { patchOf, patches }: Verdicts): Set<number> {
  const found = new Set<number>();
  for (const version of versionsOf(blob)) {
    const patch = patches[(patchOf[version] ?? 0) - 1];
    if (patch !== undefined) found.add(patch.id);
  }
  return found;
}

function countOf(blob: Uint8Array, { patchOf, isSecurity, patches }: Verdicts): FindingCounts {
  let total = 0;
  let security = 0;
  let notCarried = 0;
  for (const version of versionsOf(blob)) {
    const place = patchOf[version] ?? 0;
    if (place === 0) continue;
    total += 1;
    security += isSecurity[version] ?? 0;
    if (patches[place - 1]?.carried !== true) notCarried += 1;
  }
  return { total, security, notCarried };
}
