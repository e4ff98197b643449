import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash, randomUUID, sign } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readApproval } from '../../main/app/approval-reading.ts';
import { openEngine, type Engine } from '../../main/app/compose.ts';
import type { Services } from '../../main/app/services.ts';
import { siteTime } from '../../main/app/statements.ts';
import { CatalogueStore } from '../../main/catalogue/catalogue-store.ts';
import { openDatabase, type Db } from '../../main/catalogue/database.ts';
import { EndpointStore } from '../../main/catalogue/endpoint-store.ts';
import { ImportStore } from '../../main/catalogue/import-store.ts';
import { PlanStore } from '../../main/catalogue/plan-store.ts';
import { PolicyStore } from '../../main/catalogue/policy-store.ts';
import { ReviewStore } from '../../main/catalogue/review-store.ts';
import { SheetStore } from '../../main/catalogue/sheet-store.ts';
import { SiteStore } from '../../main/catalogue/site-store.ts';
import type { DecidedRow } from '../../main/core/review/decision-file.ts';
import { parsePack } from '../../main/core/review/review-pack.ts';
import { sheetOf } from '../../main/core/review/sheet.ts';
import { authorise } from '../../main/core/run/next.ts';
import type { TaskFacts } from '../../main/core/run/state.ts';
import { composeDecision, openPack, signDecision } from '../../main/review/review-files.ts';
import { formatCsv } from '../../main/review/sheet-files.ts';
import { keyFingerprint } from '../../main/review/public-key.ts';
import { canonicalJson, signStatement } from '../../main/review/statement-files.ts';
import type { ReviewerKey } from '../../main/review/reviewer-key.ts';
import { QUICK } from '../lab/embedded/persons.ts';
import { addPerson, Caller } from './caller.ts';
import { fillCatalogue, statement } from './catalogue-rows.ts';
import { makeKey } from './review-site.ts';

export const HOUR = 3_600_000;
export const START = Date.parse('2026-11-25T12:00:00.000Z');
const PHRASE = 'nine wet umbrellas drying';
/** Persons who sign in, with their roles. */
const STAFF = { Asha: ['engineer'], Mo: ['service-manager'], Bilal: ['approver'] } as const;
/** Of customers: A, B and D are of Trust, C of Council. */
export const SIGNERS = ['A', 'B', 'C', 'D'] as const;
export const NAMES = ['app', 'lib', 'doc'] as const;
export const shaOf = (name: string): string => createHash('sha256').update(`file ${name}`).digest('hex');
/** The id of an endpoint by its name: e1 to e3. */
export const idOf = (name: string): string => `00000000-0000-4000-8000-00000000000${name.slice(1)}`;
export type Who = (typeof SIGNERS)[number];

export function newKey(name: string): ReviewerKey {
  const { publicKey, privateKey } = makeKey();
  return { name, publicKey, sign: (message) => sign(null, message, privateKey) };
}

/** A site with persons, two customers and three endpoints that nobody can connect to; each test opens a copy. */
export class RulesSite {
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-rules-'));
  readonly keys: Record<Who, ReviewerKey>;
  #copies = 0;

  constructor() {
    this.keys = { A: newKey('A'), B: newKey('B'), C: newKey('C'), D: newKey('D') };
  }

  async prepare(): Promise<void> {
    const dataDir = join(this.folder, 'site');
    const now = new Date(START - HOUR).toISOString();
    const engine = await openEngine({ dataDir, lease: 'hold', ...QUICK, now: () => now });
    const manager = new Caller(engine);
    await manager.call('site.create', {
      name: 'Northfield',
      person: { name: 'Mo', passphrase: PHRASE, roles: [...STAFF.Mo] },
    });
    for (const name of ['Asha', 'Bilal'] as const)
      await addPerson(engine, manager, { name, passphrase: PHRASE, roles: [...STAFF[name]] });
    for (const [name, customer] of [
      ['web', 'Trust'],
      ['db', 'Trust'],
      ['hr', 'Council'],
    ] as const)
      await manager.call('groups.set', { name, customer });
    for (const { name, publicKey } of Object.values(this.keys))
      await manager.call('reviewers.enrol', { name, publicKey, fingerprint: keyFingerprint(publicKey) });
    await manager.call('persons.setRoles', { person: 'D', roles: ['auditor'], reason: 'stands in' });
    for (const person of ['A', 'B', 'C', 'D', 'Bilal'])
      await manager.call('persons.setCustomers', {
        ...{ person, reason: 'by letter' },
        customers: [person === 'C' ? 'Council' : 'Trust'],
      });
    await engine.close();
    const db = openDatabase(join(dataDir, 'site.db'));
    fillCatalogue(new ImportStore(db), {
      packages: NAMES.map((name) => ({ name, version: '2', sha256: shaOf(name) })),
      advisories: ['app', 'lib'].map((name) => statement(`DSA-${name}`, name, '2', ['CVE-2026-1001'])),
    });
    db.prepare("INSERT INTO secrets (id, sealed, created_at) VALUES ('none', x'00', '')").run();
    const endpoints = new EndpointStore(db);
    for (const [name, group] of Object.entries({ e1: 'web', e2: 'db', e3: 'hr' }))
      endpoints.insert({
        ...{ id: idOf(name), name, group, address: '192.0.2.1', port: 22, user: 'root', hostKey: null },
        ...{ secretId: 'none', hypervisorId: null, vm: null, snapshotMode: 'disabled' },
        ...{ restoreOnFailure: false, rebootPolicy: 'never', healthChecks: [], createdAt: now },
      });
    db.close();
  }

