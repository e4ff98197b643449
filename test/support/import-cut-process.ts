import { importBundle } from '../../main/bundle/import-bundle.ts';
import { openDatabase } from '../../main/catalogue/database.ts';
import { ImportStore } from '../../main/catalogue/import-store.ts';
import { InterruptedContent } from './interrupted-content.ts';
import { SITE_NOW } from './test-site.ts';

/** Imports a bundle in a process of its own and dies by SIGKILL after so many bytes. argv: database, content, media, bytes. */
const [databasePath = '', contentDir = '', mediaDir = '', bytes = '0'] = process.argv.slice(2);

await importBundle({
  mediaDir,
  catalogue: new ImportStore(openDatabase(databasePath)),
  content: new InterruptedContent(contentDir, Number(bytes), () => {
    process.kill(process.pid, 'SIGKILL');
  }),
  now: SITE_NOW,
  importedBy: 'Ada',
  appVersion: '0.1.0',
});
