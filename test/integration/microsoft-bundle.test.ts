import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBundle, type BuildOptions, type BuildResult } from '../../main/collect/build-bundle.ts';
import { createSigningKeys } from '../../main/collect/signing-keys.ts';
import type { NeedsList } from '../../main/core/needs-list.ts';
import { codedFailure } from '../support/coded.ts';
import { reasonWithoutTools, skipNote } from '../support/debian-tools.ts';
import { makeOfflineScan, type MadeUpdate, type Pack } from '../support/offline-scan.ts';
import { openTestSite, type TestSite } from '../support/test-site.ts';

/**
 * From a folder of Microsoft's updates to a site's catalogue. The scan file is cabinets inside a cabinet, packed by gcab;
 * the updates in it are made up, their articles and builds are those of February 2024.
 */

const reason = reasonWithoutTools(['gcab']);
const PASSPHRASE = 'correct horse battery';
const NOW = '2026-11-24T04:00:00Z';
const PRODUCT = 'Windows 10, version 1903 and later';
const CVRF = join(import.meta.dirname, '../fixtures/msrc/cvrf-2024-Feb.xml');

const FEBRUARY = Buffer.from('the cumulative update of February');
const TOOL = Buffer.from('the removal tool, which only a person’s notes tell of');
const STRANGER = Buffer.from('a file that nothing vouches for');
const UPDATES: readonly MadeUpdate[] = [
  { revision: 101, kb: '5033372', title: 'December', supersededBy: [102], createdAt: '2023-12-12T18:00:00Z' },
  {
    revision: 102,
    kb: '5034122',
    title: '2024-01 Cumulative Update for Windows 10 Version 22H2 for x64-based Systems (KB5034122)',
    createdAt: '2024-01-09T18:00:00Z',
    payload: [{ name: 'windows10.0-kb5034122-x64.cab', data: Buffer.from('January') }],
  },
  {
    revision: 103,
    kb: '5034763',
    title: '2024-02 Cumulative Update for Windows 10 Version 22H2 for x64-based Systems (KB5034763)',
    createdAt: '2024-02-13T18:00:00Z',
    payload: [{ name: 'windows10.0-kb5034763-x64.cab', data: FEBRUARY, withSha256: false }],
  },
  {
    revision: 104,
    kb: '5034768',
    title: '2024-02 Cumulative Update for Windows Server 2019 (1809) for x64-based Systems (KB5034768)',
    product: 'Windows Server 2019',
    payload: [{ name: 'windows10.0-kb5034768-x64.cab', data: Buffer.from('server') }],
  },
];

const needs = (windows: NeedsList['windows'], holdings: NeedsList['holdings'] = null): NeedsList => ({
  format: 'sallyport-needs-list/1',
  createdAt: NOW,
  platforms: [],
  ...(windows === undefined ? {} : { windows }),
  holdings,
});

const DESKTOPS = needs([
  { build: '10.0.19045.3803', architecture: 'x64', products: [PRODUCT], installed: [] },
]);

