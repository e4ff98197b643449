import type { Advisory, Ecosystem } from '../core/advisory.ts';
import { isSecurityRepository } from '../core/apt/candidate.ts';
import { versionOrder } from '../core/version/compare.ts';
import { readAdvisories } from './advisory-rows.ts';
import type { Db } from './database.ts';

interface PlaceRow {
  readonly distribution: string;
  readonly codename: string;
  readonly suite: string;
  readonly label: string;
}

export interface PatchStatements {
  /** The release whose repository offers it; `null` when none does any more. */
  readonly release: { readonly distribution: string; readonly codename: string } | null;
  /** On its version and those before it, newest first. */
  readonly advisories: readonly Advisory[];
}

/** What vendors say about a patch, as far as bundles brought it. */
export function readPatchStatements(db: Db, id: number): PatchStatements {
  const patch = db
    .prepare(
      'SELECT name, version, source, source_version AS sourceVersion, ecosystem FROM patches WHERE id = ?',
    )
    .get(id) as
    | { name: string; version: string; source: string; sourceVersion: string; ecosystem: Ecosystem }
    | undefined;
  const places = db
    .prepare(
      `SELECT r.distribution, r.codename, r.suite, r.label FROM index_entries e
       JOIN repositories r ON r.index_id = e.index_id WHERE e.patch_id = ? ORDER BY r.id`,
    )
    .all(id) as PlaceRow[];
  const place = places.find(isSecurityRepository) ?? places[0];
  if (patch === undefined || place === undefined) return { release: null, advisories: [] };
  const { distribution, codename } = place;
  const compare = versionOrder(patch.ecosystem);
  const advisories = readAdvisories(db, distribution, codename, new Set([patch.source, patch.name])).filter(
    (advisory) =>
      advisory.of === 'source'
        ? advisory.source === patch.source && compare(advisory.fixedVersion, patch.sourceVersion) <= 0
        : advisory.source === patch.name && compare(advisory.fixedVersion, patch.version) <= 0,
  );
  return {
    release: { distribution, codename },
    advisories: advisories.toSorted(
      (a, b) => compare(b.fixedVersion, a.fixedVersion) || (a.id < b.id ? -1 : 1),
    ),
  };
}
