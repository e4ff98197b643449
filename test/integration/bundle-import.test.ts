import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  copyFileSync,
  appendFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../contract/errors.ts';
import { inspectBundle, readOfferedRoot } from '../../main/bundle/inspect-bundle.ts';
import { nodeCrypto } from '../../main/bundle/node-crypto.ts';
import { pinRoot } from '../../main/bundle/trust-root.ts';
import { sliceRepositories } from '../../main/catalogue/repository-slice.ts';
import { signRole } from '../../main/core/bundle/compose.ts';
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

/** Imports what must be refused; the catalogue must then be what it was, and no unfinished copy may lie about. */
async function refusal(
  code: ErrorCode,
  file: string | null,
  options: Parameters<TestSite['import']>[0] = {},
): Promise<void> {
  const before = site.fingerprint();
  const failure = await codedFailure(site.import(options));
  expect({ code: failure.code, message: failure.message }).toEqual({
    code,
    message: file === null ? failure.message : expect.stringContaining(file),
  });
  expect(site.fingerprint()).toBe(before);
  expect(site.contentFiles().filter((name) => name.endsWith('.part'))).toEqual([]);
}

function flipByte(path: string, at?: number): void {
  const file = join(site.mediaDir, path);
  const bytes = readFileSync(file);
  const place = at ?? Math.floor(bytes.length / 2);
  bytes[place] = (bytes[place] ?? 0) ^ 0x01;
  writeFileSync(file, bytes);
}

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
    await refusal('BUNDLE_ALREADY_IMPORTED', 'main/1');
  });
});

describe('a flipped byte is refused by the name of its file, and the catalogue is unchanged', () => {
  it.each([
    'metadata/1.root.json',
    'metadata/timestamp.json',
    'metadata/snapshot.json',
    'metadata/targets.json',
  ])('%s', async (path) => {
    writeTestBundle(site.mediaDir);
    const size = readFileSync(join(site.mediaDir, path)).length;
    const before = site.fingerprint();
    const seen = new Set<string>();
    // Every place in the file, in steps that are no multiple of anything in it.
    for (let at = 0; at < size; at += 61) {
      flipByte(path, at);
      const failure = await codedFailure(site.import());
      expect([at, failure.message]).toEqual([at, expect.stringContaining(path)]);
      seen.add(failure.code);
      flipByte(path, at);
    }
    expect(site.fingerprint()).toBe(before);
    const allowed = ['BUNDLE_HASH_MISMATCH', 'BUNDLE_SIGNATURE_UNTRUSTED', 'BUNDLE_METADATA_INVALID'];
    expect([...seen].filter((code) => !allowed.includes(code))).toEqual([]);
    expect((await site.import()).seq).toBe(1);
  });

  it('the manifest', async () => {
    writeTestBundle(site.mediaDir);
    flipByte('bundles/main/1/manifest.tsv');
    await refusal('BUNDLE_HASH_MISMATCH', 'bundles/main/1/manifest.tsv');
  });

  it.each([RELEASE, INDEX, OPENSSL, 'sallyport/advisories.json', 'sallyport/repositories.json'])(
    '%s',
    async (path) => {
      const { blobs } = writeTestBundle(site.mediaDir);
      flipByte(blobs[path] ?? '');
      await refusal('BUNDLE_HASH_MISMATCH', path);
      // The medium is repaired: what was copied before is not copied again.
      flipByte(blobs[path] ?? '');
      const report = await site.import();
      expect(report.reused).toBeLessThan(7);
    },
  );
});

