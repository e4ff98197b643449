import { CatalogueError } from '../../contract/errors.ts';
import {
  graverSeverity,
  mostPressingUrgency,
  type Advisory,
  type Ecosystem,
  type Severity,
} from '../core/advisory.ts';
import { isSecurityRepository, type PinPriority } from '../core/apt/candidate.ts';
import type { AssessmentCatalogue, CatalogueOffer, CatalogueRepository } from '../core/assessment.ts';
import type { MalwareSummary, VendorCheck } from '../core/bundle/checks.ts';
import type { Arrival } from '../core/bundle/custody.ts';
import type { Provenance } from '../core/bundle/provenance.ts';
import type { RoleSignature } from '../core/bundle/verify.ts';
import type { Holdings } from '../core/needs-list.ts';
import { versionOrder } from '../core/version/compare.ts';
import { contentStamp } from './content-stamp.ts';
import type { Db } from './database.ts';
import { readArrivals } from './custody-rows.ts';
import { readAdvisories } from './advisory-rows.ts';
import {
  countFacets,
  countPatches,
  narrowPatches,
  pageByRisk,
  type PatchFacets,
  type PatchNarrowing,
} from './patch-facets.ts';
import { pageOf, selectPatches, type PatchFilter, type PatchSelection } from './patch-search.ts';
import { readModules } from './repository-files.ts';
import { readSupersedenceOf } from './windows-rows.ts';

/** An imported bundle, as it is shown and exported. */
export interface BundleSummary {
  /** `<stream>/<seq>` */
  readonly id: string;
  readonly stream: string;
  readonly seq: number;
  readonly createdAt: string;
  readonly importedAt: string;
  readonly importedBy: string;
  readonly objects: number;
  readonly bytes: number;
  readonly manifestSha256: string;
  readonly signatures: readonly RoleSignature[];
  readonly repositories: readonly {
    readonly name: string;
    readonly suite: string;
    readonly codename: string;
    readonly arch: string;
    readonly releaseDate: string;
    readonly validUntil: string | null;
    readonly packages: number;
  }[];
  readonly missing: readonly string[];
  readonly staleReason: string | null;
  readonly provenance: Provenance | null;
  readonly arrivals: readonly Arrival[];
  readonly malware: MalwareSummary | null;
  readonly vendorChecks: readonly VendorCheck[];
}

/** A patch, as it is shown. */
export interface PatchSummary {
  readonly id: number;
  readonly package: string;
  readonly version: string;
  readonly arch: string;
  readonly source: string;
  readonly sourceVersion: string;
  /** `root suite` of the repository that offers it; the security archive first. Empty when none does any more. */
  readonly repository: string;
  readonly codename: string;
  readonly section: string;
  readonly description: string;
  /** Bytes of the .deb file. */
  readonly size: number;
  /** KiB, as the vendor estimates it; 0 when it gives none. */
  readonly installedSize: number;
  readonly sha256: string;
  readonly carried: boolean;
  /** A newer version of it is offered for the same release. */
  readonly superseded: boolean;
  readonly security: boolean;
  /** Gravest of what the vendor states about this version and those before it, as far as bundles brought it. */
  readonly severity: Severity;
  /** Most pressing changelog urgency; empty when none is known. */
  readonly urgency: string;
  /** Mentioned as fixed in this version or one before it, as far as bundles brought it. */
  readonly cves: readonly string[];
  /** The vendor's names of the documents that say so, newest first by name: `ALSA-2022:4940`. */
  readonly advisories: readonly string[];
  /** Of Windows updates: articles that replace it directly, and that it replaces. */
  readonly supersededBy: readonly string[];
  readonly supersedes: readonly string[];
}

export interface PatchQuery extends PatchFilter {
  readonly narrowing?: PatchNarrowing;
  /** Gravest first; else what fits a search best, or by name. Number of endpoints by patch id. */
  readonly byRisk?: ReadonlyMap<number, number>;
  readonly limit: number;
  readonly offset: number;
}

interface PatchRow {
  readonly id: number;
  readonly ecosystem: Ecosystem;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source: string;
  readonly source_version: string;
  readonly section: string;
  readonly description: string;
  readonly size: number;
  readonly installed_size: number | null;
  readonly sha256: string;
  readonly carried: number;
  readonly superseded: number;
}

