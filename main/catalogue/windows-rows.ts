import type { IndexedPatch } from '../core/bundle/import-record.ts';
import type { WindowsFile, WindowsUpdate } from '../core/windows/update-list.ts';
import type { Db } from './database.ts';

/** A file of an update as a row of an index; `null` where its SHA-256 is not known, by which a patch goes. */
export function patchOf(update: WindowsUpdate, file: WindowsFile): IndexedPatch | null {
  if (file.sha256 === null) return null;
  const name = update.kb ?? update.id;
  // Builds of several branches have no order; each is named.
  const version = update.fixedBuilds.length === 0 ? name : update.fixedBuilds.join(', ');
  return {
    name,
    version,
    arch: update.arch,
    source: update.products.join('; ').slice(0, 2_000),
    sourceVersion: version,
    section: update.classification,
    priority: '',
    installedSize: null,
    size: file.size,
    sha256: file.sha256,
    filename: file.path ?? file.name,
    essential: false,
    description: update.title === '' ? file.name : update.title,
  };
}

/**
 * Writes updates of a list, and says which patches are their files.
 *
 * @param patchIdOf of a file's SHA-256; the patches must be there
 */
export function writeWindowsUpdates(
  db: Db,
  indexId: number,
  updates: readonly WindowsUpdate[],
  patchIdOf: (sha256: string) => number | bigint,
): void {
  const insert = db.prepare(
    'INSERT INTO windows_updates (index_id, update_id, kb, title, facts) VALUES (?, ?, ?, ?, ?)',
  );
  const supersede = db.prepare(
    'INSERT INTO windows_supersedence (index_id, update_id, superseded_by) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const link = db.prepare(
    'INSERT INTO windows_update_files (patch_id, windows_update) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  for (const update of updates) {
    const { lastInsertRowid } = insert.run(
      indexId,
      update.id,
      update.kb,
      update.title,
      JSON.stringify(update),
    );
    for (const id of update.supersededBy) supersede.run(indexId, update.id, id);
    for (const { sha256 } of update.files) if (sha256 !== null) link.run(patchIdOf(sha256), lastInsertRowid);
  }
}

/**
 * Brings patches up to what the list that is now in use says of them: a later list may know the build or the products of
 * a file that an earlier one only named.
 */
export function refreshWindowsPatches(db: Db, indexId: number): void {
  const update = db
    .prepare(
      `UPDATE patches SET name = @name, version = @version, arch = @arch, source = @source,
         source_version = @version, section = @section, description = @description
       WHERE sha256 = @sha256 AND (name, version, arch, source, section, description)
         IS NOT (@name, @version, @arch, @source, @section, @description)
       RETURNING id`,
    )
    .pluck();
  const searched = db.prepare('UPDATE patch_search SET name = ?, text = ? WHERE rowid = ?');
  const lists = db
    .prepare('SELECT facts FROM windows_updates WHERE index_id = ? ORDER BY id')
    .pluck()
    .all(indexId) as string[];
  for (const facts of lists) {
    const row = JSON.parse(facts) as WindowsUpdate;
    for (const file of row.files) {
      const patch = patchOf(row, file);
      if (patch === null) continue;
      const { name, version, arch, source, section, description, sha256 } = patch;
      const id = update.get({ name, version, arch, source, section, description, sha256 });
      if (id !== undefined) searched.run(`${name} ${source}`, description, id);
    }
  }
}

export interface PatchSupersedence {
  /** Articles, or ids of updates without one, that replace it directly; sorted. */
  readonly supersededBy: readonly string[];
  /** That it replaces directly. */
  readonly supersedes: readonly string[];
}

const NOTHING: PatchSupersedence = { supersededBy: [], supersedes: [] };

/** What replaces what among the patches given, by what the lists in use say. */
export function readSupersedenceOf(
  db: Db,
  patchIds: readonly number[],
): (patchId: number) => PatchSupersedence {
  const rows = db
    .prepare(
      `WITH mine AS (
         SELECT f.patch_id, u.index_id, u.update_id
         FROM json_each(@ids) wanted CROSS JOIN windows_update_files f ON f.patch_id = wanted.value
         CROSS JOIN windows_updates u ON u.id = f.windows_update
         WHERE u.index_id IN (SELECT index_id FROM repositories))
       SELECT mine.patch_id AS patchId, 1 AS isNewer, coalesce(o.kb, o.update_id) AS name
       FROM mine JOIN windows_supersedence s ON s.index_id = mine.index_id AND s.update_id = mine.update_id
       JOIN windows_updates o ON o.index_id = s.index_id AND o.update_id = s.superseded_by
       UNION
       SELECT mine.patch_id, 0, coalesce(o.kb, o.update_id)
       FROM mine JOIN windows_supersedence s ON s.index_id = mine.index_id AND s.superseded_by = mine.update_id
       JOIN windows_updates o ON o.index_id = s.index_id AND o.update_id = s.update_id
       ORDER BY 3`,
    )
    .all({ ids: JSON.stringify(patchIds) }) as { patchId: number; isNewer: number; name: string }[];
  const byPatch = new Map<number, { supersededBy: string[]; supersedes: string[] }>();
  for (const { patchId, isNewer, name } of rows) {
    const own = byPatch.get(patchId) ?? { supersededBy: [], supersedes: [] };
    byPatch.set(patchId, own);
    (isNewer === 1 ? own.supersededBy : own.supersedes).push(name);
  }
  return (patchId) => byPatch.get(patchId) ?? NOTHING;
}
