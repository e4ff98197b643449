import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rootFingerprint } from '../../main/bundle/trust-root.ts';
import { openEngine } from '../../main/app/compose.ts';
import { PERSONS, QUICK } from '../lab/embedded/persons.ts';
import { testRoot, writeTestBundle } from '../support/bundle-builder.ts';
import { codedFailure } from '../support/coded.ts';
import { bundleProcess } from '../support/bundled-process.ts';
import { Caller } from '../support/caller.ts';
import { openTestSite, SITE_NOW } from '../support/test-site.ts';

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

it(
  'a process killed around the commit of an import leaves bundle, audit entry and notices, or none of them',
  { timeout: 300_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-import-notices-'));
    const child = await bundleProcess(join(import.meta.dirname, '../support/import-engine.ts'));
    const media = join(folder, 'media');
    const prepared = join(folder, 'site');
    const open = (dataDir: string) =>
      openEngine({ ...QUICK, dataDir, lease: 'hold', now: () => SITE_NOW }).then((engine) => ({
        engine,
        caller: new Caller(engine),
      }));
    try {
      writeTestBundle(media, { packages: [{ name: 'app', version: '1', content: 'one' }] });
      const site = await open(prepared);
      await site.caller.call('site.create', {
        name: 'Northfield',
        person: { ...PERSONS.engineer, roles: ['engineer', 'service-manager'] },
      });
      await site.caller.call('persons.add', { ...PERSONS.approver, roles: ['approver'] });
      const { current } = await site.caller.call('raci.get', {});
      await site.caller.call('raci.set', {
        ...{ basedOn: current.version, reason: 'they want to know' },
        rows: current.rows
          .filter(({ element }) => element === 'platform-updates')
          .map((row) => ({ ...row, customer: ['I' as const] })),
      });
      await site.caller.call('trust.pinRoot', { folder: media, fingerprint: rootFingerprint(testRoot()) });
      await site.engine.close();

      for (const [where, left] of [
        ['before', 0],
        ['within', 0],
        ['after', 1],
      ] as const) {
        const dataDir = join(folder, where);
        cpSync(prepared, dataDir, { recursive: true });
        const { signal, stderr } = await child.run(dataDir, media, where);
        expect([where, signal, stderr]).toEqual([where, 'SIGKILL', '']);
        const { engine, caller } = await open(dataDir);
        await caller.call('session.signIn', {
          ...{ person: PERSONS.engineer.name, passphrase: PERSONS.engineer.passphrase },
        });
        const told = async (): Promise<number> =>
          (await caller.call('notices.list', {})).filter(({ kind }) => kind === 'bundle-imported').length;
        const entered = async (): Promise<number> =>
          (await caller.call('audit.list', { limit: 5_000 })).filter(
            ({ action, subject }) => action === 'bundles.import' && subject['outcome'] === 'imported',
          ).length;
        const bundles = await caller.call('bundles.list', {});
        expect([where, bundles.length, await told(), await entered()]).toEqual([where, left, left, left]);
        if (left === 0) {
          await caller.finish(await caller.call('bundles.import', { folder: media }));
          expect([where, await told(), await entered()]).toEqual([where, 1, 1]);
        }
        await engine.close();
      }
    } finally {
      child.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
