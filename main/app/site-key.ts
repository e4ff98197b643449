import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { z } from 'zod';
import type { Services } from './services.ts';

/** The site's own key, which signs what leaves it. Sealed in the vault, made when it is first needed. */
export interface SiteKey {
  /** Ed25519, 32 bytes in hex. */
  readonly publicKey: string;
  sign(message: Uint8Array): Uint8Array;
}

const SECRET_ID = 'site-key';
const stored = z.strictObject({ x: z.string(), d: z.string() });

/** @throws VaultError VAULT_LOCKED, VAULT_DAMAGED */
export function siteKey({ site, vault, now }: Pick<Services, 'site' | 'vault' | 'now'>): SiteKey {
  const sealed = site.getSecret(SECRET_ID);
  const { x, d } = sealed === undefined ? make() : stored.parse(vault.unseal(SECRET_ID, sealed));
  if (sealed === undefined) site.insertSecret(SECRET_ID, vault.seal(SECRET_ID, { x, d }), now());
  const key = createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x, d } });
  return {
    publicKey: Buffer.from(x, 'base64url').toString('hex'),
    sign: (message) => sign(null, message, key),
  };
}

function make(): z.infer<typeof stored> {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return { x, d };
}
