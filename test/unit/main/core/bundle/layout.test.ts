import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partCount, piecesOf, planLayout } from '../../../../../main/core/bundle/layout.ts';
import { formatManifest, parseManifest, type Manifest } from '../../../../../main/core/bundle/manifest.ts';
import { codeOf } from '../../../../support/coded.ts';

const hash = (number: number): string => number.toString(16).padStart(64, '0');
const MIB = 1024 * 1024;

const contents = fc
  .uniqueArray(fc.integer({ min: 1, max: 9_999 }), { minLength: 1, maxLength: 40 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((id) =>
        fc.record({ sha256: fc.constant(hash(id)), size: fc.integer({ min: 0, max: 9 * MIB }) }),
      ),
    ),
  );

const spreadings = fc.record({
  objects: contents,
  partBytes: fc.integer({ min: 16_384, max: 3 * MIB }),
  volumeBytes: fc.option(fc.integer({ min: 8 * MIB, max: 40 * MIB })),
});

type Spreading = typeof spreadings extends fc.Arbitrary<infer T> ? T : never;

function plan({ objects, partBytes, volumeBytes }: Spreading) {
  const hashes = new Map(
    objects.map(({ sha256, size }) => [
      sha256,
      Array.from({ length: partCount(size, partBytes) }, (_, index) =>
        hash(Number.parseInt(sha256, 16) * 100_000 + index),
      ),
    ]),
  );
  const layout = planLayout(objects, hashes, { partBytes, volumeBytes, clusterBytes: 1 });
  const manifest: Manifest = {
    stream: 'main',
    seq: 1,
    base: 0,
    createdAt: '2026-11-24T00:00:00Z',
    feeds: {},
    minApp: '0.1.0',
    objects: objects
      .map((item) => ({ ...item, class: 'package' as const, path: `pool/${item.sha256}.deb` }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    ...(layout === undefined ? {} : { layout }),
  };
  return { manifest, layout };
}

describe('the layout of a bundle', () => {
  it('gives every byte of every object one place, and no medium more than it holds', () => {
    fc.assert(
      fc.property(spreadings, (spreading) => {
        const { manifest } = plan(spreading);
        const pieces = piecesOf(manifest);
        for (const object of spreading.objects) {
          const own = pieces
            .filter((piece) => piece.object === object.sha256)
            .toSorted((a, b) => a.offset - b.offset);
          let end = 0;
          for (const piece of own) {
            expect(piece.offset).toBe(end);
            expect(piece.size).toBeLessThanOrEqual(spreading.partBytes);
            end += piece.size;
          }
          expect(end).toBe(object.size);
        }
        const used = new Map<number, number>();
        for (const piece of pieces) used.set(piece.volume, (used.get(piece.volume) ?? 0) + piece.size);
        if (spreading.volumeBytes !== null)
          for (const bytes of used.values()) expect(bytes).toBeLessThan(spreading.volumeBytes);
        expect([...used.keys()].toSorted((a, b) => a - b)).toEqual(
          [...used.keys()].map((_, index) => index + 1),
        );
      }),
    );
  });

  it('comes back from the manifest as it was', () => {
    fc.assert(
      fc.property(spreadings, (spreading) => {
        const { manifest, layout } = plan(spreading);
        const read = parseManifest(formatManifest(manifest), 'm');
        expect(read.layout).toEqual(layout);
        expect(formatManifest(read)).toBe(formatManifest(manifest));
      }),
    );
  });

  it('refuses a manifest from which a piece was taken, doubled, renamed or moved to a medium that is not there', () => {
    fc.assert(
      fc.property(
        spreadings,
        fc.nat(),
        fc.constantFrom('take', 'double', 'rename', 'move', 'swap'),
        (spreading, at, how) => {
          const { manifest, layout } = plan(spreading);
          fc.pre(layout !== undefined);
          const lines = formatManifest(manifest).trimEnd().split('\n');
          const first = lines.findIndex((line) => line.startsWith('@'));
          const place = first + (at % (lines.length - first));
          const line = lines[place] ?? '';
          if (how === 'take') lines.splice(place, 1);
          if (how === 'double') lines.splice(place, 0, line);
          if (how === 'rename') lines[place] = line.replace(/[0-9a-f]{64}/, 'f'.repeat(64));
          if (how === 'move') lines[place] = line.replace(/^@\d+/, `@${(layout?.volumes ?? 0) + 1}`);
          if (how === 'swap' && lines.length - first > 1) {
            const other = place === lines.length - 1 ? place - 1 : place + 1;
            [lines[place], lines[other]] = [lines[other] ?? '', line];
          }
          fc.pre(how !== 'swap' || lines.length - first > 1);
          expect(codeOf(() => parseManifest(`${lines.join('\n')}\n`, 'm'))).toBe('BUNDLE_METADATA_INVALID');
        },
      ),
    );
  });

  it('is not made for media that hold less than a piece', () => {
    const objects = [{ sha256: hash(1), size: 9 * MIB }];
    const hashes = new Map([[hash(1), [hash(2)]]]);
    const small = { partBytes: 9 * MIB, volumeBytes: 8 * MIB };
    expect(codeOf(() => planLayout(objects, hashes, small))).toBe('COLLECT_VOLUME_TOO_SMALL');
    for (const partBytes of [0, 4_095, 8_192, 4 * 1024 ** 3])
      expect(codeOf(() => planLayout(objects, hashes, { partBytes, volumeBytes: null }))).toBe(
        'COLLECT_VOLUME_TOO_SMALL',
      );
  });
});