interface PlaceRow {
  readonly patchId: number;
  readonly root: string;
  readonly suite: string;
  readonly label: string;
  readonly codename: string;
  readonly distribution: string;
}

const PATCH_COLUMNS = `p.id, p.ecosystem, p.name, p.version, p.arch, p.source, p.source_version, p.section, p.description, p.size,
  p.installed_size, p.sha256, EXISTS (SELECT 1 FROM content_objects c WHERE c.sha256 = p.sha256) AS carried,
  EXISTS (SELECT 1 FROM patch_superseded s WHERE s.patch_id = p.id) AS superseded`;

/** Reads the catalogue: what imported bundles brought. */
export class CatalogueStore {
  readonly #db: Db;
  /** {@link contentStamp} */
  readonly stamp: () => string;

  constructor(db: Db) {
    this.#db = db;
    this.stamp = contentStamp(db);
  }

  /** Newest first. */
  listBundles(): BundleSummary[] {
    const rows = this.#db
      .prepare(
        `SELECT stream, seq, created_at AS createdAt, imported_at AS importedAt, imported_by AS importedBy, objects,
           bytes, manifest_sha256 AS manifestSha256, signatures, repositories, missing, stale_reason AS staleReason, provenance,
           malware, vendor_checks AS vendorChecks
         FROM bundles ORDER BY imported_at DESC, stream, seq DESC`,
      )
      .all() as (Omit<
      BundleSummary,
      | 'id'
      | 'signatures'
      | 'repositories'
      | 'missing'
      | 'provenance'
      | 'arrivals'
      | 'malware'
      | 'vendorChecks'
    > & {
      signatures: string;
      repositories: string;
      missing: string;
      provenance: string | null;
      malware: string | null;
      vendorChecks: string | null;
    })[];
    return rows.map((row) => ({
      ...row,
      id: `${row.stream}/${row.seq}`,
      signatures: JSON.parse(row.signatures) as BundleSummary['signatures'],
      repositories: JSON.parse(row.repositories) as BundleSummary['repositories'],
      missing: JSON.parse(row.missing) as string[],
      provenance: row.provenance === null ? null : (JSON.parse(row.provenance) as Provenance),
      arrivals: readArrivals(this.#db, row),
      malware: row.malware === null ? null : (JSON.parse(row.malware) as MalwareSummary),
      vendorChecks: row.vendorChecks === null ? [] : (JSON.parse(row.vendorChecks) as VendorCheck[]),
    }));
  }

  /** How many patches some repository offers now. */
  countPatches(): number {
    return this.#db.prepare('SELECT count(*) FROM offered').pluck().get() as number;
  }

  /** Patches that some repository offers now: what fits a search best first, or by name, then newest id first. */
  listPatches(query: PatchQuery): { readonly total: number; readonly patches: readonly PatchSummary[] } {
    const { search = '', limit, offset } = query;
    const selection = this.#select(query);
    const { total, ids } =
      query.byRisk === undefined
        ? pageOf(this.#db, selection, { search, limit, offset })
        : {
            total: countPatches(this.#db, selection),
            ids: pageByRisk(this.#db, selection, { limit, offset }, query.byRisk),
          };
    const rows = this.#db
      .prepare(
        `SELECT ${PATCH_COLUMNS} FROM json_each(?) wanted CROSS JOIN patches p ON p.id = wanted.value ORDER BY wanted.key`,
      )
      .all(JSON.stringify(ids)) as PatchRow[];
    return { total, patches: this.#describe(rows) };
  }

  facetsOf(query: Omit<PatchQuery, 'limit' | 'offset'>): PatchFacets {
    return countFacets(this.#db, this.#select(query));
  }

  #select(query: Omit<PatchQuery, 'limit' | 'offset'>): PatchSelection {
    return narrowPatches(selectPatches(this.#db, query), query.narrowing ?? {});
  }

  /** @throws CatalogueError CATALOGUE_PATCH_UNKNOWN */
  getPatch(id: number): PatchSummary {
    const row = this.#db.prepare(`SELECT ${PATCH_COLUMNS} FROM patches p WHERE p.id = ?`).get(id) as
      PatchRow | undefined;
    const patch = row === undefined ? undefined : this.#describe([row])[0];
    if (patch === undefined) {
      throw new CatalogueError('CATALOGUE_PATCH_UNKNOWN', `The catalogue has no patch ${id}.`);
    }
    return patch;
  }

  /** The id of the patch whose .deb file has this SHA-256. */
  findPatchId(sha256: string): number | undefined {
    return this.#db.prepare('SELECT id FROM patches WHERE sha256 = ?').pluck().get(sha256) as
      number | undefined;
  }

  /** Of many package files at once, by SHA-256; those that the catalogue does not have are left out. */
  describePatches(
    sha256s: readonly string[],
  ): ReadonlyMap<string, { readonly patch: PatchSummary; readonly releasedAt: string | null }> {
    const rows = this.#db
      .prepare(
        `SELECT ${PATCH_COLUMNS}, r.published_at AS releasedAt FROM json_each(?) wanted
         CROSS JOIN patches p ON p.sha256 = wanted.value LEFT JOIN patch_risk r ON r.patch_id = p.id ORDER BY p.id`,
      )
      .all(JSON.stringify(sha256s)) as (PatchRow & { releasedAt: string | null })[];
    const described = this.#describe(rows);
    return new Map(
      rows.flatMap(({ sha256, releasedAt }, at) => {
        const patch = described[at];
        return patch === undefined ? [] : [[sha256, { patch, releasedAt }]];
      }),
    );
  }

  /** Adds what repositories and advisories say. A few queries for all rows, however many there are. */
  #describe(rows: readonly PatchRow[]): PatchSummary[] {
    const placesByPatch = new Map<number, PlaceRow[]>();
    for (const place of this.#db
      .prepare(
        `SELECT e.patch_id AS patchId, r.root, r.suite, r.label, r.codename, r.distribution
         FROM json_each(?) wanted CROSS JOIN index_entries e ON e.patch_id = wanted.value
         CROSS JOIN repositories r ON r.index_id = e.index_id ORDER BY r.id`,
      )
      .all(JSON.stringify(rows.map((row) => row.id))) as PlaceRow[]) {
      const list = placesByPatch.get(place.patchId);
      if (list === undefined) placesByPatch.set(place.patchId, [place]);
      else list.push(place);
    }
    const releases = new Map<string, Pick<PlaceRow, 'distribution' | 'codename'>>();
    for (const places of placesByPatch.values()) {
      for (const place of places) releases.set(`${place.distribution} ${place.codename}`, place);
    }
    const subjects = new Set(rows.flatMap((row) => [row.source, row.name]));
    const advisoriesBySubject = new Map<string, Advisory[]>();
    for (const { distribution, codename } of releases.values()) {
      for (const advisory of readAdvisories(this.#db, distribution, codename, subjects)) {
        const key = `${distribution} ${codename} ${advisory.of} ${advisory.source}`;
        const list = advisoriesBySubject.get(key);
        if (list === undefined) advisoriesBySubject.set(key, [advisory]);
        else list.push(advisory);
      }
    }
    const windows = rows.filter((row) => row.ecosystem === 'windows').map((row) => row.id);
    const supersedenceOf = readSupersedenceOf(this.#db, windows);
    return rows.map((row) => {
      const places = placesByPatch.get(row.id) ?? [];
      const place = places.find(isSecurityRepository) ?? places[0];
      const release = place === undefined ? '' : `${place.distribution} ${place.codename}`;
      const compare = versionOrder(row.ecosystem);
      const advisories = [
        ...(advisoriesBySubject.get(`${release} source ${row.source}`) ?? []).filter(
          (advisory) => compare(advisory.fixedVersion, row.source_version) <= 0,
        ),
        ...(advisoriesBySubject.get(`${release} binary ${row.name}`) ?? []).filter(
          (advisory) => compare(advisory.fixedVersion, row.version) <= 0,
        ),
      ];
      return {
        id: row.id,
        package: row.name,
        version: row.version,
        arch: row.arch,
        source: row.source,
        sourceVersion: row.source_version,
        repository: place === undefined ? '' : `${place.root} ${place.suite}`,
        codename: place?.codename ?? '',
        section: row.section,
        description: row.description,
        size: row.size,
        installedSize: row.installed_size ?? 0,
        sha256: row.sha256,
        carried: row.carried === 1,
        // Vendors of RPM packages keep security updates in no repository of their own.
        security:
          places.some(isSecurityRepository) ||
          (row.ecosystem !== 'deb' && advisories.some((advisory) => advisory.type === 'security')),
        superseded: row.superseded === 1,
        ...summariseAdvisories(advisories),
        ...supersedenceOf(row.id),
      };
    });
  }

  /** Repositories that the catalogue has, for every distribution release or for one. */
  listRepositories(release?: {
    readonly distribution: string;
    readonly codename: string;
  }): CatalogueRepository[] {
    const columns = `id, distribution, codename, root, suite, component, arch, origin, label,
      release_date AS releaseDate, pin`;
    const rows =
      release === undefined
        ? this.#db.prepare(`SELECT ${columns} FROM repositories ORDER BY id`).all()
        : this.#db
            .prepare(
              `SELECT ${columns} FROM repositories WHERE distribution = ? AND codename = ? ORDER BY id`,
            )
            .all(release.distribution, release.codename);
    return rows as (CatalogueRepository & { pin: PinPriority })[];
  }

  /** Differs whenever an import, or what was thrown away, may have changed a verdict. */
  stateMark(): string {
    return this.#db
      .prepare(
        `SELECT (SELECT count(*) || ' ' || coalesce(max(imported_at), '') FROM bundles) || ' ' ||
           (SELECT count(*) FROM content_objects)`,
      )
      .pluck()
      .get() as string;
  }

  /**
   * What `assessInventory` needs for one distribution release.
   *
   * @param names only packages of these names; the names of the inventories at hand
   */
  loadAssessmentCatalogue(
    release: { readonly distribution: string; readonly codename: string },
    names: Iterable<string>,
  ): AssessmentCatalogue {
    const repositories = this.listRepositories(release);
    const wanted = new Set(names);
    // All names in one statement, and names first: asked one by one they take twenty times as long.
    const rows = this.#db
      .prepare(
        `SELECT p.id AS patchId, p.sha256, r.id AS repositoryId, p.name, p.version, p.arch, p.source,
           p.source_version AS sourceVersion, p.size,
           EXISTS (SELECT 1 FROM content_objects c WHERE c.sha256 = p.sha256) AS carried
         FROM json_each(?) wanted CROSS JOIN patches p ON p.name = wanted.value
           CROSS JOIN index_entries e ON e.patch_id = p.id CROSS JOIN repositories r ON r.index_id = e.index_id
         WHERE r.distribution = ? AND r.codename = ? ORDER BY wanted.key, r.id, p.id`,
      )
      .all(JSON.stringify([...wanted]), release.distribution, release.codename) as (Omit<
      CatalogueOffer,
      'carried'
    > & { carried: number })[];
    const offers = rows.map((row): CatalogueOffer => ({ ...row, carried: row.carried === 1 }));
    const subjects = new Set(rows.flatMap((row) => [row.source, row.name]));
    const advisories = readAdvisories(this.#db, release.distribution, release.codename, subjects);
    return { repositories, offers, advisories, modules: readModules(this.#db, release, wanted) };
  }

  /** What the site has, for its needs-list. `null` while no root is pinned. */
  loadHoldings(stream = 'main'): Holdings | null {
    const root = this.#db.prepare('SELECT max(version) FROM trust_roots').pluck().get() as number | null;
    if (root === null) return null;
    const mark = (role: string): number =>
      (this.#db.prepare('SELECT version FROM trust_marks WHERE role = ?').pluck().get(role) as
        number | undefined) ?? 0;
    const seq = this.#db.prepare('SELECT seq FROM trust_streams WHERE stream = ?').pluck().get(stream) as
      number | undefined;
    return {
      stream,
      seq: seq ?? 0,
      roles: { root, timestamp: mark('timestamp'), snapshot: mark('snapshot'), targets: mark('targets') },
      objects: this.#db
        .prepare(
          "SELECT sha256 FROM content_objects WHERE class IN ('release', 'index', 'package') ORDER BY sha256",
        )
        .pluck()
        .all() as string[],
    };
  }
}

function summariseAdvisories(
  advisories: readonly Advisory[],
): Pick<PatchSummary, 'severity' | 'urgency' | 'cves' | 'advisories'> {
  return {
    severity: advisories.reduce<Severity>(
      (worst, item) => graverSeverity(worst, item.severity),
      'not stated',
    ),
    urgency: mostPressingUrgency(advisories) ?? '',
    cves: [...new Set(advisories.flatMap((item) => item.cves))].sort(),
    advisories: [...new Set(advisories.flatMap((item) => item.advisory ?? []))].sort().reverse(),
  };
}
