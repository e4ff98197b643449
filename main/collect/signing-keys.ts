import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  scrypt,
  sign,
  type ScryptOptions,
} from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CollectError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { rootFingerprint } from '../bundle/trust-root.ts';
import { composeRoot, keyIdOf, type PublicKey } from '../core/bundle/compose.ts';
import type { BundleSigner } from '../core/bundle/crypto-port.ts';

/**
 * The keys that sign bundles, on the connected side: a folder with the private key sealed by a passphrase, the root
 * metadata, and the numbers that were given out.
 */

const KEY_FILE = 'signing-key.json';
const STATE_FILE = 'numbers.json';

/** scrypt: 128 MiB and about half a second, so that guessing a passphrase costs. Node's `maxmem` must be above 128·N·r. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1 } as const;
const MIN_PASSPHRASE = 12;

const derive = promisify(scrypt) as (
  passphrase: string,
  salt: Uint8Array,
  length: number,
  options: ScryptOptions,
) => Promise<Buffer>;

const base64 = z.base64();
const keyFileSchema = z.strictObject({
  format: z.literal('sallyport-signing-key/1'),
  public: z.string().regex(/^[0-9a-f]{64}$/),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    // Bounds, so that a changed file can't make the machine run out of memory.
    N: z
      .number()
      .int()
      .min(2)
      .max(2 ** 20),
    r: z.number().int().min(1).max(16),
    p: z.number().int().min(1).max(4),
    salt: base64,
  }),
  cipher: z.strictObject({ name: z.literal('aes-256-gcm'), nonce: base64, tag: base64, sealed: base64 }),
});

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

export interface SigningKeys {
  readonly signer: BundleSigner;
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
 * Makes the first signing key and the first root of trust. One key signs for every role; the format allows more keys
 * and thresholds without change.
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
  readonly scrypt?: { readonly N: number; readonly r: number; readonly p: number };
}): Promise<CreatedKeys> {
  const { dir, passphrase } = options;
  if (existsSync(join(dir, KEY_FILE))) {
    throw new CollectError('COLLECT_KEY_INVALID', `${dir} already has a signing key.`, {
      hint: 'Use it, or choose another folder: sites trust only the key they pinned.',
    });
  }
  if (passphrase.length < MIN_PASSPHRASE) {
    throw new CollectError(
      'COLLECT_KEY_INVALID',
      `The passphrase has fewer than ${MIN_PASSPHRASE} characters.`,
      {
        hint: 'Choose a longer one: several words are easy to remember.',
      },
    );
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const publicHex = Buffer.from(jwk.x ?? '', 'base64url').toString('hex');
  const secret = Buffer.from(jwk.d ?? '', 'base64url');
  const parameters = options.scrypt ?? SCRYPT;
  const salt = randomBytes(32);
  const nonce = randomBytes(12);
  const key = await stretch(passphrase, salt, parameters);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(publicHex, 'hex'));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  const file: z.infer<typeof keyFileSchema> = {
    format: 'sallyport-signing-key/1',
    public: publicHex,
    kdf: { name: 'scrypt', ...parameters, salt: salt.toString('base64') },
    cipher: {
      name: 'aes-256-gcm',
      nonce: nonce.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      sealed: sealed.toString('base64'),
    },
  };
  const signer = signerOf(secret, publicHex);
  const role = { keys: [publicKeyOf(publicHex)], threshold: 1 };
  const rootBytes = composeRoot(
    {
      version: 1,
      createdAt: options.now,
      roles: { root: role, timestamp: role, snapshot: role, targets: role },
      signers: [signer],
    },
    nodeCrypto,
  );
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeDurably(join(dir, '1.root.json'), rootBytes);
  writeDurably(join(dir, KEY_FILE), `${JSON.stringify(file, null, 1)}\n`);
  secret.fill(0);
  return { dir, keyId: signer.keyId, rootBytes, fingerprint: rootFingerprint(rootBytes) };
}

/** @throws CollectError COLLECT_KEY_INVALID, COLLECT_KEY_PASSPHRASE_WRONG */
export async function openSigningKeys(dir: string, passphrase: string): Promise<SigningKeys> {
  const file = parseFile(
    join(dir, KEY_FILE),
    keyFileSchema,
    'Create signing keys first, or name the folder that has them.',
  );
  const key = await stretch(passphrase, Buffer.from(file.kdf.salt, 'base64'), file.kdf);
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(file.cipher.nonce, 'base64'));
  decipher.setAAD(Buffer.from(file.public, 'hex'));
  decipher.setAuthTag(Buffer.from(file.cipher.tag, 'base64'));
  let secret: Buffer;
  try {
    secret = Buffer.concat([decipher.update(Buffer.from(file.cipher.sealed, 'base64')), decipher.final()]);
  } catch (error) {
    throw new CollectError('COLLECT_KEY_PASSPHRASE_WRONG', 'The passphrase does not open the signing key.', {
      cause: error,
    });
  }
  const roots = new Map<number, Uint8Array>();
  for (const name of readdirSync(dir)) {
    const version = /^([1-9]\d{0,8})\.root\.json$/.exec(name)?.[1];
    if (version !== undefined) roots.set(Number(version), readFileSync(join(dir, name)));
  }
  const first = roots.get(1);
  if (first === undefined) {
    throw new CollectError('COLLECT_KEY_INVALID', `${dir} has no 1.root.json beside its key.`, {
      hint: 'Restore the whole folder from its backup.',
    });
  }
  return { signer: signerOf(secret, file.public), roots, fingerprint: rootFingerprint(first) };
}

/** The numbers given out so far; zero for a new folder. */
export function readNumbers(dir: string): Numbers {
  if (!existsSync(join(dir, STATE_FILE))) {
    return { format: 'sallyport-numbers/1', roles: { timestamp: 0, snapshot: 0, targets: 0 }, streams: {} };
  }
  return parseFile(
    join(dir, STATE_FILE),
    numbersSchema,
    'Restore it from a backup: numbers must never be given out twice.',
  );
}

/** Must be on disk before metadata with these numbers is: a number is never given out twice. */
export function writeNumbers(dir: string, numbers: Numbers): void {
  writeDurably(join(dir, STATE_FILE), `${JSON.stringify(numbers, null, 1)}\n`);
}

const publicKeyOf = (publicHex: string): PublicKey => ({
  keytype: 'ed25519',
  scheme: 'ed25519',
  keyval: { public: publicHex },
});

function signerOf(secret: Buffer, publicHex: string): BundleSigner {
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      x: Buffer.from(publicHex, 'hex').toString('base64url'),
      d: secret.toString('base64url'),
    },
  });
  return {
    keyId: keyIdOf(publicKeyOf(publicHex), nodeCrypto),
    sign: (message) => sign(null, message, key).toString('hex'),
  };
}

function stretch(
  passphrase: string,
  salt: Uint8Array,
  { N, r, p }: { readonly N: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  return derive(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem: 256 * N * r });
}

function parseFile<T>(path: string, schema: z.ZodType<T>, hint: string): T {
  let value: unknown = null;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CollectError('COLLECT_KEY_INVALID', `${path} is missing or no JSON.`, { hint, cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new CollectError('COLLECT_KEY_INVALID', `${path} is damaged.`, { hint });
  return parsed.data;
}

function writeDurably(path: string, content: Uint8Array | string): void {
  const fd = openSync(`${path}.new`, 'w', 0o600);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
}
