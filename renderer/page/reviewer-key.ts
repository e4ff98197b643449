import { scryptAsync } from '@noble/hashes/scrypt.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { VaultError } from '../../contract/errors.ts';
import { requireStrongPassphrase } from '../../main/core/passphrase.ts';
import { formatKeyFile, parseKeyFile } from '../../main/core/review/key-file.ts';
import {
  decodeBase64,
  encodeBase64,
  fromBase64Url,
  hexToBytes,
  own,
  pageCrypto,
  toBase64Url,
  type Bytes,
} from './browser-crypto.ts';

/** The approver's own key in the page: the same file as the application's, byte for byte (main/core/review/key-file.ts). */
export interface PageKey {
  readonly name: string;
  /** Ed25519, 32 bytes in hex. */
  readonly publicKey: string;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** As main/secrets/sealing.ts: 128 MiB a guess. */
const COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };
const NONCE = 12;
const TAG = 16;

/** @param onProgress 0 to 1; deriving takes a second or a few */
export async function makeKey(
  name: string,
  passphrase: string,
  onProgress: (done: number) => void = () => undefined,
  cost: ScryptCost = COST,
): Promise<{ readonly file: string; readonly key: PageKey }> {
  requireStrongPassphrase(passphrase);
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const jwk = await crypto.subtle.exportKey('jwk', pair.privateKey);
  const publicBytes = fromBase64Url(jwk.x ?? '');
  const secret = fromBase64Url(jwk.d ?? '');
  if (publicBytes?.length !== 32 || secret?.length !== 32) {
    throw new VaultError('VAULT_DAMAGED', 'This browser made a key that is none.', {
      hint: 'Use another browser.',
    });
  }
  const publicKey = bytesToHex(publicBytes);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const sealed = await seal(await derive(passphrase, salt, cost, onProgress), secret, publicKey);
  const kdf = { name: 'scrypt', ...cost, salt: encodeBase64(salt) } as const;
  const file = formatKeyFile({
    ...{ format: 'sallyport-reviewer-key/1', name, publicKey },
    ...{
      kdf: { name: kdf.name, N: kdf.N, r: kdf.r, p: kdf.p, salt: kdf.salt },
      sealed: encodeBase64(sealed),
    },
  });
  return { file, key: await keyOf(name, publicKey, secret) };
}

/**
 * @param text of the key file
 * @param file name for messages
 * @throws VaultError VAULT_DAMAGED, VAULT_PASSPHRASE_WRONG
 */
export async function openKey(
  text: string,
  file: string,
  passphrase: string,
  onProgress: (done: number) => void = () => undefined,
): Promise<PageKey> {
  const { kdf, name, publicKey, sealed } = parseKeyFile(text, file);
  const wrapping = await derive(passphrase, decodeBase64(kdf.salt) ?? new Uint8Array(), kdf, onProgress);
  const secret = await unseal(wrapping, decodeBase64(sealed) ?? new Uint8Array(), publicKey);
  if (secret === null) {
    throw new VaultError('VAULT_PASSPHRASE_WRONG', 'The passphrase is wrong.', {
      hint: 'Try again. Who has lost it makes a new key and has that enrolled.',
    });
  }
  return keyOf(name, publicKey, secret);
}

async function keyOf(name: string, publicKey: string, secret: Uint8Array): Promise<PageKey> {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(hexToBytes(publicKey)), d: toBase64Url(secret) };
  const key = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign']);
  return {
    name,
    publicKey,
    sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, own(message))),
  };
}

async function derive(
  passphrase: string,
  salt: Uint8Array,
  { N, r, p }: ScryptCost,
  onProgress: (done: number) => void,
): Promise<CryptoKey> {
  // NFC: the same words typed on another keyboard must give the same bytes.
  const secret = pageCrypto.encodeUtf8(passphrase.normalize('NFC'));
  const bytes = await scryptAsync(secret, salt, {
    N,
    r,
    p,
    dkLen: 32,
    maxmem: 256 * N * r + 2048,
    onProgress,
  });
  return crypto.subtle.importKey('raw', own(bytes), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** nonce (12) | tag (16) | ciphertext; WebCrypto puts the tag last. */
async function seal(key: CryptoKey, plain: Bytes, label: string): Promise<Uint8Array> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const additionalData = own(pageCrypto.encodeUtf8(label));
  const out = new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plain),
  );
  const body = out.subarray(0, -TAG);
  return Uint8Array.of(...iv, ...out.subarray(-TAG), ...body);
}

async function unseal(key: CryptoKey, sealed: Uint8Array, label: string): Promise<Uint8Array | null> {
  if (sealed.length < NONCE + TAG) return null;
  const iv = own(sealed.subarray(0, NONCE));
  const data = Uint8Array.of(...sealed.subarray(NONCE + TAG), ...sealed.subarray(NONCE, NONCE + TAG));
  const additionalData = own(pageCrypto.encodeUtf8(label));
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, data));
  } catch {
    // WebCrypto says no more than that the tag does not match: wrong key or changed bytes.
    return null;
  }
}
