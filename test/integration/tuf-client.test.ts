import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../main/bundle/node-crypto.ts';
import { signRole } from '../../main/core/bundle/compose.ts';
import {
  ANN,
  BEA,
  BUILDER,
  forge,
  medium,
  root,
  STRANGER,
  type MediumOptions,
} from '../vectors/tuf/media.ts';

/**
 * The program of test/conformance, as the conformance suite of the TUF project drives it: against repositories on the
 * loopback, a process for each call.
 */
const PROGRAM = join(import.meta.dirname, '../conformance/tuf-client.ts');
/** The program judges by the real clock. */
const NOW = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
const LATER = new Date(Date.now() + 30 * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');

const CACHE = mkdtempSync(join(tmpdir(), 'sallyport-compiled-'));
afterAll(() => rmSync(CACHE, { recursive: true, force: true }));

let dir: string;
let server: Server;
let url: string;
let files: Map<string, string | Uint8Array>;
let asked: string[];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-tuf-client-'));
  mkdirSync(join(dir, 'metadata'));
  mkdirSync(join(dir, 'targets'));
  asked = [];
  server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1);
    asked.push(path);
    const content = files.get(path);
    if (content === undefined) response.writeHead(404).end();
    else response.end(content);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

const client = (...words: string[]): Promise<number> =>
  new Promise((done) => {
    const child = execFile(
      process.execPath,
      [PROGRAM, '--metadata-dir', join(dir, 'metadata'), '--metadata-url', `${url}/metadata`, ...words],
      // What one process has compiled the next one need not.
      { env: { ...process.env, NODE_COMPILE_CACHE: CACHE } },
      () => done(child.exitCode ?? -1),
    );
  });
const refresh = (): Promise<number> => client('refresh');
const publish = (options: MediumOptions): void => {
  files = medium({ createdAt: NOW, ...options });
};
async function initialise(first: Uint8Array = root(1)): Promise<void> {
  writeFileSync(join(dir, 'first.json'), first);
  expect(await client('init', join(dir, 'first.json'))).toBe(0);
}
const versionOf = (role: string): number =>
  (JSON.parse(readFileSync(join(dir, `metadata/${role}.json`), 'utf8')) as { signed: { version: number } })
    .signed.version;

describe('the client for the conformance suite', () => {
  it('keeps the very bytes it accepted, asks in the order of the workflow, and asks no more than it must', async () => {
    publish({});
    await initialise();
    expect(asked).toEqual([]);
    expect(await refresh()).toBe(0);
    expect(asked).toEqual(
      ['2.root.json', 'timestamp.json', 'snapshot.json', 'targets.json'].map((name) => `metadata/${name}`),
    );
    expect(readdirSync(join(dir, 'metadata')).sort()).toEqual(
      ['root', 'snapshot', 'targets', 'timestamp'].map((role) => `${role}.json`),
    );
    expect(readFileSync(join(dir, 'metadata/timestamp.json'), 'utf8')).toBe(
      files.get('metadata/timestamp.json'),
    );
    asked = [];
    expect(await refresh()).toBe(0);
    expect(asked).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);
  });

  it('refuses rollback, keeps what it had, and recovers when the builder key was replaced', async () => {
    const [first, second] = [
      root(1),
      root(2, [ANN, BEA], {
        roles: {
          timestamp: { keys: [STRANGER], threshold: 1 },
          snapshot: { keys: [STRANGER], threshold: 1 },
        },
      }),
    ];
    publish({ seq: 1, versions: { timestamp: 90, snapshot: 90, targets: 90 } });
    await initialise();
    expect(await refresh()).toBe(0);
    publish({ seq: 2 });
    expect(await refresh()).toBe(1);
    expect(versionOf('timestamp')).toBe(90);
    publish({
      seq: 2,
      roots: new Map([
        [1, first],
        [2, second],
      ]),
      signers: { timestamp: [STRANGER], snapshot: [STRANGER] },
    });
    expect(await refresh()).toBe(0);
    expect(['root', 'timestamp', 'snapshot', 'targets'].map(versionOf)).toEqual([2, 2, 2, 2]);
  });

  it('accepts each role up to the first that is wrong, and none that has expired', async () => {
    publish({ signers: { snapshot: [STRANGER] } });
    await initialise();
    expect(await refresh()).toBe(1);
    expect(readdirSync(join(dir, 'metadata')).sort()).toEqual(['root.json', 'timestamp.json']);
    publish({ seq: 2, expires: { timestamp: '2020-01-01T00:00:00Z' } });
    expect(await refresh()).toBe(1);
    expect(versionOf('timestamp')).toBe(1);
  });

  it('downloads a target once, and not a longer or another one', async () => {
    const content = nodeCrypto.encodeUtf8('the content of a target');
    publish({});
    files = forge(medium({ createdAt: NOW, expires: { targets: LATER } }), 'targets', (signed) => {
      signed['targets'] = {
        'a/b.txt': { length: content.length, hashes: { sha256: nodeCrypto.sha256(content) } },
      };
    });
    files.set('targets/a/b.txt', content);
    await initialise();
    const get = (): Promise<number> =>
      client(
        '--target-name',
        'a/b.txt',
        '--target-base-url',
        `${url}/targets`,
        '--target-dir',
        join(dir, 'targets'),
        'download',
      );
    files.set('targets/a/b.txt', Buffer.concat([content, content]));
    expect(await get()).toBe(1);
    files.set(
      'targets/a/b.txt',
      content.map((byte) => byte ^ 1),
    );
    expect(await get()).toBe(1);
    expect(readdirSync(join(dir, 'targets'))).toEqual([]);
    files.set('targets/a/b.txt', content);
    expect([await get(), await get()]).toEqual([0, 0]);
    expect(
      readdirSync(join(dir, 'targets')).map((name) => readFileSync(join(dir, 'targets', name), 'utf8')),
    ).toEqual(['the content of a target']);
    expect(asked.filter((path) => path === 'targets/a/b.txt')).toHaveLength(3);
  });

  it('counts a keyholder with a P-256 token, and not one whose signature is another’s', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const stated = {
      keytype: 'ecdsa',
      scheme: 'ecdsa-sha2-nistp256',
      keyval: { public: publicKey.export({ type: 'spki', format: 'pem' }) },
    };
    const keyId = 'e'.repeat(64);
    const token = {
      keyId,
      sign: (message: Uint8Array) => sign('sha256', message, privateKey).toString('hex'),
    };
    const withToken = (signers: Parameters<typeof signRole>[1], version: number): Uint8Array => {
      const plain = JSON.parse(nodeCrypto.decodeUtf8(root(version))) as {
        signed: { keys: Record<string, unknown>; roles: { root: { keyids: string[]; threshold: number } } };
      };
      plain.signed.keys[keyId] = stated;
      plain.signed.roles.root = { keyids: [ANN.keyId, keyId], threshold: 2 };
      return signRole(plain.signed, signers, nodeCrypto);
    };
    const first = withToken([ANN, token], 1);
    await initialise(first);
    const impostor = { keyId, sign: (message: Uint8Array) => BUILDER.sign(message) };
    for (const [second, exit] of [
      [withToken([ANN, impostor], 2), 1],
      [withToken([ANN, token], 2), 0],
    ] as const) {
      publish({
        roots: new Map([
          [1, first],
          [2, second],
        ]),
      });
      expect(await refresh()).toBe(exit);
    }
    expect(versionOf('root')).toBe(2);
  });
});
