import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { Findings } from '../../../main/app/findings.ts';
import { openEngine } from '../../../main/app/compose.ts';
import { CatalogueStore } from '../../../main/catalogue/catalogue-store.ts';
import { openDatabase } from '../../../main/catalogue/database.ts';
import { EndpointStore } from '../../../main/catalogue/endpoint-store.ts';
import { ImportStore } from '../../../main/catalogue/import-store.ts';
import { PlanStore } from '../../../main/catalogue/plan-store.ts';
import type { Advisory } from '../../../main/core/advisory.ts';
import type { Plan } from '../../../main/core/plan.ts';
import { PERSONS, QUICK } from '../../lab/embedded/persons.ts';
import { addPerson, Caller } from '../../support/caller.ts';
import { digestOf, fillCatalogue } from '../../support/catalogue-rows.ts';
import { FleetRows, inventoryOf } from '../../support/fleet-rows.ts';

interface Size {
  readonly endpoints: number;
  /** What each endpoint lacks. */
  readonly each: number;
  /** How many different packages that is spread over. */
  readonly distinct: number;
}

export interface QueueSite {
  readonly findings: number;
  readonly rows: number;
  /** Making the list of the plan, and writing it as a pack. */
  readonly prepare: Work;
  readonly export: Work;
}

/** Seconds, and the longest for which the engine answered nobody meanwhile. */
interface Work {
  readonly wall: number;
  readonly cpu: number;
  readonly longest: number;
}

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'not stated'] as const;

/** A made-up id that is the same in every run. */
const idOf = (area: number, number: number): string =>
  `${area.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

/**
 * A site whose fleet lacks a lot, with a list of it prepared: through the real stores and the real engine, but for two ends. Inventories
 * are made up (nobody scanned 1,000 machines), and the plan is made of the findings, because there is no package manager to ask.
 */
export async function buildQueueSite(dataDir: string, size: Size): Promise<QueueSite> {
  const { engineer, approver } = PERSONS;
  const begin = await openEngine({ lease: 'hold', ...QUICK, dataDir });
  const first = new Caller(begin);
  await first.call('site.create', {
    name: 'Bench',
    person: { ...engineer, roles: ['engineer'] },
    simulated: true,
  });
  await addPerson(begin, first, { ...approver, roles: ['approver'] });
  await begin.close();
  const planId = fill(dataDir, size);

  const engine = await openEngine({ lease: 'hold', ...QUICK, dataDir });
  try {
    const caller = new Caller(engine);
    await caller.call('session.signIn', { person: engineer.name, passphrase: engineer.passphrase });
    const { id: approvalId } = await caller.call('approvals.request', { planId });
    const cutOffAt = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const [{ id: packId }, prepare] = await measured(() => caller.prepare({ approvalId, cutOffAt }));
    const file = join(dataDir, 'pack.zip');
    const [, written] = await measured(() => caller.export({ approvalId, file, cutOffAt: null }));
    const item = (await caller.call('queue.list', {})).find((entry) => entry.packId === packId);
    if (item === undefined) throw new Error('the list that was prepared is not in the queue');
    return { findings: item.findings, rows: item.patches, prepare, export: written };
  } finally {
    await engine.close();
  }
}

async function measured<T>(work: () => Promise<T>): Promise<[T, Work]> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const result = await work();
  const wall = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  // The last thing it did counts once the loop has turned.
  await setTimeout(20);
  delay.disable();
  return [result, { wall, cpu: (user + system) / 1e6, longest: delay.max / 1e9 }];
}

function fill(dataDir: string, { endpoints, each, distinct }: Size): string {
  const db = openDatabase(join(dataDir, 'site.db'));
  try {
    const names = Array.from({ length: distinct }, (_, index) => `package-${String(index).padStart(5, '0')}`);
    fillCatalogue(new ImportStore(db), {
      packages: names.map((name, index) => ({ name, version: fixedIn(index), size: 20_000 + index * 37 })),
      // A third has no advisory of its own: it is security by the repository alone.
      advisories: names.flatMap((name, index) => (index % 3 === 2 ? [] : [advisoryFor(name, index)])),
      repository: { root: 'debian-security', suite: 'bookworm-security', label: 'Debian-Security' },
    });
    const fleet = new FleetRows(db);
    const step = Math.max(1, Math.floor(distinct / each));
    db.transaction(() => {
      for (let endpoint = 0; endpoint < endpoints; endpoint += 1) {
        const lacks = Array.from({ length: each }, (_, index) => {
          // All different, or the same ones again on other endpoints.
          if (distinct >= endpoints * each) return endpoint * each + index;
          return (endpoint * 7 + index * step) % distinct;
        });
        const packages = lacks.map((index) => ({ name: names[index] ?? '', version: '1.0-1' }));
        fleet.scan(idOf(1, endpoint), inventoryOf(packages));
      }
    })();
    db.exec(
      "UPDATE endpoints SET name = 'host-' || substr(id, -4), group_name = 'Group ' || (1 + rowid % 24)",
    );
    return planOfFindings(db);
  } finally {
    db.close();
  }
}

const fixedIn = (index: number): string => `2.${index % 90}-1+deb12u1`;

function advisoryFor(name: string, index: number): Advisory {
  return {
    ...{ id: `dsa:${name}`, advisory: `DSA-${5_000 + index}-1`, type: 'security', ecosystem: 'deb' },
    ...{ distribution: 'debian', codename: 'bookworm', source: name, of: 'source' },
    ...{ fixedVersion: fixedIn(index), urgency: null, title: '', body: '' },
    severity: SEVERITIES[index % SEVERITIES.length] ?? 'not stated',
    cves: Array.from({ length: 1 + (index % 3) }, (_, n) => `CVE-2026-${10_000 + index * 3 + n}`),
    publishedAt: new Date(Date.UTC(2026, 10, 1 + (index % 23))).toISOString(),
    provenance: { kind: 'dsa', document: 'list', sha256: digestOf('list') },
  };
}

function planOfFindings(db: ReturnType<typeof openDatabase>): string {
  const store = new EndpointStore(db);
  const found = new Findings(store, new CatalogueStore(db)).ofAll(store.list());
  const read = (sql: string): string => db.prepare(sql).pluck().get() as string;
  const plan: Plan = {
    ...{ format: 'sallyport-plan/1', planId: idOf(2, 1), catalogueDigest: '' },
    siteId: read("SELECT value FROM settings WHERE key = 'site.id'"),
    endpoints: store.list().map((row) => ({
      ...{ endpointId: row.id, endpointName: row.name, address: row.address, distribution: 'debian' },
      ...{ codename: 'bookworm', snapshotMode: row.snapshotMode, restoreOnFailure: false },
      ...{ rebootPolicy: row.rebootPolicy, healthChecks: [] },
      packages: (found.get(row.id) ?? []).map((finding) => ({
        ...{ name: finding.name, arch: finding.arch, from: finding.installed, requested: true },
        ...{ to: finding.candidate.version, sha256: finding.candidate.sha256 },
      })),
    })),
  };
  const person = read('SELECT id FROM persons ORDER BY created_at LIMIT 1');
  return new PlanStore(db).insertPlan(plan, [], person, new Date().toISOString()).id;
}
