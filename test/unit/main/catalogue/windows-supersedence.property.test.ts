import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../../main/catalogue/database.ts';
import { GarbageStore } from '../../../../main/catalogue/garbage-store.ts';
import { ImportStore } from '../../../../main/catalogue/import-store.ts';
import { findGarbage } from '../../../../main/core/garbage.ts';
import type { WindowsUpdate } from '../../../../main/core/windows/update-list.ts';
import { digestOf, recordOf } from '../../../support/catalogue-rows.ts';

/** Updates by number: which files each has, which updates it says replace it, and which files are here. */
interface World {
  readonly updates: readonly { readonly files: readonly number[]; readonly by: readonly number[] }[];
  readonly here: readonly number[];
}

const UPDATES = 6;
const FILES = 8;
const number = (below: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: below - 1 });
const world: fc.Arbitrary<World> = fc.record({
  updates: fc.array(
    fc.record({
      files: fc.uniqueArray(number(FILES), { maxLength: 2 }),
      by: fc.uniqueArray(number(UPDATES), { maxLength: 2 }),
    }),
    { minLength: UPDATES, maxLength: UPDATES },
  ),
  here: fc.uniqueArray(number(FILES)),
});

const db = openDatabase(':memory:');
const store = new ImportStore(db);
let seq = 0;
afterAll(() => {
  db.close();
});

const fileHash = (file: number): string => digestOf(`file ${file}`);
const updateOf = ({ files, by }: World['updates'][number], index: number): WindowsUpdate => ({
  id: `u${index}`,
  kb: null,
  title: '',
  description: '',
  bulletin: null,
  classification: '',
  severity: 'not stated',
  products: ['Windows 10'],
  arch: 'x64',
  createdAt: null,
  reboot: null,
  fixedBuilds: [],
  supersededBy: by.map((newer) => `u${newer}`),
  prerequisites: [],
  cves: [],
  files: files.map((file) => ({
    name: `${file}.msu`,
    path: null,
    size: 1,
    sha1: null,
    sha256: fileHash(file),
    url: null,
    signature: null,
  })),
});

/** A list as an import brings it, in the place of the one before. */
function bring(given: World): void {
  seq += 1;
  const index = { path: 'sallyport/windows-updates.json', sha256: digestOf(`list ${seq}`), size: 1 };
  store.beginIndex(index.sha256);
  store.appendWindowsUpdates(index.sha256, given.updates.map(updateOf));
  store.finishIndex(index.sha256);
  db.exec('DELETE FROM content_objects');
  store.commitImport({
    ...recordOf({
      seq,
      repositories: [
        {
          ecosystem: 'windows',
          modules: null,
          distribution: 'windows',
          codename: 'windows',
          root: 'microsoft',
          suite: 'updates',
          component: '',
          arch: 'all',
          origin: 'Microsoft',
          label: '',
          releaseDate: '2026-11-24T00:00:00.000Z',
          validUntil: null,
          pin: 500,
          release: index,
          index,
        },
      ],
      advisories: [],
    }),
    objects: given.here.map((file) => ({
      sha256: fileHash(file),
      size: 1,
      class: 'package',
      path: `microsoft/${file}.msu`,
    })),
  });
  store.discardUnusedIndexes();
}

/** Updates that replace one, directly or through others. */
function newerThan({ updates }: World, index: number): Set<number> {
  const found = new Set<number>();
  const queue = [...(updates[index]?.by ?? [])];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    queue.push(...(updates[next]?.by ?? []));
  }
  return found;
}

const NOTHING_NEEDED = {
  run: new Set<string>(),
  approval: new Set<string>(),
  plan: new Set<string>(),
  restore: new Set<string>(),
  finding: new Set<string>(),
};

/** Numbers of the files that would go, though nobody needs any. */
function goneFrom(given: World): number[] {
  bring(given);
  const named = given.updates.flatMap((update) => update.files);
  const gone = new Set(
    findGarbage(new GarbageStore(db).list(), NOTHING_NEEDED).objects.map((item) => item.sha256),
  );
  // A file that no update names is withdrawn: that it goes is not about what replaces it.
  return [...new Set(named)].filter((file) => gone.has(fileHash(file)));
}

describe('files of Windows updates', () => {
  it('go only when each update they belong to is replaced by one that stays here whole', () => {
    fc.assert(
      fc.property(world, (given) => {
        const gone = goneFrom(given);
        for (const file of gone) {
          given.updates.forEach(({ files }, index) => {
            if (!files.includes(file)) return;
            const staying = [...newerThan(given, index)].filter((newer) => {
              const its = given.updates[newer]?.files ?? [];
              return its.length > 0 && its.every((item) => given.here.includes(item) && !gone.includes(item));
            });
            expect(staying).not.toEqual([]);
          });
        }
      }),
      { numRuns: 150 },
    );
  });

  it('of a chain leave the newest, and of a circle everything', () => {
    const chain = [
      { files: [0], by: [1] },
      { files: [1], by: [2] },
      { files: [2, 3], by: [] },
    ];
    expect(goneFrom({ updates: chain, here: [0, 1, 2, 3] }).sort()).toEqual([0, 1]);
    // Not all of the newest is here: the one before it replaces the oldest, and stays.
    expect(goneFrom({ updates: chain, here: [0, 1, 2] })).toEqual([0]);
    const circle = [
      { files: [0], by: [1] },
      { files: [1], by: [0] },
    ];
    expect(goneFrom({ updates: circle, here: [0, 1] })).toEqual([]);
  });
});
