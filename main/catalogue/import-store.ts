import type { Statement } from 'better-sqlite3';
import { BundleError } from '../../contract/errors.ts';
import type { Ecosystem } from '../core/advisory.ts';
import type { KnownAgent } from '../core/bundle/agents.ts';
import type { ImportRecord, IndexedPatch } from '../core/bundle/import-record.ts';
import type { MalwareVerdict } from '../core/bundle/checks.ts';
import type { Arrival } from '../core/bundle/custody.ts';
import type { ManifestObject } from '../core/bundle/manifest.ts';
import { initialTrust, type RoleMark, type StreamMark, type TrustState } from '../core/bundle/trust.ts';
import type { BundleReference } from '../core/bundle/reference.ts';
import type { WindowsUpdate } from '../core/windows/update-list.ts';
import { readAgents, writeAgents } from './agent-store.ts';
import { writeAdvisories } from './advisory-rows.ts';
import { readVerdicts, writeVerdicts } from './check-rows.ts';
import { endWaiting, readWaiting, writeArrival, writeWaiting } from './custody-rows.ts';
import { writeBundleContent } from './bundle-content.ts';
import type { Db } from './database.ts';
import { discardUnusedModules, hasRepositoryFile, writeRepositoryFiles } from './repository-files.ts';
import { rankPatches } from './risk-ranks.ts';
import { writeRisk } from './risk-rows.ts';
import { indexForSearch, refreshOffered } from './search-index.ts';
import { refreshReach } from './statement-reach.ts';
import { patchOf, refreshWindowsPatches, writeWindowsUpdates } from './windows-rows.ts';

type MarkedRole = keyof TrustState['marks'];

/**
 * The writing side of the catalogue: trust, indexes and the one transaction of an import. Implements the port
 * `ImportCatalogue` of main/bundle.
 */
export class ImportStore {
  readonly #db: Db;
  readonly #insertPatch: Statement;
  readonly #findPatch: Statement;
  readonly #insertEntry: Statement;

