import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stageRepositories } from '../../main/bundle/stage-repositories.ts';
import { CatalogueStore } from '../../main/catalogue/catalogue-store.ts';
import { ContentStore } from '../../main/catalogue/content-store.ts';
import { openDatabase } from '../../main/catalogue/database.ts';
import { ImportStore } from '../../main/catalogue/import-store.ts';
import { peakMemory } from './harness/peak-memory.ts';
import { recordOf } from '../support/catalogue-rows.ts';
import type { ManifestObject } from '../../main/core/bundle/manifest.ts';

/**
 * Reads a repository's index into an empty site and searches it, in a process of its own so that its memory can be told.
 *
 * argv: folder for the site, release file, packed index. Prints seconds, CPU seconds, bytes at the peak, rows, hits.
 */
const [dir = '', releaseFile = '', indexFile = ''] = process.argv.slice(2);
const NOW = '2026-01-01T00:00:00.000Z';

const content = new ContentStore(join(dir, 'content'));
const objects: ManifestObject[] = [];
for (const [file, path, kind] of [
  [releaseFile, 'debian/dists/bookworm/InRelease', 'release'],
  [indexFile, 'debian/dists/bookworm/main/binary-amd64/Packages.xz', 'index'],
] as const) {
  const bytes = readFileSync(file);
  const object = {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
    class: kind,
    path,
  };
  const fd = openSync(file, 'r');
  await content.copyVerified({ fd, name: path }, object);
  closeSync(fd);
  objects.push(object);
}
const [release, index] = objects;
if (release === undefined || index === undefined) throw new Error('two files are needed');
const db = openDatabase(join(dir, 'site.db'));
const imports = new ImportStore(db);
const manifest = { stream: 'main', seq: 1, base: 0, createdAt: NOW, feeds: {}, minApp: '0.1.0', objects };

const cpu = process.cpuUsage();
const began = performance.now();
const repositories = await stageRepositories(
  [
    {
      distribution: 'debian',
      codename: 'bookworm',
      root: 'debian',
      suite: 'bookworm',
      component: 'main',
      arch: 'amd64',
      release,
      index,
    },
  ],
  manifest,
  { catalogue: imports, content },
  () => undefined,
  undefined,
);
imports.commitImport({ ...recordOf({ seq: 1, repositories, advisories: [] }), objects });
const { total } = new CatalogueStore(db).listPatches({ search: 'openssl', limit: 50, offset: 0 });
const wall = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(
  `${wall} ${(user + system) / 1e6} ${peakMemory()} ${new CatalogueStore(db).countPatches()} ${total}\n`,
);
db.close();
