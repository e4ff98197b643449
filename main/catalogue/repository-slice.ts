import { CatalogueError } from '../../contract/errors.ts';
import type { ContentStore } from './content-store.ts';
import type { Db } from './database.ts';
import type { RepositoryFile, RepositorySlice } from '../core/repository-slice.ts';

/** Where a distribution keeps the keyring of its own archive. */
const KEYRINGS: Readonly<Record<string, string>> = {
  debian: '/usr/share/keyrings/debian-archive-keyring.gpg',
};

interface SliceRow {
  readonly id: number;
  readonly distribution: string;
  readonly root: string;
  readonly suite: string;
  readonly component: string;
  readonly arch: string;
  readonly release_path: string;
  readonly release_sha256: string;
  readonly release_size: number;
  readonly index_path: string;
  readonly index_sha256: string;
  readonly index_size: number;
  readonly index_id: number;
}

/**
 * Everything that must lie on an endpoint so that apt can install patches from it, or work out what else they need.
 *
 * @param release the endpoint's own
 * @param arch the endpoint's own; packages of architecture `all` are listed in its indexes
 * @param patchIds whose .deb files to bring; with none, the slices hold indexes only (for a simulation)
 * @returns a slice for each repository of the release, also for those without a wanted package: apt must see every
 *   index to choose as it would choose
 * @throws CatalogueError CATALOGUE_EMPTY, CATALOGUE_PATCH_UNKNOWN, CONTENT_MISSING
 */
export function sliceRepositories(
  db: Db,
  content: ContentStore,
  release: { readonly distribution: string; readonly codename: string; readonly arch: string },
  patchIds: readonly number[],
): RepositorySlice[] {
  const rows = db
    .prepare(
      `SELECT * FROM repositories WHERE distribution = ? AND codename = ? AND arch = ? ORDER BY root, suite, component`,
    )
    .all(release.distribution, release.codename, release.arch) as SliceRow[];
  const signedBy = KEYRINGS[release.distribution];
  if (rows.length === 0 || signedBy === undefined) {
    throw new CatalogueError(
      'CATALOGUE_EMPTY',
      `The catalogue has no repository of ${release.distribution} ${release.codename} for ${release.arch}.`,
      { hint: 'Import a bundle that was built for a needs-list with this platform.' },
    );
  }
  const findFile = db.prepare(
    `SELECT p.sha256, p.size, e.filename FROM patches p JOIN index_entries e ON e.patch_id = p.id
     WHERE p.id = ? AND e.index_id = ?`,
  );
  const placed = new Set<number>();
  const slices = new Map<
    string,
    { row: SliceRow; components: string[]; metadata: RepositoryFile[]; packages: RepositoryFile[] }
  >();
  for (const row of rows) {
    const key = `${row.root} ${row.suite}`;
    const release = fileOf(
      content,
      row.release_path.slice(row.root.length + 1),
      row.release_sha256,
      row.release_size,
    );
    const slice = slices.get(key) ?? { row, components: [], metadata: [release], packages: [] };
    slices.set(key, slice);
    slice.components.push(row.component);
    slice.metadata.push(
      fileOf(content, row.index_path.slice(row.root.length + 1), row.index_sha256, row.index_size),
    );
    for (const id of new Set(patchIds)) {
      const found = findFile.get(id, row.index_id) as
        { sha256: string; size: number; filename: string } | undefined;
      if (found === undefined) continue;
      placed.add(id);
      slice.packages.push(fileOf(content, found.filename, found.sha256, found.size));
    }
  }
  const unplaced = patchIds.find((id) => !placed.has(id));
  if (unplaced !== undefined) {
    throw new CatalogueError(
      'CATALOGUE_PATCH_UNKNOWN',
      `No repository of ${release.distribution} ${release.codename} offers patch ${unplaced} any more.`,
      { hint: 'Scan the endpoint again and make a new plan.', subject: { patchId: String(unplaced) } },
    );
  }
  return [...slices.values()].map(({ row, components, metadata, packages }) => ({
    name: row.root,
    suite: row.suite,
    components,
    arch: row.arch,
    signedBy,
    metadata,
    packages,
  }));
}

/** Size in the catalogue and file in the store: both must be there. */
function fileOf(content: ContentStore, path: string, sha256: string, size: number): RepositoryFile {
  return { path, file: content.locate(sha256), sha256, size };
}
