import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import { VaultError } from '../../contract/errors.ts';
import { requireStrongPassphrase } from '../core/passphrase.ts';
import { derive, KDF_COST, seal, unseal, type KdfCost } from './sealing.ts';

export { requireStrongPassphrase };

/**
 * Secrets at rest. One random vault key seals every secret (AES-256-GCM, the secret's id as associated data). Each
 * person has a keyslot: the vault key and the person's own Ed25519 signing key, sealed under a key that scrypt makes
 * of their passphrase. Losing one passphrase loses one slot, never the vault.
 */
const Base64 = z.base64();
const Keyslot = z.strictObject({
  kdf: z.literal('scrypt'),
  N: z
    .number()
    .int()
    .min(2)
    .max(2 ** 22),
  r: z.number().int().min(1).max(32),
  p: z.number().int().min(1).max(16),
  salt: Base64,
  vaultKey: Base64,
  signingKey: Base64,
});
type Keyslot = z.infer<typeof Keyslot>;

export interface PersonKeys {
  /** JSON for the person's row. */
  readonly keyslot: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  /** SHA-256 of the public key's DER, hexadecimal. */
  readonly fingerprint: string;
}

/** A person's signing key while they are signed in. Never leaves this object. */
export class Signer {
  readonly #key: KeyObject;
  constructor(key: KeyObject) {
    this.#key = key;
  }
  /** @returns base64 Ed25519 signature over the UTF-8 text */
  sign(text: string): string {
    return sign(null, Buffer.from(text, 'utf8'), this.#key).toString('base64');
  }
}

export class Vault {
  #key: Buffer | null = null;
  readonly #cost: KdfCost;

  constructor(cost: KdfCost = KDF_COST) {
    this.#cost = cost;
  }

  get isOpen(): boolean {
    return this.#key !== null;
  }

  /** Makes the vault key. Once a site; `addKeyslot` follows at once, or nobody could ever open it. */
  create(): void {
    if (this.#key !== null) throw new VaultError('VAULT_EXISTS', 'This site has a vault already.');
    this.#key = randomBytes(32);
  }

  /** @throws VaultError VAULT_LOCKED, VAULT_PASSPHRASE_WEAK */
  async addKeyslot(passphrase: string): Promise<PersonKeys> {
    return this.#makeSlot(this.#requireKey(), passphrase, generateKeyPairSync('ed25519').privateKey);
  }

  /**
   * The keyslot under another passphrase. A new signing key where somebody else knew the passphrase before, for what they
   * could have copied.
   *
   * @throws VaultError VAULT_PASSPHRASE_WRONG, VAULT_PASSPHRASE_WEAK, VAULT_DAMAGED
   */
  async changePassphrase(
    keyslot: string,
    passphrases: { readonly current: string; readonly next: string },
    signingKey: 'keep' | 'new',
  ): Promise<PersonKeys> {
    const opened = await unlock(keyslot, passphrases.current);
    const own = signingKey === 'keep' ? opened.signingKey : generateKeyPairSync('ed25519').privateKey;
    return this.#makeSlot(opened.key, passphrases.next, own);
  }

  /** Opens the vault by a person's slot. @throws VaultError VAULT_PASSPHRASE_WRONG, VAULT_DAMAGED */
  async open(keyslot: string, passphrase: string): Promise<Signer> {
    const { key, signingKey } = await unlock(keyslot, passphrase);
    this.#key = key;
    return new Signer(signingKey);
  }

  /** Opens the vault with the key itself, as the system's keyring gave it back. */
  openWithKey(key: Uint8Array): void {
    if (key.length !== 32)
      throw new VaultError('VAULT_DAMAGED', 'The keyring gave back something that is no vault key.');
    this.#key = Buffer.from(key);
  }

  /** For wrapping by the system's keyring only. @throws VaultError VAULT_LOCKED */
  exportKey(): Uint8Array {
    return Uint8Array.from(this.#requireKey());
  }

  lock(): void {
    this.#key?.fill(0);
    this.#key = null;
  }

  /** @throws VaultError VAULT_LOCKED */
  seal(id: string, value: unknown): Buffer {
    return seal(this.#requireKey(), Buffer.from(JSON.stringify(value), 'utf8'), `secret:${id}`);
  }

  /** @throws VaultError VAULT_LOCKED, VAULT_DAMAGED */
  unseal(id: string, sealed: Uint8Array): unknown {
    const text = unseal(this.#requireKey(), Buffer.from(sealed), `secret:${id}`);
    if (text === null) {
      throw new VaultError('VAULT_DAMAGED', 'A stored secret does not open with this vault.', {
        subject: { secret: id },
      });
    }
    return JSON.parse(text.toString('utf8'));
  }

  async #makeSlot(key: Buffer, passphrase: string, privateKey: KeyObject): Promise<PersonKeys> {
    requireStrongPassphrase(passphrase);
    const salt = randomBytes(16);
    const wrappingKey = await derive(passphrase, salt, this.#cost);
    const signingKey = privateKey.export({ type: 'pkcs8', format: 'der' });
    const slot: Keyslot = {
      kdf: 'scrypt',
      ...this.#cost,
      salt: salt.toString('base64'),
      vaultKey: seal(wrappingKey, key, 'vault-key').toString('base64'),
      signingKey: seal(wrappingKey, signingKey, 'signing-key').toString('base64'),
    };
    const publicKey = createPublicKey(privateKey);
    const der = publicKey.export({ type: 'spki', format: 'der' });
    return {
      keyslot: JSON.stringify(slot),
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      fingerprint: createHash('sha256').update(der).digest('hex'),
    };
  }

  #requireKey(): Buffer {
    if (this.#key === null) {
      throw new VaultError('VAULT_LOCKED', 'The vault is locked.', { hint: 'Sign in with your passphrase.' });
    }
    return this.#key;
  }
}

/** @throws VaultError VAULT_PASSPHRASE_WRONG, VAULT_DAMAGED */
async function unlock(keyslot: string, passphrase: string): Promise<{ key: Buffer; signingKey: KeyObject }> {
  const parsed = Keyslot.safeParse(parseJson(keyslot));
  if (!parsed.success) {
    throw new VaultError('VAULT_DAMAGED', 'The stored keyslot cannot be read.', {
      hint: 'Restore the site from a backup.',
    });
  }
  const slot = parsed.data;
  const wrappingKey = await derive(passphrase, Buffer.from(slot.salt, 'base64'), slot);
  const key = unseal(wrappingKey, Buffer.from(slot.vaultKey, 'base64'), 'vault-key');
  const signingKey = unseal(wrappingKey, Buffer.from(slot.signingKey, 'base64'), 'signing-key');
  if (key === null || signingKey === null) {
    throw new VaultError('VAULT_PASSPHRASE_WRONG', 'The passphrase is wrong.', {
      hint: 'Nothing was changed. Try again.',
    });
  }
  return { key, signingKey: createPrivateKey({ key: signingKey, format: 'der', type: 'pkcs8' }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