describe('what is not a bundle’s own plain files is refused', () => {
  it('an extra file or folder', async () => {
    writeTestBundle(site.mediaDir);
    writeFileSync(join(site.mediaDir, 'autorun.inf'), '');
    await refusal('BUNDLE_FILE_UNEXPECTED', 'autorun.inf');
    rmSync(join(site.mediaDir, 'autorun.inf'));
    writeFileSync(join(site.mediaDir, 'blobs/ab\u0007evil'), '');
    await refusal('BUNDLE_FILE_UNEXPECTED', 'ab\\u0007evil');
    rmSync(join(site.mediaDir, 'blobs/ab\u0007evil'));
    mkdirSync(join(site.mediaDir, 'blobs/zz'));
    await refusal('BUNDLE_FILE_UNEXPECTED', 'blobs/zz');
    rmSync(join(site.mediaDir, 'blobs/zz'), { recursive: true });
    writeFileSync(join(site.mediaDir, 'metadata/3.root.json'), testRoot({ version: 3 }));
    await refusal('BUNDLE_FILE_UNEXPECTED', 'metadata/3.root.json');
  });

  it('a missing file', async () => {
    const { blobs } = writeTestBundle(site.mediaDir);
    rmSync(join(site.mediaDir, blobs[OPENSSL] ?? ''));
    await refusal('BUNDLE_FILE_MISSING', blobs[OPENSSL] ?? '');
    rmSync(join(site.mediaDir, 'metadata/snapshot.json'));
    await refusal('BUNDLE_FILE_MISSING', 'metadata/snapshot.json');
  });

  it('a truncated or longer file', async () => {
    const { blobs } = writeTestBundle(site.mediaDir);
    const blob = join(site.mediaDir, blobs[OPENSSL] ?? '');
    appendFileSync(blob, 'x');
    await refusal('BUNDLE_SIZE_MISMATCH', blobs[OPENSSL] ?? '');
    truncateSync(blob, 3);
    await refusal('BUNDLE_SIZE_MISMATCH', blobs[OPENSSL] ?? '');
  });

  it.each(['blob', 'metadata/timestamp.json', 'folder'])('a symbolic link: %s', async (kind) => {
    const { blobs } = writeTestBundle(site.mediaDir);
    const path =
      kind === 'blob' ? (blobs[OPENSSL] ?? '') : kind === 'folder' ? dirname(blobs[OPENSSL] ?? '') : kind;
    const place = join(site.mediaDir, path);
    renameSync(place, join(site.dir, 'elsewhere'));
    symlinkSync(join(site.dir, 'elsewhere'), place);
    await refusal('BUNDLE_LINK_REFUSED', path);
  });

  it('a second name for a file', async () => {
    const { blobs } = writeTestBundle(site.mediaDir);
    linkSync(join(site.mediaDir, blobs[OPENSSL] ?? ''), join(site.dir, 'second-name'));
    await refusal('BUNDLE_LINK_REFUSED', blobs[OPENSSL] ?? '');
  });

  it('a pipe, without waiting for it', async ({ skip }) => {
    if (process.platform === 'win32') return skip('there are no named pipes in folders');
    const { blobs } = writeTestBundle(site.mediaDir);
    for (const path of ['metadata/targets.json', blobs[OPENSSL] ?? '']) {
      rmSync(join(site.mediaDir, path));
      execFileSync('mkfifo', [join(site.mediaDir, path)]);
    }
    await refusal('BUNDLE_LINK_REFUSED', 'metadata/targets.json');
  });

  it('metadata that has no end', async () => {
    writeTestBundle(site.mediaDir);
    truncateSync(join(site.mediaDir, 'metadata/timestamp.json'), 100 * 1024 * 1024);
    await refusal('BUNDLE_TOO_LARGE', 'metadata/timestamp.json');
  });

  it('a folder without a bundle', async () => {
    mkdirSync(site.mediaDir);
    await refusal('BUNDLE_NOT_FOUND', null);
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
    await refusal('BUNDLE_HASH_MISMATCH', 'metadata/1.root.json');
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { signers: [stranger] });
    await refusal('BUNDLE_SIGNATURE_UNTRUSTED', 'metadata/timestamp.json');
  });

  it('refuses too few keyholders, and counts one key once', async () => {
    const [second, third] = [testKey('second'), testKey('third')];
    const root = testRoot({ keys: [KEY, second, third], threshold: 2 });
    const strict = openTestSite(root);
    site.close();
    site = strict;
    writeTestBundle(site.mediaDir, { signers: [KEY], roots: new Map([[1, root]]) });
    await refusal('BUNDLE_THRESHOLD_NOT_MET', 'metadata/timestamp.json');
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { signers: [KEY, KEY], roots: new Map([[1, root]]) });
    await refusal('BUNDLE_THRESHOLD_NOT_MET', 'metadata/timestamp.json');
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
    await refusal('BUNDLE_SIGNATURE_UNTRUSTED', 'metadata/timestamp.json');
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
      await refusal(code, 'metadata/2.root.json');
    }
  });

  it('lets a newer root in though the old one has expired: a site that slept is not bricked', async () => {
    const second = testKey('second');
    const old = testRoot({ expires: '2026-01-01T00:00:00Z' });
    site.close();
    site = openTestSite(old);
    writeTestBundle(site.mediaDir, { roots: new Map([[1, old]]) });
    await refusal('BUNDLE_EXPIRED', 'metadata/1.root.json');
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

describe('rollback, freeze and mixing', () => {
  it('refuses an older medium, by whichever number is older', async () => {
    writeTestBundle(site.mediaDir, { seq: 5 });
    await site.import();
    const older: [TestBundleOptions, string][] = [
      [{ seq: 4 }, 'metadata/timestamp.json'],
      [{ seq: 6, versions: { timestamp: 6, snapshot: 4, targets: 6 } }, 'metadata/snapshot.json'],
      [{ seq: 6, versions: { timestamp: 6, snapshot: 6, targets: 4 } }, 'metadata/targets.json'],
      [{ seq: 4, versions: { timestamp: 6, snapshot: 6, targets: 6 } }, 'bundles/main/4/manifest.tsv'],
      // The same numbers on other content: a number given out twice.
      [{ seq: 5, packages: PACKAGES.slice(1) }, 'metadata/timestamp.json'],
      [
        { seq: 5, packages: PACKAGES.slice(1), versions: { timestamp: 6, snapshot: 6, targets: 6 } },
        'bundles/main/5/manifest.tsv',
      ],
    ];
    for (const [options, file] of older) {
      rmSync(site.mediaDir, { recursive: true, force: true });
      writeTestBundle(site.mediaDir, options);
      await refusal('BUNDLE_ROLLBACK', file);
    }
  });

  it('refuses a vendor release that is older than the one the catalogue has', async () => {
    writeTestBundle(site.mediaDir);
    await site.import();
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { seq: 2, releaseDate: 'Sun, 22 Nov 2026 12:00:00 UTC' });
    await refusal('BUNDLE_ROLLBACK', RELEASE);
  });

  it('refuses files of two bundles mixed', async () => {
    const other = join(site.dir, 'other');
    writeTestBundle(other, { seq: 2 });
    for (const file of ['snapshot', 'targets']) {
      rmSync(site.mediaDir, { recursive: true, force: true });
      writeTestBundle(site.mediaDir);
      copyFileSync(join(other, `metadata/${file}.json`), join(site.mediaDir, `metadata/${file}.json`));
      await refusal('BUNDLE_HASH_MISMATCH', `metadata/${file}.json`);
    }
  });

  it('refuses signed metadata that has lapsed, and judges the vendor’s own at the bundle’s signed time', async () => {
    writeTestBundle(site.mediaDir, { expires: { targets: '2026-11-24T12:00:00Z' } });
    await refusal('BUNDLE_EXPIRED', 'metadata/targets.json');
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { validUntil: 'Mon, 23 Nov 2026 23:59:59 UTC' });
    await refusal('BUNDLE_EXPIRED', RELEASE);
    rmSync(site.mediaDir, { recursive: true });
    // Lapsed at the site’s clock, but not when the bundle was made.
    writeTestBundle(site.mediaDir, { validUntil: 'Tue, 24 Nov 2026 12:00:00 UTC' });
    expect((await site.import()).seq).toBe(1);
  });

  it('warns about an old bundle, and takes a very old one only with a reason, which it keeps', async () => {
    writeTestBundle(site.mediaDir);
    const late = { now: '2027-03-24T00:00:00Z' };
    await refusal('BUNDLE_EXPIRED', 'main/1', late);
    await refusal('BUNDLE_EXPIRED', 'main/1', { ...late, acceptStale: '  ' });
    const report = await site.import({ ...late, acceptStale: 'the courier was ill' });
    expect(report.freshness.level).toBe('expired');
    expect(site.catalogue.listBundles()[0]?.staleReason).toBe('the courier was ill');

    site.close();
    site = openTestSite();
    writeTestBundle(site.mediaDir);
    expect((await site.import({ now: '2027-01-05T00:00:00Z' })).freshness).toMatchObject({
      level: 'stale',
      ageDays: 42,
    });
  });

  it('does not let a clock set back hide that metadata has lapsed', async () => {
    writeTestBundle(site.mediaDir, { createdAt: '2026-11-24T20:00:00Z' });
    await site.import();
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { seq: 2, expires: { targets: '2026-11-24T19:00:00Z' } });
    await refusal('BUNDLE_EXPIRED', 'metadata/targets.json', { now: '2020-01-01T00:00:00Z' });
  });

  it('refuses a bundle from the future: one of the two clocks is wrong', async () => {
    writeTestBundle(site.mediaDir);
    await refusal('BUNDLE_CLOCK_WRONG', null, { now: '2026-11-20T00:00:00Z' });
  });
});