  constructor(db: Db) {
    this.#db = db;
    this.#insertPatch = db.prepare(`
      INSERT INTO patches (sha256, name, version, arch, source, source_version, section, priority, size,
        installed_size, essential, description, ecosystem)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (sha256) DO NOTHING`);
    this.#findPatch = db.prepare('SELECT id FROM patches WHERE sha256 = ?').pluck();
    this.#insertEntry = db.prepare(
      'INSERT INTO index_entries (index_id, patch_id, filename) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
  }

  loadTrust(): TrustState | null {
    const roots = this.#db.prepare('SELECT version, bytes FROM trust_roots ORDER BY version').all() as {
      version: number;
      bytes: Uint8Array;
    }[];
    const first = roots[0];
    if (first === undefined) return null;
    const marks: Record<MarkedRole, RoleMark | null> = { ...initialTrust(first).marks };
    for (const row of this.#db
      .prepare('SELECT role, version, sha256, signed_by AS signedBy FROM trust_marks')
      .all() as { role: MarkedRole; version: number; sha256: string; signedBy: string | null }[]) {
      const signedBy = row.signedBy === null ? null : row.signedBy.split(' ');
      marks[row.role] = { version: row.version, sha256: row.sha256, signedBy };
    }
    const streams: Record<string, StreamMark> = {};
    for (const row of this.#db
      .prepare('SELECT stream, seq, manifest_sha256 AS manifestSha256 FROM trust_streams')
      .all() as (StreamMark & { stream: string })[]) {
      streams[row.stream] = { seq: row.seq, manifestSha256: row.manifestSha256 };
    }
    return { roots, marks, streams, timeFloor: this.timeFloor() };
  }

  /** Proven to have passed; `null`: no bundle has brought a time yet. */
  timeFloor(): string | null {
    const floor = this.#db.prepare('SELECT floor FROM trust_time WHERE id = 1').pluck().get() as
      string | undefined;
    return floor ?? null;
  }

  pinRoot(root: { readonly version: number; readonly bytes: Uint8Array }, by: string, at: string): void {
    this.#db
      .prepare('INSERT INTO trust_roots (version, bytes, accepted_at, pinned_by) VALUES (?, ?, ?, ?)')
      .run(root.version, Buffer.from(root.bytes), at, by);
  }

  acceptRoots(roots: readonly { readonly version: number; readonly bytes: Uint8Array }[], at: string): void {
    const insert = this.#db.prepare(
      'INSERT INTO trust_roots (version, bytes, accepted_at, pinned_by) VALUES (?, ?, ?, NULL)',
    );
    this.#db.transaction(() => {
      for (const root of roots) insert.run(root.version, Buffer.from(root.bytes), at);
    })();
  }

  hasIndex(sha256: string): boolean {
    const complete = this.#db
      .prepare('SELECT complete FROM package_indexes WHERE sha256 = ?')
      .pluck()
      .get(sha256);
    return complete === 1;
  }

  beginIndex(sha256: string): void {
    // Rows come in no order of their hashes: with SQLite's 2 MB of cache the b-trees would go to disk and back.
    this.#db.pragma('cache_size = -65536');
    // Nor are they written back every 4 MB.
    this.#db.pragma('wal_autocheckpoint = 8000');
    this.#db
      .prepare(
        `INSERT INTO package_indexes (sha256, complete, packages, patch_watermark)
         VALUES (?, 0, 0, (SELECT coalesce(max(id), 0) FROM patches))`,
      )
      .run(sha256);
  }

  appendToIndex(sha256: string, records: readonly IndexedPatch[], ecosystem: Ecosystem = 'deb'): void {
    this.#db.transaction(() => {
      const indexId = this.#indexId(sha256);
      for (const record of records) {
        const result = this.#insertPatch.run(
          record.sha256,
          record.name,
          record.version,
          record.arch,
          record.source,
          record.sourceVersion,
          record.section,
          record.priority,
          record.size,
          record.installedSize,
          record.essential ? 1 : 0,
          record.description,
          ecosystem,
        );
        const id = result.changes === 1 ? result.lastInsertRowid : this.#findPatch.get(record.sha256);
        this.#insertEntry.run(indexId, id, record.filename);
      }
      indexForSearch(this.#db);
      this.#db
        .prepare('UPDATE package_indexes SET packages = packages + ? WHERE id = ?')
        .run(records.length, indexId);
    })();
  }

  appendWindowsUpdates(sha256: string, updates: readonly WindowsUpdate[]): void {
    this.#db.transaction(() => {
      const files = updates.flatMap((update) => update.files.flatMap((file) => patchOf(update, file) ?? []));
      this.appendToIndex(sha256, files, 'windows');
      writeWindowsUpdates(
        this.#db,
        this.#indexId(sha256),
        updates,
        (file) => this.#findPatch.get(file) as number,
      );
    })();
  }

  finishIndex(sha256: string): void {
    this.#db.prepare('UPDATE package_indexes SET complete = 1 WHERE sha256 = ?').run(sha256);
  }

  discardUnusedIndexes(): void {
    this.#db.transaction(() => {
      const unused = this.#db
        .prepare(
          `SELECT id, complete, patch_watermark AS watermark FROM package_indexes
           WHERE id NOT IN (SELECT index_id FROM repositories) ORDER BY id`,
        )
        .all() as { id: number; complete: number; watermark: number }[];
      if (unused.length === 0) return;
      for (const { id } of unused) {
        this.#db.prepare('DELETE FROM index_entries WHERE index_id = ?').run(id);
        this.#db.prepare('DELETE FROM package_indexes WHERE id = ?').run(id);
      }
      // Patches that only an abandoned reading brought. Those of replaced indexes stay: plans and runs speak of them.
      const wereNeverUsed = unused.filter((index) => !this.#wasEverUsed(index.watermark));
      for (const { watermark } of wereNeverUsed) {
        this.#db
          .prepare(
            `DELETE FROM patches WHERE id > ? AND NOT EXISTS
               (SELECT 1 FROM index_entries WHERE patch_id = patches.id)`,
          )
          .run(watermark);
      }
    })();
  }

  /** An index in use that was read after this one: then this one was replaced, not abandoned. */
  #wasEverUsed(watermark: number): boolean {
    return (
      this.#db
        .prepare(
          `SELECT 1 FROM package_indexes WHERE patch_watermark > ? AND id IN (SELECT index_id FROM repositories) LIMIT 1`,
        )
        .get(watermark) !== undefined
    );
  }

  releaseDateOf(root: string, suite: string): string | null {
    const date = this.#db
      .prepare('SELECT max(release_date) FROM repositories WHERE root = ? AND suite = ?')
      .pluck()
      .get(root, suite) as string | null;
    return date;
  }

  hasSignature(root: string, suite: string): boolean {
    const found = this.#db
      .prepare(
        `SELECT 1 FROM repositories r JOIN repository_files f ON f.repository_id = r.id
         WHERE r.root = ? AND r.suite = ? AND f.kind = 'signature'`,
      )
      .get(root, suite);
    return found !== undefined;
  }

  hasRepositoryFile(sha256: string): boolean {
    return hasRepositoryFile(this.#db, sha256);
  }

  sizeOfHeld(sha256: string): number | null {
    const size = this.#db.prepare('SELECT size FROM content_objects WHERE sha256 = ?').pluck().get(sha256) as
      number | undefined;
    return size ?? null;
  }

  findUnlisted(
    packages: readonly ManifestObject[],
    indexes: readonly { readonly root: string; readonly sha256: string }[],
  ): readonly ManifestObject[] {
    const find = this.#db
      .prepare(
        `SELECT 1 FROM patches p JOIN index_entries e ON e.patch_id = p.id
         WHERE p.sha256 = ? AND p.size = ? AND e.index_id = ? AND ? || '/' || e.filename = ?`,
      )
      .pluck();
    const places = indexes.map(({ root, sha256 }) => ({ root, id: this.#indexId(sha256) }));
    return packages.filter(
      (item) => !places.some(({ root, id }) => find.get(item.sha256, item.size, id, root, item.path) === 1),
    );
  }

  knownAgents(): readonly KnownAgent[] {
    return readAgents(this.#db);
  }

  recordWaiting(
    bundle: BundleReference,
    objects: readonly ManifestObject[],
    arrival: Arrival,
    alongside?: () => void,
  ): void {
    this.#db.transaction(() => {
      writeArrival(this.#db, bundle, arrival);
      writeWaiting(this.#db, bundle, objects);
      alongside?.();
    })();
  }

  waitingObjects(): readonly string[] {
    return readWaiting(this.#db);
  }

  knownVerdicts(engine: string, database: string): ReadonlyMap<string, MalwareVerdict['verdict']> {
    return readVerdicts(this.#db, engine, database);
  }

  recordVerdicts(
    engine: { readonly engine: string; readonly database: string },
    verdicts: readonly MalwareVerdict[],
    at: string,
  ): void {
    writeVerdicts(this.#db, engine, verdicts, at);
  }

  commitImport(record: ImportRecord, alongside?: () => void): void {
    this.#db
      .transaction(() => {
        this.#recordBundle(record);
        writeArrival(this.#db, record.bundle, record.arrival);
        endWaiting(this.#db, record.bundle);
        this.#switchRepositories(record);
        indexForSearch(this.#db);
        refreshOffered(this.#db);
        writeAdvisories(this.#db, record.advisories, record.bundle);
        for (const { advisories } of record.repositories)
          writeAdvisories(this.#db, advisories ?? [], record.bundle);
        if (record.risk !== null) writeRisk(this.#db, record.risk, record.bundle);
        rankPatches(this.#db);
        refreshReach(this.#db);
        writeAgents(this.#db, record);
        writeBundleContent(this.#db, record.bundle, record.objects, record.advisories);
        this.#moveTrust(record.trust);
        alongside?.();
      })
      .immediate();
  }

  #recordBundle({ bundle, objects, repositories }: ImportRecord): void {
    this.#db
      .prepare(
        `INSERT INTO bundles (stream, seq, base, created_at, imported_at, imported_by, manifest_sha256, objects,
           bytes, signatures, repositories, missing, stale_reason, provenance, malware, vendor_checks)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        bundle.stream,
        bundle.seq,
        bundle.base,
        bundle.createdAt,
        bundle.importedAt,
        bundle.importedBy,
        bundle.manifestSha256,
        bundle.objects,
        bundle.bytes,
        JSON.stringify(bundle.signatures),
        JSON.stringify(
          repositories.map((repository) => ({
            name: repository.root,
            suite: repository.suite,
            codename: repository.codename,
            arch: repository.arch,
            releaseDate: repository.releaseDate,
            validUntil: repository.validUntil,
            packages: this.#db
              .prepare('SELECT packages FROM package_indexes WHERE sha256 = ?')
              .pluck()
              .get(repository.index.sha256) as number,
          })),
        ),
        JSON.stringify(bundle.missing),
        bundle.staleReason,
        bundle.provenance === null ? null : JSON.stringify(bundle.provenance),
        bundle.malware === null ? null : JSON.stringify(bundle.malware),
        JSON.stringify(bundle.vendorChecks),
      );
    const insert = this.#db.prepare(
      `INSERT INTO content_objects (sha256, size, class, stream, seq) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (sha256) DO NOTHING`,
    );
    for (const item of objects) insert.run(item.sha256, item.size, item.class, bundle.stream, bundle.seq);
  }

  #switchRepositories({ bundle, repositories }: ImportRecord): void {
    const upsert = this.#db
      .prepare(
        `
      INSERT INTO repositories (distribution, codename, root, suite, component, arch, origin, label, release_date,
        valid_until, pin, release_path, release_sha256, release_size, index_path, index_sha256, index_size, index_id,
        stream, seq, ecosystem)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (root, suite, component, arch) DO UPDATE SET
        distribution = excluded.distribution, codename = excluded.codename, origin = excluded.origin,
        label = excluded.label, release_date = excluded.release_date, valid_until = excluded.valid_until,
        pin = excluded.pin, release_path = excluded.release_path, release_sha256 = excluded.release_sha256,
        release_size = excluded.release_size, index_path = excluded.index_path,
        index_sha256 = excluded.index_sha256, index_size = excluded.index_size, index_id = excluded.index_id,
        stream = excluded.stream, seq = excluded.seq, ecosystem = excluded.ecosystem
      RETURNING id`,
      )
      .pluck();
    for (const item of repositories) {
      const id = upsert.get(
        item.distribution,
        item.codename,
        item.root,
        item.suite,
        item.component,
        item.arch,
        item.origin,
        item.label,
        item.releaseDate,
        item.validUntil,
        item.pin,
        item.release.path,
        item.release.sha256,
        item.release.size,
        item.index.path,
        item.index.sha256,
        item.index.size,
        this.#indexId(item.index.sha256),
        bundle.stream,
        bundle.seq,
        item.ecosystem,
      ) as number;
      if (item.ecosystem === 'windows') refreshWindowsPatches(this.#db, this.#indexId(item.index.sha256));
      writeRepositoryFiles(this.#db, { id, files: item.files ?? [] }, item.modules ?? null);
    }
    discardUnusedModules(this.#db);
  }

  #moveTrust(trust: TrustState): void {
    const setMark = this.#db.prepare(
      `INSERT INTO trust_marks (role, version, sha256, signed_by) VALUES (?, ?, ?, ?)
       ON CONFLICT (role) DO UPDATE SET version = excluded.version, sha256 = excluded.sha256,
         signed_by = excluded.signed_by`,
    );
    for (const [role, mark] of Object.entries(trust.marks)) {
      if (mark !== null) setMark.run(role, mark.version, mark.sha256, mark.signedBy?.join(' ') ?? null);
    }
    const setStream = this.#db.prepare(
      `INSERT INTO trust_streams (stream, seq, manifest_sha256) VALUES (?, ?, ?)
       ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, manifest_sha256 = excluded.manifest_sha256`,
    );
    for (const [stream, mark] of Object.entries(trust.streams))
      setStream.run(stream, mark.seq, mark.manifestSha256);
    if (trust.timeFloor !== null) {
      this.#db
        .prepare(
          `INSERT INTO trust_time (id, floor) VALUES (1, ?)
           ON CONFLICT (id) DO UPDATE SET floor = max(floor, excluded.floor)`,
        )
        .run(trust.timeFloor);
    }
  }

  #indexId(sha256: string): number {
    const id = this.#db.prepare('SELECT id FROM package_indexes WHERE sha256 = ?').pluck().get(sha256) as
      number | undefined;
    if (id === undefined) {
      throw new BundleError('BUNDLE_FILE_MISSING', `The package index ${sha256} was never read.`);
    }
    return id;
  }
}
