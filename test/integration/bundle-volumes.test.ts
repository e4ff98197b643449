import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobPath } from '../../main/bundle/read-metadata.ts';
import { piecesOf } from '../../main/core/bundle/layout.ts';
import { packagePath, writeTestBundle, type TestPackage } from '../support/bundle-builder.ts';
import { expectRefusal, flipByte } from '../support/bundle-refusal.ts';
import { codedFailure } from '../support/coded.ts';
import { openTestSite, type TestSite } from '../support/test-site.ts';

const PART = 65_536;

/** Bytes that are not the same in any two parts. */
function bytesOf(name: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const seed = createHash('sha256').update(name).digest();
  for (let at = 0; at < size; at += 1) bytes[at] = (seed[at % 32] ?? 0) ^ (at >> 8) ^ (at >> 16);
  return bytes;
}

const PACKAGES: readonly TestPackage[] = [
  { name: 'firefox', version: '1', content: bytesOf('firefox', 5 * PART + 17) },
  { name: 'kernel', version: '1', content: bytesOf('kernel', 3 * PART) },
  { name: 'openssl', version: '1', content: bytesOf('openssl', PART) },
  { name: 'rsync', version: '1', content: bytesOf('rsync', 100) },
];

let site: TestSite;
beforeEach(() => {
  site = openTestSite();
});
afterEach(() => {
  site.close();
});

/** A bundle on several media, each with room for three parts beside the metadata. */
const spread = () =>
  writeTestBundle(site.mediaDir, { packages: PACKAGES, partBytes: PART, volumeBytes: 1_260_000 });

describe('objects in parts', () => {
  it('become whole again on one medium, byte by byte', async () => {
    const { manifest, folders } = writeTestBundle(site.mediaDir, { packages: PACKAGES, partBytes: PART });
    expect(folders).toEqual([site.mediaDir]);
    expect(piecesOf(manifest).filter((piece) => piece.part > 0)).toHaveLength(6 + 3);
    expect(await site.import()).toMatchObject({ outcome: 'imported', packages: 4, volumes: 1 });
    for (const item of PACKAGES) {
      const { sha256 } = manifest.objects.find((object) => object.path === packagePath(item)) ?? {
        sha256: '',
      };
      expect(readFileSync(site.content.pathOf(sha256)).equals(Buffer.from(item.content as Uint8Array))).toBe(
        true,
      );
    }
    expect(site.contentFiles().filter((name) => /parts|journal/.test(name))).toEqual([]);
  });

  it('are refused part by part, by name, and the right ones are not read again', async () => {
    const { manifest } = writeTestBundle(site.mediaDir, { packages: PACKAGES, partBytes: PART });
    const fourth = piecesOf(manifest).find((piece) => piece.size === PART && piece.part === 4);
    const file = blobPath(fourth?.name ?? '');
    flipByte(site, file);
    await expectRefusal(site, 'BUNDLE_HASH_MISMATCH', file);
    flipByte(site, file);
    let read = 0;
    await site.import({
      onProgress: ({ phase, done }) => {
        if (phase === 'copying' && read === 0) read = done;
      },
    });
    expect(read).toBeGreaterThanOrEqual(3 * PART);
  });

  it('whose hashes are right but which together are another file are refused', async () => {
    const layoutOf = (
      m: Parameters<NonNullable<Parameters<typeof writeTestBundle>[1]>['changeManifest'] & object>[0],
    ) => {
      const parts = (m.layout?.pieces ?? []).filter((piece) => piece.part > 0 && piece.size === PART);
      const [first, second] = parts;
      if (m.layout === undefined || first === undefined || second === undefined) throw new Error('no parts');
      return {
        ...m,
        layout: {
          ...m.layout,
          pieces: m.layout.pieces.map((piece) =>
            piece === first
              ? { ...first, sha256: second.sha256 }
              : piece === second
                ? { ...second, sha256: first.sha256 }
                : piece,
          ),
        },
      };
    };
    const { manifest } = writeTestBundle(site.mediaDir, {
      packages: PACKAGES,
      partBytes: PART,
      changeManifest: layoutOf,
    });
    const [first, second] = piecesOf(manifest).filter((piece) => piece.part > 0 && piece.size === PART);
    const place = (name = ''): string => join(site.mediaDir, blobPath(name));
    renameSync(place(first?.name), join(site.dir, 'first'));
    renameSync(place(second?.name), place(first?.name));
    renameSync(join(site.dir, 'first'), place(second?.name));
    await expectRefusal(site, 'BUNDLE_HASH_MISMATCH', first?.object ?? '');
  });
});

