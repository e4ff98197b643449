import { BundleError } from '../../../contract/errors.ts';
import type { BundleCrypto } from './crypto-port.ts';
import {
  checkSignatures,
  MAX_ROOTS,
  parseEnvelope,
  type Envelope,
  type RoleName,
  type RootRole,
} from './metadata.ts';
import {
  isFromFuture,
  judgeFreshness,
  referenceTimeOf,
  type Freshness,
  type RoleMark,
  type StalenessPolicy,
  type TrustState,
} from './trust.ts';

/**
 * The verification of a bundle's signed metadata, without any I/O. The numbers in the comments are the steps of
 * docs/FORMAT-bundle.md, section "Verification"; they follow the client workflow of the TUF specification (§5.3-5.6).
 */

/** The metadata files of a medium, as read. */
export interface MetadataFiles {
  /** By version. */
  readonly roots: ReadonlyMap<number, Uint8Array>;
  readonly timestamp: Uint8Array;
  readonly snapshot: Uint8Array;
  readonly targets: Uint8Array;
}

/** The one bundle that a medium's targets name. */
export interface BundleReference {
  readonly stream: string;
  readonly seq: number;
  readonly base: number;
  readonly createdAt: string;
  /** `bundles/<stream>/<seq>/manifest.tsv` */
  readonly manifestPath: string;
  readonly manifestSha256: string;
  readonly manifestSize: number;
}

export interface RoleSignature {
  readonly role: RoleName;
  readonly keyId: string;
  readonly version: number;
}

export interface VerifiedMetadata {
  readonly bundle: BundleReference;
  readonly freshness: Freshness;
  readonly signatures: readonly RoleSignature[];
  /** Trust as it is once the bundle has been imported whole. */
  readonly nextTrust: TrustState;
}

export const rootFile = (version: number): string => `metadata/${version}.root.json`;

/**
 * Step 2: follows the chain of roots. Each next root must be signed by enough keys of the one before it and by enough
 * of its own. An expired root still passes on to its successor, so that a site that slept can catch up.
 *
 * @returns the roots to add to the trust, oldest first; keep them even when a later step fails
 * @throws BundleError BUNDLE_HASH_MISMATCH when a version that is known here has other bytes on the medium,
 *   BUNDLE_METADATA_INVALID, BUNDLE_SIGNATURE_UNTRUSTED, BUNDLE_THRESHOLD_NOT_MET
 */
export function followRoots(
  trust: TrustState,
  roots: ReadonlyMap<number, Uint8Array>,
  crypto: BundleCrypto,
): readonly { readonly version: number; readonly bytes: Uint8Array }[] {
  for (const known of trust.roots) {
    const carried = roots.get(known.version);
    if (carried !== undefined && crypto.sha256(carried) !== crypto.sha256(known.bytes)) {
      throw new BundleError(
        'BUNDLE_HASH_MISMATCH',
        `${rootFile(known.version)} is not the root this site trusts.`,
        {
          hint: 'The file was changed, or the medium is for another site. Do not use it.',
          subject: { file: rootFile(known.version) },
        },
      );
    }
  }
  let { version, signed } = currentRoot(trust, crypto);
  const accepted: { version: number; bytes: Uint8Array }[] = [];
  for (;;) {
    const bytes = roots.get(version + 1);
    if (bytes === undefined || accepted.length >= MAX_ROOTS) return accepted;
    const next = parseEnvelope('root', rootFile(version + 1), bytes, crypto);
    checkSignatures(next, signed, crypto);
    checkSignatures(next, next.signed, crypto);
    if (next.signed.version !== version + 1) {
      throw new BundleError('BUNDLE_ROLLBACK', `${next.file} says it is version ${next.signed.version}.`, {
        subject: { file: next.file },
        hint: 'Do not use this medium.',
      });
    }
    version = next.signed.version;
    signed = next.signed;
    accepted.push({ version, bytes });
  }
}

/** The root that rules. Its signatures held when it was pinned or followed; only its own are needed to read it again. */
export function currentRoot(
  trust: TrustState,
  crypto: BundleCrypto,
): { readonly version: number; readonly signed: RootRole } {
  const last = trust.roots.at(-1);
  if (last === undefined) {
    throw new BundleError('BUNDLE_ROOT_UNPINNED', 'This site has not pinned a root of trust yet.', {
      hint: 'Compare the fingerprint with your supplier by telephone and pin it first.',
    });
  }
  const envelope = parseEnvelope('root', rootFile(last.version), last.bytes, crypto);
  return { version: envelope.signed.version, signed: envelope.signed };
}

