import type { Db } from './database.ts';

/** Reads a text that is another one whenever a bundle was imported: what was worked out from patches and advisories may differ then. */
export function contentStamp(db: Db): () => string {
  const read = db.prepare("SELECT count(*) || ' ' || coalesce(max(imported_at), '') FROM bundles").pluck();
  return () => read.get() as string;
}
