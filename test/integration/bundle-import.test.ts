import type { Advisory } from '../../main/core/advisory.ts';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectBundle, readOfferedRoot } from '../../main/bundle/inspect-bundle.ts';
import { pinRoot } from '../../main/bundle/trust-root.ts';
import { sliceRepositories } from '../../main/catalogue/repository-slice.ts';
import { formatManifest, parseManifest } from '../../main/core/bundle/manifest.ts';
import { assessInventory } from '../../main/core/assessment.ts';
import {
  BUNDLE_TIME,
  KEY,
  PACKAGES,
  packagePath,
  testKey,
  testRoot,
  writeTestBundle,
  type TestBundleOptions,
} from '../support/bundle-builder.ts';
import { codedFailure, codeOf } from '../support/coded.ts';
import { expectRefusal } from '../support/bundle-refusal.ts';
import { openTestSite, SITE_NOW, type TestSite } from '../support/test-site.ts';

const RELEASE = 'debian-security/dists/bookworm-security/InRelease';
const INDEX = 'debian-security/dists/bookworm-security/main/binary-amd64/Packages.gz';
const OPENSSL = 'debian-security/pool/updates/main/openssl_3.0.20-1~deb12u2_amd64.deb';

let site: TestSite;
beforeEach(() => {
  site = openTestSite();
});
afterEach(() => {
  site.close();
});

