import { BundleError } from '../../../contract/errors.ts';
import type { BundleCrypto } from './crypto-port.ts';
import {
  checkSignatures,
  parseEnvelope,
  type Envelope,
  type RoleName,
  type RootRole,
  type SnapshotRole,
  type TimestampRole,
} from './metadata.ts';

/**
 * The steps of the TUF client workflow (specification 1.0, section 5), each a function over values. Where the bytes come
 * from, when they are kept and what else must hold is for the caller: verify.ts does it for bundles on media. Expiry is
 * apart too ({@link checkExpiry}), because what a site takes for the time is a decision of its own.
 */

/** What is remembered of the file that was accepted last for a role. */
export interface Accepted {
  readonly version: number;
  readonly sha256: string;
  /** Versions of the files that it named: `snapshot.json` to 3. */
  readonly names: Readonly<Record<string, number>>;
}

/** A metadata file whose signatures hold, and whose they are. */
export interface Signed<Role extends RoleName> {
  readonly envelope: Envelope<Role>;
  /** Public keys, sorted. */
  readonly signedBy: readonly string[];
}

/**
 * Section 5.3.3 to 5.3.7: the root that follows another, signed by enough keys of both.
 *
 * @throws BundleError BUNDLE_METADATA_INVALID, BUNDLE_SIGNATURE_UNTRUSTED, BUNDLE_THRESHOLD_NOT_MET, BUNDLE_ROLLBACK
 */
export function followRoot(
  current: RootRole,
  file: string,
  bytes: Uint8Array,
  crypto: BundleCrypto,
): Envelope<'root'> {
  const next = parseEnvelope('root', file, bytes, crypto);
  checkSignatures(next, current, crypto);
  checkSignatures(next, next.signed, crypto);
  if (next.signed.version !== current.version + 1) {
    throw new BundleError('BUNDLE_ROLLBACK', `${file} says it is version ${next.signed.version}.`, {
      subject: { file },
      hint: 'Do not use this medium.',
    });
  }
  return next;
}

/**
 * Section 5.4: the timestamp, not older than the last and naming no older snapshot.
 *
 * @param last accepted before under keys that still count; `null` for none
 * @throws BundleError BUNDLE_METADATA_INVALID, BUNDLE_SIGNATURE_UNTRUSTED, BUNDLE_THRESHOLD_NOT_MET, BUNDLE_ROLLBACK
 */
export function readTimestamp(
  file: string,
  bytes: Uint8Array,
  root: RootRole,
  last: Accepted | null,
  crypto: BundleCrypto,
): Signed<'timestamp'> {
  const envelope = parseEnvelope('timestamp', file, bytes, crypto);
  const signedBy = checkSignatures(envelope, root, crypto);
  checkNotOlder(file, envelope.signed.version, last?.version);
  checkNamedNotOlder(file, envelope.signed.meta, last);
  return { envelope, signedBy };
}

/**
 * Section 5.5: the snapshot that the timestamp names, which still names every file that the last one did, none older.
 *
 * @throws BundleError as {@link readTimestamp}, BUNDLE_HASH_MISMATCH, BUNDLE_MIX_AND_MATCH
 */
export function readSnapshot(
  file: string,
  bytes: Uint8Array,
  root: RootRole,
  timestamp: TimestampRole,
  last: Accepted | null,
  crypto: BundleCrypto,
): Signed<'snapshot'> {
  const named = timestamp.meta['snapshot.json'];
  checkNamedBytes(file, bytes, named, 'the timestamp', crypto);
  const envelope = parseEnvelope('snapshot', file, bytes, crypto);
  const signedBy = checkSignatures(envelope, root, crypto);
  checkNamedVersion(file, envelope.signed.version, named.version, 'the timestamp');
  checkNamedNotOlder(file, envelope.signed.meta, last);
  return { envelope, signedBy };
}

/**
 * Section 5.6: the targets that the snapshot names.
 *
 * @throws BundleError as {@link readSnapshot}
 */
export function readTargets(
  file: string,
  bytes: Uint8Array,
  root: RootRole,
  snapshot: SnapshotRole,
  crypto: BundleCrypto,
): Signed<'targets'> {
  const named = snapshot.meta['targets.json'];
  if (named === undefined)
    throw new Error('the schema lets no snapshot pass that does not name targets.json');
  checkNamedBytes(file, bytes, named, 'the snapshot', crypto);
  const envelope = parseEnvelope('targets', file, bytes, crypto);
  const signedBy = checkSignatures(envelope, root, crypto);
  checkNamedVersion(file, envelope.signed.version, named.version, 'the snapshot');
  return { envelope, signedBy };
}

/** @throws BundleError BUNDLE_EXPIRED when the file had lapsed at the time given (ISO-8601) */
export function checkExpiry(file: string, expires: string, at: string): void {
  if (Date.parse(expires) > Date.parse(at)) return;
  throw new BundleError('BUNDLE_EXPIRED', `${file} expired at ${expires}.`, {
    hint: 'Ask for a newer bundle. Also check that this machine’s clock is right.',
    subject: { file },
  });
}

/** Versions of the files that a file names, to be remembered with it. */
export function namesOf(meta: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(meta as Readonly<Record<string, { readonly version: number }>>).map(
      ([name, { version }]) => [name, version],
    ),
  );
}

function checkNotOlder(file: string, version: number, last: number | undefined): void {
  if (last === undefined || version >= last) return;
  throw rollback(file, `is version ${version}, but this site has already accepted version ${last}`);
}

function checkNamedNotOlder(
  file: string,
  meta: Readonly<Record<string, unknown>>,
  last: Accepted | null,
): void {
  const names = namesOf(meta);
  for (const [name, known] of Object.entries(last?.names ?? {})) {
    const version = names[name];
    if (version === undefined) throw rollback(file, `no longer names metadata/${name}, which it did before`);
    if (version < known) {
      throw rollback(
        file,
        `names version ${version} of metadata/${name}, but this site has already accepted version ${known}`,
      );
    }
  }
}

function checkNamedBytes(
  file: string,
  bytes: Uint8Array,
  named: {
    readonly length?: number | undefined;
    readonly hashes?: { readonly sha256?: string | undefined } | undefined;
  },
  by: string,
  crypto: BundleCrypto,
): void {
  const isLength = named.length === undefined || bytes.length === named.length;
  // Hashes of kinds that we don't know prove nothing.
  const isHash = named.hashes === undefined || crypto.sha256(bytes) === named.hashes.sha256;
  if (isLength && isHash) return;
  throw new BundleError('BUNDLE_HASH_MISMATCH', `${file} is not the file that ${by} names.`, {
    hint: 'It was changed, or files of two bundles were mixed. Copy the bundle to the medium again.',
    subject: { file },
  });
}

function checkNamedVersion(file: string, version: number, named: number, by: string): void {
  if (version === named) return;
  throw new BundleError(
    'BUNDLE_MIX_AND_MATCH',
    `${file} is version ${version}, but ${by} names version ${named}.`,
    {
      hint: 'Files of two bundles were mixed. Copy the bundle to the medium again.',
      subject: { file },
    },
  );
}

function rollback(file: string, what: string): BundleError {
  return new BundleError('BUNDLE_ROLLBACK', `${file} ${what}.`, {
    hint: 'It is an older medium. Use the newest one.',
    subject: { file },
  });
}
