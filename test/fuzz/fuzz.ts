import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CodedError } from '../../contract/errors.ts';
import { decompress, type Compression } from '../../main/bundle/decompress.ts';
import { importBundle } from '../../main/bundle/import-bundle.ts';
import { findChangelog } from '../../main/bundle/deb-archive.ts';
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
import { debMutants } from './deb-mutants.ts';
import { Dice, mutate } from './mutate.ts';
import { mutateSigned, type MediumFiles } from './signed-mutants.ts';
import { Watchdog } from './watchdog.ts';

export interface FuzzReport {
  readonly seed: number;
  readonly count: number;
  /** Mutants of each kind. */
  readonly kinds: Readonly<Record<string, number>>;
  /** How often each outcome came: codes, or `accepted`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The same for bundles that were signed again after they were changed. */
  readonly signedOutcomes: Readonly<Record<string, number>>;
  /** Longest single case, in milliseconds. */
  readonly slowest: number;
  /** Resident bytes: the most of all samples, and at the end. */
  readonly peakMemory: number;
  readonly memory: number;
}

export interface FuzzLimits {
  /** Milliseconds that one case may take. */
  readonly caseMs?: number;
  /** Resident bytes. */
  readonly memoryBytes?: number;
  /** Ends the process when a case hangs without giving the event loop a turn. */
  readonly watchdog?: boolean;
}

const CASE_MS = 20_000;
const MEMORY_BYTES = 1024 ** 3;
const SAMPLE_EVERY = 50;

const NOW = '2026-11-25T00:00:00Z';
const LIMIT = 4 * 1024 * 1024;

/** Every import is the first one: what would be committed is judged and let go. */
class Uncommitted extends ImportStore {
  override commitImport(): void {
    this.discardUnusedIndexes();
  }
  override recordWaiting(): void {
    // Its pieces go with the content store.
  }
  override acceptRoots(): void {
    // The next case begins with the pinned root again.
  }
}

/** Everything below a folder but what an import may write: its content store and its database. */
function outsideOf(parent: string): string {
  return readdirSync(parent, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[/\\]work[/\\](?:media|content|site\.db)/.test(path))
    .toSorted()
    .join('\n');
}

/**
 * Mutates bundles and what is in them, and hands each to what reads it. Every refusal must carry a code; anything else
 * that is thrown is a crash and ends the run with its seed and number, and so does a case that takes too long, writes anything
 * beside the content store, or takes too much memory.
 *
 * @throws Error what happened, with what is needed to see it again
 */
