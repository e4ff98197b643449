import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';

/**
 * scrypt with N = 2^17, r = 8, p = 1 takes 128 MiB a guess: the first choice of OWASP's password storage cheat sheet
 * where Argon2id can't be had; Electron's BoringSSL has scrypt and no Argon2 (docs/adr/0004-vault.md).
 */
export interface KdfCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}
export const KDF_COST: KdfCost = { N: 2 ** 17, r: 8, p: 1 };

/** The key that a passphrase makes. */
export function derive(passphrase: string, salt: Buffer, cost: KdfCost): Promise<Buffer> {
  // NFC: the same words typed on another keyboard must give the same bytes.
  const secret = Buffer.from(passphrase.normalize('NFC'), 'utf8');
  const options = { N: cost.N, r: cost.r, p: cost.p, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, 32, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/**
 * AES-256-GCM: nonce (12) | tag (16) | ciphertext.
 *
 * @param label what is sealed: it opens under no other name
 */
export function seal(key: Buffer, plain: Buffer, label: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(label, 'utf8'));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** `null` for a wrong key, another label, or changed bytes. */
export function unseal(key: Buffer, sealed: Buffer, label: string): Buffer | null {
  if (sealed.length < 28) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from(label, 'utf8'));
  decipher.setAuthTag(sealed.subarray(12, 28));
  const body = decipher.update(sealed.subarray(28));
  try {
    return Buffer.concat([body, decipher.final()]);
  } catch (error) {
    // The only thing final() throws for is a tag that does not match: wrong key or changed bytes.
    if (error instanceof Error) return null;
    throw error;
  }
}
