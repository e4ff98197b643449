import { createHash } from 'node:crypto';
import type { ImportStore } from '../../main/catalogue/import-store.ts';
import type { Advisory } from '../../main/core/advisory.ts';
import type { PackageRecord } from '../../main/core/apt/packages-index.ts';
import type { ImportedRepository, ImportRecord } from '../../main/core/bundle/import-record.ts';

export type PackageRow = Pick<PackageRecord, 'name' | 'version'> & Partial<PackageRecord>;

export interface CatalogueRows {
  readonly packages: readonly PackageRow[];
  readonly advisories?: readonly Advisory[];
  /** Where the packages are offered, in addition to what an earlier call brought. */
  readonly repository?: Partial<ImportedRepository>;
  /** Number of the bundle; each call takes another. */
  readonly seq?: number;
}

const TIME = '2026-11-24T00:00:00.000Z';

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Puts rows into a catalogue the way an import does, without a bundle that was ever a file. */
export function fillCatalogue(imports: ImportStore, rows: CatalogueRows): void {
  const { packages, advisories = [], repository = {}, seq = 1 } = rows;
  const place = {
    ecosystem: 'deb',
    modules: null,
    distribution: 'debian',
    codename: 'bookworm',
    root: 'debian',
    suite: 'bookworm',
    component: 'main',
    arch: 'amd64',
    origin: 'Debian',
    label: 'Debian',
    releaseDate: TIME,
    validUntil: null,
    pin: 500,
    ...repository,
  } as const;
  const name = `${place.root} ${place.suite} ${place.component} ${place.arch} ${seq}`;
  const index = { path: `${place.root}/Packages.xz`, sha256: digestOf(name), size: 1 };
  imports.beginIndex(index.sha256);
  imports.appendToIndex(
    index.sha256,
    packages.map((item) => ({
      arch: 'amd64',
      source: item.name,
      sourceVersion: item.version,
      section: 'misc',
      priority: 'optional',
      installedSize: 1,
      size: 1,
      sha256: digestOf(`${item.name} ${item.version} ${item.arch ?? 'amd64'}`),
      filename: `pool/${item.name}_${item.version}.deb`,
      essential: false,
      multiArch: '',
      preDepends: '',
      depends: '',
      provides: '',
      breaks: '',
      conflicts: '',
      description: '',
      ...item,
    })),
  );
  imports.finishIndex(index.sha256);
  imports.commitImport(
    recordOf({
      seq,
      repositories: [
        {
          ...place,
          release: { path: `${place.root}/InRelease`, sha256: digestOf('release'), size: 1 },
          index,
        },
      ],
      advisories,
    }),
  );
}

/** What an import commits, for a bundle that has nothing to say but this. */
export function recordOf(
  parts: Pick<ImportRecord, 'repositories' | 'advisories'> & { readonly seq: number },
): ImportRecord {
  const { seq, repositories, advisories } = parts;
  return {
    bundle: {
      stream: 'main',
      seq,
      base: 0,
      createdAt: TIME,
      importedAt: TIME,
      importedBy: 'Ada',
      manifestSha256: digestOf(`manifest ${seq}`),
      objects: 0,
      bytes: 0,
      signatures: [],
      missing: [],
      staleReason: null,
      provenance: null,
      malware: null,
      vendorChecks: [],
    },
    arrival: {
      volume: 1,
      volumes: 1,
      arrivedAt: TIME,
      importedBy: 'Ada',
      carrier: null,
      medium: { label: null, serial: null, serialFrom: null, fileSystem: null },
      files: 0,
    },
    objects: [],
    repositories,
    agents: [],
    advisories,
    risk: null,
    trust: {
      roots: [],
      marks: { timestamp: null, snapshot: null, targets: null },
      streams: {},
      timeFloor: TIME,
    },
  };
}

/** A vendor's statement about a package of bookworm. */
export function statement(
  advisory: string,
  source: string,
  fixedVersion: string,
  cves: readonly string[],
  of: Advisory['of'] = 'source',
): Advisory {
  return {
    id: `${advisory}/${source}`,
    advisory,
    type: 'security',
    ecosystem: 'deb',
    distribution: 'debian',
    codename: 'bookworm',
    source,
    of,
    fixedVersion,
    urgency: null,
    severity: 'not stated',
    cves,
    title: '',
    body: '',
    publishedAt: null,
    provenance: { kind: 'dsa', document: 'list', sha256: '0'.repeat(64) },
  };
}
