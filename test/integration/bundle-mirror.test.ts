import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootFingerprint } from '../../main/bundle/trust-root.ts';
import {
  buildBundle,
  type BuildOptions,
  type BuildProgress,
  type BuildResult,
} from '../../main/collect/build-bundle.ts';
import { readAptTargets } from '../../main/collect/mirrors.ts';
import { createSigningKeys } from '../../main/collect/signing-keys.ts';
import { assessInventory } from '../../main/core/assessment.ts';
import { parseDpkgStatus } from '../../main/core/apt/inventory.ts';
import type { Inventory } from '../../main/core/inventory.ts';
import {
  formatNeedsList,
  makeNeedsList,
  parseNeedsList,
  type NeedsList,
} from '../../main/core/needs-list.ts';
import { sliceRepositories } from '../../main/catalogue/repository-slice.ts';
import { askApt } from '../support/apt-oracle.ts';
import { codedFailure } from '../support/coded.ts';
import { openTestSite, type TestSite } from '../support/test-site.ts';

/**
 * From the vendor's real repository to a site's catalogue: builds from the Debian mirror that this machine's apt uses,
 * imports, assesses, and lets this machine's own apt judge the result.
 */

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PASSPHRASE = 'correct horse battery';
const SECURITY = { root: 'debian-security', suite: 'bookworm-security', components: ['main'] };

/** Versions that bookworm was released with: the security archive has had newer ones ever since. */
const STATUS = [
  ['openssl', '3.0.9-1', 'openssl'],
  ['libssl3', '3.0.9-1', 'openssl'],
  ['rsync', '3.2.7-1', 'rsync'],
]
  .map(
    ([name, version, source]) =>
      `Package: ${name}\nStatus: install ok installed\nMaintainer: x\nArchitecture: amd64\nSource: ${source}\nVersion: ${version}\nDescription: x\n`,
  )
  .join('\n');

const inventory: Inventory = {
  platform: 'apt',
  distribution: 'debian',
  codename: 'bookworm',
  prettyName: '',
  arch: 'amd64',
  kernel: '',
  packages: parseDpkgStatus(STATUS),
  held: [],
  rebootRequired: false,
  rebootReasons: [],
  clock: 0,
  bootMarker: '',
};

async function whyNot(): Promise<string | null> {
  const targets = await readAptTargets();
  if (!targets.some((target) => target.suite === 'bookworm-security'))
    return 'this machine’s apt has no Debian bookworm-security mirror';
  if (!existsSync(KEYRING)) return 'there is no Debian archive keyring';
  if (spawnSync('gpgv', ['--version']).status !== 0) return 'gpgv is not installed';
  return null;
}
const reason = await whyNot();

