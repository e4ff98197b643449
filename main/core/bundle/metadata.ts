import { canonicalize } from '@tufjs/canonical-json';
import { z } from 'zod';
import { BundleError } from '../../../contract/errors.ts';
import type { BundleCrypto, StatedKey } from './crypto-port.ts';

/**
 * The signed roles of a bundle: The Update Framework's metadata (specification 1.0, https://theupdateframework.github.io/specification/),
 * in canonical JSON, signed with Ed25519. Fields we don't know are ignored but are covered by the signature.
 */

export const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;
export type RoleName = (typeof ROLES)[number];

/** Largest metadata files that are read, in bytes. */
export const METADATA_LIMITS: Readonly<Record<RoleName, number>> = {
  root: 512 * 1024,
  timestamp: 16 * 1024,
  snapshot: 64 * 1024,
  targets: 1024 * 1024,
};

/** Root versions one after another that are followed; more than enough for centuries of yearly changes. */
export const MAX_ROOTS = 256;

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const version = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const expires = z.iso.datetime();
const hashes = z.looseObject({ sha256: hex64.optional() });
const fileMeta = z.looseObject({
  version,
  length: z.number().int().min(1).optional(),
  hashes: hashes.optional(),
});
const roleKeys = z.looseObject({
  keyids: z.array(hex64).min(1).max(64),
  threshold: z.number().int().min(1).max(64),
});
// Keys of a type that we don't know are read and never count, so that a root may name keys for newer readers.
const keySchema = z.looseObject({
  keytype: z.string().max(64),
  scheme: z.string().max(64),
  keyval: z.looseObject({ public: z.string().max(4_096) }),
});
const specVersion = z.string().regex(/^1\.\d+(?:\.\d+)?$/);

const SCHEMAS = {
  root: z.looseObject({
    _type: z.literal('root'),
    spec_version: specVersion,
    version,
    expires,
    consistent_snapshot: z.boolean().optional(),
    keys: z.record(hex64, keySchema),
    roles: z.looseObject({ root: roleKeys, timestamp: roleKeys, snapshot: roleKeys, targets: roleKeys }),
  }),
  timestamp: z.looseObject({
    _type: z.literal('timestamp'),
    spec_version: specVersion,
    version,
    expires,
    meta: z.looseObject({ 'snapshot.json': fileMeta }),
  }),
  snapshot: z.looseObject({
    _type: z.literal('snapshot'),
    spec_version: specVersion,
    version,
    expires,
    meta: z.record(z.string(), fileMeta).refine((meta) => Object.hasOwn(meta, 'targets.json')),
  }),
  targets: z.looseObject({
    _type: z.literal('targets'),
    spec_version: specVersion,
    version,
    expires,
    delegations: z.unknown().optional(),
    targets: z.record(
      z.string(),
      z.looseObject({ length: z.number().int().min(0), hashes, custom: z.unknown().optional() }),
    ),
  }),
} as const;

export type RootRole = z.infer<(typeof SCHEMAS)['root']>;
export type TimestampRole = z.infer<(typeof SCHEMAS)['timestamp']>;
export type SnapshotRole = z.infer<(typeof SCHEMAS)['snapshot']>;
export type TargetsRole = z.infer<(typeof SCHEMAS)['targets']>;
export interface RoleTypes {
  root: RootRole;
  timestamp: TimestampRole;
  snapshot: SnapshotRole;
  targets: TargetsRole;
}

const envelopeSchema = z.looseObject({
  signed: z.record(z.string(), z.unknown()),
  // What a signature looks like depends on its key, so it is judged with the key.
  signatures: z.array(z.looseObject({ keyid: z.string().max(128), sig: z.string().max(4_096) })).max(64),
});

