import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { ContractError, VaultError } from '../../contract/errors.ts';
import { formatKeyFile, parseKeyFile, type ReviewerKeyFile } from '../core/review/key-file.ts';
import { derive, KDF_COST, seal, unseal, type KdfCost } from '../secrets/sealing.ts';
import { requireStrongPassphrase } from '../secrets/vault.ts';

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
  requireStrongPassphrase(passphrase);
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const publicKey = Buffer.from(x, 'base64url').toString('hex');
  const salt = randomBytes(16);
  const wrapping = await derive(passphrase, salt, cost);
  const content: ReviewerKeyFile = {
    format: 'sallyport-reviewer-key/1',
    name,
    publicKey,
    kdf: { name: 'scrypt', N: cost.N, r: cost.r, p: cost.p, salt: salt.toString('base64') },
    sealed: seal(wrapping, Buffer.from(d, 'base64url'), publicKey).toString('base64'),
  };
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

/** @throws VaultError VAULT_PASSPHRASE_WRONG, VAULT_DAMAGED */
export async function openReviewerKey(file: string, passphrase: string): Promise<ReviewerKey> {
  const { kdf, name, publicKey, sealed } = readKeyFile(file);
  const wrapping = await derive(passphrase, Buffer.from(kdf.salt, 'base64'), kdf);
  const secret = unseal(wrapping, Buffer.from(sealed, 'base64'), publicKey);
  if (secret === null) {
    throw new VaultError('VAULT_PASSPHRASE_WRONG', 'The passphrase is wrong.', {
      hint: 'Try again. Who has lost it makes a new key and has that enrolled.',
    });
  }
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
    text = readFileSync(file, 'utf8');
  } catch {
    // What cannot be read is no key, and is refused as one.
  }
  return parseKeyFile(text, file);
}
