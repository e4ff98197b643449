import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Updater } from 'tuf-js';
import { nodeCrypto } from '../../main/bundle/node-crypto.ts';
import { composeBundleFiles, signRole } from '../../main/core/bundle/compose.ts';
import { parseManifest, type ManifestObject } from '../../main/core/bundle/manifest.ts';
import { DEFAULT_STALENESS, initialTrust } from '../../main/core/bundle/trust.ts';
import { followRoots, verifyMetadata } from '../../main/core/bundle/verify.ts';
import { BUILDER, RELEASE, root } from '../vectors/tuf/media.ts';
import { compare, inProcess, type Bench, type Contender } from './harness/measure.ts';

const OBJECTS = 60_000;
/** What tuf-js can do in some seconds: its time grows with the square of the number of targets. */
const PEER_TARGETS = 2_000;
const GOAL_S = 0.25;

export const bench: Bench = {
  about: `signed metadata and manifest of a bundle of ${OBJECTS.toLocaleString('en')} objects, beside tuf-js with ${PEER_TARGETS.toLocaleString('en')} targets`,
  async measure(rounds, note) {
    const createdAt = new Date().toISOString();
    const objects = Array.from({ length: OBJECTS }, (_, index): ManifestObject => ({
      sha256: nodeCrypto.sha256(nodeCrypto.encodeUtf8(String(index))),
      size: 1_000 + index,
      class: 'package',
      path: `debian/pool/main/p/package-${String(index).padStart(6, '0')}_1.2.3-1_amd64.deb`,
    }));
    const first = root(1);
    const files = composeBundleFiles(
      {
        manifest: { stream: 'main', seq: 1, base: 0, createdAt, feeds: {}, minApp: '0.1.0', objects },
        versions: { timestamp: 1, snapshot: 1, targets: 1 },
        roots: new Map([[1, first]]),
        signers: { timestamp: [BUILDER], snapshot: [BUILDER], targets: [RELEASE] },
      },
      nodeCrypto,
    );
    const read = (path: string): Uint8Array => files.get(path) ?? new Uint8Array();
    const trust = initialTrust({ version: 1, bytes: first });
    const ours: Contender = {
      name: 'ours',
      run: () =>
        inProcess(() => {
          const roots = new Map([[1, first]]);
          followRoots(trust, roots, nodeCrypto);
          const { bundle } = verifyMetadata(
            trust,
            {
              roots,
              timestamp: read('metadata/timestamp.json'),
              snapshot: read('metadata/snapshot.json'),
              targets: read('metadata/targets.json'),
            },
            createdAt,
            DEFAULT_STALENESS,
            nodeCrypto,
          );
          const bytes = read(bundle.manifestPath);
          if (nodeCrypto.sha256(bytes) !== bundle.manifestSha256)
            throw new Error('the manifest is another one');
          const manifest = parseManifest(nodeCrypto.decodeUtf8(bytes), bundle.manifestPath);
          if (manifest.objects.length !== OBJECTS) throw new Error('objects are missing');
        }),
    };
    note(`manifest of ${(read('bundles/main/1/manifest.tsv').length / 1e6).toFixed(1)} MB`);
    const repository = await serveTargets(first, createdAt);
    try {
      const peer: Contender = {
        name: `tuf-js, ${PEER_TARGETS} targets`,
        run: () => inProcess(repository.refresh),
      };
      return [
        await compare(
          {
            what: `trust check, ${OBJECTS} objects`,
            ours,
            peer,
            goals: [
              { text: `<= ${GOAL_S * 1_000} ms`, met: ({ wall, cpu }) => Math.min(wall, cpu) <= GOAL_S },
            ],
          },
          rounds,
        ),
      ];
    } finally {
      repository.close();
    }
  },
};

/** A repository that names every file as a target of its own, and a client for it that knows its root only. */
async function serveTargets(
  first: Uint8Array,
  createdAt: string,
): Promise<{ readonly refresh: () => Promise<void>; readonly close: () => void }> {
  const expires = new Date(Date.parse(createdAt) + 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const common = { spec_version: '1.0.31', version: 1, expires };
  const hash = nodeCrypto.sha256(new Uint8Array());
  const targets = Object.fromEntries(
    Array.from({ length: PEER_TARGETS }, (_, index) => [
      `pool/package-${index}.deb`,
      { length: 1, hashes: { sha256: hash } },
    ]),
  );
  const files = new Map<string, Uint8Array>([
    ['/targets.json', signRole({ _type: 'targets', ...common, targets }, [RELEASE], nodeCrypto)],
    [
      '/snapshot.json',
      signRole(
        { _type: 'snapshot', ...common, meta: { 'targets.json': { version: 1 } } },
        [BUILDER],
        nodeCrypto,
      ),
    ],
    [
      '/timestamp.json',
      signRole(
        { _type: 'timestamp', ...common, meta: { 'snapshot.json': { version: 1 } } },
        [BUILDER],
        nodeCrypto,
      ),
    ],
  ]);
  const server = createServer((request, response) => {
    const content = files.get(request.url ?? '');
    if (content === undefined) response.writeHead(404).end();
    else response.end(content);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  let round = 0;
  return {
    refresh: async () => {
      round += 1;
      const path = join(dir, String(round), 'root.json');
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, first);
      const updater = new Updater({
        metadataDir: dirname(path),
        metadataBaseUrl: base,
        config: { fetchRetries: 0 },
      });
      await updater.refresh();
    },
    close: () => {
      server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
