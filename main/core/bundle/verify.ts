import { BundleError } from '../../../contract/errors.ts';
import type { BundleCrypto } from './crypto-port.ts';
import {
  checkSignatures,
  goodSigners,
  holderIn,
  MAX_ROOTS,
  parseEnvelope,
  type Envelope,
  type RoleName,
  type RootRole,
} from './metadata.ts';
import {
  bindingMarks,
  isFromFuture,
  judgeFreshness,
  referenceTimeOf,
  type Freshness,
  type RoleMark,
  type StalenessPolicy,
  type TrustState,
} from './trust.ts';
import { refusePlace, type JudgePlace } from './place.ts';
import { clockDoubted } from './reason.ts';
import { refuseOtherNames, theOneBundle, type BundleReference } from './reference.ts';
import {
  checkExpiry,
  followRoot,
  readSnapshot,
  readTargets,
  readTimestamp,
  type Accepted,
  type Signed,
} from './workflow.ts';

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
    const next = followRoot(signed, rootFile(version + 1), bytes, crypto);
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
 * Expiry is judged last, when the signed time is known: only then can a wrong clock be told from a lapsed file.
 *
 * @param now ISO-8601 time of this machine's clock
 * @param judgePlace refuses a bundle that is not the next one of its stream; another one only where nothing is imported
 * @throws BundleError with the step's code; the file is named in the message and in `subject.file`
 */
export function verifyMetadata(
  trust: TrustState,
  files: MetadataFiles,
  now: string,
  policy: StalenessPolicy,
  crypto: BundleCrypto,
  judgePlace: JudgePlace = refusePlace,
): VerifiedMetadata {
  const root = currentRoot(trust, crypto);
  const reference = referenceTimeOf(now, trust.timeFloor);
  const marks = bindingMarks(trust.marks, root.signed);

  // 3. Timestamp: signature, then version.
  const timestamp = readTimestamp(
    'metadata/timestamp.json',
    files.timestamp,
    root.signed,
    acceptedOf(marks.timestamp, { 'snapshot.json': marks.snapshot }),
    crypto,
  );
  refuseOtherNames(timestamp.envelope, timestamp.envelope.signed.meta, 'snapshot.json');
  checkSameFile(timestamp.envelope, marks.timestamp, crypto);

  // 4. Snapshot: the very bytes that the timestamp names, then signature and version.
  const snapshot = readSnapshot(
    'metadata/snapshot.json',
    files.snapshot,
    root.signed,
    timestamp.envelope.signed,
    acceptedOf(marks.snapshot, { 'targets.json': marks.targets }),
    crypto,
  );
  refuseOtherNames(snapshot.envelope, snapshot.envelope.signed.meta, 'targets.json');
  checkSameFile(snapshot.envelope, marks.snapshot, crypto);

  // 5. Targets: the very bytes that the snapshot names, then signature and version.
  const targets = readTargets(
    'metadata/targets.json',
    files.targets,
    root.signed,
    snapshot.envelope.signed,
    crypto,
  );
  checkSameFile(targets.envelope, marks.targets, crypto);

  // 6. The one bundle, its signed time, and its place in its stream.
  const bundle = theOneBundle(targets.envelope);
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
  judgePlace(bundle, trust.streams[bundle.stream]);

  // For step 9: age of the signed time, what it says of the clock, and expiry. The caller decides what follows.
  const freshness = judgeFreshness(bundle.createdAt, now, trust.timeFloor, policy);
  const isExpired = (signed: { readonly expires: string }): boolean =>
    Date.parse(signed.expires) <= Date.parse(reference);
  const { signed: targetsSigned } = targets.envelope;
  if (freshness.clock === 'ahead' && (isExpired(root.signed) || isExpired(targetsSigned))) {
    throw clockDoubted(freshness, bundle, now);
  }
  checkExpiry(rootFile(root.version), root.signed.expires, reference);
  checkExpiry('metadata/targets.json', targetsSigned.expires, reference);
  const isLapsed = isExpired(timestamp.envelope.signed) || isExpired(snapshot.envelope.signed);

  const markOf = ({ envelope, signedBy }: Signed<RoleName>): RoleMark => ({
    version: envelope.signed.version,
    sha256: crypto.sha256(envelope.bytes),
    signedBy,
  });
  return {
    bundle,
    freshness: isLapsed ? { ...freshness, level: 'expired' } : freshness,
    signatures: [
      ...signaturesOf(
        parseEnvelope('root', rootFile(root.version), trust.roots.at(-1)?.bytes ?? new Uint8Array(), crypto),
        root.signed,
        crypto,
      ),
      ...[timestamp, snapshot, targets].flatMap(({ envelope }) =>
        signaturesOf(envelope, root.signed, crypto),
      ),
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

function acceptedOf(
  mark: RoleMark | null,
  named: Readonly<Record<string, RoleMark | null>>,
): Accepted | null {
  if (mark === null) return null;
  const names = Object.entries(named).flatMap(([name, known]) =>
    known === null ? [] : [[name, known.version]],
  );
  return {
    version: mark.version,
    sha256: mark.sha256,
    names: Object.fromEntries(names) as Accepted['names'],
  };
}

/** A version stands for one file for ever: another one under the same number is no repetition of it. */
function checkSameFile(envelope: Envelope<RoleName>, mark: RoleMark | null, crypto: BundleCrypto): void {
  const { version } = envelope.signed;
  if (version !== mark?.version || crypto.sha256(envelope.bytes) === mark.sha256) return;
  throw new BundleError(
    'BUNDLE_ROLLBACK',
    `${envelope.file} is version ${version}, but this site has already accepted another file of that version.`,
    { hint: 'It is an older medium. Use the newest one.', subject: { file: envelope.file } },
  );
}

function signaturesOf(envelope: Envelope<RoleName>, root: RootRole, crypto: BundleCrypto): RoleSignature[] {
  const good = new Set(goodSigners(envelope, root, crypto));
  return envelope.signatures
    .filter(({ keyid }) => root.roles[envelope.role].keyids.includes(keyid))
    .filter(({ keyid }) => good.has(holderIn(root, keyid) ?? ''))
    .map(({ keyid }) => ({ role: envelope.role, keyId: keyid, version: envelope.signed.version }));
}
