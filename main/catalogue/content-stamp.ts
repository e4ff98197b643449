import type { Db } from './database.ts';

/** Another text whenever a bundle was imported: what was worked out from patches and advisories may differ from then on. */
export function readContentStamp(db: Db): string {
  return db
    .prepare("SELECT count(*) || ' ' || coalesce(max(imported_at), '') FROM bundles")
    .pluck()
    .get() as string;
}