describe.skipIf(reason !== null)(
  `a bundle from the vendor’s mirror${reason === null ? '' : ` [skipped: ${reason}]`}`,
  () => {
    let dir: string;
    let site: TestSite;
    let result: BuildResult;
    let options: BuildOptions;
    const phases = new Set<string>();
    const now = new Date().toISOString();

    const needs = (holdings: NeedsList['holdings']): NeedsList => {
      const { list } = makeNeedsList({
        createdAt: now,
        inventories: [inventory],
        holdings,
        repositoriesOf: () => [SECURITY],
      });
      return parseNeedsList(formatNeedsList(list));
    };

    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'sallyport-mirror-'));
      const keys = await createSigningKeys({
        dir: join(dir, 'keys'),
        passphrase: PASSPHRASE,
        now,
        scrypt: { N: 1_024, r: 8, p: 1 },
      });
      options = {
        needs: needs(null),
        outDir: join(dir, 'media'),
        keysDir: join(dir, 'keys'),
        passphrase: PASSPHRASE,
        now,
      };
      site = openTestSite(keys.rootBytes);
      expect(rootFingerprint(keys.rootBytes)).toBe(keys.fingerprint);
      result = await buildBundle(options, ({ phase }: BuildProgress) => phases.add(phase));
    });
    afterAll(() => {
      site.close();
      rmSync(dir, { recursive: true, force: true });
    });

    it('carries newer packages, signed by the vendor’s keys, and says what they fix', () => {
      expect(result).toMatchObject({ stream: 'main', seq: 1, base: 0 });
      // The list asks for the security archive only, so what lies in the main one is said to be unmet, not passed over.
      expect(result.unmet.some((line) => /^rsync .*: libpopt0$/.test(line))).toBe(true);
      expect(result.upgrades + result.missing.length).toBeGreaterThanOrEqual(3);
      expect(result.repositories[0]?.signedBy.length).toBeGreaterThan(0);
      expect(result.cves).toBeGreaterThan(0);
      expect([...phases]).toEqual(['indexes', 'packages', 'changelogs', 'writing']);
    });

    it('imports, and finds by it what apt finds by the same indexes', { timeout: 600_000 }, async () => {
      const report = await site.import({ mediaDir: options.outDir, now });
      expect(report).toMatchObject({
        seq: 1,
        objects: result.objects,
        manifestSha256: result.manifestSha256,
      });
      const names = inventory.packages.map((item) => item.name);
      const findings = assessInventory(inventory, site.catalogue.loadAssessmentCatalogue(inventory, names));
      expect(findings.map((finding) => finding.name)).toEqual(['libssl3', 'openssl', 'rsync']);
      for (const finding of findings) {
        expect(finding).toMatchObject({ security: true, severity: 'not stated' });
        expect(finding.cves.length).toBeGreaterThan(0);
      }

      // The site's partial repository, judged by apt itself: signature, indexes, candidates, and the files.
      const slices = sliceRepositories(
        site.db,
        site.content,
        { distribution: 'debian', codename: 'bookworm', arch: 'amd64' },
        findings.filter((f) => f.carried).map((f) => f.candidate.patchId),
      );
      const upgradable = askApt(join(dir, 'apt'), slices, STATUS);
      expect(upgradable).toEqual(findings.map((finding) => `${finding.name} ${finding.candidate.version}`));
    });

    it('next time leaves out what the site has, and the site takes it', { timeout: 600_000 }, async () => {
      const next = await buildBundle({
        ...options,
        needs: needs(site.catalogue.loadHoldings()),
        outDir: join(dir, 'next'),
      });
      expect(next).toMatchObject({
        seq: 2,
        base: 1,
        alreadyHeld: result.upgrades + result.additions - result.missing.length,
      });
      expect(next.bytes).toBeLessThan(result.bytes);
      expect(await site.import({ mediaDir: join(dir, 'next'), now })).toMatchObject({ seq: 2, packages: 0 });
      expect(site.catalogue.listPatches({ onlyCarried: true, limit: 1, offset: 0 }).total).toBe(
        result.upgrades + result.additions - result.missing.length,
      );
    });

    it('refuses a release file that the vendor’s keys did not sign, and a folder that is not empty', async () => {
      const mirror = join(dir, 'mirror/debian-security');
      mkdirSync(join(mirror, 'dists/bookworm-security'), { recursive: true });
      const release = site.content.pathOf(
        site.db.prepare('SELECT release_sha256 FROM repositories').pluck().get() as string,
      );
      const text = readFileSync(release, 'utf8').replace('Origin: Debian', 'Origin: Debiam');
      writeFileSync(join(mirror, 'dists/bookworm-security/InRelease'), text);
      const forged = {
        ...options,
        outDir: join(dir, 'forged'),
        mirrors: { 'debian-security': `file://${mirror}` },
      };
      const failure = await codedFailure(buildBundle(forged));
      expect([failure.code, failure.message]).toEqual([
        'COLLECT_RELEASE_UNVERIFIED',
        expect.stringContaining('debian-security/dists/bookworm-security/InRelease'),
      ]);
      expect(
        (
          await codedFailure(
            buildBundle({ ...forged, keyring: '/nowhere.gpg', outDir: join(dir, 'forged2') }),
          )
        ).code,
      ).toBe('COLLECT_KEYRING_MISSING');
      expect((await codedFailure(buildBundle(options))).code).toBe('COLLECT_OUTPUT_NOT_EMPTY');
      expect((await codedFailure(buildBundle({ ...options, passphrase: 'wrong wrong wrong' }))).code).toBe(
        'COLLECT_KEY_PASSPHRASE_WRONG',
      );
    });

    it('goes on without a package that is indexed but not to be had, and reports it', async () => {
      const mirror = join(dir, 'mirror2/debian-security');
      const row = site.db
        .prepare(
          'SELECT release_sha256 AS release, index_sha256 AS packages, index_path AS path FROM repositories',
        )
        .get() as Record<'release' | 'packages' | 'path', string>;
      const indexDir = join(mirror, 'dists/bookworm-security/main/binary-amd64');
      mkdirSync(indexDir, { recursive: true });
      writeFileSync(
        join(mirror, 'dists/bookworm-security/InRelease'),
        readFileSync(site.content.pathOf(row.release)),
      );
      writeFileSync(
        join(indexDir, row.path.split('/').at(-1) ?? ''),
        readFileSync(site.content.pathOf(row.packages)),
      );
      const poor = await buildBundle({
        ...options,
        outDir: join(dir, 'poor'),
        downloadDir: join(dir, 'empty'),
        mirrors: { 'debian-security': `file://${mirror}` },
      });
      expect(poor.missing.length).toBe(result.upgrades + result.additions);
      expect(poor.missing[0]).toMatchObject({
        path: expect.stringMatching(/^debian-security\/pool\/.*\.deb$/) as string,
        reason: 'there is no such file',
      });
      expect(poor.cves).toBe(0);
    });

    it('stops when it is told to', async () => {
      const stop = new AbortController();
      const failure = await codedFailure(
        buildBundle(
          { ...options, outDir: join(dir, 'stopped') },
          ({ phase }) => {
            if (phase === 'packages') stop.abort();
          },
          stop.signal,
        ),
      );
      expect(failure.code).toBe('CONTRACT_CANCELLED');
      expect(existsSync(join(dir, 'stopped/metadata/timestamp.json'))).toBe(false);
      // The same folder can be used again: what an interrupted build left is its own.
      expect((await buildBundle({ ...options, outDir: join(dir, 'stopped') })).objects).toBeGreaterThan(0);
    });
  },
);