  async open(): Promise<OpenRules> {
    this.#copies += 1;
    const dataDir = join(this.folder, `copy-${this.#copies}`);
    cpSync(join(this.folder, 'site'), dataDir, { recursive: true });
    const clock = { hours: 0 };
    const now = (): string => new Date(START + clock.hours * HOUR).toISOString();
    const engine = await openEngine({ dataDir, lease: 'hold', ...QUICK, now });
    const open = new OpenRules(engine, dataDir, this.keys, clock);
    await open.signIn();
    return open;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An open copy: the engine with everybody signed in, and the stores beside it. */
export class OpenRules {
  readonly asha: Caller;
  readonly mo: Caller;
  readonly bilal: Caller;
  readonly db: Db;
  readonly plans: PlanStore;
  readonly site: SiteStore;
  readonly clock: { hours: number };
  readonly #folder: string;
  readonly #keys: Record<Who, ReviewerKey>;
  readonly engine: Engine;
  readonly #services: Services;
  #files = 0;
  #floor: number;

  constructor(engine: Engine, folder: string, keys: Record<Who, ReviewerKey>, clock: { hours: number }) {
    this.engine = engine;
    this.#folder = folder;
    this.#keys = keys;
    this.clock = clock;
    this.asha = new Caller(engine);
    this.mo = new Caller(engine);
    this.bilal = new Caller(engine);
    const db = openDatabase(join(folder, 'site.db'));
    this.db = db;
    this.#floor = (Date.parse(new ImportStore(db).timeFloor() ?? '') - START) / HOUR;
    this.plans = new PlanStore(db);
    this.site = new SiteStore(db);
    // What judging an approval reads, over the same database.
    const judging: Partial<Services> = {
      ...{ db, plans: this.plans, site: this.site, endpoints: new EndpointStore(db), now: () => this.now() },
      ...{ reviews: new ReviewStore(db), policies: new PolicyStore(db), sheets: new SheetStore(db) },
      ...{ catalogue: new CatalogueStore(db), imports: new ImportStore(db) },
    };
    this.#services = judging as Services;
  }

  async signIn(): Promise<void> {
    for (const [caller, person] of [
      [this.asha, 'Asha'],
      [this.mo, 'Mo'],
      [this.bilal, 'Bilal'],
    ] as const)
      await caller.call('session.signIn', { person, passphrase: PHRASE });
  }

  /** A window in which nobody is signed in. */
  newCaller(): Caller {
    return new Caller(this.engine);
  }

  /** As if somebody had asked. @returns its id */
  insertApproval(planId: string, requestedBy: string): string {
    const id = randomUUID();
    const planDigest = this.plans.getPlan(planId)?.digest ?? '';
    this.plans.insertApproval({ id, planId, planDigest, requestedBy, requestedAt: this.now() });
    return id;
  }

  now(): string {
    return new Date(START + this.clock.hours * HOUR).toISOString();
  }
  at(hours: number): string {
    return new Date(START + hours * HOUR).toISOString();
  }
  /** As a bundle does that was made at this hour: time that has been proven to have passed. */
  raiseFloor(hours: number): void {
    this.#floor = Math.max(this.#floor, hours);
    this.db
      .prepare(
        'INSERT INTO trust_time (id, floor) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET floor = excluded.floor',
      )
      .run(this.at(this.#floor));
  }
  /** What the site goes by, and what the clocks of its customers show. */
  get hour(): number {
    return Math.max(this.#floor, this.clock.hours);
  }
  siteId(): string {
    return this.site.getSetting('site.id') ?? '';
  }
  newFile(): string {
    this.#files += 1;
    return join(this.#folder, `file-${this.#files}.json`);
  }

  insertPlan(endpoints: readonly string[], names: readonly string[]): string {
    const plan = this.plans.insertPlan(
      {
        ...{ format: 'sallyport-plan/1', planId: randomUUID(), siteId: this.siteId(), catalogueDigest: '' },
        endpoints: endpoints.map((endpoint) => ({
          ...{
            endpointId: idOf(endpoint),
            endpointName: endpoint,
            address: '192.0.2.1',
            distribution: 'debian',
          },
          ...{ codename: 'bookworm', snapshotMode: 'disabled', restoreOnFailure: false },
          ...{ rebootPolicy: 'never', healthChecks: [] },
          packages: names.toSorted().map((name) => ({
            ...{ name, arch: 'amd64', from: '1', to: '2', sha256: shaOf(name), requested: name !== 'lib' },
          })),
        })),
      },
      [],
      'Asha',
      this.now(),
    );
    return plan.id;
  }

  /** A decision file of one signer, row by row. */
  decide(
    pack: string,
    who: Who | ReviewerKey,
    verdictOf: (name: string) => DecidedRow['verdict'] | null,
  ): string {
    const opened = openPack(pack);
    const key = typeof who === 'string' ? this.#keys[who] : who;
    const rows = opened.pack.patches.flatMap((patch): DecidedRow[] => {
      const verdict = verdictOf(patch.package);
      if (verdict === null) return [];
      const until = verdict === 'defer' ? this.at(9_000) : null;
      const control = verdict === 'defer' ? 'not reachable from outside' : '';
      return [
        { patch: patch.sha256, verdict, reason: verdict === 'approve' ? '' : 'because', until, control },
      ];
    });
    const payload = composeDecision(opened, rows, { decidedBy: key.name, decidedAt: this.at(this.hour) });
    return this.#write(signDecision(payload, key));
  }

  sign(who: Who, kind: 'policy' | 'delegation' | 'emergency', fields: object): string {
    const payload = canonicalJson({
      format: `sallyport-${kind}/1`,
      siteId: this.siteId(),
      signedBy: who,
      ...fields,
    });
    const type = `application/vnd.sallyport.${kind}+json`;
    return this.#write(signStatement(type, payload, this.#keys[who]));
  }
  /** The spreadsheet of a list, with decision and reason of each patch filled in. */
  fillSheet(packId: string, said: (name: string) => readonly [string, string]): string {
    const row = new ReviewStore(this.db).findPack(packId);
    const pack = parsePack(Buffer.from(row?.payload ?? []).toString('utf8'), 'the pack');
    const grid = sheetOf(pack, row?.sha256 ?? '');
    const titles = grid.findIndex((line) => line[0] === 'Decision');
    const column = (title: string): number => grid[titles]?.indexOf(title) ?? -1;
    return this.#write(
      formatCsv(
        grid.map((line, at) => {
          if (at <= titles) return line;
          const [decision, reason] = said(line[column('Package')] ?? '');
          const filled = line.with(column('Decision'), decision).with(column('Reason'), reason);
          if (decision !== 'defer') return filled;
          const deferred = filled.with(column('Until'), this.at(9_000).slice(0, 10));
          return deferred.with(column('Control'), 'not reachable from outside');
        }),
      ),
    );
  }
  keyOf(who: Who): string {
    return this.#keys[who].publicKey;
  }
  idOfKey(who: Who): string {
    return createHash('sha256').update(Buffer.from(this.#keys[who].publicKey, 'hex')).digest('hex');
  }

  /** What every step of a run asks before it does anything. */
  mayRun(approvalId: string): boolean {
    const row = this.plans.getApproval(approvalId);
    const plan = row === undefined ? undefined : this.plans.getPlan(row.planId);
    if (row === undefined || plan === undefined) return false;
    const facts = { terms: { approvalId, planDigest: row.planDigest } } as TaskFacts;
    return authorise(facts, readApproval(this.#services, approvalId), plan.digest, siteTime(this.#services))
      .ok;
  }

  async close(): Promise<void> {
    this.db.close();
    await this.engine.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #write(text: string): string {
    const file = this.newFile();
    writeFileSync(file, text);
    return file;
  }
}