describe('wrong but signed content is refused as well', () => {
  const cases: [string, TestBundleOptions, ErrorCode, string][] = [
    [
      'a path that leads out',
      {
        changeManifest: (m) => ({
          ...m,
          objects: m.objects
            .map((o) => (o.path === OPENSSL ? { ...o, path: '../../etc/passwd' } : o))
            .toSorted((a, b) => (a.path < b.path ? -1 : 1)),
        }),
      },
      'BUNDLE_PATH_UNSAFE',
      'manifest.tsv',
    ],
    [
      'another index than the signed list of repositories names',
      {
        changeObjects: (o) => {
          o.set(INDEX, { class: 'index', bytes: gzipSync(new Uint8Array(5_000_000)) });
        },
      },
      'BUNDLE_MIX_AND_MATCH',
      INDEX,
    ],
    [
      'a package that no index lists',
      {
        changeObjects: (o) => {
          o.set('debian-security/pool/evil.deb', { class: 'package', bytes: new Uint8Array([1]) });
        },
      },
      'BUNDLE_MIX_AND_MATCH',
      'evil.deb',
    ],
    [
      'a listed package under another name',
      {
        changeObjects: (o) => {
          const item = o.get(OPENSSL);
          o.delete(OPENSSL);
          if (item) o.set('debian-security/pool/other.deb', item);
        },
      },
      'BUNDLE_MIX_AND_MATCH',
      'other.deb',
    ],
    [
      'our own object malformed',
      {
        changeObjects: (o) => {
          o.set('sallyport/advisories.json', { class: 'advisories', bytes: new TextEncoder().encode('{') });
        },
      },
      'BUNDLE_CONTENT_UNREADABLE',
      'sallyport/advisories.json',
    ],
    [
      'two lists of repositories',
      {
        changeObjects: (o) => {
          o.set('sallyport/second.json', { class: 'repositories', bytes: new Uint8Array([1]) });
        },
      },
      'BUNDLE_METADATA_INVALID',
      'repositories',
    ],
    ['a newer Sallyport wanted', { minApp: '0.2.0' }, 'BUNDLE_APP_TOO_OLD', '0.2.0'],
  ];
  it.each(cases)('%s', async (_name, options, code, file) => {
    writeTestBundle(site.mediaDir, options);
    await refusal(code, file);
  });

  it('a manifest whose header is another bundle’s than its signed entry', async () => {
    const { manifest } = writeTestBundle(site.mediaDir);
    const text = new TextEncoder().encode(formatManifest({ ...manifest, seq: 9 }));
    const signedFile = (name: string): { signed: Record<string, unknown> } =>
      JSON.parse(readFileSync(join(site.mediaDir, name), 'utf8')) as { signed: Record<string, unknown> };
    const meta = (bytes: Uint8Array) => ({
      version: 1,
      length: bytes.length,
      hashes: { sha256: nodeCrypto.sha256(bytes) },
    });
    const path = 'bundles/main/1/manifest.tsv';
    const targets = signedFile('metadata/targets.json').signed;
    const entry = (targets['targets'] as Record<string, object>)[path];
    targets['targets'] = {
      [path]: { ...entry, length: text.length, hashes: { sha256: nodeCrypto.sha256(text) } },
    };
    const targetsBytes = signRole(targets, [KEY], nodeCrypto);
    const snapshot = {
      ...signedFile('metadata/snapshot.json').signed,
      meta: { 'targets.json': meta(targetsBytes) },
    };
    const snapshotBytes = signRole(snapshot, [KEY], nodeCrypto);
    const timestamp = {
      ...signedFile('metadata/timestamp.json').signed,
      meta: { 'snapshot.json': meta(snapshotBytes) },
    };
    writeFileSync(join(site.mediaDir, path), text);
    writeFileSync(join(site.mediaDir, 'metadata/targets.json'), targetsBytes);
    writeFileSync(join(site.mediaDir, 'metadata/snapshot.json'), snapshotBytes);
    writeFileSync(join(site.mediaDir, 'metadata/timestamp.json'), signRole(timestamp, [KEY], nodeCrypto));
    await refusal('BUNDLE_MIX_AND_MATCH', path);
  });

  it('an index whose signed size is exceeded while it unpacks', async () => {
    // The release file vouches for the packed bytes and lies about the unpacked size.
    const bomb = gzipSync(new Uint8Array(5_000_000));
    const { createHash } = await import('node:crypto');
    const sum = createHash('sha256').update(bomb).digest('hex');
    writeTestBundle(site.mediaDir, {
      changeObjects: (objects) => {
        objects.set(INDEX, { class: 'index', bytes: bomb });
        const release = objects.get(RELEASE);
        if (release === undefined) throw new Error('no release');
        const text = new TextDecoder()
          .decode(release.bytes)
          .replace(/^ [0-9a-f]{64} \d+ (main\/binary-amd64\/Packages\.gz)$/m, ` ${sum} ${bomb.length} $1`);
        const bytes = new TextEncoder().encode(text);
        objects.set(RELEASE, { class: 'release', bytes });
        const own = objects.get('sallyport/repositories.json');
        const parsed = JSON.parse(new TextDecoder().decode(own?.bytes)) as {
          repositories: { release: { sha256: string }; index: { sha256: string } }[];
        };
        for (const repository of parsed.repositories) {
          repository.release.sha256 = createHash('sha256').update(bytes).digest('hex');
          repository.index.sha256 = sum;
        }
        objects.set('sallyport/repositories.json', {
          class: 'repositories',
          bytes: new TextEncoder().encode(JSON.stringify(parsed)),
        });
      },
    });
    await refusal('BUNDLE_TOO_LARGE', INDEX);
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
  expect(Buffer.from(testRoot()).equals(readFileSync(join(kept, 'metadata/1.root.json')))).toBe(true);
});

it('the builder of these tests makes what the packages’ paths say', () => {
  expect(packagePath(PACKAGES[0] ?? { name: '', version: '', content: '' })).toBe(OPENSSL);
  expect(Date.parse(BUNDLE_TIME)).toBeLessThan(Date.parse(SITE_NOW));
});
