import type { Db } from './database.ts';

interface UpdateRow {
  readonly id: number;
  readonly indexId: number;
  readonly updateId: string;
}

interface Replacing {
  /** By `index id` and `update id`: ids of the updates that replace it directly. */
  readonly replacedBy: ReadonlyMap<string, readonly string[]>;
  readonly files: ReadonlyMap<string, readonly { readonly patchId: number; readonly isHere: boolean }[]>;
}

const keyOf = (indexId: number, updateId: string): string => `${indexId} ${updateId}`;

/**
 * Marks files of Windows updates that a list in use says are replaced, directly or through others. A file that belongs to
 * several updates is marked only when all of them are. What replaces it is named by one of its files: by one that
 * is not here, if any is not, so that nothing old goes before all of what replaces it has come. Updates that
 * replace each other in a circle replace nothing.
 */
export function markSupersededWindows(db: Db): void {
  const updates = db
    .prepare(
      `SELECT id, index_id AS indexId, update_id AS updateId FROM windows_updates
       WHERE index_id IN (SELECT index_id FROM repositories) ORDER BY id`,
    )
    .all() as UpdateRow[];
  if (updates.length === 0) return;
  const replacing = readReplacing(db);
  const updatesOf = new Map<number, UpdateRow[]>();
  for (const update of updates)
    for (const { patchId } of replacing.files.get(keyOf(update.indexId, update.updateId)) ?? [])
      updatesOf.set(patchId, [...(updatesOf.get(patchId) ?? []), update]);
  const mark = db.prepare(
    'INSERT INTO patch_superseded (patch_id, by_patch_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  for (const [patchId, belongsTo] of updatesOf) {
    const newer = belongsTo.map((update) => replacementOf(update, replacing, patchId));
    const missing = newer.find((item) => item?.isHere === false);
    const by = newer.includes(null) ? null : (missing ?? newer[0]);
    if (by !== null && by !== undefined) mark.run(patchId, by.patchId);
  }
}

/** A file of an update that replaces this one, `null` where none with a known file does; one that is here whole if any is. */
function replacementOf(
  { indexId, updateId }: UpdateRow,
  { replacedBy, files }: Replacing,
  patchId: number,
): { readonly patchId: number; readonly isHere: boolean } | null {
  const found = new Set<string>();
  const queue = [updateId];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const newer of replacedBy.get(keyOf(indexId, next)) ?? []) {
      if (newer === updateId) return null;
      if (found.has(newer)) continue;
      found.add(newer);
      queue.push(newer);
    }
  }
  const choices = [...found].sort().flatMap((newer) => {
    const its = files.get(keyOf(indexId, newer)) ?? [];
    // A file that both have replaces itself in nothing.
    return its.length === 0 || its.some((file) => file.patchId === patchId)
      ? []
      : (its.find((file) => !file.isHere) ?? its[0] ?? []);
  });
  return choices.find((file) => file.isHere) ?? choices[0] ?? null;
}

function readReplacing(db: Db): Replacing {
  const edges = db
    .prepare(
      `SELECT index_id AS indexId, update_id AS updateId, superseded_by AS newer FROM windows_supersedence
       WHERE index_id IN (SELECT index_id FROM repositories)`,
    )
    .all() as { indexId: number; updateId: string; newer: string }[];
  const links = db
    .prepare(
      `SELECT u.index_id AS indexId, u.update_id AS updateId, f.patch_id AS patchId,
         EXISTS (SELECT 1 FROM content_objects c JOIN patches p ON p.sha256 = c.sha256 WHERE p.id = f.patch_id) AS isHere
       FROM windows_updates u JOIN windows_update_files f ON f.windows_update = u.id
       WHERE u.index_id IN (SELECT index_id FROM repositories) ORDER BY f.patch_id`,
    )
    .all() as { indexId: number; updateId: string; patchId: number; isHere: number }[];
  const replacedBy = new Map<string, string[]>();
  for (const { indexId, updateId, newer } of edges) push(replacedBy, keyOf(indexId, updateId), newer);
  const files = new Map<string, { patchId: number; isHere: boolean }[]>();
  for (const { indexId, updateId, patchId, isHere } of links)
    push(files, keyOf(indexId, updateId), { patchId, isHere: isHere === 1 });
  return { replacedBy, files };
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