describe('importing a bundle', () => {
  it('brings its patches, advisories and files into the catalogue', async () => {
    writeTestBundle(site.mediaDir, {
      packages: [...PACKAGES, { name: 'bind9', version: '9.18', content: 'x', isLeftOut: true }],
    });
    const report = await site.import();
    expect(report).toMatchObject({
      stream: 'main',
      seq: 1,
      packages: 2,
      reused: 0,
      freshness: { level: 'fresh', ageDays: 1 },
    });
    const { total, patches } = site.catalogue.listPatches({ limit: 10, offset: 0 });
    expect(total).toBe(3);
    expect(patches.map((patch) => [patch.package, patch.version, patch.carried, patch.security])).toEqual([
      ['bind9', '9.18', false, true],
      ['openssl', '3.0.20-1~deb12u2', true, true],
      ['rsync', '3.2.7-1+deb12u3', true, true],
    ]);
    expect(site.catalogue.listPatches({ onlyCarried: true, search: 'SSL', limit: 10, offset: 0 }).total).toBe(
      1,
    );
    expect(site.catalogue.listPatches({ search: '100%_', limit: 10, offset: 0 }).total).toBe(0);
    expect(site.catalogue.listBundles()).toMatchObject([
      {
        id: 'main/1',
        importedBy: 'Ada',
        objects: 7,
        repositories: [{ name: 'debian-security', packages: 3 }],
        missing: [],
      },
    ]);
    expect(new Set(site.catalogue.listBundles()[0]?.signatures.map((item) => item.role))).toEqual(
      new Set(['root', 'timestamp', 'snapshot', 'targets']),
    );
  });

  it('finds patches by a CVE that their version or an earlier one fixes', async () => {
    const statement = (fixedVersion: string, cve: string): Advisory => ({
      id: `changelog:bookworm/openssl/${fixedVersion}`,
      advisory: null,
      type: 'security',
      ecosystem: 'deb',
      distribution: 'debian',
      codename: 'bookworm',
      source: 'openssl',
      of: 'source',
      fixedVersion,
      urgency: 'high',
      severity: 'not stated',
      cves: [cve],
      title: '',
      body: '',
      publishedAt: null,
      provenance: { kind: 'changelog', document: 'd', sha256: '0'.repeat(64) },
    });
    const advisories = [statement('3.0.18-1', 'CVE-2025-0018'), statement('3.0.99-1', 'CVE-2025-0099')];
    writeTestBundle(site.mediaDir, { advisories });
    await site.import();
    const find = (search: string) => site.catalogue.listPatches({ search, limit: 9, offset: 0 }).patches;
    expect(find('CVE-2025-0018').map((patch) => [patch.package, patch.cves, patch.urgency])).toEqual([
      ['openssl', ['CVE-2025-0018'], 'high'],
    ]);
    // Fixed only in a version that nobody offers yet.
    expect(find('CVE-2025-0099')).toEqual([]);
  });

  it('keeps the vendor’s bytes, and hands out a partial repository made of them', async () => {
    const { blobs } = writeTestBundle(site.mediaDir);
    await site.import();
    const openssl = site.catalogue.listPatches({ search: 'openssl', limit: 1, offset: 0 }).patches[0];
    const slices = sliceRepositories(
      site.db,
      site.content,
      { distribution: 'debian', codename: 'bookworm', arch: 'amd64' },
      [openssl?.id ?? 0],
    );
    expect(slices).toHaveLength(1);
    const files = [...(slices[0]?.metadata ?? []), ...(slices[0]?.packages ?? [])];
    expect(files.map((file) => `debian-security/${file.path}`)).toEqual([RELEASE, INDEX, OPENSSL]);
    for (const file of files) {
      expect(readFileSync(file.file)).toEqual(
        readFileSync(join(site.mediaDir, blobs[`debian-security/${file.path}`] ?? '')),
      );
    }
    expect(
      codeOf(() =>
        sliceRepositories(
          site.db,
          site.content,
          { distribution: 'debian', codename: 'trixie', arch: 'amd64' },
          [],
        ),
      ),
    ).toBe('CATALOGUE_EMPTY');
    expect(
      codeOf(() =>
        sliceRepositories(
          site.db,
          site.content,
          { distribution: 'debian', codename: 'bookworm', arch: 'amd64' },
          [999],
        ),
      ),
    ).toBe('CATALOGUE_PATCH_UNKNOWN');
  });

  it('lets the assessment say that something newer exists though it is not carried', async () => {
    writeTestBundle(site.mediaDir, {
      packages: [{ name: 'bind9', version: '9.18', content: 'x', isLeftOut: true }],
    });
    await site.import();
    const inventory = {
      platform: 'apt',
      distribution: 'debian',
      codename: 'bookworm',
      prettyName: '',
      arch: 'amd64',
      kernel: '',
      held: [],
      rebootRequired: false,
      rebootReasons: [],
      clock: 0,
      bootMarker: '',
      packages: [
        {
          name: 'bind9',
          version: '9.17',
          arch: 'amd64',
          source: 'bind9',
          sourceVersion: '9.17',
          status: 'install ok installed',
        },
      ],
    } as const;
    const findings = assessInventory(inventory, site.catalogue.loadAssessmentCatalogue(inventory, ['bind9']));
    expect(findings.map((finding) => [finding.candidate.version, finding.carried])).toEqual([
      ['9.18', false],
    ]);
  });

  it('replaces a repository’s state by the next bundle’s, keeping the ids of patches that stay', async () => {
    writeTestBundle(site.mediaDir);
    await site.import();
    const before = site.catalogue.listPatches({ search: 'rsync', limit: 1, offset: 0 }).patches[0];
    rmSync(site.mediaDir, { recursive: true });
    const newer = { name: 'openssl', version: '3.0.21-1', content: 'newer openssl' };
    writeTestBundle(site.mediaDir, {
      seq: 2,
      packages: [newer, ...PACKAGES.slice(1)],
      releaseDate: 'Tue, 24 Nov 2026 00:00:00 UTC',
    });
    expect(await site.import()).toMatchObject({ seq: 2, reused: expect.any(Number) as number });
    const { patches } = site.catalogue.listPatches({ limit: 10, offset: 0 });
    expect(patches.map((patch) => `${patch.package} ${patch.version}`)).toEqual([
      'openssl 3.0.21-1',
      'rsync 3.2.7-1+deb12u3',
    ]);
    expect(patches[1]?.id).toBe(before?.id);
    // What a plan may still speak of stays known, though no repository offers it any more.
    expect(site.db.prepare('SELECT count(*) FROM patches').pluck().get()).toBe(3);
    expect(site.db.prepare('SELECT count(*) FROM package_indexes').pluck().get()).toBe(1);
  });

  it('takes a bundle that leaves out what the site has, and refuses it where the site has not', async () => {
    const first = writeTestBundle(site.mediaDir);
    const delta: TestBundleOptions = {
      seq: 2,
      base: 1,
      changeObjects: (objects) => {
        for (const path of [RELEASE, INDEX, OPENSSL]) objects.delete(path);
      },
    };
    const copy = join(site.dir, 'delta');
    writeTestBundle(copy, delta);
    const failure = await codedFailure(site.import({ mediaDir: copy }));
    expect(failure.code).toBe('BUNDLE_FILE_MISSING');
    await site.import();
    expect(await site.import({ mediaDir: copy })).toMatchObject({ seq: 2, packages: 1 });
    expect(site.catalogue.listPatches({ onlyCarried: true, limit: 9, offset: 0 }).total).toBe(2);
    expect(site.catalogue.loadHoldings()).toMatchObject({ seq: 2, roles: { root: 1, timestamp: 2 } });
    expect(site.catalogue.loadHoldings()?.objects).toHaveLength(first.manifest.objects.length - 3);
  });

  it('says that it has a bundle already, and changes nothing', async () => {
    writeTestBundle(site.mediaDir);
    await site.import();
    await expectRefusal(site, 'BUNDLE_ALREADY_IMPORTED', 'main/1');
  });
});

