import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importBundle, type ImportOptions, type ImportReport } from '../../main/bundle/import-bundle.ts';
import { pinRoot, rootFingerprint } from '../../main/bundle/trust-root.ts';
import { CatalogueStore } from '../../main/catalogue/catalogue-store.ts';
import { ContentStore } from '../../main/catalogue/content-store.ts';
import { openDatabase, type Db } from '../../main/catalogue/database.ts';
import { ImportStore } from '../../main/catalogue/import-store.ts';
import { testRoot } from './bundle-builder.ts';

/** A site of its own in a temporary folder: database, content store, and a place for media. */
export interface TestSite {
  readonly dir: string;
  readonly mediaDir: string;
  readonly db: Db;
  readonly imports: ImportStore;
  readonly catalogue: CatalogueStore;
  readonly content: ContentStore;
  import(options?: Partial<ImportOptions>): Promise<ImportReport>;
  /** Hash of every row of every table, but for what the search index keeps of them for itself. */
  fingerprint(): string;
  /** Names in the content store, also unfinished ones. */
  contentFiles(): string[];
  close(): void;
}

export const SITE_NOW = '2026-11-25T00:00:00Z';

/** @param root to pin; `null` for a site that trusts nothing yet */
export function openTestSite(root: Uint8Array | null = testRoot()): TestSite {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-site-'));
  const mediaDir = join(dir, 'media');
  const contentDir = join(dir, 'content');
  const db = openDatabase(join(dir, 'site.db'));
  const imports = new ImportStore(db);
  const content = new ContentStore(contentDir);
  if (root !== null) {
    pinRoot({
      catalogue: imports,
      rootBytes: root,
      fingerprint: rootFingerprint(root),
      by: 'Ada',
      now: SITE_NOW,
    });
  }
  return {
    dir,
    mediaDir,
    db,
    imports,
    catalogue: new CatalogueStore(db),
    content,
    import: (options = {}) =>
      importBundle({
        mediaDir,
        catalogue: imports,
        content,
        now: SITE_NOW,
        importedBy: 'Ada',
        appVersion: '0.1.0',
        ...options,
      }),
    fingerprint: () => hashDatabase(db),
    contentFiles: () =>
      readdirSync(contentDir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
        .sort(),
    close: () => {
      db.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function hashDatabase(db: Db): string {
  const tables = db
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
         AND name NOT LIKE 'patch_search%' AND name <> 'name_words' ORDER BY name`,
    )
    .pluck()
    .all() as string[];
  const hash = createHash('sha256');
  for (const table of tables) {
    const rows = db
      .prepare(`SELECT * FROM "${table}"`)
      .all()
      .map((row) => JSON.stringify(row))
      .sort();
    hash.update(`${table}\n${rows.join('\n')}\n`);
  }
  return hash.digest('hex');
}
