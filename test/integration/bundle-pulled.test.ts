import { spawnSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { piecesOf } from '../../main/core/bundle/layout.ts';
import type { Manifest } from '../../main/core/bundle/manifest.ts';
import { writeTestBundle } from '../support/bundle-builder.ts';
import { codedFailure } from '../support/coded.ts';
import { InterruptedContent } from '../support/interrupted-content.ts';
import { openTestSite, type TestSite } from '../support/test-site.ts';

const PROCESS = join(import.meta.dirname, '../support/import-cut-process.ts');
/** Points at which it is interrupted, of each kind. The full run: SALLYPORT_PULL_POINTS=50 */
const POINTS = Number(process.env['SALLYPORT_PULL_POINTS'] ?? 2);
const PART = 1024 * 1024;

let whole: TestSite;
let media: string;
let manifest: Manifest;
let total = 0;

/** Bytes without a pattern, the same in every run. */
function bytesOf(name: string, size: number): Uint8Array {
  const blocks: Buffer[] = [];
  for (let block = 0; block * 32 < size; block += 1)
    blocks.push(createHash('sha256').update(`${name} ${block}`).digest());
  return Buffer.concat(blocks).subarray(0, size);
}

beforeAll(async () => {
  whole = openTestSite();
  media = join(whole.dir, 'original');
  ({ manifest } = writeTestBundle(media, {
    partBytes: PART,
    packages: [
      { name: 'large', version: '1', content: bytesOf('large', 5 * PART + 4_711) },
      ...Array.from({ length: 8 }, (_, index) => ({
        name: `small${index}`,
        version: '1',
        content: bytesOf(`small${index}`, 300_000 + index * 37_000),
      })),
    ],
  }));
  total = piecesOf(manifest).reduce((sum, piece) => sum + piece.size, 0);
  await whole.import({ mediaDir: media });
});
afterAll(() => {
  whole.close();
});

/** Goes on after an interruption, and ends as if nothing had been. */
async function resumes(site: TestSite, at: number): Promise<void> {
  expect(site.catalogue.listBundles()).toEqual([]);
  let kept = -1;
  await site.import({
    onProgress: ({ phase, done, total: bytes }) => {
      if (phase === 'copying' && kept === -1 && bytes > 0) kept = done;
    },
  });
  // No more than one part is read again.
  expect([at, kept >= at - PART - 300_000]).toEqual([at, true]);
  expect(site.fingerprint()).toBe(whole.fingerprint());
  expect(site.contentFiles()).toEqual(whole.contentFiles());
  for (const { sha256 } of manifest.objects)
    expect(
      createHash('sha256')
        .update(readFileSync(site.content.pathOf(sha256)))
        .digest('hex'),
    ).toBe(sha256);
  expect(site.db.pragma('integrity_check', { simple: true })).toBe('ok');
}

/** @param mostAt where the last interruption may come, in bytes */
async function atEachPoint(
  mostAt: number,
  interrupt: (site: TestSite, at: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < POINTS; round += 1) {
    const at = randomInt(1, mostAt);
    const site = openTestSite();
    try {
      cpSync(media, site.mediaDir, { recursive: true });
      await interrupt(site, at);
      await resumes(site, at);
    } finally {
      site.close();
    }
  }
}

describe('an import that is interrupted at any byte resumes and ends byte for byte the same', () => {
  it(`killed by SIGKILL, at ${POINTS} random points`, { timeout: 600_000 }, async () => {
    await atEachPoint(total, async (site, at) => {
      const child = spawnSync(
        process.execPath,
        [PROCESS, join(site.dir, 'site.db'), join(site.dir, 'content'), site.mediaDir, String(at)],
        { encoding: 'utf8' },
      );
      expect([at, child.signal, child.stderr]).toEqual([at, 'SIGKILL', '']);
    });
  });

  it(`by a medium that vanishes, at ${POINTS} random points`, { timeout: 600_000 }, async () => {
    // Never at the last file: after that nothing of the medium is wanted any more.
    await atEachPoint(total - 2_000_000, async (site, at) => {
      const gone = join(site.dir, 'pulled out');
      const content = new InterruptedContent(join(site.dir, 'content'), at, () => {
        renameSync(site.mediaDir, gone);
      });
      const failure = await codedFailure(site.import({ content }));
      expect([at, failure.code, failure.retry]).toEqual([at, 'BUNDLE_MEDIUM_LOST', 'same']);
      rmSync(site.mediaDir, { recursive: true, force: true });
      renameSync(gone, site.mediaDir);
    });
  });
});
