import { z } from 'zod';
import { VaultError } from '../../../contract/errors.ts';

/**
 * The key that a customer signs decisions with, sealed by their passphrase; made and opened on their own machine, by the application
 * or by the page in a browser. The wrapping key is scrypt of the passphrase in NFC; `sealed` is AES-256-GCM of the 32 secret bytes as
 * nonce (12) | tag (16) | ciphertext, with the public key in hex as associated data.
 */
const keyFileSchema = z.strictObject({
  format: z.literal('sallyport-reviewer-key/1'),
  name: z.string().max(120),
  /** Ed25519, 32 bytes in hex. */
  publicKey: z.string().regex(/^[0-9a-f]{64}$/),
  kdf: z
    .strictObject({
      name: z.literal('scrypt'),
      N: z.number().int().min(1_024),
      r: z.number().int().min(1).max(32),
      p: z.number().int().min(1).max(4),
      salt: z.base64(),
    })
    .refine(({ N, r }) => isAffordable(N, r)),
  sealed: z.base64(),
});
/**
 * Opening takes 128 bytes times N times r: 256 MiB at most, twice what our own keys take. scrypt is defined where N is a power of two
 * below 2^(16 r).
 */
function isAffordable(N: number, r: number): boolean {
  const bits = Math.log2(N);
  return Number.isInteger(bits) && N * r <= 2 ** 21 && bits < 16 * r;
}

/** Of a key file, in bytes. Ours have some five hundred. */
export const MAX_KEY_FILE = 16 * 1024;

export type ReviewerKeyFile = z.infer<typeof keyFileSchema>;

/** @throws VaultError VAULT_DAMAGED */
export function parseKeyFile(text: string, file: string): ReviewerKeyFile {
  let value: unknown = null;
  try {
    if (text.length <= MAX_KEY_FILE) value = JSON.parse(text);
  } catch {
    // The schema refuses null with the same code.
  }
  const parsed = keyFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new VaultError('VAULT_DAMAGED', `${file} is no key of a reviewer.`, {
    hint: 'Choose the key file that you made, or make a new key and have it enrolled.',
    subject: { file },
  });
}

export function formatKeyFile(content: ReviewerKeyFile): string {
  return `${JSON.stringify(content, null, 1)}\n`;
}
