import type { RepositoryFileRecord } from '../core/bundle/import-record.ts';
import type { ModuleFacts, ModulePackage } from '../core/rpm/modules.ts';
import type { Db } from './database.ts';

/** Replaces what a repository has beside its index; rows of documents that no repository has any more go. */
export function writeRepositoryFiles(
  db: Db,
  repository: { readonly id: number; readonly files: readonly RepositoryFileRecord[] },
  modules: { readonly document: string; readonly facts: ModuleFacts } | null,
): void {
  db.prepare('DELETE FROM repository_files WHERE repository_id = ?').run(repository.id);
  const insert = db.prepare(
    'INSERT INTO repository_files (repository_id, kind, path, sha256, size) VALUES (?, ?, ?, ?, ?)',
  );
  for (const file of repository.files)
    insert.run(repository.id, file.kind, file.path, file.sha256, file.size);
  if (modules === null) return;
  const addPackage = db.prepare(
    `INSERT INTO module_packages (document, name, version, arch, module) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  for (const item of modules.facts.packages)
    addPackage.run(modules.document, item.name, item.version, item.arch, item.module);
  const addDefault = db.prepare(
    'INSERT INTO module_defaults (document, module) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  for (const module of modules.facts.defaults) addDefault.run(modules.document, module);
}

/** Removes rows of modules documents that no repository has any more. */
export function discardUnusedModules(db: Db): void {
  for (const table of ['module_packages', 'module_defaults']) {
    db.prepare(`DELETE FROM ${table} WHERE document NOT IN (SELECT sha256 FROM repository_files)`).run();
  }
}

/** Whether some repository has this very file already: then what it says is in the catalogue. */
export function hasRepositoryFile(db: Db, sha256: string): boolean {
  return db.prepare('SELECT 1 FROM repository_files WHERE sha256 = ? LIMIT 1').get(sha256) !== undefined;
}
/** Module streams of packages of these names, in the repositories of one distribution release, and the defaults. */
export function readModules(
  db: Db,
  release: { readonly distribution: string; readonly codename: string },
  names: Iterable<string>,
): ModuleFacts {
  const documents = `SELECT f.sha256 FROM repository_files f JOIN repositories r ON r.id = f.repository_id
    WHERE f.kind = 'modules' AND r.distribution = ? AND r.codename = ?`;
  const { distribution, codename } = release;
  const find = db.prepare(
    `SELECT DISTINCT module, name, version, arch FROM module_packages
     WHERE document IN (${documents}) AND name IN (SELECT value FROM json_each(?)) ORDER BY module, name`,
  );
  return {
    packages: find.all(distribution, codename, JSON.stringify([...names])) as ModulePackage[],
    defaults: db
      .prepare(`SELECT DISTINCT module FROM module_defaults WHERE document IN (${documents}) ORDER BY module`)
      .pluck()
      .all(distribution, codename) as string[],
  };
}