describe('trust', () => {
  it('is pinned once, by a person who confirmed the fingerprint', () => {
    const fresh = openTestSite(null);
    try {
      writeTestBundle(fresh.mediaDir);
      const root = readOfferedRoot(fresh.mediaDir);
      const pin = (fingerprint: string) => () =>
        pinRoot({ catalogue: fresh.imports, rootBytes: root.bytes, fingerprint, by: 'Ada', now: SITE_NOW });
      expect(
        codeOf(() =>
          inspectBundle({ mediaDir: fresh.mediaDir, trust: fresh.imports.loadTrust(), now: SITE_NOW }),
        ),
      ).toBe('BUNDLE_ROOT_UNPINNED');
      expect(codeOf(pin('0'.repeat(64)))).toBe('BUNDLE_ROOT_FINGERPRINT_MISMATCH');
      expect(codeOf(pin(''))).toBe('BUNDLE_ROOT_FINGERPRINT_MISMATCH');
      pin(root.fingerprint.toUpperCase().replace(/(.{4})/g, '$1 '))();
      expect(codeOf(pin(root.fingerprint))).toBe('BUNDLE_ROOT_ALREADY_PINNED');
      expect(
        inspectBundle({ mediaDir: fresh.mediaDir, trust: fresh.imports.loadTrust(), now: SITE_NOW }),
      ).toMatchObject({
        bundle: { stream: 'main', seq: 1 },
        classes: { package: { objects: 2 } },
      });
    } finally {
      fresh.close();
    }
  });

  it('refuses another supplier’s bundle, whose root is its own', async () => {
    const stranger = testKey('stranger');
    writeTestBundle(site.mediaDir, {
      signers: [stranger],
      roots: new Map([[1, testRoot({ keys: [stranger] })]]),
    });
    await expectRefusal(site, 'BUNDLE_HASH_MISMATCH', 'metadata/1.root.json');
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { signers: [stranger] });
    await expectRefusal(site, 'BUNDLE_SIGNATURE_UNTRUSTED', 'metadata/timestamp.json');
  });

  it('refuses too few keyholders, and counts one key once', async () => {
    const [second, third] = [testKey('second'), testKey('third')];
    const root = testRoot({ keys: [KEY, second, third], threshold: 2 });
    const strict = openTestSite(root);
    site.close();
    site = strict;
    writeTestBundle(site.mediaDir, { signers: [KEY], roots: new Map([[1, root]]) });
    await expectRefusal(site, 'BUNDLE_THRESHOLD_NOT_MET', 'metadata/timestamp.json');
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { signers: [KEY, KEY], roots: new Map([[1, root]]) });
    await expectRefusal(site, 'BUNDLE_METADATA_INVALID', 'metadata/timestamp.json');
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { signers: [KEY, third], roots: new Map([[1, root]]) });
    expect((await site.import()).seq).toBe(1);
  });

  it('follows new roots that the old keyholders signed, also when it slept through several', async () => {
    const [second, third] = [testKey('second'), testKey('third')];
    const roots = new Map([
      [1, testRoot()],
      [2, testRoot({ version: 2, keys: [second], signers: [KEY, second] })],
      [3, testRoot({ version: 3, keys: [third], signers: [second, third] })],
    ]);
    writeTestBundle(site.mediaDir, { roots, signers: [third] });
    await site.import();
    expect(site.imports.loadTrust()?.roots.map((root) => root.version)).toEqual([1, 2, 3]);
    // The old key counts for nothing any more.
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { seq: 2, roots, signers: [KEY] });
    await expectRefusal(site, 'BUNDLE_SIGNATURE_UNTRUSTED', 'metadata/timestamp.json');
  });

  it('refuses a new root that the old keyholders did not sign, or that lies about its version', async () => {
    const second = testKey('second');
    for (const [root, code] of [
      [testRoot({ version: 2, keys: [second], signers: [second] }), 'BUNDLE_SIGNATURE_UNTRUSTED'],
      [testRoot({ version: 2, keys: [second], signers: [KEY] }), 'BUNDLE_SIGNATURE_UNTRUSTED'],
      [testRoot({ version: 7, keys: [second], signers: [KEY, second] }), 'BUNDLE_ROLLBACK'],
    ] as const) {
      rmSync(site.mediaDir, { recursive: true, force: true });
      writeTestBundle(site.mediaDir, {
        roots: new Map([
          [1, testRoot()],
          [2, root],
        ]),
        signers: [second],
      });
      await expectRefusal(site, code, 'metadata/2.root.json');
    }
  });

  it('lets a newer root in though the old one has expired: a site that slept is not bricked', async () => {
    const second = testKey('second');
    const old = testRoot({ expires: '2026-01-01T00:00:00Z' });
    site.close();
    site = openTestSite(old);
    writeTestBundle(site.mediaDir, { roots: new Map([[1, old]]) });
    await expectRefusal(site, 'BUNDLE_EXPIRED', 'metadata/1.root.json');
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, {
      roots: new Map([
        [1, old],
        [2, testRoot({ version: 2, keys: [second], signers: [KEY, second] })],
      ]),
      signers: [second],
    });
    expect((await site.import()).seq).toBe(1);
  });
});

