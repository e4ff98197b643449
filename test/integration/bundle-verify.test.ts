import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { trustOfFingerprint } from '../../main/bundle/inspect-bundle.ts';
import { rootFingerprint } from '../../main/bundle/trust-root.ts';
import { verifyBundle, type VerifyOptions, type VerifyReport } from '../../main/bundle/verify-bundle.ts';
import {
  packagePath,
  testKey,
  testRoot,
  writeTestBundle,
  type TestPackage,
} from '../support/bundle-builder.ts';
import { codedFailure } from '../support/coded.ts';
import { openTestSite, SITE_NOW, type TestSite } from '../support/test-site.ts';

const PART = 65_536;
const bytesOf = (size: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8) + (at >> 16) * 7 + seed) & 255);
const PACKAGES: readonly TestPackage[] = [
  { name: 'firefox', version: '1', content: bytesOf(5 * PART + 17, 1) },
  { name: 'kernel', version: '1', content: bytesOf(3 * PART, 2) },
  { name: 'rsync', version: '1', content: bytesOf(100, 3) },
];

let site: TestSite;
beforeEach(() => {
  site = openTestSite();
});
afterEach(() => {
  site.close();
});

const verify = (options: Partial<VerifyOptions> = {}): Promise<VerifyReport> =>
  verifyBundle({ mediaDirs: [site.mediaDir], trust: site.imports.loadTrust(), now: SITE_NOW, ...options });
const flip = (file: string): void => {
  const bytes = readFileSync(file);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
};
const found = ({ media }: VerifyReport) =>
  media.flatMap(({ findings }) => findings.map(({ kind, file }) => [kind, file]));

describe('checking a medium', () => {
  it('says that it is good, changes nothing, and counts every byte', async () => {
    const { manifest } = writeTestBundle(site.mediaDir, { packages: PACKAGES });
    const [before, files] = [site.fingerprint(), site.contentFiles()];
    const progress: [number, number][] = [];
    const report = await verify({ onProgress: (done, total) => progress.push([done, total]) });
    const bytes = manifest.objects.reduce((sum, { size }) => sum + size, 0);
    expect(report).toMatchObject({ isGood: true, bytesRead: bytes, missingVolumes: [] });
    expect(report.media[0]).toMatchObject({ goodFiles: 8, files: 8, goodBytes: bytes, importRefusal: null });
    expect(progress.at(-1)).toEqual([bytes, bytes]);
    expect([site.fingerprint(), site.contentFiles()]).toEqual([before, files]);
    await site.import();
  });

  it('judges a medium by itself, and says what speaks against importing it', async () => {
    writeTestBundle(site.mediaDir);
    await site.import();
    expect((await verify()).media[0]).toMatchObject({
      isGood: true,
      importRefusal: { code: 'BUNDLE_ALREADY_IMPORTED' },
    });
    const newer = join(site.dir, 'newer');
    writeTestBundle(newer, { seq: 3, base: 2 });
    expect((await verify({ mediaDirs: [newer] })).media[0]).toMatchObject({
      isGood: true,
      importRefusal: { code: 'BUNDLE_FILE_MISSING' },
    });
    const next = join(site.dir, 'next');
    writeTestBundle(next, { seq: 2 });
    await site.import({ mediaDir: next });
    expect((await verify()).media[0]).toMatchObject({
      isGood: true,
      importRefusal: { code: 'BUNDLE_ROLLBACK' },
    });
  });

  it.each([
    ['timestamp', 'metadata/timestamp.json'],
    ['snapshot', 'metadata/snapshot.json'],
    ['targets', 'metadata/targets.json'],
    ['root', 'metadata/1.root.json'],
    ['manifest', 'bundles/main/1/manifest.tsv'],
  ])('finds one flipped bit in the %s, and says nothing else of the medium', async (_kind, file) => {
    writeTestBundle(site.mediaDir);
    flip(join(site.mediaDir, file));
    const report = await verify();
    expect(report.isGood).toBe(false);
    expect(found(report).map(([, name]) => name)).toEqual([file]);
    expect(report.media[0]?.bundle).toBeNull();
  });

  it('finds one flipped bit in every kind of object, and goes on behind it', async () => {
    const { blobs } = writeTestBundle(site.mediaDir);
    const files = Object.values(blobs).toSorted();
    for (const file of files) {
      flip(join(site.mediaDir, file));
      const report = await verify();
      expect([found(report), report.media[0]?.goodFiles]).toEqual([[['changed', file]], files.length - 1]);
      flip(join(site.mediaDir, file));
    }
    for (const file of files) flip(join(site.mediaDir, file));
    expect(found(await verify())).toEqual(files.map((file) => ['changed', file]));
  });

  it('names all that is missing, extra, cut, grown or linked, at once', async () => {
    const { blobs } = writeTestBundle(site.mediaDir, { packages: PACKAGES });
    const path = (file: string): string => join(site.mediaDir, file);
    const blobOf = (name: string): string => blobs[packagePath({ name, version: '1', content: '' })] ?? '';
    const [cut, grown, gone] = [blobOf('firefox'), blobOf('kernel'), blobOf('rsync')];
    writeFileSync(path(cut), readFileSync(path(cut)).subarray(0, 1_000));
    appendFileSync(path(grown), 'more');
    rmSync(path(gone));
    writeFileSync(path('README.txt'), 'hello');
    mkdirSync(path('System Volume Information'));
    writeFileSync(path('System Volume Information/x'), 'hello');
    const [link, twice] = [blobs['sallyport/report.json'] ?? '', blobs['sallyport/advisories.json'] ?? ''];
    renameSync(path(link), join(site.dir, 'elsewhere'));
    symlinkSync(join(site.dir, 'elsewhere'), path(link));
    linkSync(path(twice), join(site.dir, 'second-name'));
    const report = await verify();
    const wanted = [
      ['changed', cut],
      ['changed', grown],
      ['missing', gone],
      ['link', link],
      ['link', twice],
      ['extra', 'README.txt'],
      ['extra', 'System Volume Information'],
    ];
    expect(found(report)).toEqual(wanted.toSorted(([, a = ''], [, b = '']) => (a < b ? -1 : 1)));
    expect(report.media[0]).toMatchObject({ found: 7, files: 8, goodFiles: 3 });
  });

  it('refuses keys that it does not know, and knows a root by its fingerprint', async () => {
    writeTestBundle(site.mediaDir);
    const trust = trustOfFingerprint(site.mediaDir, rootFingerprint(testRoot()));
    expect((await verify({ trust })).isGood).toBe(true);
    const strangers = testRoot({ keys: [testKey('stranger')] });
    expect(() => trustOfFingerprint(site.mediaDir, rootFingerprint(strangers))).toThrow(/fingerprint/);
    writeTestBundle(site.mediaDir, { signers: [testKey('stranger')] });
    expect((await verify()).media[0]).toMatchObject({
      isGood: false,
      findings: [{ code: 'BUNDLE_SIGNATURE_UNTRUSTED' }],
    });
    expect((await codedFailure(verify({ trust: null }))).code).toBe('BUNDLE_ROOT_UNPINNED');
    expect((await codedFailure(verify({ mediaDirs: [join(site.dir, 'none')] }))).code).toBe(
      'BUNDLE_NOT_FOUND',
    );
  });

  it('ends soon when it is cancelled', async () => {
    writeTestBundle(site.mediaDir, {
      packages: [{ name: 'large', version: '1', content: new Uint8Array(64 * 1024 * 1024) }],
    });
    const stop = new AbortController();
    const failure = await codedFailure(verify({ signal: stop.signal, onProgress: () => stop.abort() }));
    expect(failure.code).toBe('CONTRACT_CANCELLED');
  });
});

