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
import { nodeCrypto } from '../../main/bundle/node-crypto.ts';
import { signRole } from '../../main/core/bundle/compose.ts';
import { formatManifest } from '../../main/core/bundle/manifest.ts';
import {
  KEY,
  PACKAGES,
  testRoot,
  writeTestBundle,
  type TestBundleOptions,
} from '../support/bundle-builder.ts';
import { codedFailure } from '../support/coded.ts';
import { expectRefusal, flipByte } from '../support/bundle-refusal.ts';
import { openTestSite, type TestSite } from '../support/test-site.ts';

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
      flipByte(site, path, at);
      const failure = await codedFailure(site.import());
      expect([at, failure.message]).toEqual([at, expect.stringContaining(path)]);
      seen.add(failure.code);
      flipByte(site, path, at);
    }
    expect(site.fingerprint()).toBe(before);
    const allowed = ['BUNDLE_HASH_MISMATCH', 'BUNDLE_SIGNATURE_UNTRUSTED', 'BUNDLE_METADATA_INVALID'];
    expect([...seen].filter((code) => !allowed.includes(code))).toEqual([]);
    expect((await site.import()).seq).toBe(1);
  });

  it('the manifest', async () => {
    writeTestBundle(site.mediaDir);
    flipByte(site, 'bundles/main/1/manifest.tsv');
    await expectRefusal(site, 'BUNDLE_HASH_MISMATCH', 'bundles/main/1/manifest.tsv');
  });

  it.each([RELEASE, INDEX, OPENSSL, 'sallyport/advisories.json', 'sallyport/repositories.json'])(
    '%s',
    async (path) => {
      const { blobs } = writeTestBundle(site.mediaDir);
      flipByte(site, blobs[path] ?? '');
      await expectRefusal(site, 'BUNDLE_HASH_MISMATCH', path);
      // The medium is repaired: what was copied before is not copied again.
      flipByte(site, blobs[path] ?? '');
      const report = await site.import();
      expect(report.reused).toBeLessThan(7);
    },
  );
});