export async function fuzz(seed: number, count: number, limits: FuzzLimits = {}): Promise<FuzzReport> {
  const { caseMs = CASE_MS, memoryBytes = MEMORY_BYTES } = limits;
  const parent = mkdtempSync(join(tmpdir(), 'sallyport-fuzz-'));
  const work = join(parent, 'around', 'work');
  const original = join(work, 'original');
  const small = [{ name: 'openssl', version: '3', content: 'bytes' }];
  writeTestBundle(original, { packages: small, risk: { feeds: [], rows: [] } });
  writeTestBundle(join(work, 'parts'), {
    partBytes: 4_096,
    packages: [{ name: 'large', version: '1', content: new Uint8Array(20_000).fill(7) }],
  });
  const { folders } = writeTestBundle(join(work, 'spread'), {
    partBytes: 65_536,
    volumeBytes: 1_260_000,
    packages: [{ name: 'large', version: '1', content: new Uint8Array(300_000).fill(7) }],
  });
  const signed = [original, join(work, 'parts'), ...folders].map((dir) => readBundleFiles(dir));
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

  const media = join(work, 'media');
  const contentDir = join(work, 'content');
  const importTree = async (tree: MediumFiles): Promise<void> => {
    rmSync(media, { recursive: true, force: true });
    rmSync(contentDir, { recursive: true, force: true });
    for (const [path, bytes] of tree) {
      mkdirSync(dirname(join(media, path)), { recursive: true });
      writeFileSync(join(media, path), bytes);
    }
    await importBundle({
      mediaDir: media,
      catalogue: imports,
      content: new ContentStore(contentDir),
      now: NOW,
      importedBy: 'fuzz',
      appVersion: '0.1.0',
    });
  };
  /** A whole tree with one file changed, moved, added or taken away. */
  const importMutant = async (dice: Dice): Promise<void> => {
    const names = [...files.keys()] as [string, ...string[]];
    const victim = dice.pick(names);
    const tree = new Map(files);
    const how = dice.below(10);
    if (how < 7) tree.set(victim, mutate(files.get(victim) ?? new Uint8Array(), dice));
    else if (how === 7) tree.delete(victim);
    else if (how === 8) tree.set(victim.toUpperCase(), new Uint8Array([1]));
    else tree.set(`blobs/${dice.below(256).toString(16)}/${dice.below(1e9)}`, new Uint8Array([1]));
    await importTree(tree);
  };
  const importSigned = (dice: Dice): Promise<void> =>
    importTree(mutateSigned(signed[dice.below(signed.length)] ?? files, dice));
  const makeDeb = debMutants();
  const readDeb = async (dice: Dice): Promise<void> => {
    const file = join(work, 'content.deb');
    writeFileSync(file, makeDeb(dice));
    await findChangelog(file, () => false);
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

  const kindOf = (number: number): 'bundle' | 'signed bundle' | 'deb' | 'member' => {
    if (number % 20 === 0) return 'bundle';
    if (number % 10 === 1) return 'signed bundle';
    return number % 5 === 2 ? 'deb' : 'member';
  };
  const runs = {
    bundle: importMutant,
    'signed bundle': importSigned,
    deb: readDeb,
    member: async (dice: Dice): Promise<void> => {
      await dice.pick(targets)(dice);
    },
  };
  const [outcomes, signedOutcomes, kinds] = [{}, {}, {}] as Record<string, number>[] as [Tally, Tally, Tally];
  let [slowest, peakMemory] = [0, 0];
  await readDeb(new Dice(seed)).catch(() => undefined);
  const around = outsideOf(parent);
  const watchdog = limits.watchdog === true ? new Watchdog(seed, caseMs) : null;
  try {
    for (let number = 0; number < count; number += 1) {
      const what = `case ${number} of seed ${seed}`;
      const kind = kindOf(number);
      watchdog?.begin(number);
      const began = performance.now();
      const outcome = await within(caseMs, what, () =>
        judged(what, () => runs[kind](new Dice(seed + number))),
      );
      slowest = Math.max(slowest, performance.now() - began);
      if (slowest > caseMs) throw new Error(`${what} took longer than ${caseMs / 1_000} s`);
      count1(kinds, kind);
      count1(outcomes, outcome);
      if (kind === 'signed bundle') count1(signedOutcomes, outcome);
      if (kind !== 'member' && outsideOf(parent) !== around)
        throw new Error(`${what} wrote something outside the store:\n${outsideOf(parent)}`);
      if (number % SAMPLE_EVERY === 0) peakMemory = Math.max(peakMemory, process.memoryUsage.rss());
      if (peakMemory > memoryBytes) throw new Error(`${what}: ${peakMemory} bytes are resident`);
    }
    return {
      seed,
      count,
      kinds,
      outcomes,
      signedOutcomes,
      slowest,
      peakMemory,
      memory: process.memoryUsage.rss(),
    };
  } finally {
    await watchdog?.close();
    db.close();
    rmSync(parent, { recursive: true, force: true });
  }
}

type Tally = Record<string, number>;
const count1 = (tally: Tally, key: string): void => {
  tally[key] = (tally[key] ?? 0) + 1;
};

/** @returns `accepted`, or the code of the refusal. @throws Error a crash */
async function judged(what: string, run: () => Promise<void>): Promise<string> {
  try {
    await run();
    return 'accepted';
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw new Error(`crash in ${what}`, { cause: error });
  }
}

/** Ends with an error that names the case when it hangs; what hangs without a turn of the event loop the watchdog ends. */
async function within<T>(limitMs: number, what: string, run: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limitMs / 1_000} s`)), limitMs);
  });
  try {
    return await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}
