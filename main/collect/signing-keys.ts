import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CollectError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { rootFingerprint } from '../bundle/trust-root.ts';
import { composeRoot } from '../core/bundle/compose.ts';
import type { BundleSigner } from '../core/bundle/crypto-port.ts';
import type { RootRole } from '../core/bundle/metadata.ts';
import { checkOwnRoot, rootFile } from '../core/bundle/verify.ts';
import {
  checkPassphrase,
  makeSealedKey,
  openSealedKey,
  parseJsonFile,
  readKeyId,
  writeDurably,
  type ScryptCost,
} from './sealed-key.ts';

/**
 * The builder's folder: keys that sign bundles, sealed by one passphrase; the chain of roots; and the numbers that were
 * given out. Root keys are elsewhere (key-ceremony.ts), unless one key signs for every role.
 */

const SINGLE_KEY_FILE = 'signing-key.json';
/** A key that was made for a later root has its version in its name: `builder-key-3.json`. */
const KEY_FILE = /^(?:signing|release|builder)-key(?:-[1-9]\d{0,8})?\.json$/;
const STATE_FILE = 'numbers.json';

const numbersSchema = z.strictObject({
  format: z.literal('sallyport-numbers/1'),
  roles: z.strictObject({
    timestamp: z.number().int().nonnegative(),
    snapshot: z.number().int().nonnegative(),
    targets: z.number().int().nonnegative(),
  }),
  streams: z.record(z.string(), z.number().int().nonnegative()),
});
export type Numbers = z.infer<typeof numbersSchema>;

/** Roles that sign each bundle. */
const SIGNING_ROLES = ['targets', 'snapshot', 'timestamp'] as const;
type SigningRole = (typeof SIGNING_ROLES)[number];

export interface SigningKeys {
  readonly signers: Readonly<Record<SigningRole, readonly BundleSigner[]>>;
  /** The root chain, by version. */
  readonly roots: ReadonlyMap<number, Uint8Array>;
  readonly fingerprint: string;
}

export interface CreatedKeys {
  readonly dir: string;
  readonly keyId: string;
  readonly rootBytes: Uint8Array;
  /** What the site's person confirms before pinning. */
  readonly fingerprint: string;
}

/**
 * Makes one key that signs for every role, and the first root of trust. For a laboratory or a demonstration: whoever has
 * this one key can do everything, and a site that pinned it can't be rescued when it is stolen.
 *
 * @param options.dir new or empty folder
 * @throws CollectError COLLECT_KEY_INVALID when the folder has keys already or the passphrase is too short
 */
export async function createSigningKeys(options: {
  readonly dir: string;
  readonly passphrase: string;
  /** ISO-8601. */
  readonly now: string;
  /** Cheaper parameters for tests. */
  readonly scrypt?: ScryptCost;
}): Promise<CreatedKeys> {
  const { dir, passphrase } = options;
  refuseKeysIn(dir);
  checkPassphrase(passphrase, 'the signing keys');
  const { key, file } = await makeSealedKey(passphrase, { scrypt: options.scrypt });
  const role = { keys: [key.publicKey], threshold: 1 };
  const rootBytes = composeRoot(
    {
      version: 1,
      createdAt: options.now,
      roles: { root: role, timestamp: role, snapshot: role, targets: role },
      signers: [key.signer],
    },
    nodeCrypto,
  );
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeDurably(join(dir, SINGLE_KEY_FILE), file);
  writeDurably(join(dir, '1.root.json'), rootBytes);
  return { dir, keyId: key.signer.keyId, rootBytes, fingerprint: rootFingerprint(rootBytes) };
}

/** @throws CollectError COLLECT_KEY_INVALID */
export function refuseKeysIn(dir: string): void {
  if (!existsSync(dir) || !readdirSync(dir).some((name) => KEY_FILE.test(name) || name === '1.root.json'))
    return;
  throw new CollectError('COLLECT_KEY_INVALID', `${dir} already has a signing key.`, {
    hint: 'Use it, or choose another folder: sites trust only the keys they pinned.',
  });
}