describe('what is not a bundle’s own plain files is refused', () => {
  it('an extra file or folder', async () => {
    writeTestBundle(site.mediaDir);
    writeFileSync(join(site.mediaDir, 'autorun.inf'), '');
    await expectRefusal(site, 'BUNDLE_FILE_UNEXPECTED', 'autorun.inf');
    rmSync(join(site.mediaDir, 'autorun.inf'));
    writeFileSync(join(site.mediaDir, 'blobs/ab\u0007evil'), '');
    await expectRefusal(site, 'BUNDLE_FILE_UNEXPECTED', 'ab\\u0007evil');
    rmSync(join(site.mediaDir, 'blobs/ab\u0007evil'));
    mkdirSync(join(site.mediaDir, 'blobs/zz'));
    await expectRefusal(site, 'BUNDLE_FILE_UNEXPECTED', 'blobs/zz');
    rmSync(join(site.mediaDir, 'blobs/zz'), { recursive: true });
    writeFileSync(join(site.mediaDir, 'metadata/3.root.json'), testRoot({ version: 3 }));
    await expectRefusal(site, 'BUNDLE_FILE_UNEXPECTED', 'metadata/3.root.json');
  });

  it('a missing file', async () => {
    const { blobs } = writeTestBundle(site.mediaDir);
    rmSync(join(site.mediaDir, blobs[OPENSSL] ?? ''));
    await expectRefusal(site, 'BUNDLE_FILE_MISSING', blobs[OPENSSL] ?? '');
    rmSync(join(site.mediaDir, 'metadata/snapshot.json'));
    await expectRefusal(site, 'BUNDLE_FILE_MISSING', 'metadata/snapshot.json');
  });

  it('a truncated or longer file', async () => {
    const { blobs } = writeTestBundle(site.mediaDir);
    const blob = join(site.mediaDir, blobs[OPENSSL] ?? '');
    appendFileSync(blob, 'x');
    await expectRefusal(site, 'BUNDLE_SIZE_MISMATCH', blobs[OPENSSL] ?? '');
    truncateSync(blob, 3);
    await expectRefusal(site, 'BUNDLE_SIZE_MISMATCH', blobs[OPENSSL] ?? '');
  });

  it.each(['blob', 'metadata/timestamp.json', 'folder'])('a symbolic link: %s', async (kind) => {
    const { blobs } = writeTestBundle(site.mediaDir);
    const path =
      kind === 'blob' ? (blobs[OPENSSL] ?? '') : kind === 'folder' ? dirname(blobs[OPENSSL] ?? '') : kind;
    const place = join(site.mediaDir, path);
    renameSync(place, join(site.dir, 'elsewhere'));
    symlinkSync(join(site.dir, 'elsewhere'), place);
    await expectRefusal(site, 'BUNDLE_LINK_REFUSED', path);
  });

  it('a second name for a file', async () => {
    const { blobs } = writeTestBundle(site.mediaDir);
    linkSync(join(site.mediaDir, blobs[OPENSSL] ?? ''), join(site.dir, 'second-name'));
    await expectRefusal(site, 'BUNDLE_LINK_REFUSED', blobs[OPENSSL] ?? '');
  });

  it('a pipe, without waiting for it', async ({ skip }) => {
    if (process.platform === 'win32') return skip('there are no named pipes in folders');
    const { blobs } = writeTestBundle(site.mediaDir);
    for (const path of ['metadata/targets.json', blobs[OPENSSL] ?? '']) {
      rmSync(join(site.mediaDir, path));
      execFileSync('mkfifo', [join(site.mediaDir, path)]);
    }
    await expectRefusal(site, 'BUNDLE_LINK_REFUSED', 'metadata/targets.json');
  });

  it('metadata that has no end', async () => {
    writeTestBundle(site.mediaDir);
    truncateSync(join(site.mediaDir, 'metadata/timestamp.json'), 100 * 1024 * 1024);
    await expectRefusal(site, 'BUNDLE_TOO_LARGE', 'metadata/timestamp.json');
  });

  it('a folder without a bundle', async () => {
    mkdirSync(site.mediaDir);
    await expectRefusal(site, 'BUNDLE_NOT_FOUND', null);
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
      await expectRefusal(site, 'BUNDLE_ROLLBACK', file);
    }
  });

  it('refuses a vendor release that is older than the one the catalogue has', async () => {
    writeTestBundle(site.mediaDir);
    await site.import();
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { seq: 2, releaseDate: 'Sun, 22 Nov 2026 12:00:00 UTC' });
    await expectRefusal(site, 'BUNDLE_ROLLBACK', RELEASE);
  });

  it('refuses files of two bundles mixed', async () => {
    const other = join(site.dir, 'other');
    writeTestBundle(other, { seq: 2 });
    for (const file of ['snapshot', 'targets']) {
      rmSync(site.mediaDir, { recursive: true, force: true });
      writeTestBundle(site.mediaDir);
      copyFileSync(join(other, `metadata/${file}.json`), join(site.mediaDir, `metadata/${file}.json`));
      await expectRefusal(site, 'BUNDLE_HASH_MISMATCH', `metadata/${file}.json`);
    }
  });

  it('refuses signed metadata that has lapsed, and judges the vendor’s own at the bundle’s signed time', async () => {
    writeTestBundle(site.mediaDir, { expires: { targets: '2026-11-24T12:00:00Z' } });
    await expectRefusal(site, 'BUNDLE_EXPIRED', 'metadata/targets.json');
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { validUntil: 'Mon, 23 Nov 2026 23:59:59 UTC' });
    await expectRefusal(site, 'BUNDLE_EXPIRED', RELEASE);
    rmSync(site.mediaDir, { recursive: true });
    // Lapsed at the site’s clock, but not when the bundle was made.
    writeTestBundle(site.mediaDir, { validUntil: 'Tue, 24 Nov 2026 12:00:00 UTC' });
    expect((await site.import()).seq).toBe(1);
  });

  it('warns about an old bundle, and takes a very old one only with a reason, which it keeps', async () => {
    writeTestBundle(site.mediaDir);
    const late = { now: '2027-03-24T00:00:00Z' };
    await expectRefusal(site, 'BUNDLE_EXPIRED', 'main/1', late);
    await expectRefusal(site, 'BUNDLE_EXPIRED', 'main/1', { ...late, acceptStale: '  ' });
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
    await expectRefusal(site, 'BUNDLE_EXPIRED', 'metadata/targets.json', { now: '2020-01-01T00:00:00Z' });
  });

  it('refuses a bundle from the future: one of the two clocks is wrong', async () => {
    writeTestBundle(site.mediaDir);
    await expectRefusal(site, 'BUNDLE_CLOCK_WRONG', null, { now: '2026-11-20T00:00:00Z' });
    await expectRefusal(site, 'BUNDLE_CLOCK_WRONG', null, {
      now: '2026-11-20T00:00:00Z',
      acceptStale: 'no reason makes the time floor jump',
    });
  });

  it('names a clock that is behind what was signed, and takes a bundle then only with a reason, which it keeps', async () => {
    writeTestBundle(site.mediaDir);
    await site.import();
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, { seq: 2 });
    const behind = { now: '2020-01-01T00:00:00Z' };
    await expectRefusal(site, 'BUNDLE_CLOCK_WRONG', null, behind);
    const report = await site.import({ ...behind, acceptStale: 'the battery of the clock is on order' });
    expect(report.freshness.clock).toBe('behind');
    expect(site.catalogue.listBundles().map((bundle) => bundle.staleReason)).toContain(
      'the battery of the clock is on order',
    );
    expect(site.imports.loadTrust()?.timeFloor).toBe('2026-11-24T00:00:00Z');
  });

  it('names a clock that is years ahead, learns nothing from it, and imports once it is set right', async () => {
    writeTestBundle(site.mediaDir);
    for (const now of ['2028-06-01T00:00:00Z', '2099-01-01T00:00:00Z']) {
      await expectRefusal(site, 'BUNDLE_CLOCK_WRONG', null, { now });
    }
    expect(site.imports.loadTrust()?.timeFloor).toBeNull();
    expect((await site.import()).freshness.clock).toBe('right');
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
    await expectRefusal(site, code, file);
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
    await expectRefusal(site, 'BUNDLE_MIX_AND_MATCH', path);
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
    await expectRefusal(site, 'BUNDLE_TOO_LARGE', INDEX);
  });
});
