import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeTestBundle } from '../support/bundle-builder.ts';
import { codedFailure } from '../support/coded.ts';
import { openTestSite } from '../support/test-site.ts';

const PROCESS = join(import.meta.dirname, '../support/import-process.ts');

/** Enough packages that the index is read in several transactions, and three files that take some turns to copy. */
const packages = [
  ...Array.from({ length: 3 }, (_, index) => ({
    name: `big${index}`,
    version: '1',
    content: new Uint8Array(9_000_000).fill(index),
  })),
  ...Array.from({ length: 11_000 }, (_, index) => ({
    name: `small${index}`,
    version: '1',
    content: `${index}`,
    isLeftOut: true,
  })),
];

it(
  'a process killed anywhere in an import leaves the old catalogue, and the next import ends as if nothing had been',
  { timeout: 900_000 },
  async () => {
    const whole = openTestSite();
    const site = openTestSite();
    try {
      writeTestBundle(whole.mediaDir, { packages });
      await whole.import();

      writeTestBundle(site.mediaDir, { packages });
      const before = { bundles: 0, patches: 0, trust: site.imports.loadTrust() };
      const points: [string, number][] = [
        ['copying', 1],
        ['copying', 3],
        ['copying', 5],
        ['append', 1],
        ['append', 2],
        ['reading', 1],
        ['committing', 1],
      ];
      for (const [counted, times] of points) {
        const child = spawnSync(
          process.execPath,
          [
            PROCESS,
            join(site.dir, 'site.db'),
            join(site.dir, 'content'),
            site.mediaDir,
            counted,
            String(times),
          ],
          { encoding: 'utf8' },
        );
        expect([counted, times, child.signal, child.stderr]).toEqual([counted, times, 'SIGKILL', '']);
        expect({
          bundles: site.catalogue.listBundles().length,
          patches: site.catalogue.listPatches({ limit: 1, offset: 0 }).total,
          trust: site.imports.loadTrust(),
        }).toEqual(before);
      }
      // All objects were whole by the last deaths: the import that ends copies none of them again.
      const report = await site.import();
      expect(report.reused).toBe(report.objects);
      expect(site.fingerprint()).toBe(whole.fingerprint());
      expect(site.contentFiles()).toEqual(whole.contentFiles());

      // Death right after the commit: the bundle is there.
      const late = openTestSite();
      try {
        writeTestBundle(late.mediaDir, { packages });
        const child = spawnSync(
          process.execPath,
          [PROCESS, join(late.dir, 'site.db'), join(late.dir, 'content'), late.mediaDir, 'committing', '2'],
          { encoding: 'utf8' },
        );
        expect([child.signal, child.stderr]).toEqual(['SIGKILL', '']);
        expect((await codedFailure(late.import())).code).toBe('BUNDLE_ALREADY_IMPORTED');
        expect(late.fingerprint()).toBe(whole.fingerprint());
      } finally {
        late.close();
      }
    } finally {
      whole.close();
      site.close();
    }
  },
);