describe.skipIf(reason !== null)(`a bundle of Microsoft’s updates${skipNote(reason)}`, () => {
  let dir: string;
  let folder: string;
  let site: TestSite;
  let built: BuildResult;
  let round = 0;

  const gcab: Pack = (files) => {
    round += 1;
    const root = join(dir, 'pack', String(round));
    for (const { name, data } of files) {
      const path = join(root, name.replaceAll('\\', '/'));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, data);
    }
    const out = join(dir, `pack/${round}.cab`);
    const names = files.map(({ name }) => name.replaceAll('\\', '/'));
    const made = spawnSync('gcab', ['-c', '-z', out, ...names], { cwd: root, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`gcab: ${made.stderr}`);
    return readFileSync(out);
  };
  const build = (more: Partial<BuildOptions>): Promise<BuildResult> => {
    round += 1;
    return buildBundle({
      needs: DESKTOPS,
      outDir: join(dir, `media-${round}`),
      keysDir: join(dir, 'keys'),
      passphrase: PASSPHRASE,
      now: NOW,
      microsoft: folder,
      ...more,
    });
  };

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sallyport-microsoft-'));
    folder = join(dir, 'microsoft');
    mkdirSync(folder);
    const keys = await createSigningKeys({
      dir: join(dir, 'keys'),
      passphrase: PASSPHRASE,
      now: NOW,
      scrypt: { N: 1_024, r: 8, p: 1 },
    });
    writeFileSync(join(folder, 'wsusscn2.cab'), makeOfflineScan(UPDATES, { pack: gcab }));
    copyFileSync(CVRF, join(folder, '2024-Feb.xml'));
    writeFileSync(join(folder, 'windows10.0-kb5034763-x64.cab'), FEBRUARY);
    writeFileSync(join(folder, 'Windows-KB890830-x64-V5.121.exe'), TOOL);
    writeFileSync(join(folder, 'stranger-kb5099999.msu'), STRANGER);
    const sha256 = createHash('sha256').update(TOOL).digest('hex');
    writeFileSync(
      join(folder, 'catalogue.csv'),
      `file,kb,title,products,arch,classification,sha256\r\nWindows-KB890830-x64-V5.121.exe,890830,"Removal Tool, v5.121",${PRODUCT.replace(',', ';')},x64,Update Rollups,${sha256}\r\n`,
    );
    site = openTestSite(keys.rootBytes);
    built = await build({});
    await site.import({ mediaDir: built.outDir, now: NOW });
  });
  afterAll(() => {
    site.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('carries what something of Microsoft’s vouches for, and says what it leaves out', () => {
    const dir = join(built.outDir, 'blobs');
    const blobs = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const held = new Set(blobs.map((entry) => entry.name));
    const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect([FEBRUARY, TOOL, STRANGER].map((bytes) => held.has(hash(bytes)))).toEqual([true, true, false]);
    expect(built.missing).toEqual([
      {
        path: 'microsoft/stranger-kb5099999.msu',
        sha256: hash(STRANGER),
        reason: 'nothing says what its digest must be',
      },
    ]);
    expect(built).toMatchObject({ upgrades: 1, unmet: [], cves: 2 });
  });

  it('says in the catalogue which article fixes what, how grave it is, and what replaces what', () => {
    const { patches } = site.catalogue.listPatches({ limit: 10, offset: 0 });
    expect(
      patches.map(({ package: kb, version, arch, carried, severity, cves, supersedes, supersededBy }) => ({
        kb,
        version,
        arch,
        carried,
        severity,
        cves,
        supersedes,
        supersededBy,
      })),
    ).toEqual([
      {
        kb: 'KB5034122',
        version: 'KB5034122',
        arch: 'x64',
        carried: false,
        severity: 'high',
        cves: [],
        supersedes: ['KB5033372'],
        // Only the response center says so, not the scan file.
        supersededBy: ['KB5034763'],
      },
      {
        kb: 'KB5034763',
        version: '10.0.19044.4046, 10.0.19045.4046',
        arch: 'x64',
        carried: true,
        severity: 'high',
        cves: ['CVE-2024-21338', 'CVE-2024-21351'],
        supersedes: ['KB5034122'],
        supersededBy: [],
      },
      {
        kb: 'KB890830',
        version: 'KB890830',
        arch: 'x64',
        carried: true,
        severity: 'not stated',
        cves: [],
        supersedes: [],
        supersededBy: [],
      },
    ]);
    expect(patches[1]).toMatchObject({
      description: '2024-02 Cumulative Update for Windows 10 Version 22H2 for x64-based Systems (KB5034763)',
      source: PRODUCT,
      section: 'Security Updates',
      repository: 'microsoft updates',
      advisories: ['KB5034763'],
      security: true,
    });
  });

  it('finds updates by CVE, article and words of the title', () => {
    const find = (search: string): string[] =>
      site.catalogue.listPatches({ search, limit: 10, offset: 0 }).patches.map((patch) => patch.package);
    expect(find('CVE-2024-21351')).toEqual(['KB5034763']);
    expect(find('KB5034122')).toEqual(['KB5034122']);
    expect(find('Removal Tool')).toEqual(['KB890830']);
  });

  it('keeps the facts of each update, also of those without a file, and who signed', () => {
    const rows = site.db.prepare('SELECT kb, facts FROM windows_updates ORDER BY kb').all() as {
      kb: string;
      facts: string;
    }[];
    // The server's is for no machine of the site, and no file of it is carried.
    expect(rows.map((row) => row.kb)).not.toContain('KB5034768');
    expect(rows.map((row) => row.kb)).toContain('KB5033372');
    const february = rows.find((row) => row.kb === 'KB5034763');
    expect(JSON.parse(february?.facts ?? '')).toMatchObject({
      files: [{ signature: { state: 'not read' }, path: 'kb5034763/windows10.0-kb5034763-x64.cab' }],
    });
  });

  it('sends nothing again that the site has, and moves to the next list in one step', async () => {
    const holdings = site.catalogue.loadHoldings();
    const notes = join(folder, 'catalogue.csv');
    writeFileSync(notes, readFileSync(notes, 'utf8').replace('Removal Tool', 'Scrubber'));
    const second = await build({
      needs: needs(DESKTOPS.windows, holdings),
      now: '2026-11-24T05:00:00Z',
    });
    expect(second).toMatchObject({ alreadyHeld: 2, base: 1, seq: 2 });
    const before = site.db.prepare('SELECT count(*) FROM windows_updates').pluck().get();
    await site.import({ mediaDir: second.outDir, now: '2026-11-24T05:00:00Z' });
    expect(site.db.prepare('SELECT count(*) FROM windows_updates').pluck().get()).toBe(before);
    // The file is the same, and so is the patch; what is known of it is what the newest list says.
    const find = (search: string): number =>
      site.catalogue.listPatches({ search, limit: 9, offset: 0 }).total;
    expect([find('Scrubber'), find('Removal Tool')]).toEqual([1, 0]);
  });

  it('tells what a site needs and the folder lacks; without a platform it lists everything', async () => {
    const server = needs([
      { build: '10.0.17763.5329', architecture: 'x64', products: ['Windows Server 2019'], installed: [] },
    ]);
    const { unmet } = await build({ needs: server });
    expect(unmet).toEqual([
      'Windows 10.0.17763.5329 x64 needs KB5034768, 2024-02 Cumulative Update for Windows Server 2019 (1809) for x64-based Systems (KB5034768): no file of it is at hand',
    ]);
    const all = await build({ needs: needs([]), full: true });
    expect(all.unmet).toEqual([]);
  });

  it('refuses a spoiled scan file, notes that contradict a file, and a folder that is not there', async () => {
    const spoiled = join(dir, 'spoiled');
    mkdirSync(spoiled);
    copyFileSync(join(folder, 'wsusscn2.cab'), join(spoiled, 'wsusscn2.cab'));
    const bytes = readFileSync(join(spoiled, 'wsusscn2.cab'));
    bytes.writeUInt8((bytes[bytes.length - 20] ?? 0) ^ 0xff, bytes.length - 20);
    writeFileSync(join(spoiled, 'wsusscn2.cab'), bytes);
    expect((await codedFailure(build({ microsoft: spoiled }))).code).toBe('COLLECT_CABINET_UNREADABLE');
    rmSync(join(spoiled, 'wsusscn2.cab'));
    writeFileSync(join(spoiled, 'catalogue.csv'), `file,kb,sha256\na.msu,5034763,${'0'.repeat(64)}\n`);
    writeFileSync(join(spoiled, 'a.msu'), FEBRUARY);
    expect((await build({ microsoft: spoiled })).missing).toMatchObject([
      { reason: 'its SHA-256 is not the one that the catalogue file states' },
    ]);
    appendFileSync(join(spoiled, 'catalogue.csv'), 'a.msu,5034763,\n');
    expect((await codedFailure(build({ microsoft: spoiled }))).code).toBe('COLLECT_FACTS_INVALID');
    expect((await codedFailure(build({ microsoft: join(dir, 'nowhere') }))).code).toBe(
      'COLLECT_FOLDER_UNREADABLE',
    );
  });
});