/**
 * Opens what signs a bundle: of the keys in the folder those that the newest root names.
 *
 * @throws CollectError COLLECT_KEY_INVALID, COLLECT_KEY_PASSPHRASE_WRONG
 */
export async function openSigningKeys(dir: string, passphrase: string): Promise<SigningKeys> {
  const files = existsSync(dir) ? readdirSync(dir).filter((name) => KEY_FILE.test(name)) : [];
  // The message says which file is missing, as when there was only one.
  const ids = new Map(
    (files.length === 0 ? [SINGLE_KEY_FILE] : files).map((name) => [name, readKeyId(join(dir, name))]),
  );
  const { roots, newest } = readRootChain(dir);
  const opened = new Map<string, BundleSigner>();
  for (const [name, id] of ids) {
    if (!SIGNING_ROLES.some((role) => newest.roles[role].keyids.includes(id))) continue;
    opened.set(id, (await openSealedKey(join(dir, name), passphrase)).signer);
  }
  const signersOf = (role: SigningRole): BundleSigner[] => {
    const { keyids, threshold } = newest.roles[role];
    const signers = keyids.flatMap((id) => opened.get(id) ?? []);
    if (signers.length >= threshold) return signers;
    throw new CollectError(
      'COLLECT_KEY_INVALID',
      `${dir} has ${signers.length} of the ${threshold} keys that root ${newest.version} wants for ${role}.`,
      { hint: 'Was a key replaced? Bring the newest root and keys here, or `sallyport keys rotate`.' },
    );
  };
  return {
    signers: {
      targets: signersOf('targets'),
      snapshot: signersOf('snapshot'),
      timestamp: signersOf('timestamp'),
    },
    roots,
    fingerprint: rootFingerprint(roots.get(1) ?? new Uint8Array()),
  };
}

/** @throws CollectError COLLECT_KEY_INVALID, BundleError when a root is malformed or not signed by enough of its own keys */
export function readRootChain(dir: string): {
  readonly roots: ReadonlyMap<number, Uint8Array>;
  readonly newest: RootRole;
} {
  const roots = new Map<number, Uint8Array>();
  for (let version = 1; existsSync(join(dir, `${version}.root.json`)); version += 1) {
    roots.set(version, readFileSync(join(dir, `${version}.root.json`)));
  }
  const last = roots.get(roots.size);
  if (last === undefined) {
    throw new CollectError('COLLECT_KEY_INVALID', `${dir} has no 1.root.json beside its keys.`, {
      hint: 'Restore the whole folder from its backup.',
    });
  }
  return { roots, newest: checkOwnRoot(last, rootFile(roots.size), nodeCrypto) };
}

/** The root that rules in this folder. @throws CollectError COLLECT_KEY_INVALID; BundleError when it does not hold */
export function newestRootOf(dir: string): { readonly version: number; readonly bytes: Uint8Array } {
  const { roots, newest } = readRootChain(dir);
  return { version: newest.version, bytes: roots.get(newest.version) ?? new Uint8Array() };
}

/** The numbers given out so far; zero for a new folder. */
export function readNumbers(dir: string): Numbers {
  if (!existsSync(join(dir, STATE_FILE))) {
    return { format: 'sallyport-numbers/1', roles: { timestamp: 0, snapshot: 0, targets: 0 }, streams: {} };
  }
  return parseJsonFile(
    join(dir, STATE_FILE),
    numbersSchema,
    'Restore it from a backup: numbers must never be given out twice.',
  );
}

/** Must be on disk before metadata with these numbers is: a number is never given out twice. */
export function writeNumbers(dir: string, numbers: Numbers): void {
  writeDurably(join(dir, STATE_FILE), `${JSON.stringify(numbers, null, 1)}\n`);
}
