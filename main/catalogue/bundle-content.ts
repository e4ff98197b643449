import type { Advisory } from '../core/advisory.ts';
import type { BundleContent, DiffAdvisory, DiffPatch } from '../core/bundle/diff.ts';
import type { ManifestObject } from '../core/bundle/manifest.ts';
import type { Db } from './database.ts';

/** Records which patches and statements a bundle carried. */
export function writeBundleContent(
  db: Db,
  bundle: { readonly stream: string; readonly seq: number },
  objects: readonly ManifestObject[],
  advisories: readonly Advisory[],
): void {
  const hashes = objects.filter((item) => item.class === 'package').map((item) => item.sha256);
  db.prepare(
    `INSERT INTO bundle_patches (stream, seq, patch_id, codename)
     SELECT ?, ?, p.id,
       coalesce((SELECT r.codename FROM index_entries e JOIN repositories r ON r.index_id = e.index_id
         WHERE e.patch_id = p.id ORDER BY r.id LIMIT 1), '')
     FROM json_each(?) wanted CROSS JOIN patches p ON p.sha256 = wanted.value WHERE TRUE
     ON CONFLICT DO NOTHING`,
  ).run(bundle.stream, bundle.seq, JSON.stringify(hashes));
  const add = db.prepare(
    'INSERT INTO bundle_advisories (stream, seq, advisory_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  for (const { id } of advisories) add.run(bundle.stream, bundle.seq, id);
}

/** @returns `undefined` for a bundle that was not imported */
export function readBundleContent(db: Db, stream: string, seq: number): BundleContent | undefined {
  const base = db
    .prepare('SELECT base FROM bundles WHERE stream = ? AND seq = ?')
    .pluck()
    .get(stream, seq) as number | undefined;
  if (base === undefined) return undefined;
  const patches = db
    .prepare(
      `SELECT p.id, p.name AS package, p.arch, p.version, p.size, b.codename
       FROM bundle_patches b JOIN patches p ON p.id = b.patch_id
       WHERE b.stream = ? AND b.seq = ? ORDER BY p.name, p.arch, p.id`,
    )
    .all(stream, seq) as DiffPatch[];
  const advisories = db
    .prepare(
      `SELECT a.id, a.advisory, a.title, a.severity, a.cves FROM bundle_advisories b
       JOIN advisories a ON a.id = b.advisory_id WHERE b.stream = ? AND b.seq = ? ORDER BY a.id`,
    )
    .all(stream, seq) as (Omit<DiffAdvisory, 'cves'> & { readonly cves: string })[];
  return {
    base,
    patches,
    advisories: advisories.map((row) => ({ ...row, cves: JSON.parse(row.cves) as string[] })),
  };
}
