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
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CollectError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { keyIdOf, type PublicKey } from '../core/bundle/compose.ts';
import type { BundleSigner } from '../core/bundle/crypto-port.ts';

export { writeDurably } from '../secrets/write-durably.ts';

/** One private key in a file, sealed by a passphrase: on the builder's disk or on a keyholder's medium. */

export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** scrypt: 128 MiB and about half a second, so that guessing a passphrase costs. Node's `maxmem` must be above 128·N·r. */
const SCRYPT: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };
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
  /** Whose it is, for whoever finds the medium. What counts is what the root says. */
  holder: z.string().max(60).optional(),
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

/** A key whose private half is in memory. */
export interface OpenKey {
  readonly publicKey: PublicKey;
  readonly signer: BundleSigner;
  /** Name of the holder that the file states. */
  readonly holder: string | null;
}

/** @throws CollectError COLLECT_KEY_INVALID when the passphrase is too short */
export function checkPassphrase(passphrase: string, whose: string): void {
  if (passphrase.length >= MIN_PASSPHRASE) return;
  throw new CollectError(
    'COLLECT_KEY_INVALID',
    `The passphrase of ${whose} has fewer than ${MIN_PASSPHRASE} characters.`,
    { hint: 'Choose a longer one: several words are easy to remember.' },
  );
}

/** Makes a new Ed25519 key. @returns the key, and the file that holds it sealed */
export async function makeSealedKey(
  passphrase: string,
  options: { readonly holder?: string; readonly scrypt?: ScryptCost | undefined } = {},
): Promise<{ readonly key: OpenKey; readonly file: string }> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const publicHex = Buffer.from(jwk.x ?? '', 'base64url').toString('hex');
  const secret = Buffer.from(jwk.d ?? '', 'base64url');
  const parameters = options.scrypt ?? SCRYPT;
  const salt = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await stretch(passphrase, salt, parameters), nonce);
  cipher.setAAD(Buffer.from(publicHex, 'hex'));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  const file: z.infer<typeof keyFileSchema> = {
    format: 'sallyport-signing-key/1',
    ...(options.holder === undefined ? {} : { holder: options.holder }),
    public: publicHex,
    kdf: { name: 'scrypt', N: parameters.N, r: parameters.r, p: parameters.p, salt: salt.toString('base64') },
    cipher: {
      name: 'aes-256-gcm',
      nonce: nonce.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      sealed: sealed.toString('base64'),
    },
  };
  const key = openKeyOf(secret, publicHex, options.holder ?? null);
  secret.fill(0);
  return { key, file: `${JSON.stringify(file, null, 1)}\n` };
}

/** @throws CollectError COLLECT_KEY_INVALID, COLLECT_KEY_PASSPHRASE_WRONG */
export async function openSealedKey(path: string, passphrase: string): Promise<OpenKey> {
  const file = parseKeyFile(path);
  const key = await stretch(passphrase, Buffer.from(file.kdf.salt, 'base64'), file.kdf);
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(file.cipher.nonce, 'base64'));
  decipher.setAAD(Buffer.from(file.public, 'hex'));
  decipher.setAuthTag(Buffer.from(file.cipher.tag, 'base64'));
  let secret: Buffer;
  try {
    secret = Buffer.concat([decipher.update(Buffer.from(file.cipher.sealed, 'base64')), decipher.final()]);
  } catch (error) {
    throw new CollectError('COLLECT_KEY_PASSPHRASE_WRONG', `The passphrase does not open ${path}.`, {
      cause: error,
    });
  }
  return openKeyOf(secret, file.public, file.holder ?? null);
}

/** What a key file says without its passphrase. @throws CollectError COLLECT_KEY_INVALID */
export function readKeyId(path: string): string {
  return keyIdOf(publicKeyOf(parseKeyFile(path).public), nodeCrypto);
}

const parseKeyFile = (path: string): z.infer<typeof keyFileSchema> =>
  parseJsonFile(path, keyFileSchema, 'Create signing keys first, or name the folder that has them.');

const publicKeyOf = (publicHex: string): PublicKey => ({
  keytype: 'ed25519',
  scheme: 'ed25519',
  keyval: { public: publicHex },
});

function openKeyOf(secret: Buffer, publicHex: string, holder: string | null): OpenKey {
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      x: Buffer.from(publicHex, 'hex').toString('base64url'),
      d: secret.toString('base64url'),
    },
  });
  const publicKey = publicKeyOf(publicHex);
  return {
    publicKey,
    holder,
    signer: {
      keyId: keyIdOf(publicKey, nodeCrypto),
      sign: (message) => sign(null, message, key).toString('hex'),
    },
  };
}

function stretch(passphrase: string, salt: Uint8Array, { N, r, p }: ScryptCost): Promise<Buffer> {
  return derive(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem: 256 * N * r });
}

/** @throws CollectError COLLECT_KEY_INVALID */
export function parseJsonFile<T>(path: string, schema: z.ZodType<T>, hint: string): T {
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
