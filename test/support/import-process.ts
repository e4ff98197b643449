import { importBundle } from '../../main/bundle/import-bundle.ts';
import { ContentStore } from '../../main/catalogue/content-store.ts';
import { CopyThreads } from '../../main/catalogue/copy-threads.ts';
import { openDatabase } from '../../main/catalogue/database.ts';
import { ImportStore } from '../../main/catalogue/import-store.ts';
import { SITE_NOW } from './test-site.ts';

/**
 * Imports a bundle in a process of its own and dies by SIGKILL at a chosen point.
 *
 * argv: database, content folder, media folder, what to count (`copying`, `reading`, `committing`: calls of progress;
 * `append`: batches of an index), how many of it before death.
 */
const [databasePath = '', contentDir = '', mediaDir = '', counted = '', before = '0'] = process.argv.slice(2);

let left = Number(before);
function count(what: string): void {
  if (what !== counted) return;
  left -= 1;
  if (left <= 0) process.kill(process.pid, 'SIGKILL');
}

class MortalStore extends ImportStore {
  override appendToIndex(...args: Parameters<ImportStore['appendToIndex']>): void {
    super.appendToIndex(...args);
    count('append');
  }
}

await importBundle({
  mediaDir,
  catalogue: new MortalStore(openDatabase(databasePath)),
  content: new ContentStore(contentDir, new CopyThreads()),
  now: SITE_NOW,
  importedBy: 'Ada',
  appVersion: '0.1.0',
  onProgress: ({ phase }) => {
    count(phase);
  },
});
