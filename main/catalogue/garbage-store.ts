import type { StoredObject } from '../core/garbage.ts';
import { keptAgents } from './agent-store.ts';
import type { Db } from './database.ts';

/** An object of the content store, named for people. */
export interface NamedObject extends StoredObject {
  readonly name: string;
}

/** Which objects of the content store may go, and the record of those that went. */
export class GarbageStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Packages, indexes, releases and agents, each with how it stands now. */
  list(): NamedObject[] {
    const packages = this.#db
      .prepare(
        `SELECT c.sha256, c.size, c.class, coalesce(p.name || ' ' || p.version, c.sha256) AS name,
           CASE
             -- A bundle whose other media are still to come counts on what is here.
             WHEN c.sha256 IN (SELECT sha256 FROM waiting_objects) THEN 'offered'
             WHEN p.id IS NULL OR NOT EXISTS (SELECT 1 FROM index_entries e WHERE e.patch_id = p.id
               AND e.index_id IN (SELECT index_id FROM repositories)) THEN 'withdrawn'
             -- An older version goes only when the newer one is here itself.
             WHEN EXISTS (SELECT 1 FROM patch_superseded s JOIN patches n ON n.id = s.by_patch_id
               JOIN content_objects h ON h.sha256 = n.sha256 WHERE s.patch_id = p.id) THEN 'superseded'
             ELSE 'offered' END AS standing
         FROM content_objects c LEFT JOIN patches p ON p.sha256 = c.sha256
         WHERE c.class = 'package' ORDER BY c.size DESC, c.sha256`,
      )
      .all() as NamedObject[];
    const metadata = this.#db
      .prepare(
        `SELECT c.sha256, c.size, c.class, c.class || ' of bundle ' || c.stream || '/' || c.seq AS name,
           CASE WHEN EXISTS (SELECT 1 FROM repositories r WHERE c.sha256 IN (r.index_sha256, r.release_sha256))
             OR c.sha256 IN (SELECT sha256 FROM waiting_objects)
             THEN 'offered' ELSE 'superseded' END AS standing
         FROM content_objects c WHERE c.class IN ('index', 'release') ORDER BY c.size DESC, c.sha256`,
      )
      .all() as NamedObject[];
    const kept = keptAgents(this.#db);
    const agents = (
      this.#db
        .prepare(
          `SELECT c.sha256, c.size, c.class, a.name || ' ' || a.version AS name,
             c.sha256 IN (SELECT sha256 FROM waiting_objects) AS isWaiting
           FROM content_objects c JOIN agents a ON a.sha256 = c.sha256 WHERE c.class = 'agent' ORDER BY c.sha256`,
        )
        .all() as (Omit<NamedObject, 'standing'> & { readonly isWaiting: number })[]
    ).map(({ isWaiting, ...object }): NamedObject => ({
      ...object,
      standing: isWaiting === 1 || kept.has(object.sha256) ? 'offered' : 'superseded',
    }));
    return [...packages, ...metadata, ...agents];
  }

  /** Takes objects out of the catalogue; their files are to be removed after this is committed. */
  collect(hashes: readonly string[], by: string, at: string): void {
    const wanted = JSON.stringify(hashes);
    this.#db
      .prepare(
        `INSERT INTO collected_objects (sha256, size, class, stream, seq, collected_at, collected_by)
         SELECT sha256, size, class, stream, seq, ?, ? FROM content_objects
         WHERE sha256 IN (SELECT value FROM json_each(?))`,
      )
      .run(at, by, wanted);
    this.#db
      .prepare('DELETE FROM content_objects WHERE sha256 IN (SELECT value FROM json_each(?))')
      .run(wanted);
  }

  /** Collected, but the file may still lie there: a process may have ended in between. */
  pending(): readonly string[] {
    return this.#db
      .prepare(
        `SELECT DISTINCT sha256 FROM collected_objects WHERE removed_at IS NULL
         AND sha256 NOT IN (SELECT sha256 FROM content_objects)`,
      )
      .pluck()
      .all() as string[];
  }

  markRemoved(at: string): void {
    this.#db.prepare('UPDATE collected_objects SET removed_at = ? WHERE removed_at IS NULL').run(at);
  }
}
