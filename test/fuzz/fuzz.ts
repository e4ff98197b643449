import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CodedError } from '../../contract/errors.ts';
import { decompress, type Compression } from '../../main/bundle/decompress.ts';
import { importBundle } from '../../main/bundle/import-bundle.ts';
import { parseKeyring } from '../../main/bundle/openpgp-keys.ts';
import { pinRoot, rootFingerprint } from '../../main/bundle/trust-root.ts';
import { ContentStore } from '../../main/catalogue/content-store.ts';
import { openDatabase } from '../../main/catalogue/database.ts';
import { ImportStore } from '../../main/catalogue/import-store.ts';
import { parsePackages } from '../../main/core/apt/packages-index.ts';
import { extractSignedText, parseRelease } from '../../main/core/apt/release.ts';
import { parseManifest } from '../../main/core/bundle/manifest.ts';
import { readBundleFiles } from './read-files.ts';
import { testRoot, writeTestBundle } from '../support/bundle-builder.ts';
import { Dice, mutate } from './mutate.ts';

export interface FuzzReport {
  readonly seed: number;
  readonly count: number;
  /** How often each outcome came: codes, or `accepted`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Longest single case, in milliseconds. */
  readonly slowest: number;
  /** Resident bytes at the end. */
  readonly memory: number;
}

const NOW = '2026-11-25T00:00:00Z';
const LIMIT = 4 * 1024 * 1024;

/** Every import is the first one: what would be committed is judged and let go. */
class Uncommitted extends ImportStore {
  override commitImport(): void {
    this.discardUnusedIndexes();
  }
}

/**
 * Mutates bundles and what is in them, and hands each to what reads it. Every refusal must carry a code; anything else
 * that is thrown is a crash and ends the run with its seed and number.
 *
 * @throws Error the crash, with what is needed to see it again
 */
export async function fuzz(seed: number, count: number): Promise<FuzzReport> {
  const work = mkdtempSync(join(tmpdir(), 'sallyport-fuzz-'));
  const original = join(work, 'original');
  writeTestBundle(original, { packages: [{ name: 'openssl', version: '3', content: 'bytes' }] });
  writeTestBundle(join(work, 'parts'), {
    partBytes: 4_096,
    packages: [{ name: 'large', version: '1', content: new Uint8Array(20_000).fill(7) }],
  });
  const files = readBundleFiles(original);
  const manifests = [readBundleFiles(join(work, 'parts')), files].map(
    (tree) => tree.get('bundles/main/1/manifest.tsv') ?? new Uint8Array(),
  );
  const release =
    [...files.values()].find((bytes) => Buffer.from(bytes).includes('BEGIN PGP SIGNED')) ?? new Uint8Array();
  const index = Buffer.from(
    'Package: a\nVersion: 1\nArchitecture: all\nFilename: p/a.deb\nSize: 1\nSHA256: ' +
      'a'.repeat(64) +
      '\n\n',
  );
  const packed: readonly [Compression, Uint8Array][] = [
    ['gz', gzipSync(Buffer.alloc(100_000, 'abc'))],
    ['zst', zstdCompressSync(Buffer.alloc(100_000, 'abc'))],
    [
      'xz',
      Buffer.from(
        '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4BEvAChdACgYSGbb2jCF/hbery/rIny4Rdu8kq3mPkDKMOIxfa+wVIrnQr5xTQAAAj4aeAf9ri0AAUSwIgAAAAbzYE2xxGf7AgAAAAAEWVo=',
        'base64',
      ),
    ],
  ];
  const db = openDatabase(join(work, 'site.db'));
  const imports = new Uncommitted(db);
  const root = testRoot();
  pinRoot({ catalogue: imports, rootBytes: root, fingerprint: rootFingerprint(root), by: 'fuzz', now: NOW });
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

  /** A whole tree with one file changed, moved, added or taken away. */
  const importMutant = async (dice: Dice): Promise<void> => {
    const media = join(work, 'media');
    const contentDir = join(work, 'content');
    rmSync(media, { recursive: true, force: true });
    rmSync(contentDir, { recursive: true, force: true });
    const content = new ContentStore(contentDir);
    const names = [...files.keys()] as [string, ...string[]];
    const victim = dice.pick(names);
    const tree = new Map(files);
    const how = dice.below(10);
    if (how < 7) tree.set(victim, mutate(files.get(victim) ?? new Uint8Array(), dice));
    else if (how === 7) tree.delete(victim);
    else if (how === 8) tree.set(victim.toUpperCase(), new Uint8Array([1]));
    else tree.set(`blobs/${dice.below(256).toString(16)}/${dice.below(1e9)}`, new Uint8Array([1]));
    for (const [path, bytes] of tree) {
      mkdirSync(dirname(join(media, path)), { recursive: true });
      writeFileSync(join(media, path), bytes);
    }
    await importBundle({
      mediaDir: media,
      catalogue: imports,
      content,
      now: NOW,
      importedBy: 'fuzz',
      appVersion: '0.1.0',
    });
  };
  const targets: readonly [(dice: Dice) => unknown, ...((dice: Dice) => unknown)[]] = [
    (dice) => parseManifest(text(mutate(manifests[dice.below(2)] ?? new Uint8Array(), dice)), 'm'),
    (dice) => parseRelease(extractSignedText(text(mutate(release, dice)), 'r'), 'r'),
    (dice) => parsePackages(text(mutate(index, dice)), true, 'i'),
    (dice) => parseKeyring(mutate(Buffer.from([0x98, 4, 4, 0, 0, 0, 0xb4, 1, 65]), dice), 'k'),
    async (dice) => {
      const [kind, bytes] = packed[dice.below(packed.length)] ?? ['gz', new Uint8Array()];
      let total = 0;
      for await (const chunk of decompress(
        Readable.from([mutate(bytes, dice)]),
        kind,
        { maxBytes: LIMIT },
        'c',
      ))
        total += chunk.length;
      if (total > LIMIT) throw new Error('more came out than may');
    },
  ];

  const outcomes: Record<string, number> = {};
  let slowest = 0;
  const around = readdirSync(work).join(' ');
  try {
    for (let number = 0; number < count; number += 1) {
      const dice = new Dice(seed + number);
      const began = performance.now();
      let outcome = 'accepted';
      try {
        if (number % 20 === 0) await importMutant(dice);
        else await dice.pick(targets)(dice);
      } catch (error) {
        if (!(error instanceof CodedError))
          throw new Error(`crash in case ${number} of seed ${seed}`, { cause: error });
        outcome = error.code;
      }
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      slowest = Math.max(slowest, performance.now() - began);
    }
    const beside = readdirSync(work)
      .filter((name) => !['media', 'content'].includes(name))
      .join(' ');
    if (
      beside !==
      around
        .split(' ')
        .filter((name) => !['media', 'content'].includes(name))
        .join(' ')
    )
      throw new Error(`something was written outside the store: ${beside}`);
    return { seed, count, outcomes, slowest, memory: process.memoryUsage().rss };
  } finally {
    db.close();
    rmSync(work, { recursive: true, force: true });
  }
}
