import { join } from 'node:path';
import { importBundle } from '../../main/bundle/import-bundle.ts';
import { pinRoot, rootFingerprint } from '../../main/bundle/trust-root.ts';
import { ContentStore } from '../../main/catalogue/content-store.ts';
import { CopyThreads } from '../../main/catalogue/copy-threads.ts';
import { openDatabase } from '../../main/catalogue/database.ts';
import { ImportStore } from '../../main/catalogue/import-store.ts';
import { CodedError } from '../../contract/errors.ts';
import { peakMemory } from './harness/peak-memory.ts';
import { testRoot } from '../support/bundle-builder.ts';
import { SITE_NOW } from '../support/test-site.ts';

/**
 * Imports a medium into a site, which is made when there is none, in a process of its own.
 *
 * argv: folder of the site, folder of the medium, and share of the bytes after which it dies by SIGKILL, or 1. Prints seconds, CPU
 * seconds, bytes of memory at the peak, bytes that were read from the medium, and the outcome.
 */
const [dir = '', mediaDir = '', share = '1'] = process.argv.slice(2);
const catalogue = new ImportStore(openDatabase(join(dir, 'site.db')));
const content = new ContentStore(join(dir, 'content'), new CopyThreads());
if (catalogue.loadTrust() === null) {
  const root = testRoot();
  pinRoot({ catalogue, rootBytes: root, fingerprint: rootFingerprint(root), by: 'Ada', now: SITE_NOW });
}
const cpu = process.cpuUsage();
const began = performance.now();
let first: number | null = null;
let last = 0;
let outcome = '';
try {
  const report = await importBundle({
    mediaDir,
    catalogue,
    content,
    now: SITE_NOW,
    importedBy: 'Ada',
    appVersion: '0.1.0',
    onProgress: ({ phase, done, total }) => {
      if (phase !== 'copying') return;
      first ??= done;
      last = done;
      if (Number(share) < 1 && done >= total * Number(share)) process.kill(process.pid, 'SIGKILL');
    },
  });
  outcome = report.outcome;
} catch (error) {
  if (!(error instanceof CodedError)) throw error;
  outcome = error.code;
}
const wall = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(`${wall} ${(user + system) / 1e6} ${peakMemory()} ${last - (first ?? 0)} ${outcome}\n`);