describe('a bundle on several media', () => {
  it('comes in any order, says what is missing, and is committed when all is there', async () => {
    const { folders, manifest } = spread();
    expect(folders.length).toBeGreaterThan(2);
    const empty = site.catalogue.listBundles();
    const order = [...folders.keys()].toReversed();
    for (const [position, index] of order.entries()) {
      const report = await site.import({
        mediaDir: folders[index] ?? '',
        now: `2026-11-25T0${position}:00:00Z`,
        carriedBy: {
          carrier: `courier ${position}`,
          medium: { label: `SP-${index}`, serial: `S${index}`, serialFrom: 'person', fileSystem: 'exfat' },
        },
      });
      const missing = order.slice(position + 1).map((item) => item + 1);
      expect(report).toMatchObject({
        volume: index + 1,
        volumes: folders.length,
        outcome: missing.length === 0 ? 'imported' : 'waiting',
        missingVolumes: missing.toSorted((a, b) => a - b),
      });
      if (missing.length > 0) {
        expect(report.missingBytes).toBeGreaterThan(0);
        expect(site.catalogue.listBundles()).toEqual(empty);
        expect(site.catalogue.listPatches({ limit: 9, offset: 0 }).total).toBe(0);
      }
    }
    expect(site.catalogue.listPatches({ onlyCarried: true, limit: 9, offset: 0 }).total).toBe(4);
    expect(site.imports.waitingObjects()).toEqual([]);
    for (const item of manifest.objects) expect(site.content.has(item.sha256, item.size)).toBe(true);
  });

  it('waits through another import in between, and keeps its parts', async () => {
    const { folders } = spread();
    await site.import({ mediaDir: folders[0] ?? '' });
    const other = join(site.dir, 'other');
    // Another stream’s bundle cannot be made with these numbers; a refused one cleans up just as well.
    writeTestBundle(other, { packages: [{ name: 'evil', version: '1', content: 'x' }], minApp: '9.0.0' });
    expect((await codedFailure(site.import({ mediaDir: other }))).code).toBe('BUNDLE_APP_TOO_OLD');
    let first = -1;
    const again = await site.import({
      mediaDir: folders[0] ?? '',
      onProgress: ({ phase, done, total }) => {
        if (phase === 'copying' && first === -1) first = total - done;
      },
    });
    expect([first, again.outcome]).toEqual([0, 'waiting']);
  });

  it('refuses a medium that lacks a file, has one of another medium, or says it is another', async () => {
    const { folders, manifest } = spread();
    const [one = '', two = ''] = folders;
    const ofSecond = piecesOf(manifest).find((piece) => piece.volume === 2);
    const place = blobPath(ofSecond?.name ?? '');
    const volume = readFileSync(join(one, 'VOLUME.json'), 'utf8');
    writeFileSync(join(one, 'VOLUME.json'), readFileSync(join(two, 'VOLUME.json')));
    await expectRefusal(site, 'BUNDLE_FILE_UNEXPECTED', 'blobs/', { mediaDir: one });
    writeFileSync(join(one, 'VOLUME.json'), volume.replace(/"set": "../, '"set": "00'));
    await expectRefusal(site, 'BUNDLE_MIX_AND_MATCH', 'VOLUME.json', { mediaDir: one });
    writeFileSync(join(one, 'VOLUME.json'), '{');
    await expectRefusal(site, 'BUNDLE_METADATA_INVALID', 'VOLUME.json', { mediaDir: one });
    rmSync(join(one, 'VOLUME.json'));
    await expectRefusal(site, 'BUNDLE_FILE_MISSING', 'VOLUME.json', { mediaDir: one });
    rmSync(join(two, place));
    await expectRefusal(site, 'BUNDLE_FILE_MISSING', place, { mediaDir: two });
  });
});