/** A parsed metadata file with exactly the bytes that its signatures cover. Nothing in it is trusted yet. */
export interface Envelope<Role extends RoleName> {
  readonly role: Role;
  /** On the medium, for messages: `metadata/timestamp.json`. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly message: Uint8Array;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  readonly signed: RoleTypes[Role];
}

/**
 * Reads one metadata file. TUF wants the file parsed to know what is signed, so this is the only parser that sees
 * bytes before a signature holds; its input is bounded by {@link METADATA_LIMITS}.
 *
 * @throws BundleError BUNDLE_METADATA_INVALID, BUNDLE_TOO_LARGE
 */
export function parseEnvelope<Role extends RoleName>(
  role: Role,
  file: string,
  bytes: Uint8Array,
  crypto: BundleCrypto,
): Envelope<Role> {
  const invalid = (why: string, cause?: unknown): BundleError =>
    new BundleError('BUNDLE_METADATA_INVALID', `${file} is no valid ${role} metadata: ${why}.`, {
      hint: 'The file is damaged or was written by something else. Copy the bundle to the medium again.',
      subject: { file },
      cause,
    });
  if (bytes.length > METADATA_LIMITS[role]) {
    throw new BundleError('BUNDLE_TOO_LARGE', `${file} is larger than any ${role} metadata may be.`, {
      subject: { file },
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(crypto.decodeUtf8(bytes));
  } catch (error) {
    throw invalid('it is not JSON', error);
  }
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) throw invalid('it has no signed part or no signatures');
  const { signatures } = envelope.data;
  // Specification section 4.2.1: the key ids of the signatures must be unique.
  if (new Set(signatures.map(({ keyid }) => keyid)).size !== signatures.length) {
    throw invalid('a key has signed it twice');
  }
  const parsed = SCHEMAS[role].safeParse(envelope.data.signed);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(`${issue?.path.join('.') || 'its top level'} is wrong`);
  }
  let message: Uint8Array;
  try {
    message = crypto.encodeUtf8(canonicalize((value as { signed: unknown }).signed));
  } catch (error) {
    throw invalid('it has no canonical form', error);
  }
  return {
    role,
    file,
    bytes,
    message,
    signatures,
    signed: parsed.data as RoleTypes[Role],
  };
}

/** What tells one keyholder from another: the public key, in whatever way a PEM of it breaks its lines. */
const holderOf = (key: StatedKey): string => key.keyval.public.replaceAll(/\s/g, '');

export function holderIn(root: RootRole, keyid: string): string | undefined {
  const key = root.keys[keyid];
  return key === undefined ? undefined : holderOf(key);
}

/**
 * Public keys of a role whose signatures hold. By public key, not by key id: one key under two ids is still one
 * keyholder (specification section 5.3.4). Signatures that don't hold, or of keys that the role doesn't name, count for nothing.
 *
 * @param root the root metadata that says whose keys count for the role
 */
export function goodSigners(envelope: Envelope<RoleName>, root: RootRole, crypto: BundleCrypto): string[] {
  const { keyids } = root.roles[envelope.role];
  const good = new Set<string>();
  for (const { keyid, sig } of envelope.signatures) {
    const key = keyids.includes(keyid) ? root.keys[keyid] : undefined;
    if (key !== undefined && crypto.verifySignature(key, envelope.message, sig)) good.add(holderOf(key));
  }
  return [...good].sort();
}

/**
 * Checks that enough different keys of a role have signed.
 *
 * @param root the root metadata whose keys and threshold decide
 * @returns the public keys whose signatures hold, sorted
 * @throws BundleError BUNDLE_SIGNATURE_UNTRUSTED, BUNDLE_THRESHOLD_NOT_MET
 */
export function checkSignatures(
  envelope: Envelope<RoleName>,
  root: RootRole,
  crypto: BundleCrypto,
): readonly string[] {
  const { keyids, threshold } = root.roles[envelope.role];
  const subject = { file: envelope.file };
  const good = goodSigners(envelope, root, crypto);
  if (good.length >= threshold) return good;
  if (good.length > 0) {
    throw new BundleError(
      'BUNDLE_THRESHOLD_NOT_MET',
      `${envelope.file} is signed by ${good.length} of ${threshold} keyholders needed.`,
      { hint: 'The remaining keyholders must sign before it can be used.', subject },
    );
  }
  const isNamed = envelope.signatures.some(({ keyid }) => keyids.includes(keyid));
  throw new BundleError(
    'BUNDLE_SIGNATURE_UNTRUSTED',
    isNamed
      ? `The signature on ${envelope.file} does not hold.`
      : `${envelope.file} is not signed by a key this site trusts.`,
    {
      hint: isNamed
        ? 'The file was changed after it was signed. Do not use this medium; ask for a new one.'
        : 'The medium is for another site, or was not made by your supplier.',
      subject,
    },
  );
}
