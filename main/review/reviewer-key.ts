import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ContractError, VaultError } from '../../contract/errors.ts';
import { derive, KDF_COST, seal, unseal, type KdfCost } from '../secrets/sealing.ts';
import { requireStrongPassphrase } from '../secrets/vault.ts';

/**
 * The key that a customer signs decisions with: one file on their own machine, sealed by their passphrase. Who loses the
 * passphrase makes a new key and has it enrolled; nothing else is lost.
 */
const keyFileSchema = z.strictObject({
  format: z.literal('sallyport-reviewer-key/1'),
  name: z.string().max(120),
  /** Ed25519, 32 bytes in hex. */
  publicKey: z.string().regex(/^[0-9a-f]{64}$/),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z
      .number()
      .int()
      .min(2)
      .max(2 ** 22),
    r: z.number().int().min(1).max(32),
    p: z.number().int().min(1).max(16),
    salt: z.base64(),
  }),
  sealed: z.base64(),
});

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
  const content: z.infer<typeof keyFileSchema> = {
    format: 'sallyport-reviewer-key/1',
    name,
    publicKey,
    kdf: { name: 'scrypt', N: cost.N, r: cost.r, p: cost.p, salt: salt.toString('base64') },
    sealed: seal(wrapping, Buffer.from(d, 'base64url'), publicKey).toString('base64'),
  };
  try {
    writeFileSync(file, `${JSON.stringify(content, null, 1)}\n`, { flag: 'wx', mode: 0o600 });
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

function readKeyFile(file: string): z.infer<typeof keyFileSchema> {
  let value: unknown = null;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The schema refuses null with the same code.
  }
  const parsed = keyFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new VaultError('VAULT_DAMAGED', `${file} is no key of a reviewer.`, {
    hint: 'Make one with: sallyport review create-key',
    subject: { file },
  });
}
