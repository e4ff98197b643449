import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Updater } from 'tuf-js';
import {
  KEY,
  testKey,
  testRoot,
  writeTestBundle,
  type TestBundleOptions,
} from '../support/bundle-builder.ts';

/**
 * Another client than ours judges what our builder writes: tuf-js, with its own parser, its own canonical form and its
 * own clock. It reads a bundle folder as a repository, over HTTP on the loopback.
 */

/** tuf-js has no clock of its own to set: the bundle's signed time must be now. */
const NOW = new Date().toISOString();

let dir: string;
let server: Server;
let base: string;
let asked: string[];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-tuf-js-'));
  asked = [];
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    asked.push(path);
    try {
      response.end(readFileSync(join(dir, 'media', path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Writes a bundle as the whole content of the repository. */
function publish(options: TestBundleOptions): string {
  rmSync(join(dir, 'media'), { recursive: true, force: true });
  const { manifest } = writeTestBundle(join(dir, 'media'), { createdAt: NOW, ...options });
  return `bundles/${manifest.stream}/${manifest.seq}/manifest.tsv`;
}

function client(): Updater {
  const metadataDir = join(dir, 'client');
  mkdirSync(join(dir, 'targets'), { recursive: true });
  try {
    mkdirSync(metadataDir);
    writeFileSync(join(metadataDir, 'root.json'), readFileSync(join(dir, 'media/metadata/1.root.json')));
  } catch {
    // It has been here before.
  }
  return new Updater({
    metadataDir,
    metadataBaseUrl: `${base}/metadata`,
    targetDir: join(dir, 'targets'),
    targetBaseUrl: base,
    config: { fetchRetries: 0, prefixTargetsWithHash: false },
  });
}

async function refreshAndGet(path: string): Promise<string> {
  const updater = client();
  await updater.refresh();
  const target = await updater.getTargetInfo(path);
  if (target === undefined) throw new Error(`${path} is no target`);
  return readFileSync(await updater.downloadTarget(target), 'utf8');
}

describe('tuf-js', () => {
  it('accepts a bundle, one after another, and gets the very manifest', async () => {
    for (const seq of [1, 2]) {
      const path = publish({ seq });
      expect(await refreshAndGet(path)).toBe(readFileSync(join(dir, 'media', path), 'utf8'));
    }
    expect(asked.filter((path) => path.startsWith('/metadata/')).slice(0, 4)).toEqual([
      '/metadata/2.root.json',
      '/metadata/timestamp.json',
      '/metadata/snapshot.json',
      '/metadata/targets.json',
    ]);
  });

  it('follows our chain of roots, with thresholds, to keys of their own for each role', async () => {
    const [a, b, c, release, builder] = ['a', 'b', 'c', 'release', 'builder'].map(testKey) as [
      typeof KEY,
      typeof KEY,
      typeof KEY,
      typeof KEY,
      typeof KEY,
    ];
    const roots = new Map([
      [1, testRoot({ createdAt: NOW })],
      [
        2,
        testRoot({
          version: 2,
          createdAt: NOW,
          roles: {
            root: { keys: [a, b, c], threshold: 2 },
            targets: { keys: [release], threshold: 1 },
            snapshot: { keys: [builder], threshold: 1 },
            timestamp: { keys: [builder], threshold: 1 },
          },
          signers: [KEY, a, c],
        }),
      ],
    ]);
    const path = publish({
      roots,
      roleSigners: { targets: [release], snapshot: [builder], timestamp: [builder] },
    });
    expect(await refreshAndGet(path)).toContain('#stream main');
    // And it is no pushover: the builder's key may not sign for targets.
    publish({
      seq: 2,
      roots,
      roleSigners: { targets: [builder], snapshot: [builder], timestamp: [builder] },
    });
    await expect(client().refresh()).rejects.toThrow(/threshold|signature|signed/i);
  });

  it('refuses what we refuse: an older bundle', async () => {
    publish({ seq: 5 });
    await client().refresh();
    publish({ seq: 4 });
    const before = readFileSync(join(dir, 'client/timestamp.json'), 'utf8');
    await client()
      .refresh()
      .catch(() => undefined);
    expect(readFileSync(join(dir, 'client/timestamp.json'), 'utf8')).toBe(before);
  });
});