/**
 * Checks a root that a person is about to pin (step 1): well-formed and signed by enough of its own keys.
 */
export function checkOwnRoot(bytes: Uint8Array, file: string, crypto: BundleCrypto): RootRole {
  const envelope = parseEnvelope('root', file, bytes, crypto);
  checkSignatures(envelope, envelope.signed, crypto);
  return envelope.signed;
}

/**
 * Steps 3 to 6: timestamp, snapshot, targets and the bundle's place, with `trust` already moved on by {@link followRoots}.
 *
 * @param now ISO-8601 time of this machine's clock
 * @throws BundleError with the step's code; the file is named in the message and in `subject.file`
 */
export function verifyMetadata(
  trust: TrustState,
  files: MetadataFiles,
  now: string,
  policy: StalenessPolicy,
  crypto: BundleCrypto,
): VerifiedMetadata {
  const root = currentRoot(trust, crypto);
  const reference = referenceTimeOf(now, trust.timeFloor);
  checkExpiry(rootFile(root.version), root.signed.expires, reference);

  // 3. Timestamp: signature, then version. Its expiry is judged below as staleness.
  const timestamp = parseEnvelope('timestamp', 'metadata/timestamp.json', files.timestamp, crypto);
  checkSignatures(timestamp, root.signed, crypto);
  checkRollback(timestamp, trust.marks.timestamp, crypto);

  // 4. Snapshot: the very bytes that the timestamp names, then signature and version.
  const snapshotMeta = timestamp.signed.meta['snapshot.json'];
  checkNamedFile('metadata/snapshot.json', files.snapshot, snapshotMeta, 'metadata/timestamp.json', crypto);
  const snapshot = parseEnvelope('snapshot', 'metadata/snapshot.json', files.snapshot, crypto);
  checkSignatures(snapshot, root.signed, crypto);
  checkSameVersion(snapshot, snapshotMeta.version, 'metadata/timestamp.json');
  checkRollback(snapshot, trust.marks.snapshot, crypto);

  // 5. Targets: the very bytes that the snapshot names, then signature, version and expiry.
  const targetsMeta = snapshot.signed.meta['targets.json'];
  checkNamedFile('metadata/targets.json', files.targets, targetsMeta, 'metadata/snapshot.json', crypto);
  const targets = parseEnvelope('targets', 'metadata/targets.json', files.targets, crypto);
  checkSignatures(targets, root.signed, crypto);
  checkSameVersion(targets, targetsMeta.version, 'metadata/snapshot.json');
  checkRollback(targets, trust.marks.targets, crypto);
  checkExpiry('metadata/targets.json', targets.signed.expires, reference);

  // 6. The one bundle, and its place in its stream.
  const bundle = theOneBundle(targets);
  if (isFromFuture(bundle.createdAt, reference, policy)) {
    throw new BundleError(
      'BUNDLE_CLOCK_WRONG',
      `metadata/targets.json was signed at ${bundle.createdAt}, which is in the future of this machine's clock (${now}).`,
      {
        hint: 'Set this machine’s clock right, or have the bundle built again on a machine whose clock is right.',
        subject: { file: 'metadata/targets.json' },
      },
    );
  }
  const known = trust.streams[bundle.stream];
  if (known !== undefined) {
    if (bundle.seq === known.seq && bundle.manifestSha256 === known.manifestSha256) {
      throw new BundleError(
        'BUNDLE_ALREADY_IMPORTED',
        `Bundle ${bundle.stream}/${bundle.seq} is already imported.`,
        {
          subject: { file: bundle.manifestPath },
        },
      );
    }
    if (bundle.seq <= known.seq) {
      throw new BundleError(
        'BUNDLE_ROLLBACK',
        `${bundle.manifestPath} is bundle ${bundle.seq}, but this site already has ${known.seq}.`,
        { hint: 'It is an older medium. Use the newest one.', subject: { file: bundle.manifestPath } },
      );
    }
  }
  if (bundle.base > (known?.seq ?? 0)) {
    throw new BundleError(
      'BUNDLE_FILE_MISSING',
      `${bundle.manifestPath} builds on bundle ${bundle.base}, which this site has not imported.`,
      {
        hint: `Import bundle ${bundle.base} first, or ask for a bundle that stands alone.`,
        subject: { file: bundle.manifestPath },
      },
    );
  }

  // For step 9: age of the signed time, and expiry of timestamp and snapshot. The caller decides what follows.
  const freshness = judgeFreshness(bundle.createdAt, now, trust.timeFloor, policy);
  const isLapsed = [timestamp.signed.expires, snapshot.signed.expires].some(
    (at) => Date.parse(at) <= Date.parse(reference),
  );

  const markOf = (envelope: Envelope<RoleName>): RoleMark => ({
    version: envelope.signed.version,
    sha256: crypto.sha256(envelope.bytes),
  });
  return {
    bundle,
    freshness: isLapsed ? { ...freshness, level: 'expired' } : freshness,
    signatures: [
      ...signaturesOf(
        parseEnvelope('root', rootFile(root.version), trust.roots.at(-1)?.bytes ?? new Uint8Array(), crypto),
        root.signed,
      ),
      ...[timestamp, snapshot, targets].flatMap((envelope) => signaturesOf(envelope, root.signed)),
    ],
    nextTrust: {
      roots: trust.roots,
      marks: { timestamp: markOf(timestamp), snapshot: markOf(snapshot), targets: markOf(targets) },
      streams: {
        ...trust.streams,
        [bundle.stream]: { seq: bundle.seq, manifestSha256: bundle.manifestSha256 },
      },
      timeFloor: referenceTimeOf(bundle.createdAt, trust.timeFloor),
    },
  };
}

