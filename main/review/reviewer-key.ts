import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { ContractError, VaultError } from '../../contract/errors.ts';
import { formatKeyFile, MAX_KEY_FILE, parseKeyFile, type ReviewerKeyFile } from '../core/review/key-file.ts';
import { derive, KDF_COST, seal, unseal, type KdfCost } from '../secrets/sealing.ts';
import { requireStrongPassphrase } from '../secrets/vault.ts';
import { writeDurably } from '../secrets/write-durably.ts';

export interface ReviewerKey {
  readonly name: string;
  readonly publicKey: string;
  sign(message: Uint8Array): Uint8Array;
}

/**
 * @param file new file; never overwritten
 * @throws VaultError VAULT_PASSPHRASE_WEAK; ContractError CONTRACT_CONFLICT
 */
export async function createReviewerKey(
  file: string,
  name: string,
  passphrase: string,
  cost: KdfCost = KDF_COST,
): Promise<{ readonly name: string; readonly publicKey: string }> {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const publicKey = Buffer.from(x, 'base64url').toString('hex');
  const content = await sealKey({ name, publicKey }, Buffer.from(d, 'base64url'), passphrase, cost);
  try {
    writeFileSync(file, formatKeyFile(content), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new ContractError('CONTRACT_CONFLICT', `${file} cannot be written as a new file.`, {
      hint: 'A key is never overwritten. Choose another name, or another folder.',
      subject: { file },
      cause: error,
    });
  }
  return { name, publicKey };
}

/** @throws VaultError VAULT_PASSPHRASE_WEAK */
async function sealKey(
  whose: { readonly name: string; readonly publicKey: string },
  secret: Buffer,
  passphrase: string,
  cost: KdfCost,
): Promise<ReviewerKeyFile> {
  requireStrongPassphrase(passphrase);
  const salt = randomBytes(16);
  const wrapping = await derive(passphrase, salt, cost);
  return {
    format: 'sallyport-reviewer-key/1',
    ...{ name: whose.name, publicKey: whose.publicKey },
    kdf: { name: 'scrypt', N: cost.N, r: cost.r, p: cost.p, salt: salt.toString('base64') },
    sealed: seal(wrapping, secret, whose.publicKey).toString('base64'),
  };
}

/**
 * The same key under another passphrase, in the place of the file; the file is whole at every instant. Copies made before open with the
 * passphrase that they were made under.
 *
 * @throws VaultError VAULT_PASSPHRASE_WRONG, VAULT_PASSPHRASE_WEAK, VAULT_DAMAGED
 */
export async function resealReviewerKey(
  file: string,
  passphrase: string,
  next: string,
  cost: KdfCost = KDF_COST,
): Promise<void> {
  const content = readKeyFile(file);
  writeDurably(file, formatKeyFile(await sealKey(content, await unsealKey(content, passphrase), next, cost)));
}

/** Puts a copy of a key in the place of its file, once it is known to be one. @throws VaultError VAULT_DAMAGED */
export function restoreReviewerKey(copy: string, file: string): void {
  writeDurably(file, formatKeyFile(readKeyFile(copy)));
}

/** The sealed file as it is copied to a medium. @throws VaultError VAULT_DAMAGED */
export function readSealedKey(file: string): string {
  return formatKeyFile(readKeyFile(file));
}

async function unsealKey(content: ReviewerKeyFile, passphrase: string): Promise<Buffer> {
  const { kdf, publicKey, sealed } = content;
  const wrapping = await derive(passphrase, Buffer.from(kdf.salt, 'base64'), kdf);
  const secret = unseal(wrapping, Buffer.from(sealed, 'base64'), publicKey);
  if (secret !== null) return secret;
  throw new VaultError('VAULT_PASSPHRASE_WRONG', 'The passphrase is wrong.', {
    hint: 'Try again. Who has lost it makes a new key and has that enrolled.',
  });
}

/** @throws VaultError VAULT_PASSPHRASE_WRONG, VAULT_DAMAGED */
export async function openReviewerKey(file: string, passphrase: string): Promise<ReviewerKey> {
  const content = readKeyFile(file);
  const { name, publicKey } = content;
  const secret = await unsealKey(content, passphrase);
  const x = Buffer.from(publicKey, 'hex').toString('base64url');
  const key = createPrivateKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x, d: secret.toString('base64url') },
  });
  return { name, publicKey, sign: (message) => sign(null, message, key) };
}

/** Name and public key, which need no passphrase. @throws VaultError VAULT_DAMAGED */
export function readReviewerKey(file: string): { readonly name: string; readonly publicKey: string } {
  const { name, publicKey } = readKeyFile(file);
  return { name, publicKey };
}

function readKeyFile(file: string): ReviewerKeyFile {
  let text = '';
  try {
    if (statSync(file).size <= MAX_KEY_FILE) text = readFileSync(file, 'utf8');
  } catch {
    // What cannot be read, or is far too large, is no key, and is refused as one.
  }
  return parseKeyFile(text, file);
}
