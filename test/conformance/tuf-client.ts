import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeCrypto } from '../../main/bundle/node-crypto.ts';
import {
  checkSignatures,
  MAX_ROOTS,
  METADATA_LIMITS,
  parseEnvelope,
  type Envelope,
  type RoleName,
  type RootRole,
} from '../../main/core/bundle/metadata.ts';
import {
  checkExpiry,
  followRoot,
  namesOf,
  readSnapshot,
  readTargets,
  readTimestamp,
  type Accepted,
} from '../../main/core/bundle/workflow.ts';

/**
 * A TUF client on top of our verifier, with the command line of the TUF project's conformance suite (its CLIENT-CLI.md),
 * so that anyone can judge the verifier. What a bundle adds to TUF is not in it; nor is what our format refuses by design: see
 * tuf-client.xfails. Every step is that of main/core/bundle/workflow.ts; here are only the fetching and the files.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'metadata-dir': { type: 'string' },
    'metadata-url': { type: 'string' },
    'target-name': { type: 'string', multiple: true },
    'target-base-url': { type: 'string' },
    'target-dir': { type: 'string' },
  },
});
const [command, trustedRoot] = positionals;
const need = (name: 'metadata-dir' | 'metadata-url' | 'target-base-url' | 'target-dir'): string => {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
};

const TIMEOUT_MS = 20_000;

/** Fetches at most `limit` bytes. @returns `null` when there is no such file */
async function fetchBytes(url: string, limit: number): Promise<Uint8Array | null> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
  if (response.status === 404 || response.status === 403) {
    await response.body?.cancel();
    return null;
  }
  if (!response.ok || response.body === null) throw new Error(`${url}: HTTP ${response.status}`);
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of response.body) {
    total += piece.length;
    if (total > limit) throw new Error(`${url} is longer than ${limit} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function mustFetch(url: string, limit: number): Promise<Uint8Array> {
  const bytes = await fetchBytes(url, limit);
  if (bytes === null) throw new Error(`${url} is not there`);
  return bytes;
}

const trustedPath = (role: RoleName): string => join(need('metadata-dir'), `${role}.json`);

/** Whole or not at all: a client that is killed finds what it trusted. */
function keep(path: string, bytes: Uint8Array): void {
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

/** What was trusted before, if enough of its signers still count (section 5.3.11). */
function recall<Role extends 'timestamp' | 'snapshot'>(role: Role, root: RootRole): Envelope<Role> | null {
  if (!existsSync(trustedPath(role))) return null;
  try {
    const envelope = parseEnvelope(role, `${role}.json`, readFileSync(trustedPath(role)), nodeCrypto);
    checkSignatures(envelope, root, nodeCrypto);
    return envelope;
  } catch {
    return null;
  }
}

const acceptedOf = (envelope: Envelope<'timestamp'> | Envelope<'snapshot'> | null): Accepted | null =>
  envelope === null
    ? null
    : {
        version: envelope.signed.version,
        sha256: nodeCrypto.sha256(envelope.bytes),
        names: namesOf(envelope.signed.meta),
      };

/** Brings all roles up to date. @throws when anything is wrong; what was accepted until then is kept */
async function refresh(): Promise<{ readonly root: RootRole; readonly targets: Envelope<'targets'> }> {
  const url = need('metadata-url').replace(/\/$/, '');
  const now = new Date().toISOString();

  const first = parseEnvelope('root', 'root.json', readFileSync(trustedPath('root')), nodeCrypto);
  checkSignatures(first, first.signed, nodeCrypto);
  let root = first.signed;
  for (let count = 0; count < MAX_ROOTS; count += 1) {
    const file = `${root.version + 1}.root.json`;
    const bytes = await fetchBytes(`${url}/${file}`, METADATA_LIMITS.root);
    if (bytes === null) break;
    root = followRoot(root, file, bytes, nodeCrypto).signed;
    keep(trustedPath('root'), bytes);
  }
  checkExpiry('root.json', root.expires, now);

  const [oldTimestamp, oldSnapshot] = [recall('timestamp', root), recall('snapshot', root)];
  const isFile = existsSync(trustedPath('snapshot'));
  // Both go when one does: what hangs on a replaced key must not lock us out.
  const isVoid = oldTimestamp === null || (isFile && oldSnapshot === null);
  const lastTimestamp = isVoid ? null : oldTimestamp;
  const lastSnapshot = isVoid ? null : oldSnapshot;

  const fetched = await mustFetch(`${url}/timestamp.json`, METADATA_LIMITS.timestamp);
  const read = readTimestamp('timestamp.json', fetched, root, acceptedOf(lastTimestamp), nodeCrypto).envelope;
  // Another file under a version that is known is ignored; a bundle that has one is refused.
  const timestamp = read.signed.version === lastTimestamp?.signed.version ? lastTimestamp : read;
  checkExpiry('timestamp.json', timestamp.signed.expires, now);
  if (timestamp === read) keep(trustedPath('timestamp'), fetched);

  const prefix = (version: number): string => (root.consistent_snapshot === true ? `${version}.` : '');
  const snapshotVersion = timestamp.signed.meta['snapshot.json'].version;
  const snapshot = await current(
    'snapshot',
    `${url}/${prefix(snapshotVersion)}snapshot.json`,
    (bytes) =>
      readSnapshot('snapshot.json', bytes, root, timestamp.signed, acceptedOf(lastSnapshot), nodeCrypto)
        .envelope,
    now,
  );
  const targetsVersion = snapshot.signed.meta['targets.json']?.version ?? 0;
  const targets = await current(
    'targets',
    `${url}/${prefix(targetsVersion)}targets.json`,
    (bytes) => readTargets('targets.json', bytes, root, snapshot.signed, nodeCrypto).envelope,
    now,
  );
  return { root, targets };
}

/** The trusted file if it is the one that is named, else the fetched one, which is then trusted. */
async function current<Role extends 'snapshot' | 'targets'>(
  role: Role,
  url: string,
  read: (bytes: Uint8Array) => Envelope<Role>,
  now: string,
): Promise<Envelope<Role>> {
  if (existsSync(trustedPath(role))) {
    try {
      const known = read(readFileSync(trustedPath(role)));
      checkExpiry(`${role}.json`, known.signed.expires, now);
      return known;
    } catch {
      // It is not the one that is named any more.
    }
  }
  const bytes = await mustFetch(url, METADATA_LIMITS[role]);
  const envelope = read(bytes);
  checkExpiry(`${role}.json`, envelope.signed.expires, now);
  keep(trustedPath(role), bytes);
  return envelope;
}

/** Section 5.7, for targets that the top level names. Delegations are not followed. */
async function download(name: string, root: RootRole, targets: Envelope<'targets'>): Promise<void> {
  const target = Object.hasOwn(targets.signed.targets, name) ? targets.signed.targets[name] : undefined;
  const sha256 = target?.hashes.sha256;
  if (target === undefined || sha256 === undefined) throw new Error(`${name} is no target with a SHA-256`);
  const isTarget = (bytes: Uint8Array): boolean =>
    bytes.length === target.length && nodeCrypto.sha256(bytes) === sha256;
  const path = join(need('target-dir'), encodeURIComponent(name));
  if (existsSync(path) && isTarget(readFileSync(path))) return;
  const parts = name.split('/').map(encodeURIComponent);
  const last = parts.pop() ?? '';
  const place = [...parts, root.consistent_snapshot === true ? `${sha256}.${last}` : last].join('/');
  const bytes = await mustFetch(`${need('target-base-url').replace(/\/$/, '')}/${place}`, target.length);
  if (!isTarget(bytes)) throw new Error(`${name} is not the file that targets.json names`);
  keep(path, bytes);
}

try {
  if (command === 'init' && trustedRoot !== undefined) {
    keep(trustedPath('root'), readFileSync(trustedRoot));
  } else if (command === 'refresh') {
    await refresh();
  } else if (command === 'download') {
    const { root, targets } = await refresh();
    for (const name of values['target-name'] ?? []) await download(name, root, targets);
  } else {
    throw new Error(
      'usage: tuf-client --metadata-dir D [--metadata-url U ...] init ROOT | refresh | download',
    );
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