function theOneBundle(targets: Envelope<'targets'>): BundleReference {
  const entries = Object.entries(targets.signed.targets);
  const [path, target] = entries[0] ?? [];
  const invalid = (why: string): BundleError =>
    new BundleError('BUNDLE_METADATA_INVALID', `metadata/targets.json ${why}.`, {
      subject: { file: 'metadata/targets.json' },
      hint: 'Ask for a medium that carries one bundle.',
    });
  if (entries.length !== 1 || path === undefined || target === undefined) {
    throw invalid(`names ${entries.length} bundles; this version reads media with exactly one`);
  }
  const { stream, seq, base, created } = target.custom;
  if (path !== manifestPathOf(stream, seq))
    throw invalid('names a manifest at a place that is not its bundle’s');
  return {
    stream,
    seq,
    base,
    createdAt: created,
    manifestPath: path,
    manifestSha256: target.hashes.sha256,
    manifestSize: target.length,
  };
}

export const manifestPathOf = (stream: string, seq: number): string =>
  `bundles/${stream}/${seq}/manifest.tsv`;

function checkNamedFile(
  file: string,
  bytes: Uint8Array,
  named: { readonly length: number; readonly hashes: { readonly sha256: string } },
  by: string,
  crypto: BundleCrypto,
): void {
  if (bytes.length !== named.length || crypto.sha256(bytes) !== named.hashes.sha256) {
    throw new BundleError('BUNDLE_HASH_MISMATCH', `${file} is not the file that ${by} names.`, {
      hint: 'It was changed, or files of two bundles were mixed. Copy the bundle to the medium again.',
      subject: { file },
    });
  }
}

function checkSameVersion(envelope: Envelope<RoleName>, version: number, by: string): void {
  if (envelope.signed.version !== version) {
    throw new BundleError(
      'BUNDLE_MIX_AND_MATCH',
      `${envelope.file} is version ${envelope.signed.version}, but ${by} names version ${version}.`,
      {
        hint: 'Files of two bundles were mixed. Copy the bundle to the medium again.',
        subject: { file: envelope.file },
      },
    );
  }
}

function checkRollback(envelope: Envelope<RoleName>, mark: RoleMark | null, crypto: BundleCrypto): void {
  if (mark === null) return;
  const { version } = envelope.signed;
  if (version < mark.version || (version === mark.version && crypto.sha256(envelope.bytes) !== mark.sha256)) {
    throw new BundleError(
      'BUNDLE_ROLLBACK',
      `${envelope.file} is version ${version}, but this site has already accepted ${version === mark.version ? 'another file of that version' : `version ${mark.version}`}.`,
      { hint: 'It is an older medium. Use the newest one.', subject: { file: envelope.file } },
    );
  }
}

function checkExpiry(file: string, expires: string, reference: string): void {
  if (Date.parse(expires) <= Date.parse(reference)) {
    throw new BundleError('BUNDLE_EXPIRED', `${file} expired at ${expires}.`, {
      hint: 'Ask for a newer bundle. Also check that this machine’s clock is right.',
      subject: { file },
    });
  }
}

function signaturesOf(envelope: Envelope<RoleName>, root: RootRole): RoleSignature[] {
  return envelope.signatures
    .filter(({ keyid }) => root.roles[envelope.role].keyids.includes(keyid))
    .map(({ keyid }) => ({ role: envelope.role, keyId: keyid, version: envelope.signed.version }));
}
