import { newestAgent } from '../core/bundle/agents.ts';
import type { ImportRecord } from '../core/bundle/import-record.ts';
import { compareDebVersions } from '../core/version/deb.ts';
import type { Db } from './database.ts';

/** One version of our own agent that a bundle brought. */
export interface AgentRow {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Bundle that brought it first, `main/12`. */
  readonly bundle: string;
  /** ISO-8601. */
  readonly importedAt: string;
  /** Who keeps it from garbage collection, or `null`. */
  readonly pinnedBy: string | null;
  /** Its package is in the content store. */
  readonly isHeld: boolean;
}

/** Newest first. */
export function readAgents(db: Db): readonly AgentRow[] {
  const rows = db
    .prepare(
      `SELECT name, version, architecture, sha256, size, stream || '/' || seq AS bundle, imported_at AS importedAt,
         pinned_by AS pinnedBy, sha256 IN (SELECT sha256 FROM content_objects) AS isHeld
       FROM agents`,
    )
    .all() as (Omit<AgentRow, 'isHeld'> & { readonly isHeld: number })[];
  return rows
    .map((row) => ({ ...row, isHeld: row.isHeld === 1 }))
    .toSorted((a, b) => compareDebVersions(b.version, a.version));
}

/** Hashes of the versions that garbage collection must leave: the newest, and those that are pinned. */
export function keptAgents(db: Db): ReadonlySet<string> {
  const agents = readAgents(db);
  const newest = newestAgent(agents);
  return new Set(agents.filter((row) => row === newest || row.pinnedBy !== null).map((row) => row.sha256));
}

/** Records the versions that a bundle brings; those that are known stay as they are. */
export function writeAgents(db: Db, { agents, objects, bundle }: ImportRecord): void {
  const insert = db.prepare(
    `INSERT INTO agents (name, version, architecture, sha256, size, stream, seq, imported_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name, version) DO NOTHING`,
  );
  for (const { name, version, architecture, path, sha256 } of agents) {
    const size = objects.find((item) => item.path === path)?.size ?? 0;
    insert.run(name, version, architecture, sha256, size, bundle.stream, bundle.seq, bundle.importedAt);
  }
}

/** The versions of our agent that this site holds. */
export class AgentStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Newest first. */
  list(): readonly AgentRow[] {
    return readAgents(this.#db);
  }

  /** Keeps a version from garbage collection, or no longer. */
  setPinned(version: string, pin: { readonly by: string; readonly at: string } | null): void {
    this.#db
      .prepare('UPDATE agents SET pinned_by = ?, pinned_at = ? WHERE version = ?')
      .run(pin?.by ?? null, pin?.at ?? null, version);
  }
}
