import fc from 'fast-check';
import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../../contract/errors.ts';
import type { KdfCost } from '../../../../main/secrets/sealing.ts';
import { requireStrongPassphrase, Vault } from '../../../../main/secrets/vault.ts';

/** Cheap, so that a test is not a key derivation benchmark. */
const CHEAP: KdfCost = { N: 1024, r: 8, p: 1 };
const PASSPHRASE = 'tin kettle river stone';

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('the vault', () => {
  test('gives back what it sealed, to whoever has a keyslot', async () => {
    const vault = new Vault(CHEAP);
    vault.create();
    const asha = await vault.addKeyslot(PASSPHRASE);
    const bilal = await vault.addKeyslot('quiet marble lantern nine');
    const sealed = vault.seal('s1', { password: 'hunter2' });
    vault.lock();
    for (const [slot, passphrase] of [
      [asha.keyslot, PASSPHRASE],
      [bilal.keyslot, 'quiet marble lantern nine'],
    ] as const) {
      const other = new Vault(CHEAP);
      await other.open(slot, passphrase);
      expect(other.unseal('s1', sealed)).toEqual({ password: 'hunter2' });
    }
  });

  test('refuses a wrong passphrase, also one that differs by one letter', async () => {
    const vault = new Vault(CHEAP);
    vault.create();
    const { keyslot } = await vault.addKeyslot(PASSPHRASE);
    expect(await codeOf(() => new Vault(CHEAP).open(keyslot, 'tin kettle river stona'))).toBe(
      'VAULT_PASSPHRASE_WRONG',
    );
    expect(await codeOf(() => new Vault(CHEAP).open(keyslot, ''))).toBe('VAULT_PASSPHRASE_WRONG');
  });

  test('opens for the same words typed on another keyboard', async () => {
    const vault = new Vault(CHEAP);
    vault.create();
    const { keyslot } = await vault.addKeyslot('café crème brûlée');
    await new Vault(CHEAP).open(keyslot, 'café crème brûlée'.normalize('NFD'));
  });

  test('says locked while it is locked', async () => {
    const vault = new Vault(CHEAP);
    expect(await codeOf(() => vault.seal('a', 1))).toBe('VAULT_LOCKED');
    expect(await codeOf(() => vault.unseal('a', Buffer.alloc(40)))).toBe('VAULT_LOCKED');
    expect(await codeOf(() => vault.exportKey())).toBe('VAULT_LOCKED');
  });

  test('finds every changed byte of a sealed secret, and a secret moved to another name', async () => {
    const vault = new Vault(CHEAP);
    vault.create();
    const sealed = vault.seal('endpoint', { password: 'hunter2' });
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(await codeOf(() => vault.unseal('endpoint', changed))).toBe('VAULT_DAMAGED');
      }),
      { numRuns: 200 },
    );
    expect(await codeOf(() => vault.unseal('hypervisor', sealed))).toBe('VAULT_DAMAGED');
    expect(await codeOf(() => vault.unseal('endpoint', sealed.subarray(0, 12)))).toBe('VAULT_DAMAGED');
  });

  test('never holds the passphrase or a secret in the clear in what it stores', async () => {
    const vault = new Vault(CHEAP);
    vault.create();
    const { keyslot } = await vault.addKeyslot(PASSPHRASE);
    expect(keyslot).not.toContain(PASSPHRASE);
    expect(vault.seal('s', 'hunter2hunter2').includes('hunter2')).toBe(false);
    expect(keyslot).not.toContain(Buffer.from(vault.exportKey()).toString('base64'));
  });

  test('signs with the person’s own key, which opening with the bare vault key does not give', async () => {
    const vault = new Vault(CHEAP);
    vault.create();
    const { keyslot, publicKey } = await vault.addKeyslot(PASSPHRASE);
    const signer = await vault.open(keyslot, PASSPHRASE);
    const signature = Buffer.from(signer.sign('the plan'), 'base64');
    expect(verify(null, Buffer.from('the plan'), createPublicKey(publicKey), signature)).toBe(true);
    expect(verify(null, Buffer.from('another plan'), createPublicKey(publicKey), signature)).toBe(false);
    const resumed = new Vault(CHEAP);
    resumed.openWithKey(vault.exportKey());
    expect(resumed.isOpen).toBe(true);
  });

  test.each(['password1234', 'Sallyport!!123456', 'aaaaaaaaaaaaaaa', 'short', 'abcabcabcabc'])(
    'refuses the passphrase %s',
    async (weak) => {
      expect(await codeOf(() => requireStrongPassphrase(weak))).toBe('VAULT_PASSPHRASE_WEAK');
    },
  );
});