describe('checking volumes', () => {
  const spread = () =>
    writeTestBundle(site.mediaDir, { packages: PACKAGES, partBytes: PART, volumeBytes: 1_260_000 });

  it('takes some or all, in any order, and says which are not there', async () => {
    const { folders } = spread();
    expect(folders.length).toBeGreaterThan(2);
    expect(await verify({ mediaDirs: folders.toReversed(), threads: 1 })).toMatchObject({
      isGood: true,
      missingVolumes: [],
    });
    const report = await verify({ mediaDirs: folders.slice(1) });
    expect([report.isGood, report.missingVolumes]).toEqual([true, [{ bundle: 'main/1', volumes: [1] }]]);
  });

  it('finds a flipped bit in a part, and words of VOLUME.json that are not true', async () => {
    const { folders, manifest } = spread();
    const part = manifest.layout?.pieces.find((piece) => piece.part === 2) ?? { name: '', volume: 1 };
    const [folder = ''] = folders.slice(part.volume - 1);
    const file = `blobs/${part.name.slice(0, 2)}/${part.name}`;
    flip(join(folder, file));
    const volume = join(folder, 'VOLUME.json');
    expect(existsSync(volume)).toBe(true);
    writeFileSync(volume, readFileSync(volume, 'utf8').replace('"main/1"', '"main/2"'));
    expect(found(await verify({ mediaDirs: folders }))).toEqual([
      ['changed', 'VOLUME.json'],
      ['changed', file],
    ]);
  });

  it('finds parts that are right one by one and another file together', async () => {
    const { folders, manifest } = writeTestBundle(site.mediaDir, {
      packages: PACKAGES,
      partBytes: PART,
      changeManifest: (plain) => {
        const layout = plain.layout;
        const parts = layout?.pieces.filter((piece) => piece.part > 0 && piece.size === PART) ?? [];
        const [first, second] = parts;
        if (layout === undefined || first === undefined || second === undefined) throw new Error('no parts');
        return {
          ...plain,
          layout: {
            ...layout,
            pieces: layout.pieces.map((piece) =>
              piece === first ? { ...piece, sha256: second.sha256 } : piece,
            ),
          },
        };
      },
    });
    const [first, second] = manifest.layout?.pieces.filter((piece) => piece.part > 0) ?? [];
    const path = (name = ''): string => join(folders[0] ?? '', `blobs/${name.slice(0, 2)}/${name}`);
    writeFileSync(path(first?.name), readFileSync(path(second?.name)));
    const report = await verify({ mediaDirs: folders });
    expect(found(report)).toEqual([['changed', `blobs/${first?.name.slice(0, 2)}/${first?.name}`]]);
  });
});