describe('interruptions', () => {
  it('cancels between pieces, keeps what was copied, and goes on later', async () => {
    const packages = Array.from({ length: 4 }, (_, index) => ({
      name: `big${index}`,
      version: '1',
      content: new Uint8Array(10_000_000).fill(index),
    }));
    writeTestBundle(site.mediaDir, { packages });
    const before = site.fingerprint();
    const stop = new AbortController();
    const failure = await codedFailure(
      site.import({
        signal: stop.signal,
        onProgress: ({ done }) => {
          if (done > 15_000_000) stop.abort();
        },
      }),
    );
    expect(failure.code).toBe('CONTRACT_CANCELLED');
    expect(site.fingerprint()).toBe(before);
    const kept = site.contentFiles();
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.filter((name) => name.endsWith('.part'))).toEqual([]);
    expect((await site.import()).reused).toBe(kept.length);
  });

  it('lets the event loop turn while it copies', async () => {
    writeTestBundle(site.mediaDir, {
      packages: [{ name: 'big', version: '1', content: new Uint8Array(60_000_000) }],
    });
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await site.import();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});

it('the bundle of format 1 that is kept for ever still imports, and a copy made by today’s builder has its bytes', async () => {
  const kept = join(import.meta.dirname, '../fixtures/bundles/v1');
  const keptRoot = readFileSync(join(kept, 'metadata/1.root.json'));
  site.close();
  site = openTestSite(keptRoot);
  expect(await site.import({ mediaDir: kept })).toMatchObject({ seq: 1, packages: 2, advisories: 1 });
  expect(
    site.catalogue.listPatches({ search: 'cve-2025-0001', limit: 1, offset: 0 }).patches[0],
  ).toMatchObject({
    package: 'openssl',
    cves: ['CVE-2025-0001'],
    severity: 'not stated',
    urgency: 'medium',
  });
  const manifest = readFileSync(join(kept, 'bundles/main/1/manifest.tsv'), 'utf8');
  expect(formatManifest(parseManifest(manifest, 'm'))).toBe(manifest);
  // Its builder wrote milliseconds in dates.
  expect(Buffer.from(testRoot({ expires: '2031-11-23T00:00:00.000Z' })).equals(keptRoot)).toBe(true);
});

it('the builder of these tests makes what the packages’ paths say', () => {
  expect(packagePath(PACKAGES[0] ?? { name: '', version: '', content: '' })).toBe(OPENSSL);
  expect(Date.parse(BUNDLE_TIME)).toBeLessThan(Date.parse(SITE_NOW));
});
